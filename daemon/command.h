#ifndef CTX_DAEMON_COMMAND_H
#define CTX_DAEMON_COMMAND_H

#include "daemon/control.h"
#include "daemon/hold.h"
#include "daemon/subscription.h"

/*
 * The methods, inside the control plane: each gets the struct ctx_control as its data. The loop's
 * thread.
 */

struct ctx_listener;

struct ctx_control {
    struct ctx_daemon *daemon;
    struct ctx_listener *listener; /* NULL: the descriptor was passed */
    int listen_fd;                 /* the passed one; -1 */
    struct ctx_server *server;
    struct ctx_subscriptions *subscriptions;
    struct ctx_holds holds;
    struct ctx_deferral *deferred;
};

/*
 * deferral.c: runs a command, which when it is about sources waits until all of them are open; and
 * runs, in order, what waits.
 */
void ctx_command_call(void *data, const struct ctx_command *command, struct ctx_request *request,
                      json_t *params);

/* The command table, sorted by method. */
const struct ctx_command *ctx_commands(size_t *ret_count);

/* Takes part in the daemon's pause after the holds changed from `before`. */
void ctx_holds_apply(struct ctx_control *control, size_t before);

/* Fails a request by what the daemon returned: a negative errno and its line. */
void ctx_command_fail(struct ctx_request *request, int code, const char *text);

/* Methods of files of their own. */
void ctx_command_changes(void *data, struct ctx_request *request, const json_t *params);
void ctx_command_why(void *data, struct ctx_request *request, const json_t *params);
void ctx_command_rebuild(void *data, struct ctx_request *request, const json_t *params);

#endif
