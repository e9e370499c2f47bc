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
    const char *program;     /* path of the contextor-worker program */
    unsigned processes;      /* default max(1, cores - 1) */
    uint64_t memory_limit;   /* bytes of address space beyond the program's own, for one call */
    unsigned start_failures; /* failed starts in a row that trip the breaker; 3 */
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
 * -ECHILD crashed, -ETIME over its time, -ENOMEM over its memory, -EPIPE the breaker is open: each with
 * the reason in `error`.
 */
int ctx_isolate_call(struct ctx_isolate *isolate, const struct iovec *request, int n_parts,
                     uint64_t timeout_ms, struct ctx_buffer *reply, struct ctx_error *error);

/* False once the breaker has tripped: the caller falls back to threads. */
bool ctx_isolate_available(const struct ctx_isolate *isolate);

struct ctx_isolate_stats {
    unsigned running; /* worker processes alive */
    uint64_t started, crashed, timed_out, calls;
    uint64_t cpu_us; /* of workers that ended, and of calls */
};
void ctx_isolate_stats(struct ctx_isolate *isolate, struct ctx_isolate_stats *ret_stats);

#endif
