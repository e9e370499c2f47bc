/* Worker processes on demand. Any thread, after it was made and before it is freed. */
#include "engine/isolation.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define IN_THREADS "worker processes cannot be had, so documents are transformed in threads: "

struct ctx_isolation {
    struct ctx_isolate_options options;
    char *program;
    pthread_mutex_t mutex; /* guards what follows */
    bool tried;
    struct ctx_isolate *isolate; /* NULL: not started, or not to be had */
    struct ctx_error trouble;
};

static void try_start(struct ctx_isolation *isolation)
{
    struct ctx_error error = { "" };
    if (isolation->tried)
        return;
    isolation->tried = true;
    if (ctx_isolate_new(&isolation->options, &isolation->isolate, &error) < 0) {
        isolation->isolate = NULL;
        ctx_error_set(&isolation->trouble, 0, IN_THREADS "%.900s", error.text);
    }
}

int ctx_isolation_new(const struct ctx_isolate_options *options, bool now,
                      struct ctx_isolation **ret_isolation)
{
    struct ctx_isolation *isolation = calloc(1, sizeof(*isolation));
    if (!isolation || !(isolation->program = strdup(options->program))) {
        free(isolation);
        return -ENOMEM;
    }
    isolation->options = *options;
    isolation->options.program = isolation->program;
    pthread_mutex_init(&isolation->mutex, NULL);
    if (now)
        try_start(isolation);
    *ret_isolation = isolation;
    return 0;
}

void ctx_isolation_free(struct ctx_isolation *isolation)
{
    if (!isolation)
        return;
    ctx_isolate_free(isolation->isolate);
    pthread_mutex_destroy(&isolation->mutex);
    free(isolation->program);
    free(isolation);
}

struct ctx_isolate *ctx_isolation_get(struct ctx_isolation *isolation)
{
    pthread_mutex_lock(&isolation->mutex);
    try_start(isolation);
    struct ctx_isolate *isolate = isolation->isolate;
    pthread_mutex_unlock(&isolation->mutex);
    return isolate && ctx_isolate_available(isolate) ? isolate : NULL;
}

/* What was started, without starting it. */
static struct ctx_isolate *started(struct ctx_isolation *isolation)
{
    pthread_mutex_lock(&isolation->mutex);
    struct ctx_isolate *isolate = isolation->isolate;
    pthread_mutex_unlock(&isolation->mutex);
    return isolate;
}

void ctx_isolation_set_memory_limit(struct ctx_isolation *isolation, uint64_t memory_limit)
{
    pthread_mutex_lock(&isolation->mutex);
    isolation->options.memory_limit = memory_limit;
    if (isolation->isolate)
        ctx_isolate_set_memory_limit(isolation->isolate, memory_limit);
    pthread_mutex_unlock(&isolation->mutex);
}

/* Locked. Why there are none any more: noted once, so that it may be borrowed. */
static void note_trip(struct ctx_isolation *isolation)
{
    struct ctx_error why;
    if (isolation->trouble.text[0] || !isolation->isolate ||
        ctx_isolate_available(isolation->isolate))
        return;
    ctx_isolate_failure(isolation->isolate, &why);
    ctx_error_set(&isolation->trouble, 0, IN_THREADS "%.900s", why.text);
}

const char *ctx_isolation_trouble(struct ctx_isolation *isolation)
{
    pthread_mutex_lock(&isolation->mutex);
    note_trip(isolation);
    const char *text = isolation->trouble.text[0] ? isolation->trouble.text : NULL;
    pthread_mutex_unlock(&isolation->mutex);
    return text;
}

void ctx_isolation_stats(struct ctx_isolation *isolation, struct ctx_isolate_stats *ret_stats)
{
    struct ctx_isolate *isolate = started(isolation);
    *ret_stats = (struct ctx_isolate_stats){ 0 };
    if (isolate)
        ctx_isolate_stats(isolate, ret_stats);
}
