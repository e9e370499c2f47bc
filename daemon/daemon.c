/*
 * The daemon: wires the watcher, the coalescer, the engine and the control server on one libev
 * loop. Reading this file is reading the architecture:
 *
 *   inotify → watcher → intake → coalescer → engine (queue → pool → recorder) → events → server
 *
 * Everything here runs on the loop's thread, and nothing here blocks but start and reload.
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
    uint64_t held = ctx_coalescer_next_us(daemon->coalescer);
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
        const struct ctx_mount *mount = &daemon->mounts[i];
        if (!mount->failed && !mount->scanned && mount->state != CTX_ROOT_MISSING)
            return false;
    }
    return true;
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
    daemon->ready = true;
    malloc_trim(0); /* what the first build held; most of it is never needed again */
    if (code < 0)
        ctx_log(CTX_LOG_ERROR, "the index could not be written: %s", ctx_error_name(code));
    ctx_supervision_tell(&daemon->supervision);
    ctx_service_ready();
    publish_state(daemon);
}

/* READY when every root was scanned once and what was found is built. */
static void check_ready(struct ctx_daemon *daemon)
{
    if (daemon->ready || daemon->awaiting_build || daemon->stopping || !all_scanned(daemon))
        return;
    daemon->awaiting_build = true;
    ctx_engine_barrier(daemon->engine, true, on_first_build, daemon);
}

void ctx_daemon_turn(struct ctx_daemon *daemon)
{
    uint64_t now_us = ctx_clock_monotonic_us();
    if (ctx_coalescer_next_us(daemon->coalescer) <= now_us)
        ctx_daemon_release(daemon, false);
    ctx_engine_dispatch(daemon->engine, now_us);
    check_ready(daemon);
    set_timer(daemon);
}

