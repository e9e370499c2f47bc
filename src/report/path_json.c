/* Paths, which are bytes, in JSON, which is UTF-8. Pure. */
#include "report/path_json.h"

#include <errno.h>
#include <string.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/utf8.h"

int ctx_path_json_set(json_t *object, const char *path)
{
    size_t len = strlen(path);
    if (ctx_utf8_valid(path, len, NULL))
        return json_object_set_new(object, "path", json_stringn(path, len)) < 0 ? -ENOMEM : 0;
    CTX_AUTO_BUFFER struct ctx_buffer lossy, encoded;
    ctx_buffer_init(&lossy, 4 * CTX_LIMIT_PATH);
    ctx_buffer_init(&encoded, 4 * CTX_LIMIT_PATH);
    if (ctx_utf8_append_lossy(&lossy, path, len) < 0 || ctx_base64_encode(&encoded, path, len) < 0)
        return -ENOMEM;
    if (json_object_set_new(object, "path", json_stringn(lossy.data, lossy.len)) < 0 ||
        json_object_set_new(object, "path_b64", json_stringn(encoded.data, encoded.len)) < 0)
        return -ENOMEM;
    return 0;
}
