/*
 * One client. Reading stops while it has much to read itself (backpressure), so that only events
 * can fill its output; when they do, it is dropped. Invariant: a doomed connection has no active
 * watcher. The loop's thread.
 */
#include "daemon/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "control/message.h"

static void on_readable(struct ev_loop *loop, ev_io *watcher, int revents);
static void on_writable(struct ev_loop *loop, ev_io *watcher, int revents);
static void on_turn(struct ev_loop *loop, ev_timer *watcher, int revents);
static void on_stall(struct ev_loop *loop, ev_timer *watcher, int revents);

int ctx_connection_new(struct ctx_server *server, uint64_t number, int fd,
                       struct ctx_connection **ret_connection)
{
    struct ctx_connection *connection = calloc(1, sizeof(*connection));
    if (!connection)
        return -ENOMEM;
    connection->server = server;
    connection->number = number;
    connection->fd = fd;
    connection->active = ev_now(ctx_server_loop(server));
    ctx_framing_init(&connection->in, CTX_LIMIT_REQUEST);
    ctx_buffer_init(&connection->out, CTX_LIMIT_CLIENT_OUTPUT);
    ev_io_init(&connection->reader, on_readable, fd, EV_READ);
    ev_io_init(&connection->writer, on_writable, fd, EV_WRITE);
    ev_timer_init(&connection->turn, on_turn, 0., 0.);
    ev_timer_init(&connection->stall, on_stall, 0., CTX_LIMIT_CLIENT_STALL_S);
    connection->reader.data = connection->writer.data = connection;
    connection->turn.data = connection->stall.data = connection;
    ev_io_start(ctx_server_loop(server), &connection->reader);
    *ret_connection = connection;
    return 0;
}

static void stop_watchers(struct ctx_connection *connection)
{
    struct ev_loop *loop = ctx_server_loop(connection->server);
    ev_io_stop(loop, &connection->reader);
    ev_io_stop(loop, &connection->writer);
    ev_timer_stop(loop, &connection->turn);
    ev_timer_stop(loop, &connection->stall);
}

void ctx_connection_doom(struct ctx_connection *connection, const char *reason)
{
    if (connection->doomed)
        return;
    connection->doomed = true;
    stop_watchers(connection);
    ctx_server_doom(connection->server, connection, reason);
}

void ctx_connection_free(struct ctx_connection *connection)
{
    connection->doomed = true;
    stop_watchers(connection);
    ctx_request_abandon_all(connection);
    ctx_closep(&connection->fd);
    ctx_framing_deinit(&connection->in);
    ctx_buffer_deinit(&connection->out);
    free(connection);
}

size_t ctx_connection_pending(const struct ctx_connection *connection)
{
    return connection->out.len - connection->out_begin;
}

bool ctx_connection_is_idle(const struct ctx_connection *connection)
{
    return !connection->requests && !connection->marks && !ctx_connection_pending(connection) &&
           !ctx_framing_partial(&connection->in);
}

/* A half-closed client stays for what it still waits for. */
static bool is_finished(const struct ctx_connection *connection)
{
    if (ctx_connection_pending(connection))
        return false;
    if (connection->closing)
        return true;
    return connection->ended && !connection->requests && !ctx_framing_partial(&connection->in) &&
           !(connection->marks & CTX_CLIENT_STREAMING);
}

static void take_turn(struct ctx_connection *connection)
{
    ev_timer_set(&connection->turn, 0., 0.);
    ev_timer_start(ctx_server_loop(connection->server), &connection->turn);
}

/* Sets the watchers by the state; the one place that does. */
static void rearm(struct ctx_connection *connection)
{
    struct ev_loop *loop = ctx_server_loop(connection->server);
    size_t pending = ctx_connection_pending(connection);
    bool full = pending > CTX_LIMIT_CLIENT_PENDING;
    if (is_finished(connection)) {
        ctx_connection_doom(connection, connection->closing);
        return;
    }
    if (connection->cut && !full && !ev_is_active(&connection->turn))
        take_turn(connection);
    if (connection->ended || connection->closing || full || ev_is_active(&connection->turn))
        ev_io_stop(loop, &connection->reader);
    else
        ev_io_start(loop, &connection->reader);
    if (pending)
        ev_io_start(loop, &connection->writer);
    else
        ev_io_stop(loop, &connection->writer);
    /* A half-closed subscriber is asked now and then whether it is still there at all. */
    bool waits = pending || connection->ended || ctx_framing_partial(&connection->in);
    if (waits && !ev_is_active(&connection->stall))
        ev_timer_again(loop, &connection->stall);
    else if (!waits)
        ev_timer_stop(loop, &connection->stall);
}

/* Gives the sent part of the output back, all of it when everything is sent. */
static void compact_output(struct ctx_connection *connection)
{
    struct ctx_buffer *out = &connection->out;
    if (connection->out_begin == out->len && out->capacity > CTX_LIMIT_CLIENT_PENDING)
        ctx_buffer_deinit(out);
    else
        ctx_buffer_splice(out, 0, connection->out_begin, NULL, 0);
    connection->out_begin = 0;
}

