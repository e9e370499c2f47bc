/* Expanding, cleaning and comparing paths. No state; any thread. */
#include "config/paths.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

bool ctx_path_needs_home(const char *path)
{
    return path[0] == '~' && (path[1] == '/' || path[1] == '\0');
}

/* Removes ".", ".." and repeated slashes of an absolute path, in place and by its letters alone. */
static void clean(char *path)
{
    size_t kept = 0;
    for (const char *at = path; *at;) {
        at += strspn(at, "/");
        size_t len = strcspn(at, "/");
        bool up = len == 2 && at[0] == '.' && at[1] == '.';
        if (up) {
            while (kept > 0 && path[--kept] != '/')
                ;
        } else if (len > 0 && !(len == 1 && at[0] == '.')) {
            path[kept++] = '/';
            memmove(path + kept, at, len);
            kept += len;
        }
        at += len;
    }
    if (kept == 0)
        path[kept++] = '/';
    path[kept] = '\0';
}

static char *join(const char *folder, const char *name)
{
    char *path;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return NULL;
    return path;
}

char *ctx_path_expand(const char *path, const char *base, const char *home)
{
    char *expanded;
    if (path[0] == '/')
        expanded = strdup(path);
    else if (ctx_path_needs_home(path) && home)
        expanded = join(home, path + 1);
    else
        expanded = join(base, path);
    if (expanded && expanded[0] == '/')
        clean(expanded);
    return expanded;
}

char *ctx_path_resolve(const char *path)
{
    CTX_AUTO_FREE char *prefix = strdup(path);
    while (prefix) {
        CTX_AUTO_FREE char *real = realpath(prefix, NULL);
        if (real) {
            char *resolved = join(real, path + strlen(prefix));
            if (resolved)
                clean(resolved);
            return resolved;
        }
        char *slash = strrchr(prefix, '/');
        if (errno == ENOMEM || !slash)
            return errno == ENOMEM ? NULL : strdup(path);
        slash[slash == prefix && slash[1] != '\0'] = '\0';
    }
    return NULL;
}

bool ctx_path_is_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    if (strcmp(folder, "/") == 0)
        return path[0] == '/';
    return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

const char *ctx_path_inside(const char *path, const char *folder)
{
    path += strlen(folder);
    return path + strspn(path, "/");
}

const char *ctx_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] != '\0' ? slash + 1 : path;
}

char *ctx_path_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return strdup(slash ? "/" : ".");
    return strndup(path, (size_t)(slash - path));
}
