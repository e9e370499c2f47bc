/*
 * What the owner tells the engine: changes, and what a scan sees. Turns it into changes that wait
 * in the queue. Invariant: a path that waits to be processed is known to the mirror. The engine's
 * thread.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "engine/cost.h"
#include "engine/state.h"

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

static void add_stuck(void *data, struct ctx_known *known)
{
    if (known->stuck)
        add_path(data, known);
}

size_t ctx_engine_retry(struct ctx_engine *engine, uint32_t number, size_t most, uint64_t now_us)
{
    struct ctx_source_state *source = engine->sources[number];
    struct paths stuck = { .mirror = source->mirror };
    if (ctx_mirror_stuck(source->mirror) == 0)
        return 0;
    ctx_mirror_each_below(source->mirror, "", add_stuck, &stuck);
    for (size_t i = 0; i < stuck.n && i < most; i++) {
        const struct ctx_engine_change change = { .source = number,
                                                  .path = stuck.items[source->retried++ % stuck.n],
                                                  .priority = CTX_PRIORITY_BULK,
                                                  .retry = true };
        ctx_engine_change(engine, &change, now_us);
    }
    for (size_t i = 0; i < stuck.n; i++)
        free(stuck.items[i]);
    free(stuck.items);
    return ctx_mirror_stuck(source->mirror);
}

bool ctx_engine_output_in_place(const struct ctx_engine *engine, uint32_t number)
{
    return ctx_output_in_place(engine->sources[number]->output);
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
        ctx_engine_vanish(engine, source, gone.items[i], engine->epoch);
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
    return known->paged_form == known->form && page_intact(source, known);
}

int ctx_engine_see(struct ctx_engine *engine, uint32_t number, const char *path,
                   const struct ctx_file_stamp *stamp)
{
    struct ctx_source_state *source = engine->sources[number];
    struct ctx_known *known = ctx_mirror_find(source->mirror, path);
    if (!known)
        return 0;
    ctx_mirror_seen(source->mirror, known);
    if (ctx_queue_has(engine->queue, number, path))
        return 0; /* perhaps to be removed, which is wrong now */
    if (!up_to_date(source, known, stamp))
        return 0;
    ctx_run_wake(engine);
    engine->report.skipped++;
    return CTX_UNCHANGED;
}

/*
 * Nobody saw the document of such a change: it is to be emitted anew, or tried again. That brings
 * back none whose page is about to be taken away.
 */
static bool is_unseen(const struct ctx_engine_change *change)
{
    return !change->gone && (change->force || change->retry);
}

/* What a leaving source still asks for is dropped. */
static int push(struct ctx_engine *engine, const struct ctx_engine_change *change, uint64_t size,
                uint64_t epoch, uint64_t now_us)
{
    struct ctx_source_state *source = engine->sources[change->source];
    const struct ctx_known *known = ctx_mirror_find(source->mirror, change->path);
    if (is_unseen(change) && ctx_queue_removes(engine->queue, change->source, change->path))
        return 0;
    struct ctx_change queued = {
        .source = change->source,
        .path = change->path,
        .kind = change->gone ? CTX_CHANGE_REMOVE : CTX_CHANGE_PROCESS,
        .priority = change->priority,
        .force = change->force,
        .retry = change->retry,
        .size = size,
        .cost = change->gone ? 0 : ctx_cost(size, known ? known->density : 0),
        .enqueued_us = now_us,
        .epoch = epoch,
    };
    if (queued.cost > engine->memory_limit)
        queued.cost = engine->memory_limit; /* refused when it is read, or smaller by then */
    int r = source->leaving ? CTX_UNCHANGED : ctx_queue_push(engine->queue, &queued);
    if (r == 0)
        source->waiting++;
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

void ctx_engine_emit_moved(struct ctx_engine *engine, const struct ctx_source_state *source,
                           uint64_t epoch, uint64_t now_us)
{
    size_t n;
    struct ctx_known *const *moved = ctx_mirror_moved(source->mirror, &n);
    for (size_t i = 0; i < n; i++)
        ctx_engine_emit_again(engine, source, moved[i], epoch, now_us);
}

int ctx_engine_know(struct ctx_engine *engine, struct ctx_source_state *source, const char *path,
                    uint64_t epoch, uint64_t now_us, struct ctx_known **ret_known)
{
    *ret_known = ctx_mirror_find(source->mirror, path);
    if (*ret_known)
        return 0;
    int r = ctx_mirror_add(source->mirror, path, ret_known);
    if (r == 0)
        ctx_engine_emit_moved(engine, source, epoch, now_us);
    return r;
}

static int change_sized(struct ctx_engine *engine, const struct ctx_engine_change *change,
                        uint64_t size, uint64_t epoch, uint64_t now_us)
{
    struct ctx_source_state *source = engine->sources[change->source];
    struct ctx_known *known;
    if (change->gone) {
        if (!ctx_mirror_find(source->mirror, change->path))
            return CTX_UNCHANGED;
    } else {
        int r = ctx_engine_know(engine, source, change->path, epoch, now_us, &known);
        if (r < 0)
            return r;
        ctx_mirror_seen(source->mirror, known);
    }
    return push(engine, change, size, epoch, now_us);
}

/* As last read, when the bytes may well be the same; else as it is now. */
static uint64_t size_of(const struct ctx_source_state *source, const char *path, bool same)
{
    const struct ctx_known *known = same ? ctx_mirror_find(source->mirror, path) : NULL;
    if (known && known->source.size > 0)
        return (uint64_t)known->source.size;
    struct stat st;
    char absolute[CTX_LIMIT_PATH];
    int n = snprintf(absolute, sizeof(absolute), "%s/%s", source->config->root, path);
    if (n < 0 || (size_t)n >= sizeof(absolute) || stat(absolute, &st) < 0)
        return 0;
    return (uint64_t)st.st_size;
}

int ctx_engine_change_since(struct ctx_engine *engine, const struct ctx_engine_change *change,
                            uint64_t epoch, uint64_t now_us)
{
    uint64_t size = 0;
    if (!change->gone)
        size =
            size_of(engine->sources[change->source], change->path, change->force || change->retry);
    return change_sized(engine, change, size, epoch, now_us);
}

int ctx_engine_change(struct ctx_engine *engine, const struct ctx_engine_change *change,
                      uint64_t now_us)
{
    return ctx_engine_change_since(engine, change, engine->epoch, now_us);
}

int ctx_engine_observe(struct ctx_engine *engine, uint32_t number, const char *path,
                       const struct ctx_file_stamp *stamp, uint64_t now_us)
{
    int r = ctx_engine_see(engine, number, path, stamp);
    if (r != 0)
        return r;
    struct ctx_engine_change change = { .source = number,
                                        .path = path,
                                        .priority = CTX_PRIORITY_BULK };
    return change_sized(engine, &change, (uint64_t)stamp->size, engine->epoch, now_us);
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
