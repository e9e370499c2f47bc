#ifndef CTX_ENGINE_STATE_H
#define CTX_ENGINE_STATE_H

#include "engine/engine.h"
#include "engine/process.h"
#include "engine/recorder.h"
#include "engine/source_state.h"

/* The engine's inside, shared by its files: engine, sources, change, outcome, barrier, figures, run. */

struct ctx_arrival;
struct ctx_barrier;

/* A reading of the clocks: monotonic, CPU time of this process, and of its worker processes. */
struct ctx_moment {
    uint64_t wall_us, cpu_us, isolated_us;
};

struct ctx_engine {
    struct ctx_engine_options options;
    struct ctx_performance performance;
    struct ctx_process_settings *settings; /* of tasks that begin now */
    struct ctx_queue *queue;
    struct ctx_pool *pool;
    struct ctx_isolation *isolation; /* NULL: none wanted */
    struct ctx_recorder *recorder;
    struct ctx_source_state **sources; /* by number; NULL: free */
    uint32_t n_sources;
    struct ctx_arrival *arrivals; /* sources that are being opened */
    int epoll_fd;                 /* readable when the pool or the recorder has something */
    pthread_mutex_t
        turn; /* guards nothing but the turn to transform (parallel_transforms: false) */
    uint64_t memory_limit; /* bytes that documents in flight may hold */
    size_t tasks_in_flight, bulk_in_flight;
    bool paused;
    struct ctx_error degraded;

    uint64_t epoch; /* of changes made now; a barrier begins a new one */
    struct ctx_barrier *barriers;
    int64_t last_ticket;

    struct ctx_metrics metrics;
    struct ctx_run_report report; /* of the run there is: counts, sums and histograms */
    struct ctx_moment run_began, run_seen;
    bool resting; /* that run was ended by the owner */
};

/* settings.c: the settings of tasks that begin now, by the performance as it is. 0 or -ENOMEM. */
int ctx_engine_renew_settings(struct ctx_engine *engine);
/* One user less; frees them with the last. NULL is fine. */
void ctx_settings_release(struct ctx_process_settings *settings);
struct ctx_queue_limits ctx_engine_queue_limits(const struct ctx_engine *engine);
/* engine.c: starts threads that are missing, lets surplus ones end. */
void ctx_engine_size_pool(struct ctx_engine *engine);

/* outcome.c: what came of a task. Takes the task. */
void ctx_engine_take(struct ctx_engine *engine, struct ctx_task *task, uint64_t now_us);
/* A known document is not there: tells the owner, or removes its page. */
void ctx_engine_vanish(struct ctx_engine *engine, struct ctx_source_state *source, const char *path,
                       uint64_t epoch);

/*
 * change.c: what follows from a change belongs to its epoch, so that no barrier passes in between.
 * As ctx_engine_change(), of an epoch that something older began.
 */
int ctx_engine_change_since(struct ctx_engine *engine, const struct ctx_engine_change *change,
                            uint64_t epoch, uint64_t now_us);
/* A document whose slug has changed hands is to be emitted again. */
void ctx_engine_emit_again(struct ctx_engine *engine, const struct ctx_source_state *source,
                           const struct ctx_known *known, uint64_t epoch, uint64_t now_us);
/* So are those whose slugs the mirror's latest addition or removal changed. */
void ctx_engine_emit_moved(struct ctx_engine *engine, const struct ctx_source_state *source,
                           uint64_t epoch, uint64_t now_us);
/* The document of a path, made known when it is new. 0 or -ENOMEM. */
int ctx_engine_know(struct ctx_engine *engine, struct ctx_source_state *source, const char *path,
                    uint64_t epoch, uint64_t now_us, struct ctx_known **ret_known);

/*
 * settings.c: what a failure of a document itself came to pass under, beside its bytes: as long as
 * that stands, it would fail again.
 */
void ctx_engine_verdict(const struct ctx_engine *engine, const struct ctx_source *source,
                        unsigned char ret_verdict[CTX_DIGEST_SIZE]);

/* sources.c: a source that leaves, of which nothing is in flight any more, is closed and freed. */
void ctx_engine_depart(struct ctx_engine *engine, struct ctx_source_state *source);
/* Lets all sources leave, when nothing is in flight; waits for those that are being opened. */
void ctx_engine_close_sources(struct ctx_engine *engine);

/* barrier.c */
void ctx_engine_barriers_run(struct ctx_engine *engine);
void ctx_engine_barriers_free(struct ctx_engine *engine);

/* figures.c: a batch on its way, from submission to its last outcome. */
struct ctx_batch_run {
    size_t left, documents;
    uint64_t began_us, cost;
};
struct ctx_batch_run *ctx_batch_run_new(struct ctx_engine *engine, const struct ctx_batch *batch);
/* One of its documents is done; frees the run with the last one. `run` may be NULL. */
void ctx_batch_run_done(struct ctx_engine *engine, struct ctx_batch_run *run);
void ctx_engine_count(struct ctx_engine *engine, const struct ctx_task *task);

/* run.c: a run begins; begins if the engine rests; was at work until now. */
void ctx_run_begin(struct ctx_engine *engine);
void ctx_run_wake(struct ctx_engine *engine);
void ctx_run_see(struct ctx_engine *engine);

#endif
