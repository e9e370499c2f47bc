#ifndef CTX_DAEMON_STATE_H
#define CTX_DAEMON_STATE_H

#include <ev.h>

#include "config/config.h"
#include "daemon/daemon.h"
#include "daemon/supervision.h"
#include "document/ignore.h"
#include "engine/engine.h"
#include "watch/watch.h"
#include "work/coalescer.h"

/* The daemon's inside, shared by its files: daemon.c, mount.c, intake.c, sync.c, inspect.c. */

struct ctx_control;
struct ctx_sync;
struct ctx_inquiry;

/* One configured source on its way through the daemon. */
struct ctx_mount {
    const struct ctx_source *source;
    struct ctx_ignore_rules *rules;
    uint32_t number; /* in the engine, the coalescer and the watcher */
    enum ctx_root_state state;
    bool failed;             /* its output cannot be used: nothing is watched or built */
    bool scanned;            /* its first scan is complete */
    struct ctx_error detail; /* what to know or do about that state; "" nothing */
};

struct ctx_daemon {
    struct ev_loop *loop;
    const char *config_path;
    const struct ctx_environment *environment;
    int64_t source_date_epoch;
    struct ctx_config config;
    struct ctx_watch *watch;
    struct ctx_coalescer *coalescer;
    struct ctx_engine *engine;
    struct ctx_control *control;
    struct ctx_mount *mounts; /* by the order of config.sources */
    size_t n_mounts;
    const char *cookie_dir, *worker_program;
    struct ctx_sync *syncs;
    struct ctx_inquiry *inquiries;
    struct ctx_metrics metrics; /* the last answer to `metrics` */
    uint64_t syncs_total;
    uint64_t vanished; /* documents that were gone when they were to be read */
    uint64_t began_us;
    bool ready, awaiting_build, paused, stopping;
    bool watch_held; /* it reads no directories until the engine has room */

    ev_io watch_io, engine_io;
    ev_timer due;   /* the coalescer's and the watcher's next deadline */
    ev_timer retry; /* sources whose output could not be had */
    struct ctx_supervision supervision;
    ev_signal sigterm, sigint, sighup;
};

/* daemon.c: does what is due and sets the timers; after anything that fed the daemon. */
void ctx_daemon_turn(struct ctx_daemon *daemon);
/* Reads the configuration file, or takes the empty configuration when there is none. */
int ctx_daemon_read_config(struct ctx_daemon *daemon, struct ctx_config *ret_config,
                           struct ctx_error *error);

/* mount.c: brings the configured sources up, and down again. */
int ctx_daemon_mount_all(struct ctx_daemon *daemon, struct ctx_error *error);
void ctx_daemon_unmount_all(struct ctx_daemon *daemon);
void ctx_daemon_mount_retry(struct ctx_daemon *daemon);
/* NULL when no mounted source has that number, or that name. */
struct ctx_mount *ctx_daemon_mount_by_number(struct ctx_daemon *daemon, uint32_t number);
struct ctx_mount *ctx_daemon_mount_by_name(struct ctx_daemon *daemon, const char *name);

/* intake.c: what the watcher and the engine report. */
extern const struct ctx_watch_handler ctx_daemon_watch_handler; /* without its data */
void ctx_daemon_on_event(void *data, const struct ctx_event *event);
void ctx_daemon_on_vanished(void *data, uint32_t source, const char *path);
void ctx_daemon_on_unsettled(void *data, uint32_t source, const char *path);
/* Moves what the coalescer has ready into the engine; `all`: everything that it holds. */
void ctx_daemon_release(struct ctx_daemon *daemon, bool all);

/* sync.c */
void ctx_daemon_sync_cookie(struct ctx_daemon *daemon, uint64_t number);
/* Ends all that wait, with a code. */
void ctx_daemon_sync_fail(struct ctx_daemon *daemon, int code);
void ctx_daemon_sync_cancel(struct ctx_daemon *daemon, const void *data);

/* inspect.c: the names that `status` uses. */
const char *ctx_daemon_state_name(const struct ctx_daemon *daemon);
const char *ctx_mount_state_name(const struct ctx_mount *mount);

#endif
