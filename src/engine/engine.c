/*
 * The engine: hands changes to the pool in batches, takes outcomes in, keeps mirrors true and the
 * recorder fed. Invariant: a path is in flight at most once (the queue sees to it), so a task may
 * copy what is known of its document at the start and the outcome may overwrite it at the end.
 * The owner's thread runs everything here.
 */
#include "engine/engine.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "engine/cost.h"
#include "engine/state.h"

/* Waiting bulk changes at which a walk should hold: enough for any number of workers. */
enum { ROOM = 20000 };
/* Bulk in flight at the most, so that what waits stays in the queue, in order: batches; jobs a thread. */
enum { BULK_BATCHES = 2, BULK_JOBS = 2 };

static void degrade(struct ctx_engine *engine, const char *what, const char *why)
{
    ctx_error_set(&engine->degraded, 0, "%s: %.900s", what, why);
}

static unsigned threads_wanted(const struct ctx_engine *engine)
{
    const struct ctx_performance *performance = &engine->performance;
    if (!performance->parallel)
        return 0;
    return performance->max_workers ? performance->max_workers : ctx_pool_auto_threads();
}

static void judge_pool(struct ctx_engine *engine, unsigned started)
{
    engine->degraded.text[0] = '\0';
    if (started == 0 && threads_wanted(engine) > 0)
        degrade(engine, "worker threads", "none could be started: working sequentially");
    else if (started < threads_wanted(engine))
        degrade(engine, "worker threads", "fewer could be started than max_workers asks for");
}

static int start_pool(struct ctx_engine *engine)
{
    unsigned started = 0;
    int r = ctx_pool_new(threads_wanted(engine), &engine->pool, &started);
    if (r == 0)
        judge_pool(engine, started);
    return r;
}

void ctx_engine_size_pool(struct ctx_engine *engine)
{
    ctx_pool_resize(engine->pool, threads_wanted(engine));
    judge_pool(engine, ctx_pool_threads(engine->pool));
}

static int start_isolation(struct ctx_engine *engine, const struct ctx_engine_options *options)
{
    const struct ctx_isolate_options isolation = {
        .program = options->worker_program,
        .memory_limit = engine->memory_limit,
        .start_failures = 3,
    };
    if (!options->worker_program)
        return 0;
    bool now = options->workers_at_once || options->performance->use_process_pool;
    return ctx_isolation_new(&isolation, now, &engine->isolation);
}

