/*
 * sync: the barrier. When no source is being opened or leaves, a cookie goes through the watcher's queue, so that every event before it has
 * been seen; then the coalescer gives up what it holds; then the engine's barrier waits until all
 * of that is on disk. A document that turned out to be gone, or unsettled, on the way is held by
 * the coalescer anew: then the last two steps are gone through again. Runs on the loop.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "daemon/log.h"
#include "daemon/state.h"

/* Rounds after which files that never settle are left as they are. */
enum { ROUNDS_MAX = 5 };

struct ctx_sync {
    struct ctx_sync *next;
    struct ctx_daemon *daemon;
    bool index;
    bool waits;        /* for the sources to settle, for a rebuild to be enqueued */
    uint64_t cookie;   /* awaited; 0: seen */
    int64_t ticket;    /* of the engine's barrier; 0: none */
    uint64_t vanished; /* daemon->vanished when the barrier was made */
    int rounds;
    ctx_daemon_done_fn done;
    void *data;
    ev_timer timeout;
};

static void unlink_sync(struct ctx_sync *sync)
{
    struct ctx_sync **link = &sync->daemon->syncs;
    while (*link != sync)
        link = &(*link)->next;
    *link = sync->next;
    ev_timer_stop(sync->daemon->loop, &sync->timeout);
    if (sync->ticket > 0)
        ctx_engine_barrier_cancel(sync->daemon->engine, sync->ticket);
}

static void end(struct ctx_sync *sync, int code, const struct ctx_error *error)
{
    struct ctx_daemon *daemon = sync->daemon;
    unlink_sync(sync);
    sync->done(sync->data, code, code < 0 ? NULL : ctx_daemon_unsynced(daemon, CTX_LISTED), error);
    free(sync);
}

static void make_barrier(struct ctx_sync *sync);

static void fail_index(struct ctx_sync *sync, int code)
{
    struct ctx_error error;
    ctx_error_set(&error, code,
                  "the index cannot be written: %s; free space or give permission, the daemon goes "
                  "on trying: see contextor status",
                  ctx_error_name(code));
    end(sync, code, &error);
}

static void on_barrier(void *data, int code)
{
    struct ctx_sync *sync = data;
    sync->ticket = 0;
    if (code == 0 && sync->vanished != sync->daemon->vanished && ++sync->rounds < ROUNDS_MAX)
        make_barrier(sync);
    else if (code < 0)
        fail_index(sync, code);
    else
        end(sync, code, NULL);
}

static void make_barrier(struct ctx_sync *sync)
{
    struct ctx_daemon *daemon = sync->daemon;
    ctx_daemon_release(daemon, true);
    sync->vanished = daemon->vanished;
    int64_t ticket = ctx_engine_barrier(daemon->engine, sync->index, on_barrier, sync);
    if (ticket < 0)
        end(sync, (int)ticket, NULL);
    else if (ticket > 0) /* else on_barrier() ran, and the sync may be gone */
        sync->ticket = ticket;
}

static struct ctx_sync *find_seen(struct ctx_daemon *daemon, uint64_t number)
{
    for (struct ctx_sync *sync = daemon->syncs; sync; sync = sync->next)
        if (sync->cookie > 0 && sync->cookie <= number)
            return sync;
    return NULL;
}

void ctx_daemon_sync_cookie(struct ctx_daemon *daemon, uint64_t number)
{
    struct ctx_sync *sync;
    while ((sync = find_seen(daemon, number))) { /* a barrier may end this sync, and others */
        sync->cookie = 0;
        make_barrier(sync);
    }
}

static void on_timeout(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    end(timer->data, -ETIMEDOUT, NULL);
}

int ctx_daemon_sync_prepare(struct ctx_daemon *daemon)
{
    int r = ctx_file_mkdirs(daemon->cookie_dir, 0700);
    if (r < 0)
        ctx_log(CTX_LOG_WARNING, "%s: cannot be made: %s: sync will not work", daemon->cookie_dir,
                ctx_error_name(r));
    return r;
}

/* The first step, when sources are settled. */
static int make_cookie(struct ctx_sync *sync, struct ctx_error *error)
{
    struct ctx_daemon *daemon = sync->daemon;
    sync->waits = !ctx_daemon_is_settled(daemon) || daemon->rebuilds;
    if (sync->waits)
        return 0;
    int r = ctx_watch_cookie(daemon->watch, &sync->cookie, NULL);
    if (r == -ENOENT && ctx_daemon_sync_prepare(daemon) == 0)
        r = ctx_watch_cookie(daemon->watch, &sync->cookie, NULL);
    if (r < 0)
        ctx_error_set(error, r,
                      "%.900s: no barrier can be made here: %s; see to it that "
                      "contextord can make and write this directory",
                      daemon->cookie_dir, ctx_error_name(r));
    return r;
}

void ctx_daemon_sync_again(struct ctx_daemon *daemon)
{
    for (struct ctx_sync *sync = daemon->syncs; sync; sync = sync->next) {
        if (sync->ticket > 0)
            ctx_engine_barrier_cancel(daemon->engine, sync->ticket);
        sync->ticket = 0;
        sync->cookie = 0;
        sync->waits = true;
    }
}

void ctx_daemon_sync_go_on(struct ctx_daemon *daemon)
{
    struct ctx_sync *next;
    for (struct ctx_sync *sync = daemon->syncs; sync; sync = next) {
        struct ctx_error error = { "" };
        next = sync->next;
        int r = sync->waits ? make_cookie(sync, &error) : 0;
        if (r < 0)
            end(sync, r, &error);
    }
}

int ctx_daemon_sync(struct ctx_daemon *daemon, bool index, unsigned timeout_ms,
                    ctx_daemon_done_fn done, void *data, struct ctx_error *error)
{
    if (daemon->paused)
        return -EBUSY;
    if (daemon->stopping)
        return -ECANCELED;
    struct ctx_sync *sync = calloc(1, sizeof(*sync));
    if (!sync)
        return -ENOMEM;
    *sync = (struct ctx_sync){
        .next = daemon->syncs,
        .daemon = daemon,
        .index = index,
        .done = done,
        .data = data,
    };
    int r = make_cookie(sync, error);
    if (r < 0) {
        free(sync);
        return r;
    }
    daemon->syncs = sync;
    daemon->syncs_total++;
    ev_timer_init(&sync->timeout, on_timeout, timeout_ms / 1000.0, 0);
    sync->timeout.data = sync;
    ev_timer_start(daemon->loop, &sync->timeout);
    ctx_daemon_turn(daemon);
    return 0;
}

void ctx_daemon_sync_fail(struct ctx_daemon *daemon, int code)
{
    while (daemon->syncs)
        end(daemon->syncs, code, NULL);
}

void ctx_daemon_sync_cancel(struct ctx_daemon *daemon, const void *data)
{
    struct ctx_sync *next;
    for (struct ctx_sync *sync = daemon->syncs; sync; sync = next) {
        next = sync->next;
        if (sync->data != data)
            continue;
        unlink_sync(sync);
        free(sync);
    }
}
