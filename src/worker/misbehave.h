#ifndef CTX_WORKER_MISBEHAVE_H
#define CTX_WORKER_MISBEHAVE_H

#include <stddef.h>

/*
 * The tests' own worker, contextor-worker-test, does what a request that begins with '!' says:
 * "!crash", "!abort", "!hang", "!spin", "!bloat", "!open", "!socket", "!fork", "!exec-memory"; and
 * so does a document that says "contextor-worker-test!crash". In the installed worker there is nothing
 * of this.
 */
#ifdef CTX_WORKER_TEST
void ctx_worker_misbehave(const char *request, size_t len);
#else
static inline void ctx_worker_misbehave(const char *request, size_t len)
{
    (void)request;
    (void)len;
}
#endif

#endif
