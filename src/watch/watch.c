/*
 * The watcher as its owner sees it: made, given roots, dispatched. One dispatch handles a bounded
 * number of events and then a slice of whatever else waits; everything it leaves shows in
 * ctx_watch_next_us(). The loop's thread.
 */
#include "watch/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "watch/inotify.h"
#include "watch/limit.h"
#include "watch/state.h"

enum {
    EVENTS_AT_ONCE = 4096,         /* handled in one dispatch */
    REOPEN_LEAST_US = 1000 * 1000, /* until inotify is tried again, first and at last */
    REOPEN_MOST_US = 60 * 1000 * 1000,
    DOOM_US = 1000,       /* spent on freeing in one dispatch */
    DRAIN_US = 10 * 1000, /* spent on events in one dispatch */
};

/* Opens inotify, or notes why not, and when to try again. */
static void open_inotify(struct ctx_watch *watch)
{
    struct ctx_error error = { "" };
    int r = ctx_inotify_open(&watch->fd, &error);
    watch->points.enabled = r == 0;
    free(watch->no_inotify);
    watch->no_inotify = r < 0 ? strdup(error.text) : NULL;
    if (r == 0) {
        ctx_cookies_arm(watch);
        return;
    }
    watch->reopen_step_us = watch->reopen_step_us ? watch->reopen_step_us * 2 : REOPEN_LEAST_US;
    if (watch->reopen_step_us > REOPEN_MOST_US)
        watch->reopen_step_us = REOPEN_MOST_US;
    watch->reopen_us = watch->now_us + watch->reopen_step_us;
}

/* Polling wakes up often enough; its rounds then find that each directory can be watched. */
static void reopen_inotify(struct ctx_watch *watch)
{
    if (watch->points.enabled || watch->options.poll || watch->now_us < watch->reopen_us)
        return;
    open_inotify(watch);
    if (watch->points.enabled)
        ctx_roots_arm(watch);
}

int ctx_watch_new(const struct ctx_watch_options *options, const struct ctx_watch_handler *handler,
                  struct ctx_watch **ret_watch, struct ctx_error *error)
{
    struct ctx_watch *watch = calloc(1, sizeof(*watch));
    if (!watch)
        return ctx_error_set(error, -ENOMEM, "watcher: %s", ctx_error_name(-ENOMEM));
    watch->options = *options;
    watch->options.cookie_dir = NULL; /* borrowed for the call */
    watch->handler = *handler;
    watch->fd = -1;
    watch->now_us = ctx_watch_clock_us();
    watch->poller.next_us = UINT64_MAX;
    watch->reconcile.seed = (uint32_t)watch->now_us ^ (uint32_t)getpid();
    ctx_reconcile_schedule(watch);
    if (ctx_cookies_init(watch, options->cookie_dir) < 0 || ctx_scan_init(watch) < 0) {
        ctx_watch_free(watch);
        return ctx_error_set(error, -ENOMEM, "watcher: %s", ctx_error_name(-ENOMEM));
    }
    if (!options->poll)
        open_inotify(watch);
    *ret_watch = watch;
    return 0;
}

/* Takes down what a root has, but not the root. */
static void clear_root(struct ctx_watch *watch, struct ctx_root *root)
{
    ctx_moves_expire(watch, root, true);
    if (root->top)
        ctx_doom(watch, root->top);
    ctx_doom_run(watch, UINT64_MAX); /* the rules that layers borrow end here */
}

void ctx_watch_free(struct ctx_watch *watch)
{
    if (!watch)
        return;
    while (watch->roots) {
        struct ctx_root *root = watch->roots;
        clear_root(watch, root);
        DL_DELETE(watch->roots, root);
        ctx_root_free(root);
    }
    ctx_cookies_deinit(watch);
    ctx_moves_deinit(watch);
    ctx_scan_deinit(watch);
    ctx_poll_deinit(watch);
    ctx_table_deinit(&watch->children);
    ctx_points_deinit(&watch->points);
    if (watch->fd >= 0)
        ctx_inotify_close();
    free(watch->no_inotify);
    free(watch);
}

static struct ctx_root *find_root(const struct ctx_watch *watch, uint32_t number)
{
    struct ctx_root *root = watch->roots;
    while (root && root->number != number)
        root = root->next;
    return root;
}

int ctx_watch_add_root(struct ctx_watch *watch, uint32_t number, const char *path,
                       const struct ctx_ignore_rules *rules, struct ctx_error *error)
{
    struct ctx_root *root;
    if (find_root(watch, number))
        return ctx_error_set(error, -EEXIST, "%s: root %u is there already", path, number);
    int r = ctx_root_new(watch, number, path, rules, &root);
    if (r < 0)
        return ctx_error_set(error, r, "%s: %s", path, ctx_error_name(r));
    DL_APPEND(watch->roots, root);
    root->unsure = true; /* looked at by the next dispatch */
    return 0;
}

