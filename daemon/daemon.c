/*
 * The daemon: wires the watcher, the coalescer, the engine and the control server on one libev
 * loop. Reading this file is reading the architecture:
 *
 *   inotify → watcher → intake → coalescer → engine (queue → pool → recorder) → events → server
 *
 * Everything here runs on the loop's thread, and nothing here blocks: sources are opened and closed
 * on the recorder's thread, and stopping waits for work in flight by going on with the loop.
 */
#include "daemon/daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "daemon/control.h"
#include "daemon/log.h"
#include "daemon/run.h"
#include "daemon/service.h"
#include "daemon/state.h"

static uint64_t next_due_us(const struct ctx_daemon *daemon)
{
    uint64_t watch = ctx_watch_next_us(daemon->watch);
    uint64_t held = daemon->rebuilds ? 0 : ctx_coalescer_next_us(daemon->coalescer);
    return watch < held ? watch : held;
}

static void set_timer(struct ctx_daemon *daemon)
{
    uint64_t due_us = next_due_us(daemon);
    uint64_t now_us = ctx_clock_monotonic_us();
    ev_timer_stop(daemon->loop, &daemon->due);
    if (due_us == UINT64_MAX || daemon->stopping)
        return;
    ev_now_update(daemon->loop);
    double seconds = due_us > now_us ? (double)(due_us - now_us) / 1e6 : 0.;
    ev_timer_set(&daemon->due, seconds, 0.);
    ev_timer_start(daemon->loop, &daemon->due);
}

static bool all_scanned(const struct ctx_daemon *daemon)
{
    for (size_t i = 0; i < daemon->n_mounts; i++) {
        const struct ctx_mount *mount = daemon->mounts[i];
        bool up = mount->stage == CTX_MOUNT_UP;
        if (up && !mount->scanned && mount->state != CTX_ROOT_MISSING)
            return false;
    }
    return ctx_daemon_is_settled(daemon);
}

/* The line of `systemctl status`; true while start-up or stopping still takes time. */
static bool describe(void *data, char *text, size_t size)
{
    struct ctx_daemon *daemon = data;
    const uint64_t *values = ctx_daemon_metrics(daemon)->values;
    snprintf(text, size, "%s: %" PRIu64 " documents, %" PRIu64 " failed, %" PRIu64 " waiting",
             ctx_daemon_state_name(daemon), values[CTX_METRIC_DOCUMENTS],
             values[CTX_METRIC_DOCUMENTS_FAILED],
             values[CTX_METRIC_QUEUE_WAITING] + values[CTX_METRIC_IN_FLIGHT]);
    return !daemon->ready || daemon->stopping;
}

static void publish_state(struct ctx_daemon *daemon)
{
    ctx_control_publish_state(daemon->control, NULL, ctx_daemon_state_name(daemon), NULL);
}

static void on_first_build(void *data, int code)
{
    struct ctx_daemon *daemon = data;
    daemon->build = 0;
    daemon->ready = true;
    malloc_trim(0); /* what the first build held; most of it is never needed again */
    if (code < 0)
        ctx_log(CTX_LOG_ERROR, "the index could not be written: %s", ctx_error_name(code));
    const uint64_t *values = ctx_daemon_metrics(daemon)->values;
    ctx_log(CTX_LOG_INFO, "ready: %" PRIu64 " documents of %zu source%s, %" PRIu64 " failed",
            values[CTX_METRIC_DOCUMENTS], daemon->n_mounts, daemon->n_mounts == 1 ? "" : "s",
            values[CTX_METRIC_DOCUMENTS_FAILED]);
    ctx_supervision_tell(&daemon->supervision);
    ctx_service_ready();
    publish_state(daemon);
}

/* READY when every root was scanned once and what was found is built. */
static void check_ready(struct ctx_daemon *daemon)
{
    if (daemon->ready || daemon->build > 0 || daemon->stopping || !all_scanned(daemon))
        return;
    int64_t ticket = ctx_engine_barrier(daemon->engine, true, on_first_build, daemon);
    if (ticket > 0) /* else on_first_build() ran, or memory is out and the next turn tries again */
        daemon->build = ticket;
}

