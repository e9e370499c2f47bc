/*
 * Isolated worker processes. A fixed number of places, each empty or with one worker; a caller
 * takes a place for the length of its call and starts a worker there when there is none. So starts
 * and calls run unlocked, side by side, and a dead worker costs its place nothing but a start.
 * Any thread; the lock guards all that is in struct ctx_isolate but what never changes.
 */
#include "work/isolate.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "work/pool.h"
#include "work/worker_process.h"
#include "work/worker_protocol.h"

enum { START_FAILURES = 3 };

struct place {
    bool taken;
    struct ctx_worker_process process; /* the taker's while taken, else the lock's */
    uint64_t memory_limit;             /* that process's; likewise */
    bool running;                      /* what is known of it since it was last left */
    uint64_t cpu_us, resident_peak;
};

struct ctx_isolate {
    char *program; /* never changes, as the next two */
    unsigned start_failures, n_places;

    pthread_mutex_t lock;   /* guards all below */
    pthread_cond_t freed;   /* a place was, or the breaker tripped */
    unsigned failed_starts; /* in a row */
    struct ctx_error failure;
    bool tripped; /* written under the lock, read by __atomic too */
    uint64_t memory_limit;
    unsigned sandbox; /* of the first worker */
    uint64_t ended_cpu_us;
    struct ctx_isolate_stats stats; /* counters only */
    struct place places[];
};

/* Locked. Takes a place, one with a worker if there is such; NULL when all are taken. */
static struct place *take_place(struct ctx_isolate *isolate)
{
    struct place *empty = NULL;
    for (unsigned i = 0; i < isolate->n_places; i++) {
        struct place *place = &isolate->places[i];
        if (place->taken)
            continue;
        empty = place;
        if (place->process.pid > 0)
            break;
    }
    if (empty)
        empty->taken = true;
    return empty;
}

/* Locked. Takes down what the place's worker has used, or used to its end. */
static void account(struct ctx_isolate *isolate, struct place *place)
{
    struct ctx_worker_process *process = &place->process;
    if (process->resident > place->resident_peak)
        place->resident_peak = process->resident;
    place->running = process->pid > 0;
    place->cpu_us = process->cpu_us;
    if (place->running)
        return;
    isolate->ended_cpu_us += process->cpu_us;
    place->cpu_us = 0;
    *process = (struct ctx_worker_process){ .fd = -1 };
}

/* Locked. */
static void leave_place(struct ctx_isolate *isolate, struct place *place)
{
    account(isolate, place);
    place->taken = false;
    pthread_cond_signal(&isolate->freed);
}

/* Locked. Counts a start, and trips the breaker by the last of too many that failed. */
static void note_start(struct ctx_isolate *isolate, int r, const struct ctx_error *error)
{
    if (r == 0) {
        isolate->failed_starts = 0;
        isolate->stats.started++;
        return;
    }
    isolate->failure = *error;
    if (++isolate->failed_starts < isolate->start_failures)
        return;
    __atomic_store_n(&isolate->tripped, true, __ATOMIC_RELAXED);
    pthread_cond_broadcast(&isolate->freed);
}

/* Unlocked, in a place that is taken: starts its worker. */
static int start_worker(struct ctx_isolate *isolate, struct place *place, struct ctx_error *error)
{
    pthread_mutex_lock(&isolate->lock);
    place->memory_limit = isolate->memory_limit;
    pthread_mutex_unlock(&isolate->lock);
    return ctx_worker_process_start(isolate->program, place->memory_limit, &place->process, error);
}

static bool is_limited_otherwise(struct ctx_isolate *isolate, const struct place *place)
{
    pthread_mutex_lock(&isolate->lock);
    bool otherwise = place->memory_limit != isolate->memory_limit;
    pthread_mutex_unlock(&isolate->lock);
    return otherwise;
}

/*
 * Unlocked, in a place that is taken: lets a worker go that is dead, has used half its time, or
 * began with another limit of memory.
 */
static void retire(struct ctx_isolate *isolate, struct place *place)
{
    struct ctx_worker_process *process = &place->process;
    if (process->pid == 0 || (ctx_worker_process_is_alive(process) &&
                              process->cpu_us < CTX_WORKER_CPU_S * UINT64_C(1000000) / 2 &&
                              !is_limited_otherwise(isolate, place)))
        return;
    ctx_worker_process_end(process);
    pthread_mutex_lock(&isolate->lock);
    account(isolate, place);
    pthread_mutex_unlock(&isolate->lock);
}

/* Unlocked, in a place that is taken: sees to it that a worker is there. 0 or -EPIPE. */
static int provide(struct ctx_isolate *isolate, struct place *place)
{
    retire(isolate, place);
    while (place->process.pid == 0) {
        if (!ctx_isolate_available(isolate))
            return -EPIPE;
        struct ctx_error error;
        int r = start_worker(isolate, place, &error);
        pthread_mutex_lock(&isolate->lock);
        note_start(isolate, r, &error);
        pthread_mutex_unlock(&isolate->lock);
    }
    return 0;
}

