#ifndef CTX_ENGINE_ENGINE_H
#define CTX_ENGINE_ENGINE_H

#include "base/slug.h"
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
    bool workers_at_once;       /* start worker processes now, not when one is needed */
    bool keep_failures;         /* what failed before is tried again when something changed */
    int64_t source_date_epoch;  /* seconds; -1: the files' own times */
    bool dry_run;               /* transform, write nothing */
    bool keep_reports;          /* hand reports of every page to on_report (optimize --report) */
    void (*event)(void *data, const struct ctx_event *event);
    void (*report)(void *data, uint32_t source, const char *path, const struct ctx_report *report);
    /*
     * A known document was not there: when it was to be read, or at the end of a scan. NULL: its
     * page is removed at once; else the owner decides, by ctx_engine_change() with `gone`.
     */
    void (*vanished)(void *data, uint32_t source, const char *path);
    /* A document kept changing while it was read; NULL: it is tried again at once. */
    void (*unsettled)(void *data, uint32_t source, const char *path);
    void *data;
};

int ctx_engine_new(const struct ctx_engine_options *options, struct ctx_engine **ret_engine,
                   struct ctx_error *error);
/* Drops what waits, waits for what runs, flushes catalogue and index. */
void ctx_engine_free(struct ctx_engine *engine);

/*
 * Begins to open a source: its output (lock, identity) and its catalogue, elsewhere, since that
 * blocks. `opened` is called once, by ctx_engine_dispatch() or ctx_engine_free(): with 0, and the
 * number that names the source from here on; or a negative errno with an error. `source` is
 * borrowed and must stay as it is until the source is closed. 0 or -ENOMEM.
 */
typedef void (*ctx_source_opened_fn)(void *data, int code, uint32_t number,
                                     const struct ctx_error *error);
int ctx_engine_open_source(struct ctx_engine *engine, const struct ctx_source *source, bool adopt,
                           ctx_source_opened_fn opened, void *data);
/*
 * Begins to close a source; its number must not be used from here on. What waits is dropped, what
 * is in flight ends and is told, catalogue and index are flushed; then `left` (may be NULL) is
 * called, by ctx_engine_dispatch() or ctx_engine_free().
 */
void ctx_engine_close_source(struct ctx_engine *engine, uint32_t number, void (*left)(void *data),
                             void *data);
/* The same for owners without a loop: both dispatch until it is done. */
int ctx_engine_add_source(struct ctx_engine *engine, const struct ctx_source *source, bool adopt,
                          uint32_t *ret_number, struct ctx_error *error);
void ctx_engine_remove_source(struct ctx_engine *engine, uint32_t number);
/* The device that most of a source's documents were on when they were last read; 0: none is known. */
uint64_t ctx_engine_source_device(const struct ctx_engine *engine, uint32_t number);

/* A scan of a subtree ("" all): what was known there and is not observed in between is gone. */
void ctx_engine_scan_begin(struct ctx_engine *engine, uint32_t source, const char *path);
void ctx_engine_scan_end(struct ctx_engine *engine, uint32_t source, const char *path);
/* What is known at or below `path` counts as seen by the scan that is going on. */
void ctx_engine_scan_keep(struct ctx_engine *engine, uint32_t source, const char *path);

/*
 * A document was seen by a scan. CTX_UNCHANGED when source and output are as the catalogue says;
 * else 0: it is to be enqueued (ctx_engine_change(), or ctx_engine_observe(), which does both).
 */
int ctx_engine_see(struct ctx_engine *engine, uint32_t source, const char *path,
                   const struct ctx_file_stamp *stamp);
int ctx_engine_observe(struct ctx_engine *engine, uint32_t source, const char *path,
                       const struct ctx_file_stamp *stamp, uint64_t now_us);
/* False while so much waits that a walk should hold. */
bool ctx_engine_has_room(const struct ctx_engine *engine);

/*
 * A document changed (or is new), or went away; to be done at that priority. `force`: even when
 * its bytes are the same. 0 or -ENOMEM; CTX_UNCHANGED when one that is not known went away.
 */
struct ctx_engine_change {
    uint32_t source;
    const char *path;
    enum ctx_priority priority;
    bool gone;
    bool force;
    bool retry; /* nobody asked for it: failing again for the same reason is not told */
};
int ctx_engine_change(struct ctx_engine *engine, const struct ctx_engine_change *change,
                      uint64_t now_us);
