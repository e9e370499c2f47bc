/*
 * A blocking client over one connection. Answers are matched by id; events wait in an array until
 * they are asked for. One thread.
 */
#include "control/client.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "control/framing.h"
#include "control/message.h"

struct ctx_client {
    int fd;
    struct ctx_framing framing;
    json_t *events; /* array of params */
    json_int_t last_id;
};

static int address(const char *path, struct sockaddr_un *ret_address, struct ctx_error *error)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof(un.sun_path))
        return ctx_error_set(error, -ENAMETOOLONG, "%s: a socket's path has at most %zu bytes",
                             path, sizeof(un.sun_path) - 1);
    memcpy(un.sun_path, path, strlen(path));
    *ret_address = un;
    return 0;
}

int ctx_client_connect(const char *path, struct ctx_client **ret_client, struct ctx_error *error)
{
    struct sockaddr_un un;
    int status = address(path, &un, error);
    if (status)
        return status;
    CTX_AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return ctx_error_set(error, -errno, "%s: %s", path, ctx_error_name(errno));
    if (connect(fd, (struct sockaddr *)&un, sizeof(un)))
        return ctx_error_set(error, -errno, "%s: %s", path, ctx_error_name(errno));
    struct ctx_client *client = calloc(1, sizeof(*client));
    json_t *events = json_array();
    if (!client || !events) {
        free(client);
        json_decref(events);
        return ctx_error_set(error, -ENOMEM, "out of memory");
    }
    client->fd = fd;
    fd = -1;
    client->events = events;
    ctx_framing_init(&client->framing, CTX_LIMIT_CLIENT_OUTPUT);
    *ret_client = client;
    return 0;
}

void ctx_client_free(struct ctx_client *client)
{
    if (!client)
        return;
    ctx_closep(&client->fd);
    ctx_framing_deinit(&client->framing);
    json_decref(client->events);
    free(client);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What is left of a deadline, for poll(); -1 when there is none. */
static int left_ms(int64_t deadline)
{
    if (deadline < 0)
        return -1;
    int64_t left = deadline - now_ms();
    return left > 0 ? (int)left : 0;
}

static int gone(struct ctx_error *error)
{
    return ctx_error_set(error, -ECONNRESET, "the daemon closed the connection");
}

static int send_all(struct ctx_client *client, const struct ctx_buffer *line,
                    struct ctx_error *error)
{
    for (size_t sent = 0; sent < line->len;) {
        ssize_t n = send(client->fd, line->data + sent, line->len - sent, MSG_NOSIGNAL);
        if (n >= 0)
            sent += (size_t)n;
        else if (errno == EPIPE || errno == ECONNRESET)
            return 0; /* the daemon may have said why: its line is still to be read */
        else if (errno != EINTR)
            return ctx_error_set(error, -errno, "cannot send: %s", ctx_error_name(errno));
    }
    return 0;
}

/* Waits for bytes and feeds them. */
static int receive(struct ctx_client *client, int64_t deadline, struct ctx_error *error)
{
    struct pollfd pollfd = { .fd = client->fd, .events = POLLIN };
    int n = poll(&pollfd, 1, left_ms(deadline));
    if (n == 0)
        return ctx_error_set(error, -ETIMEDOUT, "the daemon did not answer in time");
    if (n < 0)
        return errno == EINTR ? 0 : ctx_error_set(error, -errno, "%s", ctx_error_name(errno));
    char chunk[CTX_FRAMING_CHUNK];
    ssize_t len = recv(client->fd, chunk, sizeof(chunk), 0);
    if (len == 0 || (len < 0 && errno == ECONNRESET))
        return gone(error);
    if (len < 0)
        return errno == EINTR ? 0 : ctx_error_set(error, -errno, "%s", ctx_error_name(errno));
    return ctx_framing_feed(&client->framing, chunk, (size_t)len);
}

/* The next message of any kind; new reference. */
static int next_message(struct ctx_client *client, int64_t deadline, json_t **ret_message,
                        struct ctx_error *error)
{
    for (;;) {
        const char *line;
        size_t len;
        int status = ctx_framing_next(&client->framing, false, &line, &len);
        if (status == 0)
            status = ctx_message_parse(line, len, ret_message, error);
        else if (status == CTX_UNCHANGED) {
            status = receive(client, deadline, error);
            if (status == 0)
                continue;
        }
        if (status == -EBADMSG || status == -EMSGSIZE)
            return ctx_error_set(error, -EPROTO, "what answers is not contextord");
        return status;
    }
}

/* Whether a message is an event; then its params are kept. */
static bool keep_event(struct ctx_client *client, const json_t *message)
{
    json_t *params = json_object_get(message, "params");
    if (!json_is_string(json_object_get(message, "method")) || !params)
        return false;
    json_array_append(client->events, params);
    return true;
}

/* Takes an answer apart. */
static int answer(const json_t *message, json_t **ret_result, int *ret_code,
                  struct ctx_error *error)
{
    json_t *failure = json_object_get(message, "error");
    json_t *result = json_object_get(message, "result");
    if (failure) {
        const char *text = json_string_value(json_object_get(failure, "message"));
        *ret_code = (int)json_integer_value(json_object_get(failure, "code"));
        return ctx_error_set(error, -EREMOTEIO, "%s", text ? text : "an error without a message");
    }
    if (!result)
        return ctx_error_set(error, -EPROTO, "the daemon's answer has no result");
    *ret_result = json_incref(result);
    return 0;
}

static int send_request(struct ctx_client *client, const char *method, json_t *params,
                        struct ctx_error *error)
{
    CTX_AUTO_BUFFER struct ctx_buffer line;
    ctx_buffer_init(&line, CTX_LIMIT_REQUEST);
    json_t *id = json_integer(++client->last_id);
    json_t *request = ctx_message_request(id, method, params);
    int status = request ? ctx_message_append(&line, request) : -ENOMEM;
    json_decref(request);
    json_decref(id);
    if (status)
        return ctx_error_set(error, status, "the request is too large, or memory is out");
    return send_all(client, &line, error);
}

int ctx_client_call(struct ctx_client *client, const char *method, json_t *params, int timeout_ms,
                    json_t **ret_result, int *ret_code, struct ctx_error *error)
{
    *ret_code = 0;
    int64_t deadline = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
    int status = send_request(client, method, params, error);
    while (status == 0) {
        json_t *message;
        status = next_message(client, deadline, &message, error);
        if (status)
            break;
        const json_t *id = json_object_get(message, "id");
        /* An error without an id is about the connection: refused, too busy. */
        bool ours = json_integer_value(id) == client->last_id || json_is_null(id);
        if (!keep_event(client, message) && ours) {
            status = answer(message, ret_result, ret_code, error);
            json_decref(message);
            return status;
        }
        json_decref(message);
    }
    return status;
}

int ctx_client_next_event(struct ctx_client *client, int timeout_ms, json_t **ret_params,
                          struct ctx_error *error)
{
    int64_t deadline = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
    while (json_array_size(client->events) == 0) {
        json_t *message;
        int status = next_message(client, deadline, &message, error);
        if (status)
            return status;
        keep_event(client, message);
        json_decref(message);
    }
    *ret_params = json_incref(json_array_get(client->events, 0));
    json_array_remove(client->events, 0);
    return 0;
}