static int breaker_is_open(struct ctx_isolate *isolate, struct ctx_error *error)
{
    struct ctx_error why;
    ctx_isolate_failure(isolate, &why);
    return ctx_error_set(error, -EPIPE, "worker processes cannot be had: %s", why.text);
}

int ctx_isolate_call(struct ctx_isolate *isolate, const struct iovec *request, int n_parts,
                     uint64_t timeout_ms, struct ctx_buffer *reply, struct ctx_error *error)
{
    struct place *place = NULL;
    pthread_mutex_lock(&isolate->lock);
    while (!isolate->tripped && !(place = take_place(isolate)))
        pthread_cond_wait(&isolate->freed, &isolate->lock);
    pthread_mutex_unlock(&isolate->lock);
    if (!place)
        return breaker_is_open(isolate, error);
    int r = provide(isolate, place);
    bool provided = r == 0;
    if (provided)
        r = ctx_worker_process_call(&place->process, request, n_parts, timeout_ms, reply, error);
    pthread_mutex_lock(&isolate->lock);
    isolate->stats.calls += provided;
    isolate->stats.timed_out += provided && r == -ETIME;
    isolate->stats.crashed += provided && r < 0 && r != -ETIME;
    leave_place(isolate, place);
    pthread_mutex_unlock(&isolate->lock);
    return provided ? r : breaker_is_open(isolate, error);
}

/* The first worker: it tells whether any can be had. */
static int start_first(struct ctx_isolate *isolate, struct ctx_error *error)
{
    struct place *place = &isolate->places[0];
    int r = start_worker(isolate, place, error);
    if (r < 0)
        return r;
    note_start(isolate, 0, NULL);
    account(isolate, place);
    isolate->sandbox = place->process.sandbox;
    return 0;
}

int ctx_isolate_new(const struct ctx_isolate_options *options, struct ctx_isolate **ret_isolate,
                    struct ctx_error *error)
{
    unsigned cores = ctx_pool_cores();
    unsigned n_places = options->processes ? options->processes : cores > 1 ? cores - 1 : 1;
    struct ctx_isolate *isolate = calloc(1, sizeof(*isolate) + n_places * sizeof(struct place));
    char *program = strdup(options->program);
    if (!isolate || !program) {
        free(isolate);
        free(program);
        return ctx_error_set(error, -ENOMEM, "no memory for worker processes");
    }
    isolate->program = program;
    isolate->memory_limit = options->memory_limit;
    isolate->start_failures = options->start_failures ? options->start_failures : START_FAILURES;
    isolate->n_places = n_places;
    for (unsigned i = 0; i < n_places; i++)
        isolate->places[i].process.fd = -1;
    pthread_mutex_init(&isolate->lock, NULL);
    pthread_cond_init(&isolate->freed, NULL);
    int r = start_first(isolate, error);
    if (r < 0) {
        ctx_isolate_free(isolate);
        return r;
    }
    *ret_isolate = isolate;
    return 0;
}

void ctx_isolate_free(struct ctx_isolate *isolate)
{
    if (!isolate)
        return;
    for (unsigned i = 0; i < isolate->n_places; i++)
        ctx_worker_process_end(&isolate->places[i].process);
    pthread_cond_destroy(&isolate->freed);
    pthread_mutex_destroy(&isolate->lock);
    free(isolate->program);
    free(isolate);
}

void ctx_isolate_set_memory_limit(struct ctx_isolate *isolate, uint64_t memory_limit)
{
    pthread_mutex_lock(&isolate->lock);
    isolate->memory_limit = memory_limit;
    pthread_mutex_unlock(&isolate->lock);
}

bool ctx_isolate_available(const struct ctx_isolate *isolate)
{
    return !__atomic_load_n(&isolate->tripped, __ATOMIC_RELAXED);
}

void ctx_isolate_failure(struct ctx_isolate *isolate, struct ctx_error *ret_error)
{
    pthread_mutex_lock(&isolate->lock);
    *ret_error = isolate->failure;
    pthread_mutex_unlock(&isolate->lock);
}

unsigned ctx_isolate_sandbox(const struct ctx_isolate *isolate)
{
    return isolate->sandbox; /* set before any other thread knows of it */
}

void ctx_isolate_stats(struct ctx_isolate *isolate, struct ctx_isolate_stats *ret_stats)
{
    pthread_mutex_lock(&isolate->lock);
    struct ctx_isolate_stats stats = isolate->stats;
    stats.cpu_us = isolate->ended_cpu_us;
    for (unsigned i = 0; i < isolate->n_places; i++) {
        const struct place *place = &isolate->places[i];
        stats.running += place->running;
        stats.cpu_us += place->cpu_us;
        stats.resident_peak += place->resident_peak;
    }
    pthread_mutex_unlock(&isolate->lock);
    *ret_stats = stats;
}