static void await_build(struct ctx_daemon *daemon)
{
    if (daemon->build > 0)
        ctx_engine_barrier_cancel(daemon->engine, daemon->build);
    daemon->build = 0;
    daemon->ready = false;
}

void ctx_daemon_turn(struct ctx_daemon *daemon)
{
    uint64_t now_us = ctx_clock_monotonic_us();
    if (ctx_coalescer_next_us(daemon->coalescer) <= now_us)
        ctx_daemon_release(daemon, false);
    ctx_daemon_rebuild_step(daemon);
    ctx_engine_dispatch(daemon->engine, now_us);
    if (all_scanned(daemon)) /* sources that are opened one after the other are built in one run */
        ctx_daemon_end_run(daemon);
    check_ready(daemon);
    set_timer(daemon);
}

static void watch_turn(struct ctx_daemon *daemon)
{
    daemon->watch_held = !ctx_engine_has_room(daemon->engine);
    ctx_watch_hold(daemon->watch, daemon->watch_held);
    if (!daemon->stopping)
        ctx_watch_dispatch(daemon->watch, ctx_clock_monotonic_us());
    ctx_daemon_listen_to_watch(daemon);
    ctx_daemon_turn(daemon);
}

static void on_watch(struct ev_loop *loop, ev_io *io, int events)
{
    (void)loop;
    (void)events;
    watch_turn(io->data);
}

static void on_due(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    watch_turn(timer->data);
}

static void on_engine(struct ev_loop *loop, ev_io *io, int events)
{
    (void)loop;
    (void)events;
    struct ctx_daemon *daemon = io->data;
    ctx_daemon_turn(daemon);
    if (daemon->watch_held && ctx_engine_has_room(daemon->engine))
        watch_turn(daemon);
}

static void on_reopen(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    ctx_daemon_mounts_retry(timer->data);
    watch_turn(timer->data);
}

void ctx_daemon_mounts_changed(struct ctx_daemon *daemon)
{
    if (!daemon->stopping && !all_scanned(daemon))
        await_build(daemon);
    if (!ctx_daemon_is_settled(daemon))
        ctx_daemon_sync_again(daemon);
    ctx_daemon_mounts_run(daemon);
    watch_turn(daemon);
}

void ctx_daemon_settled(struct ctx_daemon *daemon)
{
    if (daemon->stopping) {
        ev_break(daemon->loop, EVBREAK_ALL);
        return;
    }
    ctx_daemon_sync_go_on(daemon);
    ctx_control_go_on(daemon->control);
}

/* What is in flight ends, and every source is closed; then the loop ends, too. */
static void on_stop_signal(struct ev_loop *loop, ev_signal *signal, int events)
{
    (void)loop;
    (void)events;
    struct ctx_daemon *daemon = signal->data;
    if (daemon->stopping)
        _exit(CTX_DAEMON_EXIT_KILLED); /* asked twice: at once */
    daemon->stopping = true;
    ctx_log(CTX_LOG_INFO, "stopping");
    ctx_service_stopping();
    ctx_supervision_tell(&daemon->supervision);
    ctx_daemon_sync_fail(daemon, -ECANCELED);
    ctx_control_give_up(daemon->control);
    publish_state(daemon);
    ctx_daemon_mounts_dismiss(daemon);
    ctx_daemon_mounts_changed(daemon);
}

static void on_reload_signal(struct ev_loop *loop, ev_signal *signal, int events)
{
    (void)loop;
    (void)events;
    struct ctx_error error;
    (void)ctx_daemon_reload(signal->data, &error); /* which is in the log */
}

