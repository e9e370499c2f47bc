/*
 * Sweeps and when they run. Overflows in quick succession hold each other off, up to two seconds,
 * so that a storm of events does not become a storm of reconciling. The loop's thread.
 */
#include "watch/sweep.h"

#include <stdlib.h>
#include <string.h>

#include "watch/state.h"

enum {
    STEP_LEAST_US = 125 * 1000,
    STEP_MOST_US = 2000 * 1000,
    CALM_US = 5000 * 1000, /* so long without an overflow, and the next is acted on at once */
};

uint64_t ctx_sweeps_ticket(struct ctx_watch *watch)
{
    return ++watch->reconcile.tickets;
}

bool ctx_sweeps_done(const struct ctx_watch *watch, uint64_t ticket)
{
    for (const struct ctx_root *root = watch->roots; root; root = root->next) {
        const struct ctx_sweep *sweep = &root->sweep;
        if ((sweep->running && sweep->ticket < ticket) ||
            (sweep->wanted && sweep->wanted_ticket < ticket))
            return false;
    }
    return true;
}

void ctx_sweep_request(struct ctx_root *root, struct ctx_dir *dir, uint64_t due_us)
{
    struct ctx_sweep *sweep = &root->sweep;
    if (!dir || !ctx_dir_attached(dir))
        return;
    if (!sweep->wanted) {
        sweep->wanted = true;
        sweep->wanted_ticket = ctx_sweeps_ticket(root->watch);
        sweep->dir = dir;
        sweep->wanted_due_us = due_us;
        return;
    }
    sweep->dir = ctx_dir_attached(sweep->dir) ? ctx_dir_common(sweep->dir, dir) : dir;
    if (due_us < sweep->wanted_due_us)
        sweep->wanted_due_us = due_us;
}

void ctx_sweep_forget(struct ctx_root *root, const struct ctx_dir *dir)
{
    if (root->sweep.wanted && root->sweep.dir == dir) {
        root->sweep.wanted = false;
        root->sweep.dir = NULL;
    }
}

void ctx_sweep_abandon(struct ctx_root *root)
{
    free(root->sweep.path);
    root->sweep = (struct ctx_sweep){ 0 };
}

static void begin(struct ctx_root *root)
{
    struct ctx_watch *watch = root->watch;
    struct ctx_sweep *sweep = &root->sweep;
    struct ctx_dir *dir = sweep->dir;
    const char *path = ctx_dir_path(dir, NULL, watch->path);
    sweep->path = path ? strdup(path) : NULL;
    sweep->wanted = false;
    sweep->dir = NULL;
    if (!sweep->path)
        return;
    sweep->running = true;
    sweep->ticket = sweep->wanted_ticket;
    root->warnings = 0;
    dir->layer_id = 0; /* ignore files are read again on the way down */
    watch->handler.scan_begin(watch->handler.data, root->number, sweep->path);
    ctx_scan_queue(watch, dir, CTX_SCAN_DEEP, false);
}

static void end(struct ctx_root *root)
{
    struct ctx_watch *watch = root->watch;
    struct ctx_sweep *sweep = &root->sweep;
    sweep->running = false;
    if (*sweep->path == '\0') {
        root->complete = true;
        root->dirty = true;
    }
    watch->handler.scan_end(watch->handler.data, root->number, sweep->path);
    free(sweep->path);
    sweep->path = NULL;
}

void ctx_sweeps_run(struct ctx_watch *watch)
{
    if (watch->now_us >= watch->reconcile.next_us) {
        ctx_reconcile_request(watch, 0);
        ctx_reconcile_schedule(watch);
    }
    for (struct ctx_root *root = watch->roots; root; root = root->next) {
        struct ctx_sweep *sweep = &root->sweep;
        if (sweep->running && root->pending == 0)
            end(root);
        if (!sweep->wanted || sweep->running || watch->now_us < sweep->wanted_due_us)
            continue;
        if (sweep->dir && ctx_dir_attached(sweep->dir))
            begin(root);
        else
            sweep->wanted = false;
    }
}

uint64_t ctx_sweeps_next_us(const struct ctx_watch *watch)
{
    uint64_t next = watch->reconcile.next_us;
    for (const struct ctx_root *root = watch->roots; root; root = root->next) {
        const struct ctx_sweep *sweep = &root->sweep;
        if (sweep->wanted && !sweep->running && sweep->wanted_due_us < next)
            next = sweep->wanted_due_us;
        if (sweep->running && root->pending == 0)
            next = 0;
    }
    return next;
}

void ctx_reconcile_request(struct ctx_watch *watch, uint64_t due_us)
{
    bool joined = watch->roots != NULL;
    for (struct ctx_root *root = watch->roots; root; root = root->next) {
        joined = joined && root->sweep.wanted;
        root->unsure = true;
        ctx_sweep_request(root, root->top, due_us);
    }
    if (!joined)
        watch->reconciles_total++;
}

void ctx_reconcile_stray(struct ctx_watch *watch)
{
    ctx_reconcile_request(watch, watch->now_us + STEP_MOST_US);
}

void ctx_reconcile_overflow(struct ctx_watch *watch)
{
    struct ctx_reconcile *reconcile = &watch->reconcile;
    bool calm = watch->now_us - reconcile->last_overflow_us > CALM_US;
    uint64_t step = reconcile->step_us ? reconcile->step_us * 2 : STEP_LEAST_US;
    reconcile->step_us = calm || !reconcile->last_overflow_us ? 0 : step;
    if (reconcile->step_us > STEP_MOST_US)
        reconcile->step_us = STEP_MOST_US;
    reconcile->last_overflow_us = watch->now_us;
    watch->overflow_total++;
    watch->handler.overflow(watch->handler.data);
    ctx_points_purge(&watch->points);
    ctx_moves_expire(watch, NULL, true);
    ctx_cookies_overflow(watch);
    ctx_reconcile_request(watch, watch->now_us + reconcile->step_us);
}

void ctx_reconcile_schedule(struct ctx_watch *watch)
{
    struct ctx_reconcile *reconcile = &watch->reconcile;
    uint64_t period = (uint64_t)watch->options.reconcile_s * 1000000;
    /* A tenth of jitter, so that many daemons do not walk their trees at the same moment. */
    reconcile->seed = reconcile->seed * 1664525 + 1013904223;
    uint64_t jitter = period / 5 * (reconcile->seed >> 8) / (1U << 24);
    reconcile->next_us = period ? watch->now_us + period - period / 10 + jitter : UINT64_MAX;
}
