#ifndef CTX_WORK_COALESCER_H
#define CTX_WORK_COALESCER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The coalescer: turns what the watcher saw into changes, at the right moment. It holds a path that
 * is still open for writing, an empty file that was not empty, a deletion that may be an editor's
 * dance, and a burst while git's index.lock exists; everything else passes at once. Pure: it takes
 * `now_us` (monotonic microseconds), has no clock, lock or system call. One thread owns it.
 */

enum ctx_sighting {
    CTX_SIGHTING_WRITTEN,  /* closed after writing, renamed in, linked: act at once */
    CTX_SIGHTING_MODIFIED, /* written to, still open */
    CTX_SIGHTING_REPLACED, /* unlinked or renamed away, and there is another: perhaps still open */
    CTX_SIGHTING_GONE,     /* unlinked or renamed away */
    CTX_SIGHTING_FOUND,    /* seen by a scan: bulk */
};

struct ctx_coalescer_options {
    uint64_t settle_us;   /* empty file that was not empty */
    uint64_t max_wait_us; /* open for writing */
    uint64_t delete_grace_us;
    uint64_t lock_quiet_us; /* quiet after git's lock is gone: 200 ms */
    uint64_t lock_most_us;  /* a lock is believed so long: 30 s */
    size_t burst;           /* paths within lock_quiet_us that make a burst: 32 */
};

/* What comes out: push it as a change. `path` is borrowed for the call. */
struct ctx_ready {
    uint32_t source;
    const char *path;
    bool gone;
    bool bulk; /* found by a scan, or part of a burst */
};
typedef void (*ctx_ready_fn)(void *data, const struct ctx_ready *ready);

struct ctx_coalescer;
int ctx_coalescer_new(const struct ctx_coalescer_options *options,
                      struct ctx_coalescer **ret_coalescer);
void ctx_coalescer_free(struct ctx_coalescer *coalescer);
void ctx_coalescer_set_options(struct ctx_coalescer *coalescer,
                               const struct ctx_coalescer_options *options);

/*
 * Notes a sighting. `young` says that the file may not have all of its content yet: it is empty and
 * was not before, or was found just after it was written to. 0 or -ENOMEM. What is
 * ready at once is handed out by the next ctx_coalescer_run().
 */
int ctx_coalescer_note(struct ctx_coalescer *coalescer, uint32_t source, const char *path,
                       enum ctx_sighting sighting, bool young, uint64_t now_us);

/*
 * A scan saw a path that is as it is known, or sees to it otherwise: a deletion of it that is held
 * is void. Anything else that is held of it stays. 0 or -ENOMEM.
 */
int ctx_coalescer_present(struct ctx_coalescer *coalescer, uint32_t source, const char *path);

/* git took its index.lock in a source's repository at `since_us`, or released it. */
void ctx_coalescer_git_lock(struct ctx_coalescer *coalescer, uint32_t source, bool locked,
                            uint64_t since_us, uint64_t now_us);

/*
 * Hands out what is due at `now_us`, the earliest first; with `all`, everything held (sync: files
 * as they stand). `ready` must not call the coalescer.
 */
void ctx_coalescer_run(struct ctx_coalescer *coalescer, uint64_t now_us, bool all,
                       ctx_ready_fn ready, void *data);

/*
 * Whether a burst was held for git's lock until that was believed no more: a stale one, probably,
 * that a person should be told of. The next run lets the burst go, and no other is held for it.
 */
bool ctx_coalescer_lock_is_stale(const struct ctx_coalescer *coalescer, uint32_t source,
                                 uint64_t now_us);

/* Forgets a source: what is held of it, and its lock. */
void ctx_coalescer_drop_source(struct ctx_coalescer *coalescer, uint32_t source);

/* When ctx_coalescer_run() is next due; UINT64_MAX: nothing is held. */
uint64_t ctx_coalescer_next_us(const struct ctx_coalescer *coalescer);
size_t ctx_coalescer_held(const struct ctx_coalescer *coalescer);

#endif
