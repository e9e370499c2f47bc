#ifndef CTX_ENGINE_ENGINE_H
#define CTX_ENGINE_ENGINE_H

#include "config/config.h"
#include "document/catalogue.h"
#include "report/metrics.h"
#include "report/run_report.h"
#include "work/queue.h"

/*
 * The engine: the one way from a change to a page. It owns the queue, the pools, and a mirror per
 * source (what is known of its documents); the daemon feeds it from the watcher and the coalescer,
 * the one-shot build from a walk. Event sources expose a descriptor and dispatch(); one thread,
 * the owner's, calls everything here.
 *
 *   change → queue → job on a pool thread { load → transform → emit } → outcome → mirror,
 *   recorder (catalogue and index, a thread of its own) → events
 */

struct ctx_engine;

enum ctx_event_kind {
    CTX_EVENT_WRITTEN,
    CTX_EVENT_UNCHANGED,
    CTX_EVENT_REMOVED,
    CTX_EVENT_FAILED,
    CTX_EVENT_BATCH, /* a batch is done: counts only */
};

/* One thing that came of a change; borrowed for the call. */
struct ctx_event {
    enum ctx_event_kind kind;
    uint32_t source;
    const char *path;
    const char *slug;
    const char *error;
    uint64_t sequence;
    uint64_t duration_us;
    uint64_t latency_us; /* from the change's arrival to the renamed page */
    size_t batch_documents;
};

struct ctx_engine_options {
    const struct ctx_performance *performance;
    const char *worker_program; /* contextor-worker; NULL: no worker processes */
    int64_t source_date_epoch;  /* seconds; -1: the files' own times */
    bool dry_run;               /* transform, write nothing */
    bool keep_reports;          /* hand reports of every page to on_report (optimize --report) */
    void (*event)(void *data, const struct ctx_event *event);
    void (*report)(void *data, uint32_t source, const char *path, const struct ctx_report *report);
    void *data;
};

int ctx_engine_new(const struct ctx_engine_options *options, struct ctx_engine **ret_engine,
                   struct ctx_error *error);
/* Drops what waits, waits for what runs, flushes catalogue and index. */
void ctx_engine_free(struct ctx_engine *engine);

/*
 * Adds a source: opens its output (lock, identity), loads its catalogue. `source` is borrowed and
 * must stay as it is until the source is removed. ret_number names it from here on.
 */
int ctx_engine_add_source(struct ctx_engine *engine, const struct ctx_source *source, bool adopt,
                          uint32_t *ret_number, struct ctx_error *error);
void ctx_engine_remove_source(struct ctx_engine *engine, uint32_t number);

/* A scan of a subtree ("" all): what was known there and is not observed in between is gone. */
void ctx_engine_scan_begin(struct ctx_engine *engine, uint32_t source, const char *path);
void ctx_engine_scan_end(struct ctx_engine *engine, uint32_t source, const char *path);

/*
 * A document was seen by a scan: enqueues it as bulk unless source and output are as the catalogue
 * says. 0, CTX_UNCHANGED, -ENOMEM. -EAGAIN: enqueued, but the walk should hold until
 * ctx_engine_has_room().
 */
int ctx_engine_observe(struct ctx_engine *engine, uint32_t source, const char *path,
                       const struct ctx_file_stamp *stamp);
bool ctx_engine_has_room(const struct ctx_engine *engine);

/* A document changed or went away; to be done at that priority. */
int ctx_engine_change(struct ctx_engine *engine, uint32_t source, const char *path, bool gone,
                      enum ctx_priority priority, bool force, uint64_t now_us);
/* All documents below a directory went away. */
void ctx_engine_directory_gone(struct ctx_engine *engine, uint32_t source, const char *path,
                               uint64_t now_us);

/* Readable when results wait. */
int ctx_engine_get_fd(const struct ctx_engine *engine);
/* Takes results in, hands out new work, calls event(). Never blocks. */
void ctx_engine_dispatch(struct ctx_engine *engine, uint64_t now_us);
/* Blocks until there is something to dispatch, or `timeout_ms` passed. For owners without a loop. */
void ctx_engine_wait(struct ctx_engine *engine, int timeout_ms);

/* Holds back new work; what is in flight ends. */
void ctx_engine_pause(struct ctx_engine *engine, bool paused);

/*
 * Calls `done` once every change made before is emitted and recorded and, with `index`, in the
 * index on disk. `failed` is how many documents' last attempt failed. `done` may be called at once.
 */
void ctx_engine_barrier(struct ctx_engine *engine, bool index,
                        void (*done)(void *data, size_t failed), void *data);
/* Whether nothing waits, runs, or is unrecorded. */
bool ctx_engine_idle(const struct ctx_engine *engine);

/* What is known of one document. */
struct ctx_document_info {
    const char *path, *slug, *error;
    bool known, failed;
    bool waiting;
};
void ctx_engine_explain(const struct ctx_engine *engine, uint32_t source, const char *path,
                        struct ctx_document_info *ret_info);
void ctx_engine_each_failure(const struct ctx_engine *engine,
                             void (*each)(void *data, uint32_t source, const char *path,
                                          const char *error),
                             void *data);

struct ctx_source_stats {
    size_t documents, failed, waiting, in_flight;
    const char *catalogue_id;
    uint64_t sequence;
};
void ctx_engine_source_stats(const struct ctx_engine *engine, uint32_t source,
                             struct ctx_source_stats *ret_stats);

/* Counters and histograms since the engine began; gauges as they are now. Borrowed. */
const struct ctx_metrics *ctx_engine_metrics(struct ctx_engine *engine);
/* The figures since ctx_engine_new(), or the last reset. */
void ctx_engine_run_report(struct ctx_engine *engine, struct ctx_run_report *ret_report);
/* NULL, or why the engine works with less than was asked ("worker processes: …"). */
const char *ctx_engine_degraded(const struct ctx_engine *engine);

#endif