void ctx_watch_remove_root(struct ctx_watch *watch, uint32_t number)
{
    struct ctx_root *root = find_root(watch, number);
    if (!root)
        return;
    clear_root(watch, root);
    DL_DELETE(watch->roots, root);
    ctx_root_free(root);
}

void ctx_watch_expect_device(struct ctx_watch *watch, uint32_t number, dev_t device)
{
    struct ctx_root *root = find_root(watch, number);
    if (!root || root->known)
        return;
    root->dev = device;
    root->known = true;
}

void ctx_watch_set_options(struct ctx_watch *watch, const struct ctx_watch_options *options)
{
    watch->options.poll_interval_ms = options->poll_interval_ms;
    watch->options.reconcile_s = options->reconcile_s;
    ctx_reconcile_schedule(watch);
}

int ctx_watch_get_fd(const struct ctx_watch *watch)
{
    return watch->fd;
}

void ctx_watch_hold(struct ctx_watch *watch, bool hold)
{
    watch->scanner.held = hold;
}

uint64_t ctx_watch_next_us(const struct ctx_watch *watch)
{
    if (watch->more || watch->doomed || (!watch->scanner.held && ctx_scan_waiting(watch)))
        return 0;
    const uint64_t due[] = { ctx_roots_next_us(watch), ctx_moves_next_us(watch),
                             ctx_sweeps_next_us(watch), watch->poller.next_us };
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < CTX_ARRAY_LEN(due); i++) {
        if (due[i] < next)
            next = due[i];
    }
    return next;
}

static void drain(struct ctx_watch *watch)
{
    struct ctx_inotify_event event;
    uint64_t until = ctx_watch_clock_us() + DRAIN_US;
    watch->more = watch->points.enabled;
    for (unsigned n = 0; watch->more && n < EVENTS_AT_ONCE; n++) {
        if (n % 64 == 63 && ctx_watch_clock_us() >= until)
            return;
        watch->more = ctx_inotify_next(&event);
        if (!watch->more)
            return;
        ctx_event_handle(watch, &event);
        ctx_roots_run(watch); /* a root that moved away is not followed */
    }
}

void ctx_watch_dispatch(struct ctx_watch *watch, uint64_t now_us)
{
    if (now_us > watch->now_us)
        watch->now_us = now_us;
    reopen_inotify(watch);
    ctx_roots_run(watch);
    drain(watch);
    ctx_moves_expire(watch, NULL, false);
    ctx_doom_run(watch, ctx_watch_clock_us() + DOOM_US);
    ctx_poll_run(watch);
    ctx_sweeps_run(watch);
    ctx_scan_run(watch);
    ctx_roots_run(watch); /* before a sweep is ended: it may be of a root that is gone */
    ctx_sweeps_run(watch);
    ctx_poll_run(watch);
    ctx_cookies_run(watch);
    ctx_roots_report(watch);
    ctx_roots_close(watch);
}

void ctx_watch_rescan(struct ctx_watch *watch, uint32_t number)
{
    struct ctx_root *root = find_root(watch, number);
    if (!root)
        return;
    root->unsure = true;
    ctx_sweep_request(root, root->top, 0);
}

void ctx_watch_recheck(struct ctx_watch *watch, uint32_t number)
{
    struct ctx_root *root = find_root(watch, number);
    if (root)
        root->unsure = true;
}

void ctx_watch_root_stats(const struct ctx_watch *watch, uint32_t number,
                          struct ctx_watch_root_stats *ret_stats)
{
    const struct ctx_root *root = find_root(watch, number);
    *ret_stats = (struct ctx_watch_root_stats){ 0 };
    if (!root)
        return;
    ret_stats->watches = root->watched;
    ret_stats->unreadable_directories = root->denied;
    for (size_t i = 0; i < CTX_POLL_REASONS; i++)
        ret_stats->polled_directories += root->polled[i];
}

void ctx_watch_stats(const struct ctx_watch *watch, struct ctx_watch_stats *ret_stats)
{
    *ret_stats = (struct ctx_watch_stats){
        .watches = watch->watched,
        .polled_directories = watch->poller.n,
        .directories = watch->directories,
        .events_total = watch->events_total,
        .overflow_total = watch->overflow_total,
        .reconciles_total = watch->reconciles_total,
    };
    (void)ctx_limit_stats(watch, ret_stats);
}
