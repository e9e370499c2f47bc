#ifndef CTX_CONTROL_MESSAGE_H
#define CTX_CONTROL_MESSAGE_H

#include <jansson.h>

#include "contextor/buffer.h"
#include "contextor/error.h"

/* JSON-RPC 2.0 messages to and from jansson, for both ends of the control socket. Pure; any thread. */

/* Error codes: JSON-RPC's own, and contextor's (contextor-control(7), ERRORS). */
enum ctx_rpc_code {
    CTX_RPC_PARSE = -32700,
    CTX_RPC_INVALID_REQUEST = -32600,
    CTX_RPC_NO_METHOD = -32601,
    CTX_RPC_INVALID_PARAMS = -32602,
    CTX_RPC_INTERNAL = -32603,
    CTX_RPC_REFUSED = -32001,
    CTX_RPC_PAUSED = -32002,
    CTX_RPC_TIMEOUT = -32003,
    CTX_RPC_TOO_BUSY = -32004,
    CTX_RPC_NOT_FOUND = -32005,
    CTX_RPC_STOPPING = -32006,
    CTX_RPC_TOO_LARGE = -32007,
};

/* What a line says. A batch is an array. 0; -EBADMSG with an error; -ENOMEM. */
int ctx_message_parse(const char *line, size_t len, json_t **ret_message, struct ctx_error *error);

/* A request, borrowed from the message it was read from. */
struct ctx_message_request {
    const json_t *id; /* NULL: a notification */
    const char *method;
    const json_t *params; /* an object or array; NULL: none */
};

/*
 * Reads one request. -EINVAL with an error when it is none; then ret_request->id is its id when that
 * can be told (always written).
 */
int ctx_message_read_request(const json_t *message, struct ctx_message_request *ret_request,
                             struct ctx_error *error);

/*
 * Makes messages; new references, NULL when memory is out. `id` is borrowed (NULL is null);
 * `result`, `data` and `params` are taken, also on failure, and may be NULL: no result is null, no
 * data and no params are left out. `text` need not be UTF-8.
 */
json_t *ctx_message_request(const json_t *id, const char *method, json_t *params);
json_t *ctx_message_result(const json_t *id, json_t *result);
json_t *ctx_message_error(const json_t *id, int code, const char *text, json_t *data);
json_t *ctx_message_notification(const char *method, json_t *params);

/* Appends the message and its newline; on failure the buffer is as it was. 0, -ENOMEM, -EFBIG. */
int ctx_message_append(struct ctx_buffer *buffer, const json_t *message);

#endif
