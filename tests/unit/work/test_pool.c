/* The pool: every case waits on semaphores and the pool's own descriptor, never on time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "work/pool.h"

struct task {
    struct ctx_job job; /* first */
    int number;
    sem_t *started, *go; /* NULL: does not wait */
    pthread_t thread;
};

static int order[64];
static int n_order;
static pthread_mutex_t order_lock = PTHREAD_MUTEX_INITIALIZER;

static void run_task(struct ctx_job *job)
{
    struct task *task = (struct task *)job;
    task->thread = pthread_self();
    if (task->started)
        sem_post(task->started);
    if (task->go)
        sem_wait(task->go);
    pthread_mutex_lock(&order_lock);
    order[n_order++ % 64] = task->number;
    pthread_mutex_unlock(&order_lock);
}

static void submit(struct ctx_pool *pool, struct task *task, bool urgent)
{
    task->job = (struct ctx_job){ .run = run_task, .urgent = urgent };
    ctx_pool_submit(pool, &task->job);
}

/* Collects until `n` jobs came back; returns how many there were in all. */
static int collect(struct ctx_pool *pool, int n)
{
    int got = 0;
    while (got < n) {
        ctx_pool_wait(pool, -1);
        for (struct ctx_job *job = ctx_pool_collect(pool); job; job = job->next)
            got++;
    }
    return got;
}

static bool readable(struct ctx_pool *pool)
{
    struct pollfd fd = { .fd = ctx_pool_get_fd(pool), .events = POLLIN };
    return poll(&fd, 1, 0) == 1;
}

static void pool_sequential_runs_on_the_caller(void **state)
{
    (void)state;
    struct ctx_pool *pool;
    unsigned started = 9;
    assert_int_equal(ctx_pool_new(0, &pool, &started), 0);
    assert_int_equal(started, 0);
    struct task task = { .number = 1 };
    assert_false(readable(pool));
    submit(pool, &task, false);
    assert_true(pthread_equal(task.thread, pthread_self()));
    assert_true(readable(pool));
    ctx_pool_wait(pool, -1);
    assert_ptr_equal(ctx_pool_collect(pool), &task.job);
    assert_false(readable(pool));
    assert_null(ctx_pool_collect(pool));
    assert_true(task.job.submitted_us <= task.job.started_us);
    assert_true(task.job.started_us <= task.job.finished_us);
    ctx_pool_free(pool);
}

static void pool_signals_once_for_a_list(void **state)
{
    (void)state;
    struct ctx_pool *pool;
    struct task tasks[3] = { 0 };
    eventfd_t signals;
    assert_int_equal(ctx_pool_new(0, &pool, NULL), 0);
    for (int i = 0; i < 3; i++)
        submit(pool, &tasks[i], false);
    assert_int_equal(eventfd_read(ctx_pool_get_fd(pool), &signals), 0);
    assert_int_equal(signals, 1);
    int n = 0;
    for (struct ctx_job *job = ctx_pool_collect(pool); job; job = job->next)
        n++;
    assert_int_equal(n, 3);
    ctx_pool_free(pool);
}

static void pool_threads_run_side_by_side(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    struct ctx_pool *pool;
    unsigned started;
    assert_int_equal(ctx_pool_new(THREADS, &pool, &started), 0);
    assert_int_equal(started, THREADS);
    sem_t begun, go;
    sem_init(&begun, 0, 0);
    sem_init(&go, 0, 0);
    struct task tasks[THREADS];
    for (int i = 0; i < THREADS; i++) {
        tasks[i] = (struct task){ .number = i, .started = &begun, .go = &go };
        submit(pool, &tasks[i], false);
    }
    for (int i = 0; i < THREADS; i++) /* only when all run at once does this end */
        sem_wait(&begun);
    assert_null(ctx_pool_collect(pool));
    for (int i = 0; i < THREADS; i++)
        sem_post(&go);
    assert_int_equal(collect(pool, THREADS), THREADS);
    ctx_pool_free(pool);
    sem_destroy(&begun);
    sem_destroy(&go);
}

