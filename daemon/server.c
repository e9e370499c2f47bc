/*
 * The server: clients in an order of arrival, and the command table. Connections that have to go
 * are freed from a timer of no delay, when nothing of theirs is on the stack. The loop's thread.
 */
#include "daemon/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "control/message.h"
#include "daemon/connection.h"
#include "daemon/log.h"
#include "daemon/parameter.h"

enum { ACCEPTS_A_TURN = 64 };

/* Seconds without accepting when descriptors are out. */
#define ACCEPT_PAUSE 1.

struct ctx_server {
    struct ev_loop *loop;
    struct ctx_server_options options;
    ev_io acceptor;
    ev_timer pause; /* until accepting is tried again */
    ev_timer reaper;
    struct ctx_connection *connections; /* utlist */
    size_t n_connections;
    uint64_t last_number;
    struct ctx_server_stats stats;
};

struct ev_loop *ctx_server_loop(const struct ctx_server *server)
{
    return server->loop;
}

void ctx_server_stats(const struct ctx_server *server, struct ctx_server_stats *ret_stats)
{
    *ret_stats = server->stats;
    ret_stats->clients = server->n_connections;
}

/* Frees one connection that is off the stack. */
static void release(struct ctx_server *server, struct ctx_connection *connection)
{
    uint64_t number = connection->number;
    DL_DELETE(server->connections, connection);
    server->n_connections--;
    server->stats.memory -= connection->accounted;
    ctx_connection_free(connection);
    if (server->options.client_gone)
        server->options.client_gone(server->options.data, number);
}

static void on_reap(struct ev_loop *loop, ev_timer *watcher, int revents)
{
    (void)loop;
    (void)revents;
    struct ctx_server *server = watcher->data;
    struct ctx_connection *connection;
    struct ctx_connection *next;
    DL_FOREACH_SAFE(server->connections, connection, next)
    if (connection->doomed)
        release(server, connection);
}

void ctx_server_doom(struct ctx_server *server, struct ctx_connection *connection,
                     const char *reason)
{
    if (reason) {
        server->stats.dropped_total++;
        ctx_log(CTX_LOG_WARNING, "client %llu dropped: %s", (unsigned long long)connection->number,
                reason);
    }
    ev_timer_set(&server->reaper, 0., 0.);
    ev_timer_start(server->loop, &server->reaper);
}

void ctx_server_account(struct ctx_server *server, struct ctx_connection *connection)
{
    size_t memory = ctx_framing_memory(&connection->in) + connection->out.capacity;
    server->stats.memory += memory - connection->accounted;
    bool grew = memory > connection->accounted;
    connection->accounted = memory;
    if (grew && server->stats.memory > CTX_LIMIT_CLIENTS_MEMORY)
        ctx_connection_doom(connection, "the clients' buffers are full");
}

/* Says no to a socket that never becomes a client. */
static void turn_away(struct ctx_server *server, int fd, int code, const char *text)
{
    CTX_AUTO_BUFFER struct ctx_buffer line;
    ctx_buffer_init(&line, CTX_LIMIT_REQUEST);
    json_t *message = ctx_message_error(NULL, code, text, NULL);
    if (message && ctx_message_append(&line, message) == 0)
        (void)!send(fd, line.data, line.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    json_decref(message);
    server->stats.dropped_total++;
}

/* Whether it goes before another: who never asked anything first, then who is idle longest. */
static bool goes_before(const struct ctx_connection *one, const struct ctx_connection *other)
{
    return one->asked == other->asked ? one->active < other->active : other->asked;
}

/* Makes room for one more client at the cost of an idle one. False when all are busy. */
static bool make_room(struct ctx_server *server)
{
    struct ctx_connection *connection;
    struct ctx_connection *oldest = NULL;
    DL_FOREACH (server->connections, connection)
        if (!connection->doomed && ctx_connection_is_idle(connection) &&
            (!oldest || goes_before(connection, oldest)))
            oldest = connection;
    if (!oldest)
        return false;
    turn_away(server, oldest->fd, CTX_RPC_TOO_BUSY, "too many clients; an idle one goes");
    release(server, oldest);
    return true;
}

static void admit(struct ctx_server *server, int client)
{
    CTX_AUTO_CLOSE int fd = client;
    struct ctx_error error;
    if (ctx_peer_check(fd, &server->options.policy, &error)) {
        ctx_log(CTX_LOG_WARNING, "client refused: %s", error.text);
        turn_away(server, fd, CTX_RPC_REFUSED, error.text);
        return;
    }
    if (server->n_connections >= CTX_LIMIT_CLIENTS && !make_room(server)) {
        turn_away(server, fd, CTX_RPC_TOO_BUSY, "too many clients, all busy");
        return;
    }
    struct ctx_connection *connection;
    if (ctx_connection_new(server, ++server->last_number, fd, &connection))
        return;
    fd = -1;
    DL_APPEND(server->connections, connection);
    server->n_connections++;
}

static void on_acceptable(struct ev_loop *loop, ev_io *watcher, int revents)
{
    (void)revents;
    struct ctx_server *server = watcher->data;
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        int fd = accept4(server->options.listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            admit(server, fd);
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED)
            continue;
        if (errno != EAGAIN) {
            ctx_log(CTX_LOG_WARNING, "cannot accept a client: %s; trying again in a second",
                    ctx_error_name(errno));
            ev_io_stop(loop, &server->acceptor);
            ev_timer_set(&server->pause, ACCEPT_PAUSE, 0.);
            ev_timer_start(loop, &server->pause);
        }
        return;
    }
}

