/*
 * Ignore files: a text of patterns, a NUL, a path. Whatever they are: a pattern that matches a path
 * could match below each directory on the way to it, and one that ends in a whole `**` matches what
 * lies below as well.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "document/ignore_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_pattern(const char *pattern, size_t pattern_len, const char *path, size_t len)
{
    struct ctx_glob glob = { 0 };
    if (ctx_glob_init(&glob, pattern, pattern_len) < 0) {
        ctx_glob_deinit(&glob);
        return;
    }
    const char *slash = memrchr(path, '/', len);
    const char *name = slash ? slash + 1 : path;
    if (ctx_glob_match(&glob, name, (size_t)(path + len - name), path, len)) {
        char below[CTX_LIMIT_PATH + 2];
        for (size_t i = 0; i < len; i++)
            require(path[i] != '/' || ctx_glob_could_match_below(&glob, path, i + 1));
        memcpy(below, path, len);
        memcpy(below + len, "/x", 2);
        require(!glob.all_below || ctx_glob_match(&glob, "x", 1, below, len + 2));
    }
    ctx_glob_deinit(&glob);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data, *nul = memchr(text, '\0', size);
    size_t text_len = nul ? (size_t)(nul - text) : size;
    const char *path = nul ? nul + 1 : "a/b";
    size_t len = nul ? size - text_len - 1 : 3;
    if (len == 0 || len >= CTX_LIMIT_PATH || path[0] == '/' || path[len - 1] == '/' ||
        memchr(path, '\0', len) || memmem(path, len, "//", 2))
        return 0;
    const char *slash = memrchr(path, '/', len);
    const char *name = slash ? slash + 1 : path;
    struct ctx_ignore_file *file;
    if (ctx_ignore_file_new("fuzz", text, text_len, &file) < 0)
        return 0;
    size_t name_len = (size_t)(path + len - name);
    /* What a file is ignored by, a directory of its name is ignored by, or by a later pattern. */
    const struct ctx_ignore_pattern *as_file =
        file ? ctx_ignore_file_match(file, name, name_len, path, len, false) : NULL;
    require(!as_file || ctx_ignore_file_match(file, name, name_len, path, len, true) >= as_file);
    ctx_ignore_file_free(file);
    const char *newline = memchr(text, '\n', text_len);
    check_pattern(text, newline ? (size_t)(newline - text) : text_len, path, len);
    return 0;
}