/* Whether `n` jobs, and no more, are run at once. */
static void assert_runs_at_once(struct ctx_pool *pool, int n)
{
    enum { MOST = 8 };
    sem_t begun, go;
    sem_init(&begun, 0, 0);
    sem_init(&go, 0, 0);
    struct task tasks[MOST + 1];
    for (int i = 0; i <= n; i++) {
        tasks[i] = (struct task){ .number = i, .started = &begun, .go = &go };
        submit(pool, &tasks[i], false);
    }
    for (int i = 0; i < n; i++)
        sem_wait(&begun);
    assert_int_not_equal(sem_trywait(&begun), 0);
    for (int i = 0; i <= n; i++)
        sem_post(&go);
    assert_int_equal(collect(pool, n + 1), n + 1);
    sem_destroy(&begun);
    sem_destroy(&go);
}

static void pool_grows_and_shrinks_between_jobs_and_under_them(void **state)
{
    (void)state;
    struct ctx_pool *pool;
    sem_t begun, go;
    sem_init(&begun, 0, 0);
    sem_init(&go, 0, 0);
    assert_int_equal(ctx_pool_new(1, &pool, NULL), 0);
    static const unsigned sizes[] = { 4, 2, 8, 1, 3 };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct task running[2];
        for (int k = 0; k < 2 && ctx_pool_threads(pool) > 1; k++) {
            running[k] = (struct task){ .started = &begun, .go = &go };
            submit(pool, &running[k], false);
            sem_wait(&begun);
        }
        int busy = ctx_pool_threads(pool) > 1 ? 2 : 0;
        ctx_pool_resize(pool, sizes[i]); /* does not wait for those */
        assert_int_equal(ctx_pool_threads(pool), sizes[i]);
        for (int k = 0; k < busy; k++)
            sem_post(&go);
        if (busy)
            assert_int_equal(collect(pool, busy), busy);
        assert_runs_at_once(pool, (int)sizes[i]);
    }
    ctx_pool_free(pool);
    sem_destroy(&begun);
    sem_destroy(&go);
}

static void pool_urgent_overtakes_and_bulk_keeps_its_share(void **state)
{
    (void)state;
    enum { URGENT = 20, BULK = 4 };
    struct ctx_pool *pool;
    assert_int_equal(ctx_pool_new(1, &pool, NULL), 0);
    sem_t begun, go;
    sem_init(&begun, 0, 0);
    sem_init(&go, 0, 0);
    struct task gate = { .number = -1, .started = &begun, .go = &go };
    submit(pool, &gate, false);
    sem_wait(&begun);
    n_order = 0;
    struct task tasks[URGENT + BULK];
    for (int i = 0; i < BULK; i++) {
        tasks[i] = (struct task){ .number = 100 + i };
        submit(pool, &tasks[i], false);
    }
    for (int i = BULK; i < BULK + URGENT; i++) {
        tasks[i] = (struct task){ .number = i - BULK };
        submit(pool, &tasks[i], true);
    }
    sem_post(&go);
    assert_int_equal(collect(pool, 1 + URGENT + BULK), 1 + URGENT + BULK);
    static const int expected[] = { -1, 0,  1,  2,   3,  4,  5,  6,  100, 7,  8,   9,  10,
                                    11, 12, 13, 101, 14, 15, 16, 17, 18,  19, 102, 103 };
    assert_int_equal(n_order, 1 + URGENT + BULK);
    assert_memory_equal(order, expected, sizeof(expected));
    ctx_pool_free(pool);
    sem_destroy(&begun);
    sem_destroy(&go);
}

static void pool_stop_returns_what_did_not_run(void **state)
{
    (void)state;
    struct ctx_pool *pool;
    assert_int_equal(ctx_pool_new(1, &pool, NULL), 0);
    sem_t begun, go;
    sem_init(&begun, 0, 0);
    sem_init(&go, 0, 0);
    struct task tasks[3] = { { .started = &begun, .go = &go } };
    submit(pool, &tasks[0], false);
    sem_wait(&begun);
    submit(pool, &tasks[1], false);
    submit(pool, &tasks[2], true);
    sem_post(&go); /* it may end before or after the stop: either way it is waited for */
    ctx_pool_stop(pool);
    int ran = 0, unrun = 0;
    for (struct ctx_job *job = ctx_pool_collect(pool); job; job = job->next) {
        ran += job->finished_us > 0;
        unrun += job->started_us == 0;
    }
    assert_int_equal(ran + unrun, 3);
    assert_true(tasks[0].job.finished_us > 0);
    ctx_pool_free(pool);
    sem_destroy(&begun);
    sem_destroy(&go);
}

