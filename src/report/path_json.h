#ifndef CTX_REPORT_PATH_JSON_H
#define CTX_REPORT_PATH_JSON_H

#include <jansson.h>

/*
 * Sets "path" in an object; a path that is not UTF-8 is given lossily there, with its bytes in
 * Base64 as "path_b64" beside it. 0, or -ENOMEM. Any thread.
 */
int ctx_path_json_set(json_t *object, const char *path);

#endif
