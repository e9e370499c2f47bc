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
#include "engine/state.h"

/* Waiting bulk changes at which a walk should hold: enough for any number of workers. */
enum { ROOM = 20000 };
/* Batches of bulk in flight at the most, so that what waits stays in the queue, in order. */
enum { BULK_BATCHES = 2 };

static uint64_t memory_limit(const struct ctx_performance *performance)
{
    return (uint64_t)performance->memory_limit_mb * CTX_MIB;
}

static struct ctx_queue_limits queue_limits(const struct ctx_performance *performance)
{
    return (struct ctx_queue_limits){
        .batch_size = performance->batch_size,
        .batch_bytes = CTX_LIMIT_BATCH_BYTES,
        .memory = memory_limit(performance),
        .bulk_share = 8,
    };
}

static void degrade(struct ctx_engine *engine, const char *what, const char *why)
{
    ctx_error_set(&engine->degraded, 0, "%s: %.900s", what, why);
}

static int start_pool(struct ctx_engine *engine, const struct ctx_performance *performance)
{
    unsigned wanted = performance->max_workers ? performance->max_workers : ctx_pool_auto_threads();
    unsigned started = 0;
    if (!performance->parallel)
        wanted = 0;
    int r = ctx_pool_new(wanted, &engine->pool, &started);
    if (r < 0)
        return r;
    if (started == 0 && wanted > 0)
        degrade(engine, "worker threads", "none could be started: working sequentially");
    else if (started < wanted)
        degrade(engine, "worker threads", "fewer could be started than max_workers asks for");
    return 0;
}

