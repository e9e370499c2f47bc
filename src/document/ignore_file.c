/*
 * Ignore files: lines to patterns. The text is kept, lines cut to strings in place, and the patterns
 * point into it. Immutable once made.
 */
#include "document/ignore_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"

struct ctx_ignore_file {
    char *label;
    char *text;
    struct ctx_ignore_pattern *patterns;
    size_t n, capacity;
    bool cut;
};

/* Cuts blanks (spaces alone, as git does) from a line's end, but one that a backslash quotes. */
static size_t trim(const char *line, size_t len)
{
    size_t end = len;
    while (end > 0 && line[end - 1] == ' ')
        end--;
    size_t slashes = 0;
    while (slashes < end && line[end - 1 - slashes] == '\\')
        slashes++;
    return end + (slashes % 2 == 1 && end < len);
}

static int grow(struct ctx_ignore_file *file)
{
    size_t capacity = file->capacity ? 2 * file->capacity : 8;
    void *grown = reallocarray(file->patterns, capacity, sizeof(*file->patterns));
    if (!grown)
        return -ENOMEM;
    file->patterns = grown;
    file->capacity = capacity;
    return 0;
}

/* A line, ended by NUL. What can never match is left out. 0 or -ENOMEM. */
static int add_line(struct ctx_ignore_file *file, char *line, unsigned number)
{
    if (*line == '#')
        return 0;
    size_t len = trim(line, strlen(line));
    line[len] = '\0';
    struct ctx_ignore_pattern pattern = { .line = number, .text = line, .negated = *line == '!' };
    int r = ctx_glob_init(&pattern.glob, line + pattern.negated, len - pattern.negated);
    if (r == -ENOMEM)
        return r;
    file->cut = file->cut || file->n >= CTX_LIMIT_IGNORE_PATTERNS;
    if (r == 0 && !file->cut && file->n == file->capacity)
        r = grow(file);
    if (r < 0 || file->cut) {
        ctx_glob_deinit(&pattern.glob);
        return r == -ENOMEM ? r : 0;
    }
    file->patterns[file->n++] = pattern;
    return 0;
}

static int parse(struct ctx_ignore_file *file, size_t len)
{
    char *line = file->text, *end = file->text + len;
    if (len >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0)
        line += 3;
    for (unsigned number = 1; line < end; number++) {
        char *newline = memchr(line, '\n', (size_t)(end - line));
        char *stop = newline ? newline : end;
        if (stop > line && stop[-1] == '\r')
            stop[-1] = '\0';
        *stop = '\0';
        int r = add_line(file, line, number);
        if (r < 0)
            return r;
        line = stop + 1;
    }
    return 0;
}

static int fill(struct ctx_ignore_file *file, const char *label, const char *text, size_t len)
{
    file->label = strdup(label);
    file->text = malloc(len + 1);
    if (!file->label || !file->text)
        return -ENOMEM;
    memcpy(file->text, text, len);
    file->text[len] = '\0';
    return parse(file, len);
}

int ctx_ignore_file_new(const char *label, const char *text, size_t len,
                        struct ctx_ignore_file **ret_file)
{
    struct ctx_ignore_file *file = calloc(1, sizeof(*file));
    int r = file ? fill(file, label, text, len) : -ENOMEM;
    if (r < 0 || file->n == 0) {
        ctx_ignore_file_free(file);
        file = NULL;
    }
    if (r == 0)
        *ret_file = file;
    return r;
}

void ctx_ignore_file_free(struct ctx_ignore_file *file)
{
    if (!file)
        return;
    for (size_t i = 0; i < file->n; i++)
        ctx_glob_deinit(&file->patterns[i].glob);
    free(file->patterns);
    free(file->text);
    free(file->label);
    free(file);
}

const char *ctx_ignore_file_label(const struct ctx_ignore_file *file)
{
    return file->label;
}

bool ctx_ignore_file_is_cut(const struct ctx_ignore_file *file)
{
    return file->cut;
}

const struct ctx_ignore_pattern *ctx_ignore_file_match(const struct ctx_ignore_file *file,
                                                       const char *name, size_t name_len,
                                                       const char *path, size_t path_len,
                                                       bool is_dir)
{
    for (size_t i = file->n; i-- > 0;) {
        const struct ctx_ignore_pattern *pattern = &file->patterns[i];
        if (pattern->glob.dir_only && !is_dir)
            continue;
        if (ctx_glob_match(&pattern->glob, name, name_len, path, path_len))
            return pattern;
    }
    return NULL;
}
