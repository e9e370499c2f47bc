#ifndef CTX_DAEMON_SERVER_H
#define CTX_DAEMON_SERVER_H

#include <ev.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contextor/error.h"
#include "daemon/peer.h"

/*
 * The control socket's server: accepts, checks peers, frames, parses JSON-RPC 2.0, calls the
 * command table, answers. One thread, the loop's. Knows nothing of what the methods do.
 */

struct ctx_server;
struct ctx_parameter;

/*
 * A request being answered: exactly one of ctx_request_reply() and ctx_request_fail(), at once or
 * later, frees it. When its client goes away before, its `abandoned` callback runs, and it is gone.
 * A notification is a request whose answer is thrown away.
 */
struct ctx_request;

/* Answers with a result (taken; NULL: memory was out). */
void ctx_request_reply(struct ctx_request *request, json_t *result);
/* Answers with an error: an enum ctx_rpc_code, one line of text, and data (taken; NULL: none). */
void ctx_request_fail(struct ctx_request *request, int code, const char *text, json_t *data);
/* Says what to do when the client goes away before the answer; must not answer any more. */
void ctx_request_on_abandoned(struct ctx_request *request, void (*abandoned)(void *data),
                              void *data);
/* The client's number, for what belongs to a client (holds, subscriptions). Never reused, over 0. */
uint64_t ctx_request_client(const struct ctx_request *request);

/* The command table's row (daemon/command.c). `params` are checked, by name, never NULL; borrowed. */
struct ctx_command {
    const char *method;
    const struct ctx_parameter *parameters;
    size_t n_parameters;
    void (*run)(void *data, struct ctx_request *request, const json_t *params);
    bool about_sources; /* it asks about sources: not before they are open */
};

struct ctx_server_options {
    int listen_fd;                      /* listening; borrowed */
    struct ctx_peer_policy policy;      /* who may connect */
    const struct ctx_command *commands; /* sorted by method */
    size_t n_commands;
    /* Runs a command now or later; NULL: now. */
    void (*call)(void *data, const struct ctx_command *command, struct ctx_request *request,
                 json_t *params);
    void (*client_gone)(void *data, uint64_t client); /* after its last request ended */
    void *data;                                       /* for call, client_gone and the commands */
};

int ctx_server_new(struct ev_loop *loop, const struct ctx_server_options *options,
                   struct ctx_server **ret_server);
/* Sends what the sockets take at once, and drops every client. */
void ctx_server_free(struct ctx_server *server);

/* What makes a client more than idle, besides its requests. */
enum ctx_client_mark {
    CTX_CLIENT_STREAMING = 1, /* has a subscription: stays when it shut down its sending side */
    CTX_CLIENT_HOLDING = 2,   /* has a hold */
};
void ctx_server_mark(struct ctx_server *server, uint64_t client, enum ctx_client_mark mark,
                     bool on);

/* Sends the notification "event" to a client, if it is still there. Params are borrowed. */
void ctx_server_notify(struct ctx_server *server, uint64_t client, const json_t *params);

struct ctx_server_stats {
    size_t clients;
    size_t memory;           /* bytes of all clients' buffers */
    uint64_t dropped_total;  /* clients closed for a limit, or refused */
    uint64_t requests_total; /* requests and notifications carried out */
};
void ctx_server_stats(const struct ctx_server *server, struct ctx_server_stats *ret_stats);

#endif
