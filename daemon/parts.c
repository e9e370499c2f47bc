/*
 * The parts that the daemon wires: watcher, coalescer and engine, made as the configuration says, and
 * told when it says otherwise. Runs on the loop.
 */
#include <errno.h>

#include "daemon/log.h"
#include "daemon/state.h"

/* Waits for the watcher's events, as soon as it has a descriptor. */
void ctx_daemon_listen_to_watch(struct ctx_daemon *daemon)
{
    int fd = ctx_watch_get_fd(daemon->watch);
    if (fd < 0 || ev_is_active(&daemon->watch_io))
        return;
    ev_io_set(&daemon->watch_io, fd, EV_READ);
    ev_io_start(daemon->loop, &daemon->watch_io);
}

static int new_engine(struct ctx_daemon *daemon, struct ctx_error *error)
{
    const struct ctx_engine_options options = {
        .performance = &daemon->shared->config.performance,
        .worker_program = daemon->worker_program,
        .workers_at_once = true,
        .keep_failures = true,
        .source_date_epoch = daemon->source_date_epoch,
        .event = ctx_daemon_on_event,
        .vanished = ctx_daemon_on_vanished,
        .unsettled = ctx_daemon_on_unsettled,
        .data = daemon,
    };
    int r = ctx_engine_new(&options, &daemon->engine, error);
    if (r < 0)
        return r;
    ev_io_set(&daemon->engine_io, ctx_engine_get_fd(daemon->engine), EV_READ);
    ev_io_start(daemon->loop, &daemon->engine_io);
    ctx_daemon_warn_degraded(daemon);
    return 0;
}

static void free_engine(struct ctx_daemon *daemon)
{
    if (!daemon->engine)
        return;
    ev_io_stop(daemon->loop, &daemon->engine_io);
    ctx_engine_free(daemon->engine);
    daemon->engine = NULL;
    daemon->n_degraded = 0;
}

static struct ctx_watch_options watch_options(const struct ctx_daemon *daemon)
{
    const struct ctx_watching *watching = &daemon->shared->config.watching;
    return (struct ctx_watch_options){
        .poll = watching->poll,
        .poll_interval_ms = watching->poll_interval_ms,
        .reconcile_s = watching->reconcile_s,
        .cookie_dir = daemon->cookie_dir,
    };
}

static int new_watch(struct ctx_daemon *daemon, struct ctx_error *error)
{
    struct ctx_watch_handler handler = ctx_daemon_watch_handler;
    const struct ctx_watch_options options = watch_options(daemon);
    handler.data = daemon;
    int r = ctx_watch_new(&options, &handler, &daemon->watch, error);
    if (r < 0)
        return r;
    ctx_daemon_listen_to_watch(daemon);
    return 0;
}

static void free_watch(struct ctx_daemon *daemon)
{
    if (!daemon->watch)
        return;
    ev_io_stop(daemon->loop, &daemon->watch_io);
    ctx_watch_free(daemon->watch);
    daemon->watch = NULL;
}

static struct ctx_coalescer_options coalescer_options(const struct ctx_daemon *daemon)
{
    const struct ctx_watching *watching = &daemon->shared->config.watching;
    return (struct ctx_coalescer_options){
        .settle_us = (uint64_t)watching->settle_ms * 1000,
        .max_wait_us = (uint64_t)watching->max_wait_ms * 1000,
        .delete_grace_us = (uint64_t)watching->delete_grace_ms * 1000,
        .lock_quiet_us = 200 * 1000,
        .lock_most_us = 30 * 1000 * 1000,
        .burst = 32,
    };
}

static int new_coalescer(struct ctx_daemon *daemon, struct ctx_error *error)
{
    const struct ctx_coalescer_options options = coalescer_options(daemon);
    if (ctx_coalescer_new(&options, &daemon->coalescer) < 0)
        return ctx_error_set(error, -ENOMEM, "out of memory");
    return 0;
}

int ctx_daemon_tune(struct ctx_daemon *daemon, bool other_watcher, struct ctx_error *error)
{
    const struct ctx_coalescer_options coalescer = coalescer_options(daemon);
    const struct ctx_watch_options watch = watch_options(daemon);
    ctx_coalescer_set_options(daemon->coalescer, &coalescer);
    if (ctx_engine_set_performance(daemon->engine, &daemon->shared->config.performance) < 0)
        return ctx_error_set(error, -ENOMEM, "out of memory");
    if (!other_watcher) {
        ctx_watch_set_options(daemon->watch, &watch);
        return 0;
    }
    free_watch(daemon); /* all of its roots left */
    return new_watch(daemon, error);
}

int ctx_daemon_parts_new(struct ctx_daemon *daemon, struct ctx_error *error)
{
    int r = new_watch(daemon, error);
    if (r == 0)
        r = new_coalescer(daemon, error);
    if (r == 0)
        r = new_engine(daemon, error);
    return r;
}

void ctx_daemon_parts_free(struct ctx_daemon *daemon)
{
    free_engine(daemon);
    ctx_coalescer_free(daemon->coalescer);
    free_watch(daemon);
}