static void on_pause_over(struct ev_loop *loop, ev_timer *watcher, int revents)
{
    (void)revents;
    struct ctx_server *server = watcher->data;
    ev_io_start(loop, &server->acceptor);
}

int ctx_server_new(struct ev_loop *loop, const struct ctx_server_options *options,
                   struct ctx_server **ret_server)
{
    struct ctx_server *server = calloc(1, sizeof(*server));
    if (!server)
        return -ENOMEM;
    server->loop = loop;
    server->options = *options;
    ev_io_init(&server->acceptor, on_acceptable, options->listen_fd, EV_READ);
    ev_timer_init(&server->pause, on_pause_over, ACCEPT_PAUSE, 0.);
    ev_timer_init(&server->reaper, on_reap, 0., 0.);
    server->acceptor.data = server->pause.data = server->reaper.data = server;
    ev_io_start(loop, &server->acceptor);
    *ret_server = server;
    return 0;
}

void ctx_server_free(struct ctx_server *server)
{
    if (!server)
        return;
    struct ctx_connection *connection;
    struct ctx_connection *next;
    ev_io_stop(server->loop, &server->acceptor);
    ev_timer_stop(server->loop, &server->pause);
    DL_FOREACH_SAFE(server->connections, connection, next)
    {
        ctx_connection_flush(connection);
        release(server, connection);
    }
    ev_timer_stop(server->loop, &server->reaper);
    free(server);
}

static struct ctx_connection *find_client(const struct ctx_server *server, uint64_t number)
{
    struct ctx_connection *connection;
    DL_FOREACH (server->connections, connection)
        if (connection->number == number && !connection->doomed)
            return connection;
    return NULL;
}

void ctx_server_mark(struct ctx_server *server, uint64_t client, enum ctx_client_mark mark, bool on)
{
    struct ctx_connection *connection = find_client(server, client);
    if (!connection)
        return;
    connection->marks = on ? connection->marks | mark : connection->marks & ~(unsigned)mark;
    ctx_connection_settle(connection);
}

void ctx_server_notify(struct ctx_server *server, uint64_t client, const json_t *params)
{
    struct ctx_connection *connection = find_client(server, client);
    if (!connection)
        return;
    json_t *message = ctx_message_notification("event", json_incref((json_t *)params));
    ctx_connection_send(connection, message, false);
    json_decref(message);
}

static int compare_method(const void *key, const void *row)
{
    return strcmp(key, ((const struct ctx_command *)row)->method);
}

/* Names of all methods, for the one who asked for another. */
static json_t *no_such_method(const struct ctx_server *server)
{
    json_t *names = json_array();
    for (size_t i = 0; i < server->options.n_commands; i++)
        json_array_append_new(names, json_string(server->options.commands[i].method));
    return json_pack("{s:o}", "methods", names);
}

void ctx_server_run(struct ctx_server *server, struct ctx_request *request, const char *method,
                    const json_t *params)
{
    const struct ctx_command *command =
        bsearch(method, server->options.commands, server->options.n_commands,
                sizeof(struct ctx_command), compare_method);
    server->stats.requests_total++;
    if (!command) {
        ctx_request_fail(request, CTX_RPC_NO_METHOD, "no such method", no_such_method(server));
        return;
    }
    json_t *named;
    struct ctx_error error = { "out of memory" };
    int status =
        ctx_parameters_check(command->parameters, command->n_parameters, params, &named, &error);
    if (status) {
        ctx_request_fail(request, status == -EINVAL ? CTX_RPC_INVALID_PARAMS : CTX_RPC_INTERNAL,
                         error.text, NULL);
        return;
    }
    if (server->options.call)
        server->options.call(server->options.data, command, request, named);
    else
        command->run(server->options.data, request, named);
    json_decref(named);
}
