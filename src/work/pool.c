/*
 * The pool of threads. Jobs wait in two lists, urgent and bulk; finished ones in a third, whose
 * eventfd tells of it: at once of an urgent result, of bulk ones in a while. The
 * owner submits and collects on one thread; job functions run on pool threads, unlocked.
 */
#include "work/pool.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

/* While both lanes wait, one pick in so many is bulk. */
enum { BULK_SHARE = 8 };
/* How long a bulk result may wait for others to be announced with it. */
enum { ANNOUNCE_US = 2000 };

struct list {
    struct ctx_job *first, **end;
};

struct ctx_pool {
    pthread_mutex_t lock; /* guards what follows, up to `fd` */
    pthread_cond_t work;
    struct list urgent, bulk, done;
    unsigned picks; /* urgent ones in a row while bulk waited */
    unsigned n_named;
    unsigned n_wanted; /* threads beyond so many end */
    bool stopping;
    bool announced; /* the eventfd is readable */
    uint64_t announced_us;
    int fd;                  /* eventfd */
    struct thread **threads; /* by place; the owner's, as the next two */
    unsigned n_threads;      /* wanted and there */
    unsigned n_places;       /* of all threads that were not joined yet */
};

struct thread {
    struct ctx_pool *pool;
    unsigned place;
    bool ended; /* guarded by the pool's lock */
    bool joined;
    pthread_t id;
};

static void list_init(struct list *list)
{
    list->first = NULL;
    list->end = &list->first;
}

static void list_append(struct list *list, struct ctx_job *job)
{
    job->next = NULL;
    *list->end = job;
    list->end = &job->next;
}

static struct ctx_job *list_take(struct list *list)
{
    struct ctx_job *job = list->first;
    list->first = job->next;
    if (!list->first)
        list->end = &list->first;
    job->next = NULL;
    return job;
}

static uint64_t clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void run(struct ctx_job *job)
{
    job->started_us = clock_us(CLOCK_MONOTONIC);
    uint64_t cpu_us = clock_us(CLOCK_THREAD_CPUTIME_ID);
    job->run(job);
    job->cpu_us = clock_us(CLOCK_THREAD_CPUTIME_ID) - cpu_us;
    job->finished_us = clock_us(CLOCK_MONOTONIC);
}

/*
 * Locked. An urgent result is announced at once, as is one after which nothing bulky waits; others
 * together, every few milliseconds, since waking the owner for each costs a tenth of a build's time.
 * An eventfd's counter cannot overflow here: it is 0 or 1.
 */
static void finish(struct ctx_pool *pool, struct ctx_job *job)
{
    bool due =
        job->urgent || !pool->bulk.first || job->finished_us >= pool->announced_us + ANNOUNCE_US;
    list_append(&pool->done, job);
    if (pool->announced || !due)
        return;
    pool->announced = true;
    pool->announced_us = job->finished_us;
    eventfd_write(pool->fd, 1);
}

/* Locked. The next job by the lanes' rule; NULL when none waits. */
static struct ctx_job *pick(struct ctx_pool *pool)
{
    bool bulk = pool->bulk.first && (!pool->urgent.first || pool->picks >= BULK_SHARE - 1);
    if (bulk || !pool->bulk.first)
        pool->picks = 0;
    else
        pool->picks++;
    struct list *lane = bulk ? &pool->bulk : &pool->urgent;
    return lane->first ? list_take(lane) : NULL;
}

