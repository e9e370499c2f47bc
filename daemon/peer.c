/* Peers, by SO_PEERCRED and SO_PEERGROUPS: what the kernel noted at connect(2) or listen(2). */
#include "daemon/peer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/cleanup.h"

/* Supplementary groups; as many as the process has, so asked twice. */
static bool in_group(int fd, gid_t gid)
{
    socklen_t size = 0;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) == 0 || errno != ERANGE)
        return false; /* none at all, or no such option */
    CTX_AUTO_FREE gid_t *groups = malloc(size);
    if (!groups || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size))
        return false;
    for (size_t i = 0; i < size / sizeof(gid_t); i++)
        if (groups[i] == gid)
            return true;
    return false;
}

int ctx_peer_check(int fd, const struct ctx_peer_policy *policy, struct ctx_error *error)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
        return ctx_error_set(error, -errno, "the peer is not known: %s", ctx_error_name(errno));
    if (peer.uid == policy->uid || peer.uid == 0)
        return 0;
    if (policy->has_group && (peer.gid == policy->gid || in_group(fd, policy->gid)))
        return 0;
    return ctx_error_set(error, -EACCES,
                         policy->has_group ? "user %u (process %d) is not in the socket's group"
                                           : "user %u (process %d) is not the daemon's user",
                         (unsigned)peer.uid, (int)peer.pid);
}

pid_t ctx_peer_pid(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) ? 0 : peer.pid;
}
