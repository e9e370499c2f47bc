#ifndef CTX_CONFIG_PATHS_H
#define CTX_CONFIG_PATHS_H

#include <stdbool.h>

/* Paths as configuration writes them. Results are malloc'ed, NULL when memory is out. Any thread. */

/*
 * An absolute path without "." and "..": "~" is `home`, what is relative begins at `base`
 * (absolute). "~" without a home stays, as a name in `base`; ask ctx_path_needs_home() before.
 */
char *ctx_path_expand(const char *path, const char *base, const char *home);

bool ctx_path_needs_home(const char *path);

/* The path with symlinks resolved as far as it exists; what does not exist is kept as written. */
char *ctx_path_resolve(const char *path);

/* Whether `path` is `folder` or below it. Both resolved. */
bool ctx_path_is_below(const char *path, const char *folder);

/* The path of `path` inside `folder`, "" for the folder itself; points into `path`. */
const char *ctx_path_inside(const char *path, const char *folder);

/* The last part: "docs" of "/src/docs". Borrowed; "/" for the root. Paths as expanded above. */
const char *ctx_path_name(const char *path);

/* The folder that holds `path`: "/src" of "/src/docs". */
char *ctx_path_folder(const char *path);

#endif
