#ifndef CTX_ENGINE_RECORDER_H
#define CTX_ENGINE_RECORDER_H

#include "document/catalogue.h"
#include "document/output.h"
#include "engine/mirror.h"

/*
 * The recorder: the one thread that owns the catalogues and writes the indexes, off the loop and
 * off a save's path. Outcomes are handed to it in order; catalogues get them in batched
 * transactions, each index is brought up to date after 100 ms of quiet, at least every second
 * under load, or when a barrier asks. All functions are for the owner's thread.
 */

struct ctx_recorder;

/* One outcome. All pointers are given away (malloc'ed); NULL where there is nothing. */
struct ctx_outcome {
    uint32_t source;
    struct ctx_record record; /* its strings point into what follows */
    char *path, *slug, *error, *entry, *report;
    char *stale_slug; /* an index line that goes: the slug the page had before */
    bool journaled;   /* its page is in the output's journal */
    struct ctx_outcome *next;
};
void ctx_outcome_free(struct ctx_outcome *outcome);

int ctx_recorder_new(struct ctx_recorder **ret_recorder);
/* Records, indexes and answers all that was handed over, runs its errands, then ends the thread. */
void ctx_recorder_free(struct ctx_recorder *recorder);

/*
 * Something that may block, to be done on the recorder's thread after what was put before it is
 * recorded. Errands are run one by one, in order, with other work in between.
 */
struct ctx_errand {
    struct ctx_errand *next;
    void (*run)(struct ctx_errand *errand, struct ctx_recorder *recorder); /* recorder's thread */
    void (*done)(struct ctx_errand *errand); /* owner's thread, by ctx_recorder_dispatch() */
};
void ctx_recorder_run(struct ctx_recorder *recorder, struct ctx_errand *errand);

/*
 * For errands: takes a source's ledger in, which must be before any outcome of that source is put;
 * and brings its index up to date and closes it. -E2BIG: too many sources.
 */
struct ctx_ledger;
int ctx_recorder_admit(struct ctx_recorder *recorder, struct ctx_ledger *ledger);
void ctx_recorder_dismiss(struct ctx_recorder *recorder, struct ctx_ledger *ledger);

/* Hands an outcome over; it is freed by the recorder. */
void ctx_recorder_put(struct ctx_recorder *recorder, struct ctx_outcome *outcome);

/* How many outcomes were put, recorded, and are in the index on disk. */
struct ctx_recorder_progress {
    uint64_t put, recorded, indexed;
    uint64_t flushed; /* the number of the last flush that is done, well or not */
    int index_code;   /* what it came to: 0 or a negative errno */
    uint64_t index_writes;
    bool unindexed; /* an index is not what it should be: behind, lost, or never written */
};
void ctx_recorder_progress(struct ctx_recorder *recorder, struct ctx_recorder_progress *ret);

/* Asks for the indexes at once. Returns the number of that flush, ascending. */
uint64_t ctx_recorder_flush(struct ctx_recorder *recorder);

/* Readable when progress was made or a query is answered. */
int ctx_recorder_get_fd(const struct ctx_recorder *recorder);
/* Quiets the descriptor and hands out answers of queries. */
void ctx_recorder_dispatch(struct ctx_recorder *recorder);
/* NULL, or why the last attempt to write a catalogue or an index failed ("…: No space left…"). */
const char *ctx_recorder_trouble(struct ctx_recorder *recorder);

/*
 * Asks a query (engine/query.h), which is taken; its answer is handed out on the owner's thread by
 * ctx_recorder_dispatch().
 */
struct ctx_query;
void ctx_recorder_ask(struct ctx_recorder *recorder, struct ctx_query *query);

#endif
