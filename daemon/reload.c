/*
 * The configuration: read at the start, and again. A reload touches what it changes alone: sources
 * that are configured as before keep their watches, their mirror, and what waits; timing and
 * performance are taken over as they are. Runs on the loop.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/service.h"
#include "daemon/state.h"

static int log_diagnostics(const struct ctx_diagnostics *diagnostics, struct ctx_error *error)
{
    static const enum ctx_log_level levels[] = {
        [CTX_SEVERITY_ERROR] = CTX_LOG_ERROR,
        [CTX_SEVERITY_WARNING] = CTX_LOG_WARNING,
        [CTX_SEVERITY_NOTE] = CTX_LOG_INFO,
    };
    int r = 0;
    for (size_t i = 0; i < diagnostics->n; i++) {
        const struct ctx_diagnostic *item = &diagnostics->items[i];
        bool wrong = item->severity == CTX_SEVERITY_ERROR;
        ctx_log(levels[item->severity], "%s", item->text);
        if (wrong && r == 0)
            r = ctx_error_set(error, -EINVAL, "%s", item->text);
    }
    return r;
}

static int read_file(struct ctx_daemon *daemon, struct ctx_config *ret_config,
                     struct ctx_error *error)
{
    struct ctx_diagnostics diagnostics = { 0 };
    bool idle = !daemon->shared || daemon->shared->config.n_sources == 0;
    /* Where there were sources, a file that is gone asks for nothing: an empty list would. */
    if (idle && access(daemon->config_path, F_OK) < 0 && errno == ENOENT) {
        ctx_log(CTX_LOG_WARNING,
                "%s: no configuration: idling; run contextor init in a tree of "
                "documents, then contextor reload",
                daemon->config_path);
        return 0;
    }
    int r =
        ctx_config_load(daemon->config_path, daemon->environment, NULL, ret_config, &diagnostics);
    ctx_error_set(error, r, "%s: %s", daemon->config_path, ctx_error_name(r));
    log_diagnostics(&diagnostics, error);
    ctx_diagnostics_deinit(&diagnostics);
    return r;
}

int ctx_daemon_read_config(struct ctx_daemon *daemon, struct ctx_shared_config **ret_shared,
                           struct ctx_error *error)
{
    struct ctx_shared_config *shared = ctx_shared_config_new();
    if (!shared)
        return ctx_error_set(error, -ENOMEM, "out of memory");
    int r = read_file(daemon, &shared->config, error);
    if (r < 0)
        ctx_shared_config_release(shared);
    else
        *ret_shared = shared;
    return r;
}

static bool same_watching(const struct ctx_watching *one, const struct ctx_watching *other)
{
    return one->poll == other->poll && one->poll_interval_ms == other->poll_interval_ms &&
           one->settle_ms == other->settle_ms && one->max_wait_ms == other->max_wait_ms &&
           one->delete_grace_ms == other->delete_grace_ms && one->reconcile_s == other->reconcile_s;
}

static bool same_performance(const struct ctx_performance *one, const struct ctx_performance *other)
{
    return one->max_workers == other->max_workers && one->parallel == other->parallel &&
           one->batch_size == other->batch_size && one->memory_limit_mb == other->memory_limit_mb &&
           one->use_process_pool == other->use_process_pool &&
           one->parallel_transforms == other->parallel_transforms &&
           one->cpu_intensive_threshold == other->cpu_intensive_threshold;
}

/* Takes a configuration over from the one before, of which one user less is left. */
static int adopt(struct ctx_daemon *daemon, struct ctx_shared_config *shared,
                 struct ctx_error *error)
{
    const struct ctx_config *before = &daemon->shared->config;
    const struct ctx_config *config = &shared->config;
    bool other_watcher = config->watching.poll != before->watching.poll;
    bool tuned = !same_watching(&config->watching, &before->watching) ||
                 !same_performance(&config->performance, &before->performance);
    int r = ctx_daemon_mounts_set(daemon, shared, other_watcher);
    if (r < 0)
        return ctx_error_set(error, r, "out of memory");
    struct ctx_shared_config *old = daemon->shared;
    daemon->shared = shared;
    ctx_shared_config_release(old);
    int tuning = ctx_daemon_tune(daemon, other_watcher, error);
    if (tuning < 0)
        return tuning;
    return r == CTX_UNCHANGED && tuned ? 0 : r;
}

static int reload(struct ctx_daemon *daemon, struct ctx_error *error)
{
    struct ctx_shared_config *shared;
    struct ctx_error complaint;
    int r = ctx_daemon_read_config(daemon, &shared, &complaint);
    if (r < 0)
        return ctx_error_set(error, r, "%.900s; the running configuration stays", complaint.text);
    size_t n = shared->config.n_sources;
    r = adopt(daemon, shared, error);
    if (daemon->shared != shared)
        ctx_shared_config_release(shared);
    if (r < 0)
        return r;
    ctx_log(CTX_LOG_INFO, "configuration read again: %zu source%s%s", n, n == 1 ? "" : "s",
            r == CTX_UNCHANGED ? ", nothing changed" : "");
    ctx_daemon_mounts_changed(daemon);
    return r;
}

int ctx_daemon_reload(struct ctx_daemon *daemon, struct ctx_error *error)
{
    if (daemon->stopping)
        return ctx_error_set(error, -ECANCELED, "the daemon is stopping");
    ctx_service_reloading();
    int r = reload(daemon, error);
    ctx_service_ready();
    if (r < 0)
        ctx_log(CTX_LOG_ERROR, "reload: %s", error->text);
    return r;
}
