#ifndef CTX_DAEMON_CONTROL_H
#define CTX_DAEMON_CONTROL_H

#include <ev.h>
#include <stdbool.h>

#include "daemon/daemon.h"
#include "daemon/server.h"
#include "engine/engine.h"

/*
 * The control plane, whole: the socket, the server, the methods, subscriptions and holds. The
 * daemon makes one, publishes events to it, and is called through daemon/daemon.h. The loop's
 * thread.
 */

struct ctx_control;

struct ctx_control_options {
    struct ctx_daemon *daemon;
    const char *socket_path; /* bound unless listen_fd is given */
    int listen_fd;           /* from socket activation (taken); -1: none */
    bool system;             /* 0660 and the group contextor, else 0600 */
};

/* Serves from here on. Fails as ctx_listener_open() does, with an error. */
int ctx_control_new(struct ev_loop *loop, const struct ctx_control_options *options,
                    struct ctx_control **ret_control, struct ctx_error *error);
/* Sends what can be sent at once, drops all clients, removes the socket. NULL is fine. */
void ctx_control_free(struct ctx_control *control);

/* Tells subscribers. `source` is the name of event->source; NULL: none. */
void ctx_control_publish(struct ctx_control *control, const char *source,
                         const struct ctx_event *event);
/* The daemon's state ("ready"), or a source's ("polling"), with what there is to say; else NULL. */
void ctx_control_publish_state(struct ctx_control *control, const char *source, const char *state,
                               const char *detail);

/* The sources are settled: goes on with what waited for that. */
void ctx_control_go_on(struct ctx_control *control);
/* They never will be, since the daemon is stopping: answers what waits so. */
void ctx_control_give_up(struct ctx_control *control);

/* Clients, requests: what the daemon adds to its metrics. */
void ctx_control_stats(const struct ctx_control *control, struct ctx_server_stats *ret_stats);
/* How many hold the daemon paused. */
size_t ctx_control_holds(const struct ctx_control *control);

#endif
