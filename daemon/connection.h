#ifndef CTX_DAEMON_CONNECTION_H
#define CTX_DAEMON_CONNECTION_H

#include "control/framing.h"
#include "daemon/server.h"

/*
 * One client of the server, inside the server: its socket, its lines, its output, its requests. The
 * loop's thread. A connection that has to go is doomed first, and freed by the server when no code
 * of its own is on the stack.
 */

struct ctx_connection {
    struct ctx_server *server;
    uint64_t number;
    int fd;
    ev_io reader, writer;
    ev_timer turn;  /* lines are left, others have their turn first */
    ev_timer stall; /* a line does not end, or output is not taken */
    struct ctx_framing in;
    struct ctx_buffer out;
    size_t out_begin;    /* sent so far */
    size_t accounted;    /* of the server's memory */
    bool ended;          /* the peer shut down its sending side */
    const char *closing; /* a limit that was met: no further line; doomed when all is sent */
    bool corked;         /* output waits until the lines at hand are done */
    bool cut;            /* lines at hand wait for room in the output */
    bool doomed;
    unsigned marks;               /* enum ctx_client_mark */
    ev_tstamp active;             /* when it last did something */
    bool asked;                   /* it has made a request */
    struct ctx_request *requests; /* in flight; utlist */
    size_t n_requests;
    struct ctx_connection *prev, *next;
};

/* Takes the fd over. 0 or -ENOMEM. */
int ctx_connection_new(struct ctx_server *server, uint64_t number, int fd,
                       struct ctx_connection **ret_connection);
/* Says that it has to go; `reason` is a limit that it broke, NULL: it ended. */
void ctx_connection_doom(struct ctx_connection *connection, const char *reason);
/* Abandons its requests. */
void ctx_connection_free(struct ctx_connection *connection);

/* Queues a message (borrowed) and, with `now`, sends what the socket takes. */
void ctx_connection_send(struct ctx_connection *connection, const json_t *message, bool now);
/* Sends what the socket takes at once. */
void ctx_connection_flush(struct ctx_connection *connection);
/* A request ended: what had to wait for it goes on. */
void ctx_connection_settle(struct ctx_connection *connection);

/* No request, mark, output or unfinished line. */
bool ctx_connection_is_idle(const struct ctx_connection *connection);
size_t ctx_connection_pending(const struct ctx_connection *connection);

/* The server's side (daemon/server.c). */
struct ev_loop *ctx_server_loop(const struct ctx_server *server);
/* Frees a doomed connection soon, and counts the reason when there is one. */
void ctx_server_doom(struct ctx_server *server, struct ctx_connection *connection,
                     const char *reason);
/* Says how much memory a connection has now; dooms it when all together have too much. */
void ctx_server_account(struct ctx_server *server, struct ctx_connection *connection);

/* The requests' side (daemon/request.c): carries out one line. */
void ctx_request_line(struct ctx_connection *connection, const char *line, size_t len);
/* Abandons all requests of a connection. */
void ctx_request_abandon_all(struct ctx_connection *connection);
/* Starts one request (daemon/server.c): looks its method up and runs it. */
void ctx_server_run(struct ctx_server *server, struct ctx_request *request, const char *method,
                    const json_t *params);

#endif
