/* What JSON cannot say by itself: bytes and times. Pure. */
#include "control/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/utf8.h"

json_t *ctx_json_text(const char *bytes)
{
    size_t len = strlen(bytes);
    if (ctx_utf8_valid(bytes, len, NULL))
        return json_stringn(bytes, len);
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, 3 * len);
    if (ctx_utf8_append_lossy(&text, bytes, len))
        return NULL;
    return json_stringn(text.data, text.len);
}

static int set_key(json_t *object, const char *key, const char *suffix, json_t *value)
{
    char name[64];
    snprintf(name, sizeof(name), "%s%s", key, suffix);
    return value && json_object_set_new(object, name, value) == 0 ? 0 : -ENOMEM;
}

int ctx_json_set_path(json_t *object, const char *key, const char *path)
{
    int status = set_key(object, key, "", ctx_json_text(path));
    size_t len = strlen(path);
    if (status || ctx_utf8_valid(path, len, NULL))
        return status;
    CTX_AUTO_BUFFER struct ctx_buffer encoded;
    ctx_buffer_init(&encoded, 4 + len / 3 * 4 + 4);
    status = ctx_base64_encode(&encoded, path, len);
    if (status)
        return status;
    return set_key(object, key, "_b64", json_stringn(encoded.data, encoded.len));
}

static int decode_path(const char *key, const char *text, size_t len, char **ret_path,
                       struct ctx_error *error)
{
    CTX_AUTO_BUFFER struct ctx_buffer bytes;
    ctx_buffer_init(&bytes, CTX_LIMIT_PATH);
    int status = ctx_base64_decode(&bytes, text, len);
    if (status == -ENOMEM)
        return status;
    if (status || bytes.len == 0 || memchr(bytes.data, '\0', bytes.len))
        return ctx_error_set(error, -EINVAL, "%s_b64: must be the Base64 of a path", key);
    *ret_path = ctx_buffer_detach(&bytes, NULL);
    return 0;
}

int ctx_json_get_path(const json_t *object, const char *key, char **ret_path,
                      struct ctx_error *error)
{
    char name[64];
    snprintf(name, sizeof(name), "%s_b64", key);
    const json_t *encoded = json_object_get(object, name);
    if (encoded)
        return decode_path(key, json_string_value(encoded), json_string_length(encoded), ret_path,
                           error);
    const json_t *text = json_object_get(object, key);
    if (!text)
        return CTX_GONE;
    if (json_string_length(text) == 0 || json_string_length(text) > CTX_LIMIT_PATH)
        return ctx_error_set(error, -EINVAL, "%s: must have 1 to %d bytes", key, CTX_LIMIT_PATH);
    *ret_path = strdup(json_string_value(text));
    return *ret_path ? 0 : -ENOMEM;
}

json_t *ctx_json_time(int64_t us)
{
    time_t seconds = (time_t)(us / 1000000);
    int rest = (int)(us % 1000000);
    if (rest < 0) {
        seconds--;
        rest += 1000000;
    }
    struct tm tm;
    char date[40];
    if (!gmtime_r(&seconds, &tm) || strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
        return json_null();
    return json_sprintf("%s.%06dZ", date, rest);
}
