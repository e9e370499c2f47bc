/* Paths to sources: several sources may share a root. Lexical. */
#include "daemon/locate.h"

#include <string.h>

/* The rest of an absolute path below a directory; NULL when it is not below it. */
static const char *below(const char *directory, const char *path)
{
    size_t len = strlen(directory);
    while (len && directory[len - 1] == '/')
        len--;
    if (strncmp(path, directory, len) != 0 || (path[len] && path[len] != '/'))
        return NULL;
    return path + len + strspn(path + len, "/");
}

const struct ctx_source *ctx_locate(const struct ctx_config *config, const char *source,
                                    const char *path, size_t *iterator, const char **ret_path)
{
    while (*iterator < config->n_sources) {
        const struct ctx_source *each = &config->sources[(*iterator)++];
        if (source && strcmp(each->name, source) != 0)
            continue;
        const char *rest = path[0] == '/' ? below(each->root, path) : source ? path : NULL;
        if (rest) {
            *ret_path = rest;
            return each;
        }
    }
    return NULL;
}
