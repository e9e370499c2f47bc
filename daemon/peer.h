#ifndef CTX_DAEMON_PEER_H
#define CTX_DAEMON_PEER_H

#include <stdbool.h>
#include <sys/types.h>

#include "contextor/error.h"

/* Who is at the other end of a UNIX socket, and whether it may be there. Any thread. */

struct ctx_peer_policy {
    uid_t uid;      /* this user may, and root */
    bool has_group; /* and members of `gid` */
    gid_t gid;
};

/* 0; -EACCES with an error that names the peer; or the errno of asking the kernel. */
int ctx_peer_check(int fd, const struct ctx_peer_policy *policy, struct ctx_error *error);

/* The process at the other end (of a connection to a listening socket: who listens); 0 not known. */
pid_t ctx_peer_pid(int fd);

#endif
