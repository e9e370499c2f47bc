#ifndef CTX_DAEMON_RUN_H
#define CTX_DAEMON_RUN_H

#include <ev.h>

#include "config/config.h"

/* How main() runs the daemon. */

enum {
    CTX_DAEMON_EXIT_OK = 0,
    CTX_DAEMON_EXIT_FAILED = 1, /* it could not start, or go on */
    CTX_DAEMON_EXIT_USAGE = 2,  /* wrong flags or configuration */
    CTX_DAEMON_EXIT_KILLED = 3, /* stopped for a second time while it was stopping */
};

struct ctx_daemon_options {
    const char *config_path; /* need not exist: the daemon idles then */
    const char *socket_path;
    int listen_fd;              /* from socket activation (taken); -1: bind socket_path */
    bool system;                /* 0660 and the group contextor */
    const char *cookie_dir;     /* made and removed: where sync makes its cookies */
    const char *worker_program; /* NULL: no worker processes */
    const struct ctx_environment *environment;
    int64_t source_date_epoch; /* seconds; -1: files' own times */
};

/*
 * Runs until SIGTERM or SIGINT. All pointers are borrowed. 0; -EINVAL: the configuration is wrong;
 * else the errno of what could not be had, with error. The caller has blocked no signal that the
 * loop is to handle. Main thread.
 */
int ctx_daemon_run(struct ev_loop *loop, const struct ctx_daemon_options *options,
                   struct ctx_error *error);

#endif
