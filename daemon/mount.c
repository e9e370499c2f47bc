/*
 * Mounts: a configured source is opened in the engine, then given to the watcher, whose scan feeds
 * it. One that cannot be opened (its output is locked, or belongs to another source) is reported
 * and tried again now and then, while the others go on. Runs on the loop.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "daemon/log.h"
#include "daemon/state.h"

/* Seconds between attempts at a source whose output cannot be had. */
static const double RETRY_S = 15;

struct ctx_mount *ctx_daemon_mount_by_number(struct ctx_daemon *daemon, uint32_t number)
{
    for (size_t i = 0; i < daemon->n_mounts; i++)
        if (!daemon->mounts[i].failed && daemon->mounts[i].number == number)
            return &daemon->mounts[i];
    return NULL;
}

struct ctx_mount *ctx_daemon_mount_by_name(struct ctx_daemon *daemon, const char *name)
{
    for (size_t i = 0; i < daemon->n_mounts; i++)
        if (strcmp(daemon->mounts[i].source->name, name) == 0)
            return &daemon->mounts[i];
    return NULL;
}

static int open_mount(struct ctx_daemon *daemon, struct ctx_mount *mount, struct ctx_error *error)
{
    int r = ctx_ignore_rules_configured(&daemon->config, mount->source, &mount->rules, error);
    if (r < 0)
        return r;
    r = ctx_engine_add_source(daemon->engine, mount->source, false, &mount->number, error);
    if (r < 0)
        return r;
    mount->failed = false; /* from here on its number counts: the watcher may report at once */
    mount->state = CTX_ROOT_SCANNING;
    r = ctx_watch_add_root(daemon->watch, mount->number, mount->source->root, mount->rules, error);
    if (r < 0) {
        ctx_engine_remove_source(daemon->engine, mount->number);
        mount->failed = true;
    }
    return r;
}

static void try_mount(struct ctx_daemon *daemon, struct ctx_mount *mount)
{
    struct ctx_error error;
    struct ctx_error before = mount->detail;
    int r = open_mount(daemon, mount, &error);
    if (r >= 0)
        return;
    ctx_ignore_rules_free(mount->rules);
    mount->rules = NULL;
    mount->failed = true;
    ctx_error_set(&mount->detail, 0, "%s", error.text);
    if (strcmp(before.text, mount->detail.text) != 0)
        ctx_log(CTX_LOG_ERROR, "%s: %s", mount->source->name, error.text);
    ev_timer_set(&daemon->retry, RETRY_S, 0.);
    ev_timer_start(daemon->loop, &daemon->retry);
}

int ctx_daemon_mount_all(struct ctx_daemon *daemon, struct ctx_error *error)
{
    size_t n = daemon->config.n_sources;
    daemon->mounts = calloc(n ? n : 1, sizeof(*daemon->mounts));
    if (!daemon->mounts)
        return ctx_error_set(error, -ENOMEM, "out of memory");
    daemon->n_mounts = n;
    for (size_t i = 0; i < n; i++) {
        daemon->mounts[i].source = &daemon->config.sources[i];
        daemon->mounts[i].failed = true;
    }
    for (size_t i = 0; i < n; i++)
        try_mount(daemon, &daemon->mounts[i]);
    return 0;
}

void ctx_daemon_mount_retry(struct ctx_daemon *daemon)
{
    for (size_t i = 0; i < daemon->n_mounts; i++)
        if (daemon->mounts[i].failed)
            try_mount(daemon, &daemon->mounts[i]);
}

void ctx_daemon_unmount_all(struct ctx_daemon *daemon)
{
    ev_timer_stop(daemon->loop, &daemon->retry);
    for (size_t i = 0; i < daemon->n_mounts; i++) {
        struct ctx_mount *mount = &daemon->mounts[i];
        if (mount->failed)
            continue;
        ctx_watch_remove_root(daemon->watch, mount->number);
        ctx_coalescer_drop_source(daemon->coalescer, mount->number);
        ctx_engine_remove_source(daemon->engine, mount->number);
        ctx_ignore_rules_free(mount->rules);
        mount->failed = true;
    }
    free(daemon->mounts);
    daemon->mounts = NULL;
    daemon->n_mounts = 0;
}
