#ifndef CTX_ENGINE_ISOLATION_H
#define CTX_ENGINE_ISOLATION_H

#include "work/isolate.h"

/*
 * The engine's worker processes, started at once or when the first document needs them: a build of
 * small documents never pays for them (3 ms; tests/bench/bench_build.py).
 */

struct ctx_isolation;

/* `options` is copied, its program too. With `now`, starts them here; failing is no failure. */
int ctx_isolation_new(const struct ctx_isolate_options *options, bool now,
                      struct ctx_isolation **ret_isolation);
void ctx_isolation_free(struct ctx_isolation *isolation);

/* The pool, started if it was not; NULL when it cannot be had (any more). Any thread. */
struct ctx_isolate *ctx_isolation_get(struct ctx_isolation *isolation);

/* Workers get another limit of memory, from their next call on. Any thread. */
void ctx_isolation_set_memory_limit(struct ctx_isolation *isolation, uint64_t memory_limit);

/* NULL, or why worker processes cannot be had, for `degraded`. Borrowed. Any thread. */
const char *ctx_isolation_trouble(struct ctx_isolation *isolation);

/* Figures; zero when none were started. Any thread. */
void ctx_isolation_stats(struct ctx_isolation *isolation, struct ctx_isolate_stats *ret_stats);

#endif
