/*
 * Making pages again, unchanged or not. A source may have a hundred thousand documents, so they are
 * enqueued slice by slice, in between of other things; a sync waits until all are. Runs on the loop.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/state.h"

/* Documents enqueued at once: about a millisecond. */
enum { SLICE = 512 };

/* What is still to be enqueued of one source. */
struct ctx_rebuild {
    struct ctx_rebuild *next;
    uint32_t source;
    char **paths;
    size_t n, at, capacity;
};

static void free_rebuild(struct ctx_rebuild *rebuild)
{
    while (rebuild->at < rebuild->n)
        free(rebuild->paths[rebuild->at++]);
    free(rebuild->paths);
    free(rebuild);
}

static int enqueue(struct ctx_daemon *daemon, uint32_t source, const char *path,
                   enum ctx_priority priority)
{
    const struct ctx_engine_change change = {
        .source = source, .path = path, .priority = priority, .force = true
    };
    return ctx_engine_change(daemon->engine, &change, ctx_clock_monotonic_us());
}

static void add_path(void *data, uint32_t source, const char *path)
{
    (void)source;
    struct ctx_rebuild *rebuild = data;
    if (rebuild->n == rebuild->capacity) {
        size_t capacity = rebuild->capacity ? 2 * rebuild->capacity : 64;
        void *paths = reallocarray(rebuild->paths, capacity, sizeof(*rebuild->paths));
        if (!paths)
            return;
        rebuild->paths = paths;
        rebuild->capacity = capacity;
    }
    char *copy = strdup(path);
    if (copy)
        rebuild->paths[rebuild->n++] = copy;
}

/* The documents below a folder ("" all): how many there are, or errno. */
static int rebuild_below(struct ctx_daemon *daemon, const struct ctx_mount *mount,
                         const char *folder, struct ctx_error *error)
{
    struct ctx_rebuild *rebuild = calloc(1, sizeof(*rebuild));
    if (!rebuild)
        return ctx_error_set(error, -ENOMEM, "out of memory");
    rebuild->source = mount->number;
    ctx_engine_each_below(daemon->engine, mount->number, folder, add_path, rebuild);
    if (rebuild->n == 0) {
        free_rebuild(rebuild);
        return 0;
    }
    rebuild->next = daemon->rebuilds;
    daemon->rebuilds = rebuild;
    return (int)rebuild->n;
}

static int rebuild_path(struct ctx_daemon *daemon, const struct ctx_mount *mount, const char *path,
                        struct ctx_error *error)
{
    struct ctx_document_info info;
    if (ctx_engine_explain(daemon->engine, mount->number, path, &info) != 0) {
        int n = rebuild_below(daemon, mount, path, error);
        return n != 0 ? n
                      : ctx_error_set(error, -ENOENT,
                                      "%s: no document of %s, nor a folder with any: see "
                                      "contextor why",
                                      *path ? path : ".", mount->source->name);
    }
    int r = enqueue(daemon, mount->number, path, CTX_PRIORITY_REQUEST);
    return r < 0 ? ctx_error_set(error, r, "out of memory") : 1;
}

int ctx_daemon_rebuild(struct ctx_daemon *daemon, const char *source, const char *path,
                       struct ctx_error *error)
{
    int enqueued = 0;
    bool found = false;
    for (size_t i = 0; i < daemon->n_mounts; i++) {
        const struct ctx_mount *mount = daemon->mounts[i];
        if (source && strcmp(source, mount->source->name) != 0)
            continue;
        if (mount->stage != CTX_MOUNT_UP && source)
            return ctx_error_set(error, -ENOENT, "%s: %.900s", source, mount->detail.text);
        if (mount->stage != CTX_MOUNT_UP)
            continue;
        found = true;
        int r = path ? rebuild_path(daemon, mount, path, error)
                     : rebuild_below(daemon, mount, "", error);
        if (r < 0)
            return r;
        enqueued += r;
    }
    if (source && !found)
        return ctx_error_set(error, -ENOENT, "%s: no such source: see contextor status", source);
    ctx_daemon_turn(daemon);
    return enqueued;
}

void ctx_daemon_rebuild_step(struct ctx_daemon *daemon)
{
    struct ctx_rebuild *rebuild = daemon->rebuilds;
    if (!rebuild)
        return;
    for (int i = 0; i < SLICE && rebuild->at < rebuild->n; i++) {
        char *path = rebuild->paths[rebuild->at++];
        enqueue(daemon, rebuild->source, path, CTX_PRIORITY_BULK);
        free(path);
    }
    if (rebuild->at < rebuild->n)
        return;
    daemon->rebuilds = rebuild->next;
    free_rebuild(rebuild);
    if (!daemon->rebuilds)
        ctx_daemon_sync_go_on(daemon);
}

void ctx_daemon_rebuild_drop(struct ctx_daemon *daemon, uint32_t source)
{
    for (struct ctx_rebuild **link = &daemon->rebuilds; *link;) {
        struct ctx_rebuild *rebuild = *link;
        if (rebuild->source != source) {
            link = &rebuild->next;
            continue;
        }
        *link = rebuild->next;
        free_rebuild(rebuild);
    }
}
