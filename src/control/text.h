#ifndef CTX_CONTROL_TEXT_H
#define CTX_CONTROL_TEXT_H

#include <jansson.h>
#include <stdint.h>

#include "contextor/error.h"

/* Bytes, paths and times as the control protocol's JSON gives them. Pure; any thread. */

/* A string; each byte that is not UTF-8 becomes U+FFFD. New reference; NULL when memory is out. */
json_t *ctx_json_text(const char *bytes);

/*
 * Sets `key` to a path, lossily, and key "<key>_b64" to its bytes when they are not UTF-8. 0 or
 * -ENOMEM.
 */
int ctx_json_set_path(json_t *object, const char *key, const char *path);

/*
 * Reads a path from `key` or "<key>_b64" (which wins). 0 and a malloc'ed path; CTX_GONE when there
 * is neither; -EINVAL with an error: not Base64, or a NUL in it; -ENOMEM.
 */
int ctx_json_get_path(const json_t *object, const char *key, char **ret_path,
                      struct ctx_error *error);

/* Microseconds since the epoch as "YYYY-MM-DDTHH:MM:SS.ffffffZ". New reference or NULL. */
json_t *ctx_json_time(int64_t us);

#endif
