/* The control socket's input: framing in chunks of any size, parsing, requests, and writing back. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "contextor/error.h"
#include "control/framing.h"
#include "control/message.h"
#include "control/text.h"

enum { LINE_MAX_LEN = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read as a request is written as an answer, and that is JSON again. */
static void answer(const json_t *message)
{
    struct ctx_message_request request;
    struct ctx_error error;
    struct ctx_buffer line;
    ctx_buffer_init(&line, (size_t)8 * LINE_MAX_LEN);
    int status = ctx_message_read_request(message, &request, &error);
    json_t *reply = status
                        ? ctx_message_error(request.id, CTX_RPC_INVALID_REQUEST, error.text, NULL)
                        : ctx_message_result(request.id, NULL);
    char *path = NULL;
    if (!status && ctx_json_get_path(request.params, "path", &path, &error) == 0)
        free(path);
    if (ctx_message_append(&line, reply) == 0) {
        json_t *again;
        if (ctx_message_parse(line.data, line.len - 1, &again, &error))
            abort();
        json_decref(again);
    }
    json_decref(reply);
    ctx_buffer_deinit(&line);
}

static void take_line(const char *line, size_t len)
{
    json_t *message;
    struct ctx_error error;
    if (ctx_message_parse(line, len, &message, &error))
        return;
    size_t i;
    json_t *each;
    json_array_foreach(message, i, each)
    {
        answer(each);
    }
    if (!json_is_array(message))
        answer(message);
    json_decref(message);
}

/* The first byte says how large the chunks are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx_framing framing;
    const char *line;
    size_t len;
    if (size == 0)
        return 0;
    size_t chunk = (size_t)data[0] + 1;
    int status = 0;
    ctx_framing_init(&framing, LINE_MAX_LEN);
    for (size_t at = 1; at < size && status != -EMSGSIZE; at += chunk) {
        size_t n = size - at < chunk ? size - at : chunk;
        if (ctx_framing_feed(&framing, (const char *)data + at, n))
            abort();
        while ((status = ctx_framing_next(&framing, at + n == size, &line, &len)) == 0)
            take_line(line, len);
    }
    ctx_framing_deinit(&framing);
    return 0;
}
