/* Making pages again, unchanged or not. Runs on the loop. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/state.h"

struct rebuild {
    struct ctx_daemon *daemon;
    enum ctx_priority priority;
    int enqueued;
};

static void rebuild_one(void *data, uint32_t source, const char *path)
{
    struct rebuild *rebuild = data;
    const struct ctx_engine_change change = {
        .source = source, .path = path, .priority = rebuild->priority, .force = true
    };
    if (ctx_engine_change(rebuild->daemon->engine, &change, ctx_clock_monotonic_us()) == 0)
        rebuild->enqueued++;
}

static int rebuild_path(struct rebuild *rebuild, const struct ctx_mount *mount, const char *path,
                        struct ctx_error *error)
{
    struct ctx_document_info info;
    rebuild->priority = CTX_PRIORITY_REQUEST;
    if (ctx_engine_explain(rebuild->daemon->engine, mount->number, path, &info) != 0)
        return ctx_error_set(error, -ENOENT, "%s: no document of %s: see contextor why", path,
                             mount->source->name);
    rebuild_one(rebuild, mount->number, path);
    return 0;
}

int ctx_daemon_rebuild(struct ctx_daemon *daemon, const char *source, const char *path,
                       struct ctx_error *error)
{
    struct rebuild rebuild = { .daemon = daemon, .priority = CTX_PRIORITY_BULK };
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
        int r = 0;
        if (path)
            r = rebuild_path(&rebuild, mount, path, error);
        else
            ctx_engine_each_below(daemon->engine, mount->number, "", rebuild_one, &rebuild);
        if (r < 0)
            return r;
    }
    if (source && !found)
        return ctx_error_set(error, -ENOENT, "%s: no such source: see contextor status", source);
    ctx_daemon_turn(daemon);
    return rebuild.enqueued;
}
