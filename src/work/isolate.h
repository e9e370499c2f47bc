#ifndef CTX_WORK_ISOLATE_H
#define CTX_WORK_ISOLATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "contextor/buffer.h"
#include "contextor/error.h"

/*
 * Isolated worker processes: they get bytes and give bytes, under limits on memory, CPU and wall
 * time, with no file access. A crash, a hang or a blow-up costs the one call an error and the
 * process its place. Callers block (they are pool threads); any thread, calls run side by side up
 * to `processes`, further ones wait.
 */

struct ctx_isolate_options {
    const char *program;     /* path of the contextor-worker program; copied */
    unsigned processes;      /* at most so many; 0: max(1, cores - 1) */
    uint64_t memory_limit;   /* bytes of address space beyond the program's own, for one call */
    unsigned start_failures; /* failed starts in a row that trip the breaker; 0: 3 */
};

struct ctx_isolate;

/*
 * Starts one worker and lets it test itself (a transform with a known answer, and that its sandbox
 * holds). 0; a negative errno with the reason when workers cannot be had.
 */
int ctx_isolate_new(const struct ctx_isolate_options *options, struct ctx_isolate **ret_isolate,
                    struct ctx_error *error);
/* Ends all workers. No call may be running. */
void ctx_isolate_free(struct ctx_isolate *isolate);

/*
 * Sends a request, waits for its reply (appended to `reply`, bounded by its limit). 0;
 * -ECHILD crashed, -ETIME over its time, -ENOMEM over its memory, -EFBIG over the reply's limit,
 * -EPIPE the breaker is open (nothing was tried): each with the reason in `error`. `timeout_ms` is
 * counted from the sending, not while waiting for a free worker, nor, within reason, while the worker
 * gets no processor.
 */
int ctx_isolate_call(struct ctx_isolate *isolate, const struct iovec *request, int n_parts,
                     uint64_t timeout_ms, struct ctx_buffer *reply, struct ctx_error *error);

/* As the option; workers that began with another limit are replaced when they are next wanted. */
void ctx_isolate_set_memory_limit(struct ctx_isolate *isolate, uint64_t memory_limit);

/* As the option; workers that began with another limit are replaced before their next call. Any thread. */
void ctx_isolate_set_memory_limit(struct ctx_isolate *isolate, uint64_t memory_limit);

/* False once the breaker has tripped: the caller falls back to threads. Any thread. */
bool ctx_isolate_available(const struct ctx_isolate *isolate);
/* The last failed start's reason; "" when none failed. Copied. Any thread. */
void ctx_isolate_failure(struct ctx_isolate *isolate, struct ctx_error *ret_error);
/* What holds the workers in: a sum of enum ctx_sandbox (work/worker_protocol.h). Any thread. */
unsigned ctx_isolate_sandbox(const struct ctx_isolate *isolate);

struct ctx_isolate_stats {
    unsigned running; /* worker processes alive */
    uint64_t started, crashed, timed_out, calls;
    uint64_t cpu_us;        /* of all workers there were, as of their last replies */
    uint64_t resident_peak; /* bytes: sum over places of the largest a worker there has been */
};
void ctx_isolate_stats(struct ctx_isolate *isolate, struct ctx_isolate_stats *ret_stats);

#endif
