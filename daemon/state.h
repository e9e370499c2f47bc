#ifndef CTX_DAEMON_STATE_H
#define CTX_DAEMON_STATE_H

#include <ev.h>

#include "config/config.h"
#include "daemon/daemon.h"
#include "daemon/mount.h"
#include "daemon/supervision.h"
#include "engine/engine.h"
#include "watch/watch.h"
#include "work/coalescer.h"

/* The daemon's inside, shared by its files. */

struct ctx_control;
struct ctx_rebuild;
struct ctx_sync;
struct ctx_inquiry;

struct ctx_daemon {
    struct ev_loop *loop;
    const char *config_path;
    const struct ctx_environment *environment;
    int64_t source_date_epoch;
    struct ctx_shared_config *shared; /* the running configuration */
    struct ctx_watch *watch;
    struct ctx_coalescer *coalescer;
    struct ctx_engine *engine;
    struct ctx_control *control;
    struct ctx_mount **mounts; /* by the order of the configuration's sources */
    size_t n_mounts, opening;
    struct ctx_mount *leaving; /* and those to leave as soon as they are open */
    const char *cookie_dir, *worker_program;
    struct ctx_sync *syncs;
    struct ctx_rebuild *rebuilds;
    struct ctx_inquiry *inquiries;
    struct ctx_metrics metrics; /* the last answer to `metrics` */
    struct ctx_run_report last_run;
    bool has_run;        /* there was one */
    uint64_t failures;   /* of documents, in the run that goes on */
    unsigned n_degraded; /* of the engine, already warned of */
    uint64_t syncs_total;
    uint64_t vanished; /* documents that were gone when they were to be read */
    uint64_t began_us;
    int64_t build; /* ticket of the barrier that the first build ends with; 0: none */
    bool ready, paused, stopping;
    bool watch_held; /* it reads no directories until the engine has room */

    ev_io watch_io, engine_io;
    ev_timer due;    /* the coalescer's and the watcher's next deadline */
    ev_timer reopen; /* sources whose output could not be had */
    double reopen_s; /* how long it waits then */
    struct {
        ev_timer timer; /* for documents that are stuck */
        double step_s;  /* 0: none are */
        size_t stuck;   /* as of the last time */
    } retry;
    struct ctx_supervision supervision;
    ev_signal sigterm, sigint, sighup;
};

/* daemon.c: does what is due and sets the timers; after anything that fed the daemon. */
void ctx_daemon_turn(struct ctx_daemon *daemon);
/* The mounts are others now: opens what is to be opened, and waits for their first build. */
void ctx_daemon_mounts_changed(struct ctx_daemon *daemon);
/* No source is being opened or leaves any more. */
void ctx_daemon_settled(struct ctx_daemon *daemon);

/* parts.c: the watcher, the coalescer, the engine. */
int ctx_daemon_parts_new(struct ctx_daemon *daemon, struct ctx_error *error);
void ctx_daemon_parts_free(struct ctx_daemon *daemon);
/* The watcher's descriptor may be another now. */
void ctx_daemon_listen_to_watch(struct ctx_daemon *daemon);
/* Applies the running configuration's timing and performance; `other_watcher`: polls, or no more. */
int ctx_daemon_tune(struct ctx_daemon *daemon, bool other_watcher, struct ctx_error *error);

/* reload.c: reads the configuration file, or takes the empty one when there is none. */
int ctx_daemon_read_config(struct ctx_daemon *daemon, struct ctx_shared_config **ret_shared,
                           struct ctx_error *error);

/* intake.c: what the watcher and the engine report. */
extern const struct ctx_watch_handler ctx_daemon_watch_handler; /* without its data */
void ctx_daemon_on_event(void *data, const struct ctx_event *event);
void ctx_daemon_on_vanished(void *data, uint32_t source, const char *path);
void ctx_daemon_on_unsettled(void *data, uint32_t source, const char *path);
/* Moves what the coalescer has ready into the engine; `all`: everything that it holds. */
void ctx_daemon_release(struct ctx_daemon *daemon, bool all);

/* retry.c */
void ctx_daemon_retry_init(struct ctx_daemon *daemon);
/* A document failed: if it is stuck it will be tried again. */
void ctx_daemon_retry_later(struct ctx_daemon *daemon);

/* figures.c: reports the run, if it is over. */
void ctx_daemon_end_run(struct ctx_daemon *daemon);
/* Logs what the engine has to do without, when it is more than before. */
void ctx_daemon_warn_degraded(struct ctx_daemon *daemon);

/* rebuild.c: enqueues some more of what is to be made again; and forgets that of a source. */
void ctx_daemon_rebuild_step(struct ctx_daemon *daemon);
void ctx_daemon_rebuild_drop(struct ctx_daemon *daemon, uint32_t source);

/* sync.c */
/* Makes the directory for cookies; called once the socket is this daemon's, and when it is gone. */
int ctx_daemon_sync_prepare(struct ctx_daemon *daemon);
void ctx_daemon_sync_cookie(struct ctx_daemon *daemon, uint64_t number);
/* Those under way begin anew, when all sources are settled: one was taken away or came. */
void ctx_daemon_sync_again(struct ctx_daemon *daemon);
void ctx_daemon_sync_go_on(struct ctx_daemon *daemon);
/* Ends all that wait, with a code. */
void ctx_daemon_sync_fail(struct ctx_daemon *daemon, int code);
void ctx_daemon_sync_cancel(struct ctx_daemon *daemon, const void *data);

/* inspect.c: the names that `status` uses. */
const char *ctx_daemon_state_name(const struct ctx_daemon *daemon);
const char *ctx_mount_state_name(const struct ctx_mount *mount);

#endif