static void init_events(struct ctx_daemon *daemon)
{
    ctx_daemon_retry_init(daemon);
    ev_io_init(&daemon->watch_io, on_watch, -1, EV_READ);
    ev_io_init(&daemon->engine_io, on_engine, -1, EV_READ);
    daemon->watch_io.data = daemon->engine_io.data = daemon;
    ev_timer_init(&daemon->due, on_due, 0., 0.);
    ev_timer_init(&daemon->reopen, on_reopen, 0., 0.);
    ev_signal_init(&daemon->sigterm, on_stop_signal, SIGTERM);
    ev_signal_init(&daemon->sigint, on_stop_signal, SIGINT);
    ev_signal_init(&daemon->sighup, on_reload_signal, SIGHUP);
    daemon->due.data = daemon->reopen.data = daemon;
    daemon->sigterm.data = daemon->sigint.data = daemon->sighup.data = daemon;
    ev_signal_start(daemon->loop, &daemon->sigterm);
    ev_signal_start(daemon->loop, &daemon->sigint);
    ev_signal_start(daemon->loop, &daemon->sighup);
}

static int new_control(struct ctx_daemon *daemon, const struct ctx_daemon_options *options,
                       struct ctx_error *error)
{
    const struct ctx_control_options control = {
        .daemon = daemon,
        .socket_path = options->socket_path,
        .listen_fd = options->listen_fd,
        .system = options->system,
    };
    int r = ctx_control_new(daemon->loop, &control, &daemon->control, error);
    if (r == 0)
        ctx_log(CTX_LOG_INFO, "listening on %s",
                options->listen_fd < 0 ? options->socket_path : "the service manager's socket");
    return r;
}

/* What is wrong with a configuration was logged, each mistake on a line of its own. */
static int read_first_config(struct ctx_daemon *daemon, struct ctx_error *error)
{
    int r = ctx_daemon_read_config(daemon, &daemon->shared, error);
    if (r == -EINVAL)
        error->text[0] = '\0';
    return r;
}

static int start(struct ctx_daemon *daemon, const struct ctx_daemon_options *options,
                 struct ctx_error *error)
{
    int r = read_first_config(daemon, error);
    if (r == 0)
        r = new_control(daemon, options, error); /* first: it says when another daemon runs */
    if (r == 0)
        (void)ctx_daemon_sync_prepare(daemon);
    if (r == 0)
        r = ctx_daemon_parts_new(daemon, error);
    if (r == 0 && ctx_daemon_mounts_set(daemon, daemon->shared, true) < 0)
        r = ctx_error_set(error, -ENOMEM, "out of memory");
    if (r == 0)
        ctx_daemon_mounts_changed(daemon);
    return r;
}

int ctx_daemon_run(struct ev_loop *loop, const struct ctx_daemon_options *options,
                   struct ctx_error *error)
{
    struct ctx_daemon daemon = {
        .loop = loop,
        .config_path = options->config_path,
        .cookie_dir = options->cookie_dir,
        .worker_program = options->worker_program,
        .environment = options->environment,
        .source_date_epoch = options->source_date_epoch,
        .began_us = ctx_clock_monotonic_us(),
    };
    init_events(&daemon);
    ctx_supervision_start(&daemon.supervision, loop, describe, &daemon);
    int r = start(&daemon, options, error);
    if (r == 0) {
        ctx_supervision_tell(&daemon.supervision);
        ev_run(loop, 0);
    }
    ctx_daemon_parts_free(&daemon);
    ctx_supervision_stop(&daemon.supervision);
    if (daemon.control)
        rmdir(daemon.cookie_dir); /* else it is another daemon's */
    ctx_control_free(daemon.control);
    ctx_shared_config_release(daemon.shared);
    return r;
}

const struct ctx_config *ctx_daemon_config(const struct ctx_daemon *daemon)
{
    return &daemon->shared->config;
}

void ctx_daemon_pause(struct ctx_daemon *daemon)
{
    daemon->paused = true;
    ctx_engine_pause(daemon->engine, true);
    ctx_daemon_sync_fail(daemon, -EBUSY);
    publish_state(daemon);
}

void ctx_daemon_resume(struct ctx_daemon *daemon)
{
    daemon->paused = false;
    ctx_engine_pause(daemon->engine, false);
    publish_state(daemon);
    ctx_daemon_turn(daemon);
}