static void watch_turn(struct ctx_daemon *daemon)
{
    daemon->watch_held = !ctx_engine_has_room(daemon->engine);
    ctx_watch_hold(daemon->watch, daemon->watch_held);
    if (!daemon->stopping)
        ctx_watch_dispatch(daemon->watch, ctx_clock_monotonic_us());
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

static void on_retry(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    ctx_daemon_mount_retry(timer->data);
    watch_turn(timer->data);
}

static void on_stop_signal(struct ev_loop *loop, ev_signal *signal, int events)
{
    (void)events;
    struct ctx_daemon *daemon = signal->data;
    if (daemon->stopping)
        _exit(CTX_DAEMON_EXIT_KILLED); /* asked twice: at once */
    daemon->stopping = true;
    ctx_log(CTX_LOG_INFO, "stopping");
    ctx_service_stopping();
    ctx_daemon_sync_fail(daemon, -ECANCELED);
    publish_state(daemon);
    ev_break(loop, EVBREAK_ALL);
}

static void on_reload_signal(struct ev_loop *loop, ev_signal *signal, int events)
{
    (void)loop;
    (void)events;
    struct ctx_error error;
    if (ctx_daemon_reload(signal->data, &error) < 0)
        ctx_log(CTX_LOG_ERROR, "reload: %s", error.text);
}

static int new_engine(struct ctx_daemon *daemon, struct ctx_error *error)
{
    const struct ctx_engine_options options = {
        .performance = &daemon->config.performance,
        .worker_program = daemon->worker_program,
        .workers_at_once = true,
        .source_date_epoch = daemon->source_date_epoch,
        .event = ctx_daemon_on_event,
        .vanished = ctx_daemon_on_vanished,
        .unsettled = ctx_daemon_on_unsettled,
        .data = daemon,
    };
    int r = ctx_engine_new(&options, &daemon->engine, error);
    if (r < 0)
        return r;
    ev_io_init(&daemon->engine_io, on_engine, ctx_engine_get_fd(daemon->engine), EV_READ);
    daemon->engine_io.data = daemon;
    ev_io_start(daemon->loop, &daemon->engine_io);
    const char *degraded = ctx_engine_degraded(daemon->engine);
    if (degraded)
        ctx_log(CTX_LOG_WARNING, "%s", degraded);
    return 0;
}

static void free_engine(struct ctx_daemon *daemon)
{
    if (!daemon->engine)
        return;
    ev_io_stop(daemon->loop, &daemon->engine_io);
    ctx_engine_free(daemon->engine);
    daemon->engine = NULL;
}

static int new_watch(struct ctx_daemon *daemon, struct ctx_error *error)
{
    struct ctx_watch_handler handler = ctx_daemon_watch_handler;
    const struct ctx_watching *watching = &daemon->config.watching;
    const struct ctx_watch_options options = {
        .poll = watching->poll,
        .poll_interval_ms = watching->poll_interval_ms,
        .reconcile_s = watching->reconcile_s,
        .cookie_dir = daemon->cookie_dir,
    };
    handler.data = daemon;
    int r = ctx_watch_new(&options, &handler, &daemon->watch, error);
    if (r < 0)
        return r;
    int fd = ctx_watch_get_fd(daemon->watch);
    ev_io_init(&daemon->watch_io, on_watch, fd, EV_READ);
    daemon->watch_io.data = daemon;
    if (fd >= 0)
        ev_io_start(daemon->loop, &daemon->watch_io);
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

static int new_coalescer(struct ctx_daemon *daemon, struct ctx_error *error)
{
    const struct ctx_watching *watching = &daemon->config.watching;
    const struct ctx_coalescer_options options = {
        .settle_us = (uint64_t)watching->settle_ms * 1000,
        .max_wait_us = (uint64_t)watching->max_wait_ms * 1000,
        .delete_grace_us = (uint64_t)watching->delete_grace_ms * 1000,
        .lock_quiet_us = 200 * 1000,
        .lock_most_us = 30 * 1000 * 1000,
        .burst = 32,
    };
    if (ctx_coalescer_new(&options, &daemon->coalescer) < 0)
        return ctx_error_set(error, -ENOMEM, "out of memory");
    return 0;
}

/* Brings up what a configuration decides; what is up must have been brought down before. */
static int bring_up(struct ctx_daemon *daemon, struct ctx_error *error)
{
    int r = new_watch(daemon, error);
    if (r == 0)
        r = new_coalescer(daemon, error);
    if (r == 0)
        r = new_engine(daemon, error);
    if (r == 0)
        r = ctx_daemon_mount_all(daemon, error);
    daemon->awaiting_build = false;
    if (r == 0 && daemon->paused)
        ctx_engine_pause(daemon->engine, true);
    return r;
}

static void bring_down(struct ctx_daemon *daemon)
{
    if (daemon->watch)
        ctx_daemon_unmount_all(daemon);
    free_engine(daemon);
    ctx_coalescer_free(daemon->coalescer);
    daemon->coalescer = NULL;
    free_watch(daemon);
}

int ctx_daemon_reload(struct ctx_daemon *daemon, struct ctx_error *error)
{
    struct ctx_config config;
    ctx_service_reloading();
    int r = ctx_daemon_read_config(daemon, &config, error);
    if (r == 0) {
        ctx_daemon_sync_fail(daemon, -ECANCELED);
        bring_down(daemon);
        ctx_config_deinit(&daemon->config);
        daemon->config = config;
        r = bring_up(daemon, error);
        daemon->ready = false;
        ctx_log(CTX_LOG_INFO, "configuration read again: %zu sources", daemon->config.n_sources);
        watch_turn(daemon);
    }
    ctx_service_ready();
    return r;
}

static void init_events(struct ctx_daemon *daemon)
{
    ev_timer_init(&daemon->due, on_due, 0., 0.);
    ev_timer_init(&daemon->retry, on_retry, 0., 0.);
    ev_signal_init(&daemon->sigterm, on_stop_signal, SIGTERM);
    ev_signal_init(&daemon->sigint, on_stop_signal, SIGINT);
    ev_signal_init(&daemon->sighup, on_reload_signal, SIGHUP);
    daemon->due.data = daemon->retry.data = daemon;
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
    return ctx_control_new(daemon->loop, &control, &daemon->control, error);
}

/* What is wrong with a configuration was logged, each mistake on a line of its own. */
static int read_first_config(struct ctx_daemon *daemon, struct ctx_error *error)
{
    int r = ctx_daemon_read_config(daemon, &daemon->config, error);
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
        r = bring_up(daemon, error);
    if (r == 0)
        watch_turn(daemon);
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
    ctx_config_init(&daemon.config);
    init_events(&daemon);
    ctx_supervision_start(&daemon.supervision, loop, describe, &daemon);
    int r = start(&daemon, options, error);
    if (r == 0)
        ev_run(loop, 0);
    bring_down(&daemon);
    ctx_supervision_stop(&daemon.supervision);
    ctx_control_free(daemon.control);
    ctx_config_deinit(&daemon.config);
    return r;
}

static int log_diagnostics(const struct ctx_diagnostics *diagnostics, struct ctx_error *error)
{
    static const enum ctx_log_level levels[] = {
        [CTX_SEVERITY_ERROR] = CTX_LOG_ERROR,
        [CTX_SEVERITY_WARNING] = CTX_LOG_WARNING,
        [CTX_SEVERITY_NOTE] = CTX_LOG_INFO,
    };
    int r = 0;
    for (size_t i = 0; i < diagnostics->n; i++) {
        const struct ctx_diagnostic *item = &diagnostics->items[i];
        bool wrong = item->severity == CTX_SEVERITY_ERROR;
        ctx_log(levels[item->severity], "%s", item->text);
        if (wrong && r == 0)
            r = ctx_error_set(error, -EINVAL, "%s", item->text);
    }
    return r;
}

int ctx_daemon_read_config(struct ctx_daemon *daemon, struct ctx_config *ret_config,
                           struct ctx_error *error)
{
    struct ctx_diagnostics diagnostics = { 0 };
    ctx_config_init(ret_config);
    if (access(daemon->config_path, F_OK) < 0 && errno == ENOENT) {
        ctx_log(CTX_LOG_WARNING,
                "%s: no configuration: idling; run contextor init in a tree of "
                "documents, then contextor reload",
                daemon->config_path);
        return 0;
    }
    int r =
        ctx_config_load(daemon->config_path, daemon->environment, NULL, ret_config, &diagnostics);
    ctx_error_set(error, r, "%s: %s", daemon->config_path, ctx_error_name(r));
    log_diagnostics(&diagnostics, error);
    ctx_diagnostics_deinit(&diagnostics);
    return r;
}

const struct ctx_config *ctx_daemon_config(const struct ctx_daemon *daemon)
{
    return &daemon->config;
}

void ctx_daemon_pause(struct ctx_daemon *daemon, uint64_t client, bool keep)
{
    (void)client;
    (void)keep;
    daemon->paused = true;
    ctx_engine_pause(daemon->engine, true);
    ctx_daemon_sync_fail(daemon, -EBUSY);
    publish_state(daemon);
}

void ctx_daemon_resume(struct ctx_daemon *daemon, uint64_t client)
{
    (void)client;
    daemon->paused = false;
    ctx_engine_pause(daemon->engine, false);
    publish_state(daemon);
    ctx_daemon_turn(daemon);
}

/* What a rebuild of many enqueues. */
struct rebuild {
    struct ctx_daemon *daemon;
    enum ctx_priority priority;
    int enqueued;
};

static void rebuild_one(void *data, uint32_t source, const char *path)
{
    struct rebuild *rebuild = data;
    const struct ctx_engine_change change = {
        .source = source, .path = path, .priority = rebuild->priority, .force = true
    };
    if (ctx_engine_change(rebuild->daemon->engine, &change, ctx_clock_monotonic_us()) == 0)
        rebuild->enqueued++;
}

static int rebuild_path(struct rebuild *rebuild, const struct ctx_mount *mount, const char *path,
                        struct ctx_error *error)
{
    struct ctx_document_info info;
    rebuild->priority = CTX_PRIORITY_REQUEST;
    if (ctx_engine_explain(rebuild->daemon->engine, mount->number, path, &info) != 0)
        return ctx_error_set(error, -ENOENT, "%s: no document of %s: see contextor why", path,
                             mount->source->name);
    rebuild_one(rebuild, mount->number, path);
    return 0;
}

int ctx_daemon_rebuild(struct ctx_daemon *daemon, const char *source, const char *path,
                       struct ctx_error *error)
{
    struct rebuild rebuild = { .daemon = daemon, .priority = CTX_PRIORITY_BULK };
    bool found = false;
    for (size_t i = 0; i < daemon->n_mounts; i++) {
        const struct ctx_mount *mount = &daemon->mounts[i];
        if (mount->failed || (source && strcmp(source, mount->source->name) != 0))
            continue;
        found = true;
        int r = 0;
        if (path)
            r = rebuild_path(&rebuild, mount, path, error);
        else
            ctx_engine_each_below(daemon->engine, mount->number, "", rebuild_one, &rebuild);
        if (r < 0)
            return r;
    }
    if (source && !found)
        return ctx_error_set(error, -ENOENT, "%s: no such source: see contextor status", source);
    ctx_daemon_turn(daemon);
    return rebuild.enqueued;
}
