#ifndef CTX_DAEMON_SERVER_H
#define CTX_DAEMON_SERVER_H

#include <ev.h>
#include <jansson.h>

#include "contextor/error.h"

/*
 * The control socket's server: accepts, checks peers, frames, parses JSON-RPC 2.0, calls the
 * command table, answers. One thread, the loop's. Knows nothing of what the methods do.
 */

struct ctx_daemon;
struct ctx_server;

/*
 * A request being answered. A command answers it once, at once or later; a client that goes away
 * before makes ctx_request_alive() false, and the command's `abandoned` callback runs.
 */
struct ctx_request;

/* Answers with a result (the reference is taken), and frees the request. */
void ctx_request_reply(struct ctx_request *request, json_t *result);
/* Answers with an error: JSON-RPC codes, or contextor's own (contextor-control(7)). `data` may be NULL; taken. */
void ctx_request_fail(struct ctx_request *request, int code, const char *message, json_t *data);
/* Says what to do when the client goes away before the answer. The request is freed after it. */
void ctx_request_on_abandoned(struct ctx_request *request,
                              void (*abandoned)(struct ctx_request *request, void *data),
                              void *data);
/* The client's number, for what belongs to a client (pauses, subscriptions). */
uint64_t ctx_request_client(const struct ctx_request *request);

/* The command table's row (daemon/command.c). */
struct ctx_command {
    const char *method;
    void (*run)(struct ctx_daemon *daemon, struct ctx_request *request, const json_t *params);
};

struct ctx_server_options {
    const char *socket_path;
    int listen_fd;                      /* from socket activation; -1: bind socket_path */
    bool system;                        /* 0660 and group contextor, else 0600 and own uid */
    const struct ctx_command *commands; /* sorted by method */
    size_t n_commands;
    void (*client_gone)(struct ctx_daemon *daemon, uint64_t client);
    struct ctx_daemon *daemon;
};

int ctx_server_new(struct ev_loop *loop, const struct ctx_server_options *options,
                   struct ctx_server **ret_server, struct ctx_error *error);
void ctx_server_free(struct ctx_server *server);

/* Sends a notification {"jsonrpc", "method": "event", "params"} to one client's subscription. */
void ctx_server_notify(struct ctx_server *server, uint64_t client, const json_t *params);

#endif