static int start_isolation(struct ctx_engine *engine, const struct ctx_engine_options *options)
{
    const struct ctx_isolate_options isolation = {
        .program = options->worker_program,
        .memory_limit = memory_limit(options->performance),
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
    const struct ctx_performance *performance = options->performance;
    struct ctx_queue_limits limits = queue_limits(performance);
    int r = ctx_queue_new(&limits, &engine->queue);
    if (r == 0)
        r = ctx_recorder_new(&engine->recorder);
    if (r == 0)
        r = start_pool(engine, performance);
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
    engine->epoll_fd = -1;
    engine->epoch = 1;
    pthread_mutex_init(&engine->turn, NULL);
    int r = start(engine, options);
    if (r < 0) {
        ctx_engine_free(engine);
        return ctx_error_set(error, r, "cannot start: %s", ctx_error_name(r));
    }
    engine->settings = (struct ctx_process_settings){
        .isolation = engine->isolation,
        .isolate_all = performance->use_process_pool,
        .isolate_threshold = performance->cpu_intensive_threshold,
        .document_limit = ctx_process_document_limit(memory_limit(performance)),
        .source_date_epoch = options->source_date_epoch,
        .dry_run = options->dry_run,
        .one_at_a_time = performance->parallel_transforms ? NULL : &engine->turn,
    };
    ctx_engine_run_report_reset(engine);
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

static void close_source(struct ctx_engine *engine, struct ctx_source_state *source)
{
    if (!engine->options.dry_run)
        ctx_recorder_remove_source(engine->recorder, source->number);
    ctx_mirror_free(source->mirror);
    ctx_output_close(source->output);
    engine->sources[source->number] = NULL;
    free(source);
}

void ctx_engine_free(struct ctx_engine *engine)
{
    if (!engine)
        return;
    engine->paused = true;
    if (engine->pool)
        free_tasks(engine);
    for (uint32_t i = 0; i < engine->n_sources; i++)
        if (engine->sources[i])
            close_source(engine, engine->sources[i]);
    free(engine->sources);
    ctx_pool_free(engine->pool);
    ctx_isolation_free(engine->isolation);
    ctx_recorder_free(engine->recorder);
    ctx_queue_free(engine->queue);
    ctx_engine_barriers_free(engine);
    ctx_closep(&engine->epoll_fd);
    pthread_mutex_destroy(&engine->turn);
    free(engine);
}

static int open_source(struct ctx_engine *engine, struct ctx_source_state *source, bool adopt,
                       struct ctx_error *error)
{
    const struct ctx_source *config = source->config;
    struct ctx_output_options output = {
        .path = config->output,
        .source_name = config->name,
        .source_root = config->root,
        .repo = config->repo,
        .adopt = adopt,
        .dry_run = engine->options.dry_run,
    };
    int r = ctx_output_open(&output, &source->output, error);
    if (r < 0)
        return r;
    r = ctx_mirror_new(config->repo, &source->mirror);
    if (r < 0)
        return ctx_error_set(error, r, "%s: out of memory", config->name);
    if (engine->options.dry_run)
        return 0;
    return ctx_recorder_add_source(engine->recorder, source->number, source->output,
                                   config->fingerprint, source->mirror, &source->sequence, error);
}

static int free_number(struct ctx_engine *engine, uint32_t *ret_number)
{
    for (uint32_t i = 0; i < engine->n_sources; i++)
        if (!engine->sources[i]) {
            *ret_number = i;
            return 0;
        }
    void *sources = reallocarray(engine->sources, engine->n_sources + 1, sizeof(*engine->sources));
    if (!sources)
        return -ENOMEM;
    engine->sources = sources;
    engine->sources[engine->n_sources] = NULL;
    *ret_number = engine->n_sources++;
    return 0;
}

int ctx_engine_add_source(struct ctx_engine *engine, const struct ctx_source *config, bool adopt,
                          uint32_t *ret_number, struct ctx_error *error)
{
    uint32_t number;
    struct ctx_source_state *source = calloc(1, sizeof(*source));
    if (!source || free_number(engine, &number) < 0) {
        free(source);
        return ctx_error_set(error, -ENOMEM, "%s: out of memory", config->name);
    }
    source->number = number;
    source->config = config;
    int r = open_source(engine, source, adopt, error);
    if (r < 0) {
        ctx_mirror_free(source->mirror);
        ctx_output_close(source->output);
        free(source);
        return r;
    }
    engine->sources[number] = source;
    *ret_number = number;
    return 0;
}

void ctx_engine_remove_source(struct ctx_engine *engine, uint32_t number)
{
    struct ctx_source_state *source = engine->sources[number];
    ctx_queue_drop_source(engine->queue, number);
    source->waiting = 0;
    source->leaving = true;
    while (source->in_flight > 0) {
        ctx_pool_wait(engine->pool, -1);
        ctx_engine_dispatch(engine, ctx_clock_monotonic_us());
    }
    close_source(engine, source);
}

/* Paths set aside, so that the mirror may change while they are gone through. */
struct paths {
    const struct ctx_mirror *mirror;
    char **items;
    size_t n, capacity;
};

static void add_path(void *data, struct ctx_known *known)
{
    struct paths *paths = data;
    if (paths->n == paths->capacity) {
        size_t capacity = paths->capacity ? 2 * paths->capacity : 64;
        void *items = reallocarray(paths->items, capacity, sizeof(*paths->items));
        if (!items)
            return;
        paths->items = items;
        paths->capacity = capacity;
    }
    char *path = strdup(known->path);
    if (path)
        paths->items[paths->n++] = path;
}

static void add_unseen(void *data, struct ctx_known *known)
{
    const struct paths *paths = data;
    if (!ctx_mirror_was_seen(paths->mirror, known))
        add_path(data, known);
}

void ctx_engine_scan_begin(struct ctx_engine *engine, uint32_t number, const char *path)
{
    (void)path;
    ctx_mirror_scan_begin(engine->sources[number]->mirror);
}

void ctx_engine_scan_end(struct ctx_engine *engine, uint32_t number, const char *path)
{
    struct ctx_source_state *source = engine->sources[number];
    struct paths gone = { .mirror = source->mirror };
    ctx_mirror_each_below(source->mirror, path, add_unseen, &gone);
    for (size_t i = 0; i < gone.n; i++) {
        ctx_engine_vanish(engine, source, gone.items[i]);
        free(gone.items[i]);
    }
    free(gone.items);
}

static void see_one(void *data, struct ctx_known *known)
{
    ctx_mirror_seen(data, known);
}

void ctx_engine_scan_keep(struct ctx_engine *engine, uint32_t number, const char *path)
{
    struct ctx_mirror *mirror = engine->sources[number]->mirror;
    ctx_mirror_each_below(mirror, path, see_one, mirror);
}

static bool page_intact(const struct ctx_source_state *source, const struct ctx_known *known)
{
    char slug[CTX_SLUG_SIZE];
    struct ctx_file_stamp stamp;
    ctx_mirror_slug(source->mirror, known, slug);
    return ctx_output_stat(source->output, slug, &stamp) == 0 && stamp.ino == known->output.ino &&
           stamp.size == known->output.size && stamp.mtime_ns == known->output.mtime_ns;
}

static bool up_to_date(const struct ctx_source_state *source, const struct ctx_known *known,
                       const struct ctx_file_stamp *stamp)
{
    if (!known->current || !ctx_file_stamp_equal(&known->source, stamp))
        return false;
    if (!known->has_page)
        return known->error; /* it failed, and has not changed since */
    return known->paged_plain == known->holder && page_intact(source, known);
}

int ctx_engine_see(struct ctx_engine *engine, uint32_t number, const char *path,
                   const struct ctx_file_stamp *stamp)
{
    struct ctx_source_state *source = engine->sources[number];
    struct ctx_known *known = ctx_mirror_find(source->mirror, path);
    if (!known)
        return 0;
    ctx_mirror_seen(source->mirror, known);
    return up_to_date(source, known, stamp) ? CTX_UNCHANGED : 0;
}

static int push(struct ctx_engine *engine, const struct ctx_engine_change *change, uint64_t size,
                uint64_t epoch, uint64_t now_us)
{
    struct ctx_change queued = {
        .source = change->source,
        .path = change->path,
        .kind = change->gone ? CTX_CHANGE_REMOVE : CTX_CHANGE_PROCESS,
        .priority = change->priority,
        .force = change->force,
        .size = size,
        .cost = change->gone ? 0 : ctx_process_cost(size),
        .enqueued_us = now_us,
        .epoch = epoch,
    };
    uint64_t most = memory_limit(&engine->performance);
    if (queued.cost > most)
        queued.cost = most; /* refused when it is read, or smaller by then */
    int r = ctx_queue_push(engine->queue, &queued);
    if (r == 0)
        engine->sources[change->source]->waiting++;
    return r < 0 ? r : 0;
}

void ctx_engine_emit_again(struct ctx_engine *engine, const struct ctx_source_state *source,
                           const struct ctx_known *known, uint64_t epoch, uint64_t now_us)
{
    struct ctx_engine_change change = {
        .source = source->number, .path = known->path, .priority = CTX_PRIORITY_BULK, .force = true
    };
    push(engine, &change, (uint64_t)known->source.size, epoch, now_us);
}

/* The document of a change, made known when it is new. */
static int ensure_known(struct ctx_engine *engine, struct ctx_source_state *source,
                        const char *path, uint64_t now_us, struct ctx_known **ret_known)
{
    struct ctx_known *displaced = NULL;
    *ret_known = ctx_mirror_find(source->mirror, path);
    if (*ret_known)
        return 0;
    int r = ctx_mirror_add(source->mirror, path, ret_known, &displaced);
    if (r == 0 && displaced)
        ctx_engine_emit_again(engine, source, displaced, engine->epoch, now_us);
    return r;
}

static int change_sized(struct ctx_engine *engine, const struct ctx_engine_change *change,
                        uint64_t size, uint64_t now_us)
{
    struct ctx_source_state *source = engine->sources[change->source];
    struct ctx_known *known;
    if (change->gone) {
        if (!ctx_mirror_find(source->mirror, change->path))
            return CTX_UNCHANGED;
    } else {
        int r = ensure_known(engine, source, change->path, now_us, &known);
        if (r < 0)
            return r;
        ctx_mirror_seen(source->mirror, known);
    }
    return push(engine, change, size, engine->epoch, now_us);
}

static uint64_t size_of(const struct ctx_source_state *source, const char *path)
{
    struct stat st;
    char absolute[CTX_LIMIT_PATH];
    int n = snprintf(absolute, sizeof(absolute), "%s/%s", source->config->root, path);
    if (n < 0 || (size_t)n >= sizeof(absolute) || stat(absolute, &st) < 0)
        return 0;
    return (uint64_t)st.st_size;
}

int ctx_engine_change(struct ctx_engine *engine, const struct ctx_engine_change *change,
                      uint64_t now_us)
{
    uint64_t size = 0;
    if (!change->gone)
        size = size_of(engine->sources[change->source], change->path);
    return change_sized(engine, change, size, now_us);
}

int ctx_engine_observe(struct ctx_engine *engine, uint32_t number, const char *path,
                       const struct ctx_file_stamp *stamp, uint64_t now_us)
{
    int r = ctx_engine_see(engine, number, path, stamp);
    if (r != 0) {
        if (r == CTX_UNCHANGED)
            engine->report.skipped++;
        return r;
    }
    struct ctx_engine_change change = { .source = number,
                                        .path = path,
                                        .priority = CTX_PRIORITY_BULK };
    return change_sized(engine, &change, (uint64_t)stamp->size, now_us);
}

bool ctx_engine_has_room(const struct ctx_engine *engine)
{
    return ctx_queue_waiting(engine->queue, CTX_PRIORITY_BULK) < ROOM;
}

void ctx_engine_each_below(const struct ctx_engine *engine, uint32_t number, const char *path,
                           void (*each)(void *data, uint32_t source, const char *path), void *data)
{
    struct paths all = { .mirror = engine->sources[number]->mirror };
    ctx_mirror_each_below(all.mirror, path, add_path, &all);
    for (size_t i = 0; i < all.n; i++) {
        each(data, number, all.items[i]);
        free(all.items[i]);
    }
    free(all.items);
}

int ctx_engine_get_fd(const struct ctx_engine *engine)
{
    return engine->epoll_fd;
}

static struct ctx_task *new_task(struct ctx_engine *engine, const struct ctx_change *change,
                                 uint64_t now_us)
{
    struct ctx_source_state *source = engine->sources[change->source];
    struct ctx_known *known = ctx_mirror_find(source->mirror, change->path);
    /* Removed while this change waited, and there again. */
    if (!known && change->kind == CTX_CHANGE_PROCESS)
        ensure_known(engine, source, change->path, now_us, &known);
    struct ctx_task *task = known ? calloc(1, sizeof(*task)) : NULL;
    if (!task)
        return NULL;
    task->job.run = ctx_process_run;
    task->job.urgent = change->priority != CTX_PRIORITY_BULK;
    task->settings = &engine->settings;
    task->source = source->config;
    task->output = source->output;
    task->change = change;
    if (change->kind == CTX_CHANGE_REMOVE)
        ctx_mirror_page_slug(source->mirror, known, task->slug);
    else
        ctx_mirror_slug(source->mirror, known, task->slug);
    memcpy(task->known_digest, known->digest, CTX_DIGEST_SIZE);
    task->has_page = known->has_page;
    if (known->has_page && known->paged_plain == known->holder)
        task->known_output = (struct ctx_file_stamp){ .ino = known->output.ino,
                                                      .size = known->output.size,
                                                      .mtime_ns = known->output.mtime_ns };
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

/* Takes one batch from the queue to the pool; false when there is none to take. */
static bool begin_batch(struct ctx_engine *engine, uint64_t now_us)
{
    struct ctx_batch batch;
    bool urgent_only =
        engine->bulk_in_flight >= (size_t)BULK_BATCHES * engine->performance.batch_size;
    if (engine->paused || ctx_queue_next(engine->queue, urgent_only, &batch) != 0)
        return false;
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
    do
        collect(engine, now_us);
    while (begin_batch(engine, now_us));
    ctx_engine_barriers_run(engine);
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
