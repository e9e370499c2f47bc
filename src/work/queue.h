#ifndef CTX_WORK_QUEUE_H
#define CTX_WORK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The priority batch queue of changes. Pure: no clock, no lock, no system call. Keyed by (source,
 * path): at most one waiting and one in flight; a path that changes while in flight runs again
 * when it is done. One thread owns it.
 */

enum ctx_priority {
    CTX_PRIORITY_SAVE,    /* an editor's save */
    CTX_PRIORITY_REQUEST, /* rebuild PATH, retry */
    CTX_PRIORITY_BULK,    /* first build, reconcile, branch switch */
    CTX_PRIORITY_COUNT,
};

/* What is to be done about a path. The later one wins when changes coalesce. */
enum ctx_change_kind {
    CTX_CHANGE_PROCESS, /* read, transform, emit */
    CTX_CHANGE_REMOVE,  /* take its page and index line away */
};

struct ctx_change {
    const char *path; /* relative to its root; copied by the queue */
    uint32_t source;  /* number of the source */
    enum ctx_change_kind kind;
    enum ctx_priority priority;
    bool retry;           /* nobody asked: it failed, and may not any more */
    bool force;           /* do it even when stamp and hash say that nothing changed */
    uint64_t size;        /* expected bytes of the source; for the batch's and the memory bound */
    uint64_t cost;        /* bytes it is expected to hold in flight, against the memory limit */
    uint64_t enqueued_us; /* monotonic; of the earliest change that was merged into this one */
    uint64_t epoch;       /* barrier epoch of the earliest change merged into this one */
};

struct ctx_queue_limits {
    size_t batch_size;    /* documents a batch */
    uint64_t batch_bytes; /* source bytes a batch; one document may exceed it alone */
    uint64_t memory;      /* sum of costs in flight; a document dearer than this is taken alone */
    unsigned bulk_share;  /* one batch in so many is a lower priority's while it waits; 8 */
};

struct ctx_queue;
int ctx_queue_new(const struct ctx_queue_limits *limits, struct ctx_queue **ret_queue);
void ctx_queue_free(struct ctx_queue *queue);
void ctx_queue_set_limits(struct ctx_queue *queue, const struct ctx_queue_limits *limits);

/*
 * Adds a change, or merges it into the one waiting for its path: the higher priority, the earliest
 * times, the later kind. 0 new, CTX_UNCHANGED merged, -ENOMEM.
 */
int ctx_queue_push(struct ctx_queue *queue, const struct ctx_change *change);

/* A batch: changes in flight, borrowed from the queue until ctx_queue_done() of each. */
struct ctx_batch {
    enum ctx_priority priority;
    size_t n;
    const struct ctx_change **changes; /* owned by the batch */
    uint64_t cost;
};

/*
 * Takes the next batch that fits the memory left: all of one priority, oldest first, never a path
 * that is in flight. `urgent_only` takes no bulk. 0; CTX_UNCHANGED when nothing can be taken now;
 * -ENOMEM. Lower priorities are guaranteed their share: after bulk_share - 1 batches that overtook
 * one it is due, and where its first change wants more memory than is left, twice as many may
 * pass, then it is waited for.
 */
int ctx_queue_next(struct ctx_queue *queue, bool urgent_only, struct ctx_batch *ret_batch);
void ctx_batch_deinit(struct ctx_batch *batch);

/* A change of a batch is done: its cost is given back, and a rerun waiting for it may be taken. */
void ctx_queue_done(struct ctx_queue *queue, const struct ctx_change *change);

/* Takes all waiting changes of a source away (it left the configuration). Returns how many. */
size_t ctx_queue_drop_source(struct ctx_queue *queue, uint32_t source);

size_t ctx_queue_waiting(const struct ctx_queue *queue, enum ctx_priority priority);
size_t ctx_queue_in_flight(const struct ctx_queue *queue);
uint64_t ctx_queue_cost_in_flight(const struct ctx_queue *queue);
/* Whether a path waits or is in flight. */
bool ctx_queue_has(const struct ctx_queue *queue, uint32_t source, const char *path);
/* Whether what is to be done about a path in the end is to take its page away. */
bool ctx_queue_removes(const struct ctx_queue *queue, uint32_t source, const char *path);
/* The smallest epoch among all changes waiting or in flight; UINT64_MAX when empty. */
uint64_t ctx_queue_oldest_epoch(const struct ctx_queue *queue);

#endif
