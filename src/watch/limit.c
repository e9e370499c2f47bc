/*
 * The kernel's limit on watches. When it is met, the directory at hand is polled and no further
 * watch is tried until a back-off is over; polling then tries one directory, and when that works
 * the others, so the tree heals without a restart. The loop's thread.
 */
#include "watch/limit.h"

#include <errno.h>
#include <sys/inotify.h>

#include "watch/inotify.h"
#include "watch/state.h"

/* Back-off between attempts to get a watch after none was left. */
enum { STEP_LEAST_US = 500 * 1000, STEP_MOST_US = 60 * 1000 * 1000 };

static void met(struct ctx_watch *watch)
{
    struct ctx_limits *limits = &watch->limits;
    const char *sysctl;
    limits->step_us = limits->step_us ? limits->step_us * 2 : STEP_LEAST_US;
    if (limits->step_us > STEP_MOST_US)
        limits->step_us = STEP_MOST_US;
    limits->blocked_until_us = watch->now_us + limits->step_us;
    /* The kernel refuses exactly when all are in use. */
    limits->in_use = ctx_inotify_limit(&sysctl);
}

void ctx_limit_freed(struct ctx_watch *watch)
{
    uint64_t soon = watch->now_us + STEP_LEAST_US;
    if (watch->limits.blocked_until_us > soon) {
        watch->limits.blocked_until_us = soon;
        watch->limits.step_us = 0;
    }
}

/* Polled by decision, whatever the kernel grants. */
static bool polled_by_rule(struct ctx_watch *watch, struct ctx_dir *dir, int dirfd,
                           enum ctx_poll_reason *ret_reason)
{
    const char *name;
    if (watch->options.poll)
        *ret_reason = CTX_POLL_OPTION;
    else if (!watch->points.enabled)
        *ret_reason = CTX_POLL_INSTANCE;
    else if ((!dir->parent || !ctx_listener_armed(&dir->parent->listener) ||
              dir->parent->listener.point->dev != dir->listener.point->dev) &&
             ctx_poll_filesystem(dirfd, &name))
        *ret_reason = CTX_POLL_FILESYSTEM;
    else
        return false;
    return true;
}

int ctx_limit_arm(struct ctx_watch *watch, struct ctx_dir *dir, int dirfd,
                  enum ctx_poll_reason *ret_reason)
{
    struct ctx_limits *limits = &watch->limits;
    bool armed = ctx_listener_armed(&dir->listener);
    if (polled_by_rule(watch, dir, dirfd, ret_reason))
        return -ENOTSUP;
    *ret_reason = CTX_POLL_LIMIT;
    if (!armed && watch->now_us < limits->blocked_until_us)
        return -ENOSPC;
    uint32_t mask = ctx_watch_dir_mask | (dir->parent ? 0 : IN_DELETE_SELF | IN_MOVE_SELF);
    int r = ctx_points_arm(&watch->points, &dir->listener, dirfd, mask, dir->scan == CTX_SCAN_DEEP);
    if (r == -ENOSPC || r == -ENOMEM) {
        met(watch);
        return r;
    }
    if (r < 0) {
        *ret_reason = CTX_POLL_ERROR;
        return r;
    }
    if (!armed) {
        limits->step_us = 0;
        limits->blocked_until_us = 0;
    }
    return 0;
}

const char *ctx_limit_stats(const struct ctx_watch *watch, struct ctx_watch_stats *ret_stats)
{
    size_t polled = 0;
    const struct ctx_root *root;
    for (root = watch->roots; root; root = root->next)
        polled += root->polled[CTX_POLL_LIMIT];
    const char *sysctl;
    ret_stats->watches_limit = ctx_inotify_limit(&sysctl);
    ret_stats->watches_needed = watch->points.watches + polled;
    ret_stats->watches_in_use = polled ? watch->limits.in_use : watch->points.watches;
    return sysctl;
}
