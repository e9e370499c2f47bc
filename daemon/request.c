/*
 * Requests: from a line to answers. A request is on its connection's list until it is answered or
 * abandoned; the requests of a batch share an array of answers that goes out when it is full. The
 * loop's thread.
 */
#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "base/limits.h"
#include "control/message.h"
#include "daemon/connection.h"

struct batch {
    json_t *answers;
    size_t open; /* requests not answered yet, and one for the line being read */
};

struct ctx_request {
    struct ctx_connection *connection;
    json_t *id; /* NULL: a notification */
    struct batch *batch;
    void (*abandoned)(void *data);
    void *data;
    struct ctx_request *prev, *next;
};

static void batch_release(struct ctx_connection *connection, struct batch *batch)
{
    if (--batch->open)
        return;
    if (json_array_size(batch->answers))
        ctx_connection_send(connection, batch->answers, true);
    json_decref(batch->answers);
    free(batch);
}

/* Answers (taken) go to the batch or out. */
static void answer(struct ctx_connection *connection, struct batch *batch, json_t *message)
{
    if (!batch)
        ctx_connection_send(connection, message, true);
    else if (json_array_append(batch->answers, message))
        ctx_connection_send(connection, NULL, true); /* no memory: the client is dropped */
    json_decref(message);
}

/* Takes a request off its connection, answers it with `message` (taken), and frees it. */
static void finish(struct ctx_request *request, json_t *message)
{
    struct ctx_connection *connection = request->connection;
    DL_DELETE(connection->requests, request);
    connection->n_requests--;
    if (request->id)
        answer(connection, request->batch, message);
    else
        json_decref(message);
    if (request->batch)
        batch_release(connection, request->batch);
    json_decref(request->id);
    free(request);
    ctx_connection_settle(connection);
}

void ctx_request_reply(struct ctx_request *request, json_t *result)
{
    if (result)
        finish(request, ctx_message_result(request->id, result));
    else
        ctx_request_fail(request, CTX_RPC_INTERNAL, "out of memory", NULL);
}

void ctx_request_fail(struct ctx_request *request, int code, const char *text, json_t *data)
{
    finish(request, ctx_message_error(request->id, code, text, data));
}

void ctx_request_on_abandoned(struct ctx_request *request, void (*abandoned)(void *data),
                              void *data)
{
    request->abandoned = abandoned;
    request->data = data;
}

uint64_t ctx_request_client(const struct ctx_request *request)
{
    return request->connection->number;
}

void ctx_request_abandon_all(struct ctx_connection *connection)
{
    struct ctx_request *request;
    struct ctx_request *next;
    DL_FOREACH_SAFE(connection->requests, request, next)
    {
        DL_DELETE(connection->requests, request);
        if (request->abandoned)
            request->abandoned(request->data);
        if (request->batch)
            batch_release(connection, request->batch);
        json_decref(request->id);
        free(request);
    }
    connection->n_requests = 0;
}

/* An answer to what became no request. */
static void refuse(struct ctx_connection *connection, struct batch *batch, const json_t *id,
                   int code, const char *text)
{
    answer(connection, batch, ctx_message_error(id, code, text, NULL));
}

static void start(struct ctx_connection *connection, struct batch *batch, const json_t *message)
{
    struct ctx_message_request read;
    struct ctx_error error;
    if (ctx_message_read_request(message, &read, &error)) {
        refuse(connection, batch, read.id, CTX_RPC_INVALID_REQUEST, error.text);
        return;
    }
    if (connection->n_requests >= CTX_LIMIT_REQUESTS) {
        if (read.id)
            refuse(connection, batch, read.id, CTX_RPC_TOO_BUSY, "too many requests in flight");
        return;
    }
    struct ctx_request *request = calloc(1, sizeof(*request));
    if (!request) {
        ctx_connection_send(connection, NULL, true);
        return;
    }
    connection->asked = true;
    request->connection = connection;
    request->id = json_incref((json_t *)read.id);
    request->batch = batch;
    if (batch)
        batch->open++;
    DL_APPEND(connection->requests, request);
    connection->n_requests++;
    ctx_server_run(connection->server, request, read.method, read.params);
}

static void start_batch(struct ctx_connection *connection, const json_t *messages)
{
    size_t n = json_array_size(messages);
    if (n == 0 || n > CTX_LIMIT_BATCH) {
        refuse(connection, NULL, NULL, CTX_RPC_INVALID_REQUEST,
               n ? "a batch has 64 requests at most" : "a batch must not be empty");
        return;
    }
    struct batch *batch = calloc(1, sizeof(*batch));
    if (batch)
        batch->answers = json_array();
    if (!batch || !batch->answers) {
        free(batch);
        ctx_connection_send(connection, NULL, true);
        return;
    }
    batch->open = 1;
    size_t i;
    json_t *message;
    json_array_foreach(messages, i, message) start(connection, batch, message);
    batch_release(connection, batch);
}

static bool is_blank(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
            return false;
    return true;
}

void ctx_request_line(struct ctx_connection *connection, const char *line, size_t len)
{
    if (is_blank(line, len))
        return;
    json_t *message;
    struct ctx_error error;
    int status = ctx_message_parse(line, len, &message, &error);
    if (status == -EBADMSG) {
        refuse(connection, NULL, NULL, CTX_RPC_PARSE, error.text);
        return;
    }
    if (status) {
        ctx_connection_send(connection, NULL, true);
        return;
    }
    if (json_is_array(message))
        start_batch(connection, message);
    else
        start(connection, NULL, message);
    json_decref(message);
}