/* Calls `each` for every known document at or below a directory ("" the root). */
void ctx_engine_each_below(const struct ctx_engine *engine, uint32_t source, const char *path,
                           void (*each)(void *data, uint32_t source, const char *path), void *data);

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
 * index on disk. `code`: 0, or why the index could not be written. `done` may be called at once.
 * Returns a ticket for ctx_engine_barrier_cancel(), 0 when it was called at once, or -ENOMEM.
 */
int64_t ctx_engine_barrier(struct ctx_engine *engine, bool index,
                           void (*done)(void *data, int code), void *data);
void ctx_engine_barrier_cancel(struct ctx_engine *engine, int64_t ticket);
/* Whether nothing waits, runs, or is unrecorded. */
bool ctx_engine_idle(const struct ctx_engine *engine);

/* What is known of one document. 0, or CTX_GONE when it is not known. */
struct ctx_document_info {
    char slug[CTX_SLUG_SIZE];
    const char *error; /* NULL: the last attempt did not fail; borrowed until the next call */
    int64_t size;      /* bytes, as last read */
    bool has_page, waiting;
};
int ctx_engine_explain(const struct ctx_engine *engine, uint32_t source, const char *path,
                       struct ctx_document_info *ret_info);
/*
 * Tries documents again that are stuck: whose last attempt failed for want of something beyond them
 * (space, permission). At most so many. Returns how many are stuck.
 */
size_t ctx_engine_retry(struct ctx_engine *engine, uint32_t source, size_t most, uint64_t now_us);
/* Whether a source's output is still the directory that was opened: it may have been removed. */
bool ctx_engine_output_in_place(const struct ctx_engine *engine, uint32_t source);
/* Calls `each` for every document whose last attempt failed; strings are borrowed until it changes. */
void ctx_engine_each_failure(const struct ctx_engine *engine, uint32_t source,
                             void (*each)(void *data, uint32_t source, const char *path,
                                          const char *error),
                             void *data);

/* Asks the catalogue (engine/query.h); the query is taken, and answered by ctx_engine_dispatch(). */
struct ctx_query;
void ctx_engine_ask(struct ctx_engine *engine, struct ctx_query *query);

/*
 * Works by other settings from here on; what is in flight ends by those it began with. 0; -ENOMEM,
 * and nothing is changed.
 */
int ctx_engine_set_performance(struct ctx_engine *engine,
                               const struct ctx_performance *performance);

/* What waits and runs, of all sources. */
struct ctx_engine_load {
    size_t waiting[CTX_PRIORITY_COUNT];
    size_t in_flight;
    uint64_t memory; /* bytes reserved by what is in flight */
};
void ctx_engine_load(const struct ctx_engine *engine, struct ctx_engine_load *ret_load);

struct ctx_source_stats {
    size_t documents, failed, stuck, waiting, in_flight;
    const char *catalogue_id;
    uint64_t sequence;
};
void ctx_engine_source_stats(const struct ctx_engine *engine, uint32_t source,
                             struct ctx_source_stats *ret_stats);

/* Counters and histograms since the engine began; gauges as they are now. Borrowed. */
const struct ctx_metrics *ctx_engine_metrics(struct ctx_engine *engine);
/* The figures of the run there is: since ctx_engine_new(), or what was begun after a run's end. */
void ctx_engine_run_report(struct ctx_engine *engine, struct ctx_run_report *ret_report);
/*
 * Ends the run when nothing of it waits or runs any more: true, and its figures up to its last
 * outcome. False: it goes on, or nothing has come of anything since the last one ended. The peak of
 * resident memory begins anew.
 */
bool ctx_engine_run_end(struct ctx_engine *engine, struct ctx_run_report *ret_report);
/*
 * Why the engine works with less than was asked, a sentence each; returns how many. Borrowed until
 * the next ctx_engine_dispatch().
 */
enum { CTX_ENGINE_DEGRADED_MAX = 3 };
unsigned ctx_engine_degraded(const struct ctx_engine *engine,
                             const char *ret_sentences[CTX_ENGINE_DEGRADED_MAX]);

#endif
