#ifndef CTX_DAEMON_LISTENER_H
#define CTX_DAEMON_LISTENER_H

#include <sys/types.h>

#include "contextor/error.h"

/*
 * A listening UNIX socket at a path: replaces what a dead daemon left, never what a living one
 * has, and takes away on closing only what it made. Any one thread.
 */

struct ctx_listener;

struct ctx_listener_options {
    const char *path;
    mode_t mode; /* 0600 or 0660; the umask does not matter */
    gid_t gid;   /* the file's group; (gid_t)-1: as it comes */
};

/*
 * Makes the directory (0700) when it is missing, binds and listens; the descriptor does not block.
 * -EADDRINUSE: a daemon listens there, the error names its pid; -EEXIST: there is something that
 * is no socket; else errno; always with an error.
 */
int ctx_listener_open(const struct ctx_listener_options *options,
                      struct ctx_listener **ret_listener, struct ctx_error *error);
/* Closes; unlinks the path if it is still our socket. NULL is fine. */
void ctx_listener_free(struct ctx_listener *listener);
/* Borrowed. */
int ctx_listener_get_fd(const struct ctx_listener *listener);

#endif
