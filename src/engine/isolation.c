/* Worker processes on demand. Any thread, after it was made and before it is freed. */
#include "engine/isolation.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

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
        ctx_error_set(&isolation->trouble, 0, "worker processes: %.900s", error.text);
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

const char *ctx_isolation_trouble(struct ctx_isolation *isolation)
{
    struct ctx_isolate *isolate = started(isolation);
    if (isolate && !ctx_isolate_available(isolate))
        return "worker processes: too many could not be started: documents run in threads";
    return isolate || !isolation->trouble.text[0] ? NULL : isolation->trouble.text;
}

void ctx_isolation_stats(struct ctx_isolation *isolation, struct ctx_isolate_stats *ret_stats)
{
    struct ctx_isolate *isolate = started(isolation);
    *ret_stats = (struct ctx_isolate_stats){ 0 };
    if (isolate)
        ctx_isolate_stats(isolate, ret_stats);
}