static int add_epoll(struct ctx_engine *engine, int fd)
{
    struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
    return epoll_ctl(engine->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int start(struct ctx_engine *engine, const struct ctx_engine_options *options)
{
    struct ctx_queue_limits limits = ctx_engine_queue_limits(engine);
    int r = ctx_queue_new(&limits, &engine->queue);
    if (r == 0)
        r = ctx_recorder_new(&engine->recorder);
    if (r == 0)
        r = start_pool(engine);
    if (r == 0)
        r = start_isolation(engine, options);
    if (r < 0)
        return r;
    engine->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    r = engine->epoll_fd < 0 ? -errno : add_epoll(engine, ctx_pool_get_fd(engine->pool));
    return r == 0 ? add_epoll(engine, ctx_recorder_get_fd(engine->recorder)) : r;
}

int ctx_engine_new(const struct ctx_engine_options *options, struct ctx_engine **ret_engine,
                   struct ctx_error *error)
{
    const struct ctx_performance *performance = options->performance;
    struct ctx_engine *engine = calloc(1, sizeof(*engine));
    if (!engine)
        return ctx_error_set(error, -ENOMEM, "out of memory");
    engine->options = *options;
    engine->performance = *performance;
    engine->options.performance = &engine->performance;
    engine->memory_limit = (uint64_t)performance->memory_limit_mb * CTX_MIB;
    engine->epoll_fd = -1;
    engine->epoch = 1;
    pthread_mutex_init(&engine->turn, NULL);
    int r = start(engine, options);
    if (r == 0)
        r = ctx_engine_renew_settings(engine);
    if (r < 0) {
        ctx_engine_free(engine);
        return ctx_error_set(error, r, "cannot start: %s", ctx_error_name(r));
    }
    ctx_run_begin(engine);
    *ret_engine = engine;
    return 0;
}

static void free_tasks(struct ctx_engine *engine)
{
    while (engine->tasks_in_flight > 0) {
        struct ctx_job *list = ctx_pool_collect(engine->pool);
        if (!list)
            ctx_pool_wait(engine->pool, -1);
        while (list) {
            struct ctx_task *task = (struct ctx_task *)list;
            list = list->next;
            ctx_engine_take(engine, task, ctx_clock_monotonic_us());
        }
    }
}

void ctx_engine_free(struct ctx_engine *engine)
{
    if (!engine)
        return;
    engine->paused = true;
    if (engine->pool)
        free_tasks(engine);
    if (engine->recorder)
        ctx_engine_close_sources(engine);
    ctx_pool_free(engine->pool);
    ctx_isolation_free(engine->isolation);
    ctx_recorder_free(engine->recorder);
    free(engine->sources);
    ctx_queue_free(engine->queue);
    ctx_engine_barriers_free(engine);
    ctx_settings_release(engine->settings);
    ctx_closep(&engine->epoll_fd);
    pthread_mutex_destroy(&engine->turn);
    free(engine);
}

bool ctx_engine_has_room(const struct ctx_engine *engine)
{
    return ctx_queue_waiting(engine->queue, CTX_PRIORITY_BULK) < ROOM;
}

int ctx_engine_get_fd(const struct ctx_engine *engine)
{
    return engine->epoll_fd;
}

/*
 * The page in the output, and whether it stays where it is. One that moves is taken away from where it
 * was, whoever has that name now: the new owner may go before it writes. Should it have written
 * meanwhile, it is emitted again (outcome.c).
 */
static void describe_page(struct ctx_task *task, const struct ctx_mirror *mirror,
                          const struct ctx_known *known)
{
    task->has_page = known->has_page && known->paged_form == known->form;
    if (task->has_page)
        task->known_output = (struct ctx_file_stamp){ .ino = known->output.ino,
                                                      .size = known->output.size,
                                                      .mtime_ns = known->output.mtime_ns };
    else if (known->has_page)
        ctx_mirror_page_slug(mirror, known, task->leaves);
    task->takes_over = !known->has_page && ctx_mirror_is_contested(mirror, known);
    task->fresh = ctx_output_is_fresh(task->output) && !known->has_page && !task->takes_over;
}

/* The page that goes. Where another document's page has taken its place, there is none. */
static void describe_removal(struct ctx_task *task, const struct ctx_mirror *mirror,
                             const struct ctx_known *known)
{
    enum ctx_slug_form form = (enum ctx_slug_form)known->paged_form;
    const struct ctx_known *owner = ctx_mirror_owner(mirror, known, form);
    bool taken = owner && owner != known && owner->has_page && owner->paged_form == owner->form;
    task->form = form;
    ctx_mirror_page_slug(mirror, known, task->slug);
    task->has_page = known->has_page && !taken;
}

static struct ctx_task *new_task(struct ctx_engine *engine, const struct ctx_change *change,
                                 uint64_t now_us)
{
    struct ctx_source_state *source = engine->sources[change->source];
    struct ctx_known *known = ctx_mirror_find(source->mirror, change->path);
    /* Removed while this change waited, and there again. */
    if (!known && change->kind == CTX_CHANGE_PROCESS)
        ctx_engine_know(engine, source, change->path, change->epoch, now_us, &known);
    struct ctx_task *task = known ? calloc(1, sizeof(*task)) : NULL;
    if (!task)
        return NULL;
    task->job.run = ctx_process_run;
    task->job.urgent = change->priority != CTX_PRIORITY_BULK;
    task->settings = engine->settings;
    engine->settings->users++;
    task->source = source->config;
    task->output = source->output;
    task->change = change;
    if (change->kind == CTX_CHANGE_REMOVE) {
        describe_removal(task, source->mirror, known);
        return task;
    }
    task->form = (enum ctx_slug_form)known->form;
    ctx_mirror_slug(source->mirror, known, task->slug);
    memcpy(task->known_digest, known->digest, CTX_DIGEST_SIZE);
    task->density = known->density;
    describe_page(task, source->mirror, known);
    task->failed = known->current && known->error && !known->stuck && !change->force;
    task->gate = known->current && !known->error && !change->force && task->known_output.ino != 0;
    return task;
}

static void begin(struct ctx_engine *engine, struct ctx_batch_run *run,
                  const struct ctx_change *change, uint64_t now_us)
{
    struct ctx_task *task = new_task(engine, change, now_us);
    engine->sources[change->source]->waiting--;
    if (!task) { /* it was forgotten meanwhile: nothing is left to be done */
        ctx_queue_done(engine->queue, change);
        ctx_batch_run_done(engine, run);
        return;
    }
    task->batch = run;
    engine->sources[change->source]->in_flight++;
    engine->tasks_in_flight++;
    engine->bulk_in_flight += !task->job.urgent;
    ctx_pool_submit(engine->pool, &task->job);
}

static size_t most_bulk(const struct ctx_engine *engine)
{
    size_t batches = (size_t)BULK_BATCHES * engine->performance.batch_size;
    size_t jobs = (size_t)BULK_JOBS * ctx_pool_threads(engine->pool);
    return batches > jobs ? batches : jobs;
}

/* Takes one batch from the queue to the pool; false when there is none to take. */
static bool begin_batch(struct ctx_engine *engine, uint64_t now_us)
{
    struct ctx_batch batch;
    bool urgent_only = engine->bulk_in_flight >= most_bulk(engine);
    if (engine->paused || ctx_queue_next(engine->queue, urgent_only, &batch) != 0)
        return false;
    ctx_run_wake(engine);
    struct ctx_batch_run *run = ctx_batch_run_new(engine, &batch);
    for (size_t i = 0; i < batch.n; i++)
        begin(engine, run, batch.changes[i], now_us);
    ctx_batch_deinit(&batch);
    return true;
}

static bool collect(struct ctx_engine *engine, uint64_t now_us)
{
    struct ctx_job *list = ctx_pool_collect(engine->pool);
    bool any = list;
    while (list) {
        struct ctx_task *task = (struct ctx_task *)list;
        list = list->next;
        ctx_engine_take(engine, task, now_us);
    }
    return any;
}

void ctx_engine_dispatch(struct ctx_engine *engine, uint64_t now_us)
{
    ctx_recorder_dispatch(engine->recorder);
    do {
        bool any = false;
        do
            any |= collect(engine, now_us);
        while (begin_batch(engine, now_us));
        if (any)
            ctx_run_see(engine);
        ctx_engine_barriers_run(engine);
    } while (begin_batch(engine, now_us)); /* who waited for a barrier may have had more to do */
}

void ctx_engine_wait(struct ctx_engine *engine, int timeout_ms)
{
    struct pollfd fd = { .fd = engine->epoll_fd, .events = POLLIN };
    poll(&fd, 1, timeout_ms);
}

void ctx_engine_pause(struct ctx_engine *engine, bool paused)
{
    engine->paused = paused;
}

bool ctx_engine_idle(const struct ctx_engine *engine)
{
    struct ctx_recorder_progress progress;
    ctx_recorder_progress(engine->recorder, &progress);
    return engine->tasks_in_flight == 0 && ctx_queue_oldest_epoch(engine->queue) == UINT64_MAX &&
           progress.recorded == progress.put && progress.indexed == progress.put;
}

void ctx_engine_ask(struct ctx_engine *engine, struct ctx_query *query)
{
    ctx_recorder_ask(engine->recorder, query);
}
