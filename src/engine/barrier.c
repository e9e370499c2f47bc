/*
 * Barriers. Each begins a new epoch; it is passed when the queue knows no change of an older one,
 * what came of them is recorded, and, if asked, the indexes are flushed. The engine's thread.
 */
#include <errno.h>
#include <stdlib.h>

#include "engine/state.h"

struct ctx_barrier {
    struct ctx_barrier *next;
    int64_t ticket;
    uint64_t epoch; /* passed when nothing older is left */
    bool index;
    bool emitted;   /* the queue is past it; now it waits for the recorder */
    uint64_t put;   /* outcomes put by then */
    uint64_t flush; /* the number of the flush that was asked for then; 0: none */
    bool stale;     /* an index was not what it should be then, whatever was put */
    void (*done)(void *data, int code);
    void *data;
};

/* 1: passed, with the code; 0: not yet. */
static bool passed(struct ctx_engine *engine, struct ctx_barrier *barrier, int *ret_code)
{
    struct ctx_recorder_progress progress;
    ctx_recorder_progress(engine->recorder, &progress);
    if (!barrier->emitted) {
        if (ctx_queue_oldest_epoch(engine->queue) <= barrier->epoch)
            return false;
        barrier->emitted = true;
        barrier->put = progress.put;
        barrier->stale = progress.unindexed;
        if (barrier->index && (barrier->stale || progress.indexed < progress.put))
            barrier->flush = ctx_recorder_flush(engine->recorder);
    }
    *ret_code = 0;
    if (!barrier->index || (!barrier->stale && progress.indexed >= barrier->put))
        return true;
    if (progress.flushed < barrier->flush)
        return false;
    *ret_code = progress.index_code;
    return progress.index_code < 0 || progress.indexed >= barrier->put;
}

void ctx_engine_barriers_run(struct ctx_engine *engine)
{
    struct ctx_barrier **link = &engine->barriers;
    while (*link) {
        struct ctx_barrier *barrier = *link;
        int code;
        if (!passed(engine, barrier, &code)) {
            link = &barrier->next;
            continue;
        }
        *link = barrier->next;
        barrier->done(barrier->data, code);
        free(barrier);
        link = &engine->barriers; /* done() may have made or cancelled others */
    }
}

int64_t ctx_engine_barrier(struct ctx_engine *engine, bool index,
                           void (*done)(void *data, int code), void *data)
{
    struct ctx_barrier *barrier = calloc(1, sizeof(*barrier));
    int code;
    if (!barrier)
        return -ENOMEM;
    *barrier = (struct ctx_barrier){
        .ticket = ++engine->last_ticket,
        .epoch = engine->epoch++,
        .index = index,
        .done = done,
        .data = data,
    };
    if (passed(engine, barrier, &code)) {
        free(barrier);
        done(data, code);
        return 0;
    }
    barrier->next = engine->barriers;
    engine->barriers = barrier;
    return barrier->ticket;
}

void ctx_engine_barrier_cancel(struct ctx_engine *engine, int64_t ticket)
{
    for (struct ctx_barrier **link = &engine->barriers; *link; link = &(*link)->next)
        if ((*link)->ticket == ticket) {
            struct ctx_barrier *barrier = *link;
            *link = barrier->next;
            free(barrier);
            return;
        }
}

void ctx_engine_barriers_free(struct ctx_engine *engine)
{
    while (engine->barriers)
        ctx_engine_barrier_cancel(engine, engine->barriers->ticket);
}
