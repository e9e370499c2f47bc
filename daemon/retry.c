/*
 * Documents that are stuck, since space, permission or the like is wanting, and nobody would say
 * when there is some: they are tried again by themselves, a few at first and less and less often;
 * all of them, as soon as one succeeds. An output that was removed is opened anew. Runs on the loop.
 */
#include "base/clock.h"
#include "daemon/log.h"
#include "daemon/state.h"

/* Seconds between two attempts, at first and at last. */
#define STEP_LEAST 1.
#define STEP_MOST 60.

/* Documents of a source that are tried while none succeeds. */
enum { PROBES = 16 };

/* Tries again in so many seconds; never so soon that attempts would overtake one another. */
static void schedule(struct ctx_daemon *daemon, double step_s)
{
    daemon->retry.step_s = step_s < STEP_MOST ? step_s : STEP_MOST;
    ev_timer_set(&daemon->retry.timer, daemon->retry.step_s, 0.);
    ev_timer_start(daemon->loop, &daemon->retry.timer);
}

static size_t stuck_of(const struct ctx_daemon *daemon, const struct ctx_mount *mount)
{
    struct ctx_source_stats stats = { 0 };
    if (mount->stage == CTX_MOUNT_UP)
        ctx_engine_source_stats(daemon->engine, mount->number, &stats);
    return stats.stuck;
}

static size_t count_stuck(const struct ctx_daemon *daemon)
{
    size_t n = 0;
    for (size_t i = 0; i < daemon->n_mounts; i++)
        n += stuck_of(daemon, daemon->mounts[i]);
    return n;
}

static void retry_mount(struct ctx_daemon *daemon, struct ctx_mount *mount, size_t most)
{
    if (ctx_engine_output_in_place(daemon->engine, mount->number)) {
        ctx_engine_retry(daemon->engine, mount->number, most, ctx_clock_monotonic_us());
        return;
    }
    ctx_log(CTX_LOG_WARNING, "%s: %s was removed: making it anew", mount->source->name,
            mount->source->output);
    ctx_daemon_mount_again(daemon, mount);
}

static void on_retry(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    struct ctx_daemon *daemon = timer->data;
    size_t before = daemon->retry.stuck;
    size_t stuck = count_stuck(daemon);
    bool recovers = stuck < before;
    daemon->retry.stuck = stuck;
    if (stuck == 0) {
        daemon->retry.step_s = 0;
        return;
    }
    for (size_t i = 0; !daemon->paused && i < daemon->n_mounts; i++)
        if (stuck_of(daemon, daemon->mounts[i]) > 0)
            retry_mount(daemon, daemon->mounts[i], recovers ? SIZE_MAX : PROBES);
    schedule(daemon, recovers ? STEP_LEAST : daemon->retry.step_s * 2);
    ctx_daemon_turn(daemon);
}

void ctx_daemon_retry_init(struct ctx_daemon *daemon)
{
    ev_timer_init(&daemon->retry.timer, on_retry, 0., 0.);
    daemon->retry.timer.data = daemon;
}

void ctx_daemon_retry_later(struct ctx_daemon *daemon)
{
    if (daemon->retry.step_s == 0 && !daemon->stopping && count_stuck(daemon) > 0)
        schedule(daemon, STEP_LEAST);
}