/* Sends what the socket takes. False when the peer is gone. */
static bool send_pending(struct ctx_connection *connection)
{
    while (ctx_connection_pending(connection)) {
        ssize_t n = send(connection->fd, connection->out.data + connection->out_begin,
                         ctx_connection_pending(connection), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN || errno == ENOBUFS;
        connection->out_begin += (size_t)n;
        /* Taken: the clock of a slow reader starts anew. */
        if (ev_is_active(&connection->stall))
            ev_timer_again(ctx_server_loop(connection->server), &connection->stall);
    }
    compact_output(connection);
    return true;
}

/*
 * Carries out lines at hand, so many at most; the rest has its turn later, or goes on when there is
 * room for answers.
 */
static void run_lines(struct ctx_connection *connection)
{
    int status = CTX_UNCHANGED;
    connection->corked = true;
    connection->cut = false;
    for (int i = 0; !connection->doomed && !connection->closing; i++) {
        connection->cut = ctx_connection_pending(connection) > CTX_LIMIT_CLIENT_PENDING;
        if (connection->cut)
            break;
        if (i == CTX_LIMIT_LINES_A_TURN) {
            take_turn(connection);
            break;
        }
        const char *line;
        size_t len;
        status = ctx_framing_next(&connection->in, connection->ended, &line, &len);
        if (status)
            break;
        ctx_request_line(connection, line, len);
        if (ev_is_active(&connection->stall))
            ev_timer_again(ctx_server_loop(connection->server), &connection->stall);
    }
    if (status == -EMSGSIZE) {
        json_t *message = ctx_message_error(NULL, CTX_RPC_TOO_LARGE,
                                            "a line may have 1 MiB at most; closing", NULL);
        connection->closing = "a line over the limit";
        ctx_connection_send(connection, message, false);
        json_decref(message);
        ctx_server_account(connection->server, connection);
    }
    connection->corked = false;
}

/* After anything happened: sends, goes on with lines that waited for room, sets the watchers. */
void ctx_connection_settle(struct ctx_connection *connection)
{
    if (connection->doomed || connection->corked)
        return;
    if (!send_pending(connection)) {
        ctx_connection_doom(connection, NULL);
        return;
    }
    ctx_server_account(connection->server, connection);
    if (!connection->doomed)
        rearm(connection);
}

static void work(struct ctx_connection *connection)
{
    connection->active = ev_now(ctx_server_loop(connection->server));
    run_lines(connection);
    ctx_connection_settle(connection);
}

/* Whether the peer closed, and not just its sending side. */
static bool is_hung_up(const struct ctx_connection *connection)
{
    struct pollfd pollfd = { .fd = connection->fd };
    return poll(&pollfd, 1, 0) > 0 && (pollfd.revents & (POLLHUP | POLLERR));
}

static void on_readable(struct ev_loop *loop, ev_io *watcher, int revents)
{
    (void)loop;
    (void)revents;
    struct ctx_connection *connection = watcher->data;
    char chunk[CTX_FRAMING_CHUNK];
    ssize_t len = recv(connection->fd, chunk, sizeof(chunk), MSG_DONTWAIT);
    if (len < 0) {
        if (errno != EAGAIN && errno != EINTR)
            ctx_connection_doom(connection, NULL);
        return;
    }
    if (len == 0)
        connection->ended = true;
    else if (ctx_framing_feed(&connection->in, chunk, (size_t)len)) {
        ctx_connection_doom(connection, "out of memory");
        return;
    }
    work(connection);
    if (connection->ended && !connection->doomed && is_hung_up(connection))
        ctx_connection_doom(connection, NULL); /* what it asked for was begun; nobody hears of it */
}

/* Room in the output, or the next turn: lines that waited are next. */
static void on_writable(struct ev_loop *loop, ev_io *watcher, int revents)
{
    (void)loop;
    (void)revents;
    struct ctx_connection *connection = watcher->data;
    if (!send_pending(connection))
        ctx_connection_doom(connection, NULL);
    else
        work(connection);
}

static void on_turn(struct ev_loop *loop, ev_timer *watcher, int revents)
{
    (void)loop;
    (void)revents;
    work(watcher->data);
}

static void on_stall(struct ev_loop *loop, ev_timer *watcher, int revents)
{
    (void)loop;
    (void)revents;
    struct ctx_connection *connection = watcher->data;
    if (ctx_connection_pending(connection))
        ctx_connection_doom(connection, "it does not read");
    else if (ctx_framing_partial(&connection->in) && !connection->ended)
        ctx_connection_doom(connection, "a line that does not end");
    else if (is_hung_up(connection))
        ctx_connection_doom(connection, NULL);
}

/* Appends; sent bytes make room when the limit is met. */
static int append(struct ctx_connection *connection, const json_t *message)
{
    int status = ctx_message_append(&connection->out, message);
    if (status == -EFBIG && connection->out_begin) {
        compact_output(connection);
        status = ctx_message_append(&connection->out, message);
    }
    return status;
}

void ctx_connection_send(struct ctx_connection *connection, const json_t *message, bool now)
{
    if (connection->doomed)
        return;
    int status = message ? append(connection, message) : -ENOMEM;
    const json_t *id = json_object_get(message, "id");
    if (status == -EFBIG && (id || json_is_array(message))) {
        json_t *instead =
            ctx_message_error(id, CTX_RPC_TOO_BUSY, "the answer is over 4 MiB; ask for less", NULL);
        status = instead ? append(connection, instead) : -ENOMEM;
        json_decref(instead);
    }
    if (status) {
        ctx_connection_doom(connection, status == -EFBIG ? "it does not read" : "out of memory");
        return;
    }
    ctx_server_account(connection->server, connection);
    if (now)
        ctx_connection_settle(connection);
    else if (!connection->doomed && !connection->corked)
        rearm(connection);
}

void ctx_connection_flush(struct ctx_connection *connection)
{
    if (!connection->doomed)
        send_pending(connection);
}
