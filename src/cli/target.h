#ifndef CTX_CLI_TARGET_H
#define CTX_CLI_TARGET_H

#include <jansson.h>

/*
 * {"source", "path"} for `why` and `rebuild`: a path as typed is made absolute, its directory
 * without symbolic links as far as it exists, unless a source says what it is relative to. Both
 * may be NULL. New reference; NULL when memory is out. Reads the file system.
 */
json_t *ctx_target_params(const char *source, const char *path);

#endif
