/* Paths as people type them, to paths as the daemon knows them. */
#include "cli/target.h"

#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "contextor/buffer.h"
#include "control/text.h"

/* Drops "." and empty parts, and a part before "..". Of an absolute path, in place. */
static void tidy(char *path)
{
    char *out = path;
    for (char *part = path; *part;) {
        part += strspn(part, "/");
        size_t len = strcspn(part, "/");
        if (len == 2 && memcmp(part, "..", 2) == 0) {
            while (out > path && *--out != '/')
                ;
        } else if (len && !(len == 1 && *part == '.')) {
            *out++ = '/';
            memmove(out, part, len);
            out += len;
        }
        part += len;
    }
    if (out == path)
        *out++ = '/';
    *out = '\0';
}

/* Resolves as much of the directory as there is: a page that is gone still has a name. */
static char *absolute(const char *path)
{
    CTX_AUTO_BUFFER struct ctx_buffer buffer;
    ctx_buffer_init(&buffer, (size_t)4 * PATH_MAX);
    CTX_AUTO_FREE char *copy = strdup(path);
    CTX_AUTO_FREE char *again = strdup(path);
    if (!copy || !again)
        return NULL;
    CTX_AUTO_FREE char *directory = realpath(dirname(copy), NULL);
    if (directory) {
        ctx_buffer_printf(&buffer, "%s/%s", directory, basename(again));
    } else {
        CTX_AUTO_FREE char *here = path[0] == '/' ? NULL : realpath(".", NULL);
        ctx_buffer_printf(&buffer, "%s/%s", here ? here : "", path);
    }
    if (ctx_buffer_status(&buffer))
        return NULL;
    tidy(buffer.data);
    return ctx_buffer_detach(&buffer, NULL);
}

json_t *ctx_target_params(const char *source, const char *path)
{
    json_t *params = json_object();
    CTX_AUTO_FREE char *resolved = path ? source ? strdup(path) : absolute(path) : NULL;
    if (source)
        json_object_set_new(params, "source", ctx_json_text(source));
    if (!path)
        return params;
    if (!resolved || ctx_json_set_path(params, "path", resolved)) {
        json_decref(params);
        return NULL;
    }
    if (json_object_get(params, "path_b64"))
        json_object_del(params, "path"); /* one of the two, and this one is exact */
    return params;
}
