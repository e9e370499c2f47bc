#ifndef CTX_WORK_POOL_H
#define CTX_WORK_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A pool of threads for opaque jobs, in two lanes: an urgent job is taken by the next free thread
 * before any bulk one; while both wait, every eighth pick is bulk. Results come back on one
 * list, announced by an eventfd.
 */

struct ctx_job {
    void (*run)(struct ctx_job *job); /* on a pool thread */
    bool urgent;
    uint64_t submitted_us, started_us, finished_us; /* monotonic; set by the pool */
    uint64_t cpu_us;                                /* thread CPU time of `run` */
    struct ctx_job *next;                           /* the pool's, then the collector's */
};

struct ctx_pool;

/*
 * Starts up to `threads` threads (0 is allowed: sequential, jobs run inside ctx_pool_submit() on
 * the caller's thread). All signals are blocked in them. ret_started (may be NULL) says how many
 * started; fewer is no failure.
 */
int ctx_pool_new(unsigned threads, struct ctx_pool **ret_pool, unsigned *ret_started);
/*
 * Ends the threads: waits for running jobs. Afterwards ctx_pool_collect() gives those and the ones
 * not yet begun, unrun (started_us is 0). Owner thread.
 */
void ctx_pool_stop(struct ctx_pool *pool);
/* Stops and frees. Jobs that were not collected stay the owner's. */
void ctx_pool_free(struct ctx_pool *pool);

/*
 * Starts threads that are missing, and lets surplus ones end, each after the job it runs; when none
 * can be started it stays as it is. Nothing is waited for. Owner thread, between jobs of its own.
 */
void ctx_pool_resize(struct ctx_pool *pool, unsigned threads);

/* Hands a job over until it comes back by ctx_pool_collect(). Owner thread. */
void ctx_pool_submit(struct ctx_pool *pool, struct ctx_job *job);

/*
 * Readable when finished jobs wait: at once when one is urgent or nothing bulky is left, else within
 * milliseconds. Borrowed.
 */
int ctx_pool_get_fd(const struct ctx_pool *pool);
/* Takes the whole list of finished jobs, oldest first; NULL when none. Never blocks. Owner thread. */
struct ctx_job *ctx_pool_collect(struct ctx_pool *pool);
/* Blocks until at least one job is finished, or `timeout_ms` (-1: none) has passed. */
void ctx_pool_wait(struct ctx_pool *pool, int timeout_ms);

unsigned ctx_pool_threads(const struct ctx_pool *pool);

/* How many processors this process may run on; at least 1. Any thread. */
unsigned ctx_pool_cores(void);

/* How many threads "auto" means on this machine: see work/pool.c for the measurement. */
unsigned ctx_pool_auto_threads(void);

#endif
