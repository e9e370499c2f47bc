/*
 * JSON-RPC 2.0 messages. Pure. jansson's hazards, met here: it takes numbers that overflow and
 * names that occur twice only as errors when asked (JSON_REJECT_DUPLICATES), and its strings must
 * be UTF-8, so that text goes through ctx_json_text().
 */
#include "control/message.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "control/text.h"

int ctx_message_parse(const char *line, size_t len, json_t **ret_message, struct ctx_error *error)
{
    json_error_t json_error;
    json_t *message = json_loadb(line, len, JSON_REJECT_DUPLICATES, &json_error);
    if (!message) {
        if (json_error_code(&json_error) == json_error_out_of_memory)
            return -ENOMEM;
        return ctx_error_set(error, -EBADMSG, "not JSON: %s (byte %d of the line)", json_error.text,
                             json_error.position);
    }
    *ret_message = message;
    return 0;
}

static bool id_is_valid(const json_t *id)
{
    return json_is_string(id) || json_is_number(id) || json_is_null(id);
}

int ctx_message_read_request(const json_t *message, struct ctx_message_request *ret_request,
                             struct ctx_error *error)
{
    *ret_request = (struct ctx_message_request){ 0 };
    if (!json_is_object(message))
        return ctx_error_set(error, -EINVAL, "a request is an object");
    const json_t *id = json_object_get(message, "id");
    if (id && !id_is_valid(id))
        return ctx_error_set(error, -EINVAL, "id: must be a string, a number or null");
    ret_request->id = id;
    const char *version = json_string_value(json_object_get(message, "jsonrpc"));
    if (!version || strcmp(version, "2.0") != 0)
        return ctx_error_set(error, -EINVAL, "jsonrpc: must be \"2.0\"");
    ret_request->method = json_string_value(json_object_get(message, "method"));
    if (!ret_request->method)
        return ctx_error_set(error, -EINVAL, "method: must be a string");
    const json_t *params = json_object_get(message, "params");
    if (params && !json_is_object(params) && !json_is_array(params))
        return ctx_error_set(error, -EINVAL, "params: must be an object or an array");
    ret_request->params = params;
    return 0;
}

/* Sets a member, or gives the whole object up. `value` is taken. */
static json_t *with(json_t *object, const char *key, json_t *value)
{
    if (!object || !value || json_object_set_new(object, key, value)) {
        if (!object)
            json_decref(value);
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *copy_id(const json_t *id)
{
    return id ? json_incref((json_t *)id) : json_null();
}

json_t *ctx_message_request(const json_t *id, const char *method, json_t *params)
{
    json_t *message = with(json_object(), "jsonrpc", json_string("2.0"));
    message = with(message, "id", copy_id(id));
    message = with(message, "method", json_string(method));
    return params ? with(message, "params", params) : message;
}

json_t *ctx_message_result(const json_t *id, json_t *result)
{
    json_t *message = with(json_object(), "jsonrpc", json_string("2.0"));
    message = with(message, "id", copy_id(id));
    return with(message, "result", result ? result : json_null());
}

json_t *ctx_message_error(const json_t *id, int code, const char *text, json_t *data)
{
    json_t *error = with(json_object(), "code", json_integer(code));
    error = with(error, "message", ctx_json_text(text));
    if (data)
        error = with(error, "data", data);
    json_t *message = with(json_object(), "jsonrpc", json_string("2.0"));
    message = with(message, "id", copy_id(id));
    return with(message, "error", error);
}

json_t *ctx_message_notification(const char *method, json_t *params)
{
    json_t *message = with(json_object(), "jsonrpc", json_string("2.0"));
    message = with(message, "method", json_string(method));
    return params ? with(message, "params", params) : message;
}

static int append(const char *bytes, size_t len, void *buffer)
{
    return ctx_buffer_append(buffer, bytes, len) ? -1 : 0;
}

int ctx_message_append(struct ctx_buffer *buffer, const json_t *message)
{
    size_t start = buffer->len;
    int failed = json_dump_callback(message, append, buffer, JSON_COMPACT);
    ctx_buffer_putc(buffer, '\n');
    int status = ctx_buffer_status(buffer);
    if (failed && !status)
        status = -ENOMEM;
    if (status) {
        ctx_buffer_truncate(buffer, start);
        buffer->status = 0;
    }
    return status;
}