static sigset_t seen_mask;
static char seen_name[16];

static void look_around(struct ctx_job *job)
{
    (void)job;
    pthread_sigmask(SIG_SETMASK, NULL, &seen_mask);
    pthread_getname_np(pthread_self(), seen_name, sizeof(seen_name));
}

static void pool_threads_take_no_signals(void **state)
{
    (void)state;
    struct ctx_pool *pool;
    sigset_t mine;
    pthread_sigmask(SIG_SETMASK, NULL, &mine);
    assert_int_equal(sigismember(&mine, SIGTERM), 0);
    assert_int_equal(ctx_pool_new(1, &pool, NULL), 0);
    struct ctx_job job = { .run = look_around };
    ctx_pool_submit(pool, &job);
    assert_int_equal(collect(pool, 1), 1);
    assert_int_equal(sigismember(&seen_mask, SIGTERM), 1);
    assert_int_equal(sigismember(&seen_mask, SIGCHLD), 1);
    assert_string_equal(seen_name, "ctx-work-0");
    pthread_sigmask(SIG_SETMASK, NULL, &mine);
    assert_int_equal(sigismember(&mine, SIGTERM), 0);
    ctx_pool_free(pool);
}

static volatile uint64_t sink;

static void burn(struct ctx_job *job)
{
    (void)job;
    for (uint64_t i = 0; i < 3000000; i++)
        sink += i;
}

static void pool_accounts_cpu_time(void **state)
{
    (void)state;
    struct ctx_pool *pool;
    assert_int_equal(ctx_pool_new(1, &pool, NULL), 0);
    struct ctx_job job = { .run = burn };
    ctx_pool_submit(pool, &job);
    collect(pool, 1);
    assert_true(job.cpu_us > 500);
    assert_true(job.cpu_us <= job.finished_us - job.started_us + 1000);
    ctx_pool_free(pool);
}

struct tally {
    struct ctx_job job;
    unsigned *count; /* by __atomic */
};

static void tally_up(struct ctx_job *job)
{
    __atomic_add_fetch(((struct tally *)job)->count, 1, __ATOMIC_RELAXED);
}

/* Many small jobs, resubmitted as they come back: each runs exactly as often as submitted. */
static void pool_loses_no_job(void **state)
{
    (void)state;
    enum { JOBS = 64, TOTAL = 20000 };
    struct ctx_pool *pool;
    assert_int_equal(ctx_pool_new(3, &pool, NULL), 0);
    unsigned count = 0;
    struct tally jobs[JOBS];
    int submitted = 0, collected = 0;
    for (; submitted < JOBS; submitted++) {
        jobs[submitted] = (struct tally){ { .run = tally_up, .urgent = submitted % 2 }, &count };
        ctx_pool_submit(pool, &jobs[submitted].job);
    }
    while (collected < submitted) {
        ctx_pool_wait(pool, -1);
        struct ctx_job *job = ctx_pool_collect(pool), *next;
        for (; job; job = next) {
            next = job->next;
            collected++;
            if (submitted < TOTAL) {
                submitted++;
                ctx_pool_submit(pool, job);
            }
        }
    }
    assert_int_equal(collected, TOTAL);
    assert_int_equal(count, TOTAL);
    assert_false(readable(pool));
    ctx_pool_free(pool);
}

static void pool_auto_is_within_bounds(void **state)
{
    (void)state;
    assert_in_range(ctx_pool_cores(), 1, 4096);
    assert_in_range(ctx_pool_auto_threads(), 1, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pool_sequential_runs_on_the_caller),
        cmocka_unit_test(pool_signals_once_for_a_list),
        cmocka_unit_test(pool_threads_run_side_by_side),
        cmocka_unit_test(pool_grows_and_shrinks_between_jobs_and_under_them),
        cmocka_unit_test(pool_urgent_overtakes_and_bulk_keeps_its_share),
        cmocka_unit_test(pool_stop_returns_what_did_not_run),
        cmocka_unit_test(pool_threads_take_no_signals),
        cmocka_unit_test(pool_accounts_cpu_time),
        cmocka_unit_test(pool_loses_no_job),
        cmocka_unit_test(pool_auto_is_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