static void *thread_main(void *data)
{
    struct thread *thread = data;
    struct ctx_pool *pool = thread->pool;
    char name[16];
    pthread_mutex_lock(&pool->lock);
    snprintf(name, sizeof(name), "ctx-work-%u", pool->n_named++ % 1000);
    pthread_setname_np(pthread_self(), name);
    while (!pool->stopping && thread->place < pool->n_wanted) {
        struct ctx_job *job = pick(pool);
        if (!job) {
            pthread_cond_wait(&pool->work, &pool->lock);
            continue;
        }
        pthread_mutex_unlock(&pool->lock);
        run(job);
        pthread_mutex_lock(&pool->lock);
        finish(pool, job);
    }
    thread->ended = true;
    pthread_cond_signal(&pool->work); /* it may have been told of a job */
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Locked. Whether the thread of a place is there, and stays while it is wanted. */
static bool is_there(const struct ctx_pool *pool, unsigned place)
{
    return place < pool->n_places && !pool->threads[place]->ended;
}

/* One that has ended, so that joining it does not wait. */
static bool restart_thread(struct thread *thread)
{
    if (!thread->joined)
        pthread_join(thread->id, NULL);
    thread->ended = false;
    thread->joined = pthread_create(&thread->id, NULL, thread_main, thread) != 0;
    if (thread->joined)
        thread->ended = true;
    return !thread->joined;
}

static bool start_thread(struct ctx_pool *pool, unsigned place)
{
    if (place < pool->n_places)
        return restart_thread(pool->threads[place]);
    CTX_AUTO_FREE struct thread *thread = calloc(1, sizeof(*thread));
    void *threads = reallocarray(pool->threads, place + 1, sizeof(struct thread *));
    if (threads)
        pool->threads = threads;
    if (!threads || !thread)
        return false;
    *thread = (struct thread){ .pool = pool, .place = place };
    if (pthread_create(&thread->id, NULL, thread_main, thread) != 0)
        return false;
    pool->threads[pool->n_places++] = CTX_TAKE(thread);
    return true;
}

/* Starts threads with all signals blocked, which they inherit from this thread's mask. */
static void start_threads(struct ctx_pool *pool, unsigned threads)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (pool->n_threads = 0; pool->n_threads < threads; pool->n_threads++) {
        pthread_mutex_lock(&pool->lock);
        bool there = is_there(pool, pool->n_threads);
        pthread_mutex_unlock(&pool->lock);
        if (!there && !start_thread(pool, pool->n_threads))
            break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void want(struct ctx_pool *pool, unsigned threads)
{
    pthread_mutex_lock(&pool->lock);
    pool->n_wanted = threads;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
}

int ctx_pool_new(unsigned threads, struct ctx_pool **ret_pool, unsigned *ret_started)
{
    struct ctx_pool *pool = calloc(1, sizeof(*pool));
    if (!pool)
        return -ENOMEM;
    pool->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (pool->fd < 0) {
        int r = -errno;
        free(pool);
        return r;
    }
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    list_init(&pool->urgent);
    list_init(&pool->bulk);
    list_init(&pool->done);
    pool->n_wanted = threads;
    start_threads(pool, threads);
    if (ret_started)
        *ret_started = pool->n_threads;
    *ret_pool = pool;
    return 0;
}

void ctx_pool_resize(struct ctx_pool *pool, unsigned threads)
{
    unsigned before = pool->n_threads;
    if (threads == before || threads == 0)
        return; /* jobs that wait need a thread */
    want(pool, threads);
    if (threads < before)
        pool->n_threads = threads;
    else
        start_threads(pool, threads);
    want(pool, pool->n_threads);
}

void ctx_pool_stop(struct ctx_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->n_places; i++) {
        if (!pool->threads[i]->joined)
            pthread_join(pool->threads[i]->id, NULL);
        free(pool->threads[i]);
    }
    pool->n_threads = pool->n_places = 0;
    pthread_mutex_lock(&pool->lock);
    while (pool->urgent.first)
        finish(pool, list_take(&pool->urgent));
    while (pool->bulk.first)
        finish(pool, list_take(&pool->bulk));
    pthread_mutex_unlock(&pool->lock);
}

void ctx_pool_free(struct ctx_pool *pool)
{
    if (!pool)
        return;
    ctx_pool_stop(pool);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    close(pool->fd);
    free(pool->threads);
    free(pool);
}

void ctx_pool_submit(struct ctx_pool *pool, struct ctx_job *job)
{
    job->submitted_us = clock_us(CLOCK_MONOTONIC);
    job->started_us = job->finished_us = job->cpu_us = 0;
    if (pool->n_threads == 0)
        run(job);
    pthread_mutex_lock(&pool->lock);
    if (pool->n_threads == 0)
        finish(pool, job);
    else
        list_append(job->urgent ? &pool->urgent : &pool->bulk, job);
    pthread_cond_signal(&pool->work);
    pthread_mutex_unlock(&pool->lock);
}

int ctx_pool_get_fd(const struct ctx_pool *pool)
{
    return pool->fd;
}

struct ctx_job *ctx_pool_collect(struct ctx_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    struct ctx_job *jobs = pool->done.first;
    if (pool->announced) {
        eventfd_t count;
        eventfd_read(pool->fd, &count);
        pool->announced = false;
    }
    list_init(&pool->done);
    pthread_mutex_unlock(&pool->lock);
    return jobs;
}

void ctx_pool_wait(struct ctx_pool *pool, int timeout_ms)
{
    struct pollfd fd = { .fd = pool->fd, .events = POLLIN };
    while (poll(&fd, 1, timeout_ms) < 0 && errno == EINTR)
        ;
}

unsigned ctx_pool_threads(const struct ctx_pool *pool)
{
    return pool->n_threads;
}

unsigned ctx_pool_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        return (unsigned)CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}

/*
 * As many as there are processors. Measured on 2, first builds of 1 182 documents (9 MB) to tmpfs,
 * best of five: 1 thread 213 ms, 2 122 ms, 3 127 ms, 4 124 ms, 6 123 ms: loading and emitting wait
 * too little for more threads to win anything, and each costs an allocator of its own. On ever
 * more processors the one output directory is what they would wait for, so 32 is the most.
 */
unsigned ctx_pool_auto_threads(void)
{
    enum { CEILING = 32 };
    unsigned cores = ctx_pool_cores();
    return cores < CEILING ? cores : CEILING;
}
