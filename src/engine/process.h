#ifndef CTX_ENGINE_PROCESS_H
#define CTX_ENGINE_PROCESS_H

#include <pthread.h>

#include "base/slug.h"
#include "config/config.h"
#include "contextor/page.h"
#include "document/catalogue.h"
#include "document/output.h"
#include "engine/isolation.h"
#include "work/pool.h"
#include "work/queue.h"

/*
 * What is done about one change, on a pool thread: load, transform, emit, or remove. It works on
 * its own copy of what is known and shares only what is immutable, the output, and the pool of
 * worker processes.
 */

/* Shared by tasks; immutable while they run, but for the count, which is the engine's. */
struct ctx_process_settings {
    size_t users;                    /* tasks in flight, and the engine while they are its own */
    struct ctx_isolation *isolation; /* NULL: no worker processes */
    bool isolate_all;
    uint64_t isolate_threshold; /* bytes; larger documents run in a worker process */
    uint64_t memory_limit;      /* bytes of all documents in flight */
    uint64_t document_limit;    /* bytes; a larger document is refused */
    int64_t source_date_epoch;  /* -1: the files' own times */
    bool dry_run;
    bool root_required; /* a root that is gone is an error of its documents, else they are gone */
    pthread_mutex_t *one_at_a_time; /* held over a transform; NULL: transforms run side by side */
};

/* A document's way through the pool. The engine allocates it, the pool thread fills it in. */
struct ctx_task {
    struct ctx_job job; /* first: the pool hands this back */

    /* given */
    struct ctx_process_settings *settings;
    const struct ctx_source *source;
    struct ctx_output *output;
    const struct ctx_change *change; /* borrowed from the queue */
    struct ctx_batch_run *batch;
    char slug[CTX_SLUG_SIZE];
    enum ctx_slug_form form;            /* of `slug` */
    char leaves[CTX_SLUG_SIZE];         /* "", or the slug of the page that `slug`'s replaces */
    bool has_page;                      /* a page of ours is under `slug` */
    bool takes_over;                    /* what is under `slug` is another document's */
    bool fresh;                         /* nothing is under `slug` */
    struct ctx_file_stamp known_output; /* zero: what is there is not known */
    unsigned char known_digest[CTX_DIGEST_SIZE];
    bool gate;        /* an equal digest means that nothing has to be done */
    bool failed;      /* an equal digest means that it would fail again */
    unsigned density; /* by which its change's cost was reckoned */

    /* found */
    int code; /* 0, CTX_UNCHANGED (content or page), CTX_GONE, CTX_CHANGED, or a negative errno */
    bool crowded;                /* with CTX_CHANGED: it is denser than that */
    bool journaled;              /* the journal says that the page was about to be written */
    bool cleared;                /* it failed, and what was under `slug` was taken away */
    bool skipped;                /* the digest was equal: not transformed */
    bool transient;              /* failed for want of something beyond the document */
    struct ctx_file_stamp stamp; /* of the source as read */
    unsigned char digest[CTX_DIGEST_SIZE];
    struct ctx_file_stamp written; /* of the output */
    struct ctx_page page;          /* mdc is freed after emitting */
    char *report_json;             /* the loss report, for the catalogue; NULL: empty */
    size_t page_bytes;
    uint64_t bytes_in;
    uint64_t load_us, transform_us, emit_us;
    uint64_t done_us; /* monotonic: the page is in place */
    struct ctx_error error;
};

/* Runs the task that `job` begins. Pool thread. */
void ctx_process_run(struct ctx_job *job);

/* Frees what the task found. */
void ctx_task_deinit(struct ctx_task *task);

#endif
