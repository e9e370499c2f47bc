#ifndef CTX_WATCH_LIMIT_H
#define CTX_WATCH_LIMIT_H

#include "watch/poll.h"

/*
 * Getting watches, within what the kernel grants: who is watched, who is polled, what to do about
 * it.
 */

/*
 * Has a directory watched; `dirfd` is open on it. 0; negative, with the reason, when it has to be
 * polled.
 */
int ctx_limit_arm(struct ctx_watch *watch, struct ctx_dir *dir, int dirfd,
                  enum ctx_poll_reason *ret_reason);
/* Watches were given back: soon tries again for those that had none. */
void ctx_limit_freed(struct ctx_watch *watch);

struct ctx_watch_stats;
/* Fills in needed, limit and in use; returns the sysctl to be raised. */
const char *ctx_limit_stats(const struct ctx_watch *watch, struct ctx_watch_stats *ret_stats);

#endif
