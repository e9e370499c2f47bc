/*
 * The daemon's intake: from what the watcher saw to changes in the engine. Sightings of a root's
 * first scan go to the engine directly; later ones through the coalescer, which decides when a path
 * is ripe. Runs on the loop, inside ctx_watch_dispatch() and ctx_engine_dispatch().
 */
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "daemon/control.h"
#include "daemon/log.h"
#include "daemon/state.h"

/* Empty, and it was not: saved in place, perhaps, and about to be filled. */
static bool is_emptied(const struct ctx_daemon *daemon, uint32_t number, const char *path,
                       const struct stat *st)
{
    struct ctx_document_info info;
    return st && st->st_size == 0 && ctx_engine_explain(daemon->engine, number, path, &info) == 0 &&
           info.size > 0;
}

/*
 * Written to so lately that a scan may have found it open for writing, in a new directory for
 * instance. The times are the file's own, which is the wall's clock.
 */
static bool is_fresh(const struct ctx_mount *mount, const struct stat *st)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age_ms = (int64_t)(now.tv_sec - st->st_mtim.tv_sec) * 1000 +
                     (now.tv_nsec - st->st_mtim.tv_nsec) / 1000000;
    return age_ms >= 0 && age_ms < (int64_t)mount->shared->config.watching.settle_ms;
}

static void note(struct ctx_daemon *daemon, uint32_t number, const char *path,
                 enum ctx_sighting sighting, bool young)
{
    if (ctx_coalescer_note(daemon->coalescer, number, path, sighting, young,
                           ctx_clock_monotonic_us()) < 0)
        ctx_watch_rescan(daemon->watch, number); /* out of memory: look again later */
}

/*
 * Seen by a scan. What is as it is known needs nothing, but a deletion of it may be held: of a
 * directory that was renamed and came back.
 */
static void found(struct ctx_daemon *daemon, struct ctx_mount *mount, const char *path,
                  const struct stat *st)
{
    struct ctx_file_stamp stamp = { 0 };
    uint32_t number = mount->number;
    bool settled = !mount->scanned;
    if (st)
        ctx_file_stamp_from_stat(st, &stamp);
    if (!mount->scanned)
        ctx_engine_observe(daemon->engine, number, path, &stamp, ctx_clock_monotonic_us());
    else
        settled = ctx_engine_see(daemon->engine, number, path, &stamp) == CTX_UNCHANGED;
    if (!settled)
        note(daemon, number, path, CTX_SIGHTING_FOUND,
             st && (is_fresh(mount, st) || is_emptied(daemon, number, path, st)));
    else if (ctx_coalescer_present(daemon->coalescer, number, path) < 0)
        ctx_watch_rescan(daemon->watch, number);
}

static void on_sighting(void *data, uint32_t root, enum ctx_watch_sighting sighting,
                        const char *path, const struct stat *st)
{
    static const enum ctx_sighting sightings[] = {
        [CTX_WATCH_WRITTEN] = CTX_SIGHTING_WRITTEN,
        [CTX_WATCH_MODIFIED] = CTX_SIGHTING_MODIFIED,
        [CTX_WATCH_REPLACED] = CTX_SIGHTING_REPLACED,
        [CTX_WATCH_GONE] = CTX_SIGHTING_GONE,
    };
    struct ctx_daemon *daemon = data;
    struct ctx_mount *mount = ctx_daemon_mount_by_number(daemon, root);
    if (!mount)
        return;
    if (sighting == CTX_WATCH_FOUND)
        found(daemon, mount, path, st);
    else
        note(daemon, root, path, sightings[sighting], is_emptied(daemon, root, path, st));
}

static void note_gone(void *data, uint32_t source, const char *path)
{
    note(data, source, path, CTX_SIGHTING_GONE, false);
}

static void on_directory_gone(void *data, uint32_t root, const char *path)
{
    struct ctx_daemon *daemon = data;
    ctx_engine_each_below(daemon->engine, root, path, note_gone, daemon);
}

static void on_scan_begin(void *data, uint32_t root, const char *path)
{
    struct ctx_daemon *daemon = data;
    ctx_engine_scan_begin(daemon->engine, root, path);
}

static void on_scan_end(void *data, uint32_t root, const char *path)
{
    struct ctx_daemon *daemon = data;
    struct ctx_mount *mount = ctx_daemon_mount_by_number(daemon, root);
    ctx_engine_scan_end(daemon->engine, root, path);
    if (mount && path[0] == '\0')
        mount->scanned = true;
}

static void on_scan_kept(void *data, uint32_t root, const char *path)
{
    struct ctx_daemon *daemon = data;
    ctx_engine_scan_keep(daemon->engine, root, path);
}

static const struct ctx_ignore_rules *on_rules(void *data, uint32_t root)
{
    struct ctx_mount *mount = ctx_daemon_mount_by_number(data, root);
    struct ctx_ignore_rules *rules;
    struct ctx_error error;
    if (!mount || mount->stage != CTX_MOUNT_UP)
        return NULL;
    if (ctx_ignore_rules_configured(&mount->shared->config, mount->source, &rules, &error) < 0) {
        ctx_log(CTX_LOG_WARNING, "%s: %s", mount->source->name, error.text);
        return NULL;
    }
    ctx_ignore_rules_free(mount->rules);
    mount->rules = rules;
    return rules;
}

static void on_state(void *data, uint32_t root, enum ctx_root_state state, const char *text)
{
    struct ctx_daemon *daemon = data;
    struct ctx_mount *mount = ctx_daemon_mount_by_number(daemon, root);
    if (!mount)
        return;
    mount->state = state;
    ctx_error_set(&mount->detail, 0, "%s", text ? text : "");
    if (text && text[0])
        ctx_log(state == CTX_ROOT_MISSING || state == CTX_ROOT_DEGRADED ? CTX_LOG_WARNING
                                                                        : CTX_LOG_INFO,
                "%s: %s", mount->source->name, text);
    ctx_control_publish_state(daemon->control, mount->source->name, ctx_mount_state_name(mount),
                              text && text[0] ? text : NULL);
}

static void on_overflow(void *data)
{
    (void)data;
    ctx_log(CTX_LOG_WARNING, "the kernel's event queue overflowed: reconciling every source; "
                             "raise fs.inotify.max_queued_events if this recurs");
}

static void on_git_lock(void *data, uint32_t root, bool locked, uint64_t since_us)
{
    struct ctx_daemon *daemon = data;
    ctx_coalescer_git_lock(daemon->coalescer, root, locked, since_us, ctx_clock_monotonic_us());
}

static void on_cookie(void *data, uint64_t number)
{
    ctx_daemon_sync_cookie(data, number);
}

static void on_warning(void *data, uint32_t root, const char *text)
{
    struct ctx_mount *mount = ctx_daemon_mount_by_number(data, root);
    ctx_log(CTX_LOG_WARNING, "%s: %s", mount ? mount->source->name : "watch", text);
}

const struct ctx_watch_handler ctx_daemon_watch_handler = {
    .sighting = on_sighting,
    .directory_gone = on_directory_gone,
    .scan_begin = on_scan_begin,
    .scan_end = on_scan_end,
    .scan_kept = on_scan_kept,
    .rules = on_rules,
    .state = on_state,
    .overflow = on_overflow,
    .git_lock = on_git_lock,
    .cookie = on_cookie,
    .warning = on_warning,
};

void ctx_daemon_on_event(void *data, const struct ctx_event *event)
{
    struct ctx_daemon *daemon = data;
    const struct ctx_mount *mount = ctx_daemon_mount_by_number(daemon, event->source);
    const char *name = mount ? mount->source->name : "";
    daemon->failures += event->kind == CTX_EVENT_FAILED;
    ctx_log_event(name, event, daemon->failures <= CTX_LIMIT_LOGGED_FAILURES);
    ctx_supervision_touch(&daemon->supervision);
    ctx_control_publish(daemon->control, name, event);
    if (event->kind == CTX_EVENT_FAILED)
        ctx_daemon_retry_later(daemon);
}

/*
 * A document could not be found where it was. Of a root that went nothing is said; what is back
 * already is looked at again, when it has settled.
 */
void ctx_daemon_on_vanished(void *data, uint32_t source, const char *path)
{
    struct ctx_daemon *daemon = data;
    int r = ctx_watch_look(daemon->watch, source, path);
    if (r < 0)
        return;
    daemon->vanished++;
    note(daemon, source, path, r == 0 ? CTX_SIGHTING_MODIFIED : CTX_SIGHTING_GONE, false);
}

void ctx_daemon_on_unsettled(void *data, uint32_t source, const char *path)
{
    struct ctx_daemon *daemon = data;
    daemon->vanished++;
    note(daemon, source, path, CTX_SIGHTING_MODIFIED, false);
}

/* Whether a deletion is one, and not the root's going, which takes no page away. */
static bool is_gone(struct ctx_daemon *daemon, uint32_t number)
{
    struct ctx_mount *mount = ctx_daemon_mount_by_number(daemon, number);
    if (mount && !mount->looked) {
        mount->looked = true;
        mount->present = ctx_watch_look(daemon->watch, number, "") == 0;
    }
    return mount && mount->present;
}

static void on_ready(void *data, const struct ctx_ready *ready)
{
    struct ctx_daemon *daemon = data;
    /* While it was held its root may have gone, or rules have taken it away. */
    if (ready->gone ? !is_gone(daemon, ready->source)
                    : !ctx_watch_wants(daemon->watch, ready->source, ready->path))
        return;
    const struct ctx_engine_change change = {
        .source = ready->source,
        .path = ready->path,
        .gone = ready->gone,
        .priority = ready->bulk ? CTX_PRIORITY_BULK : CTX_PRIORITY_SAVE,
    };
    if (ctx_engine_change(daemon->engine, &change, ctx_clock_monotonic_us()) < 0)
        ctx_watch_rescan(daemon->watch, ready->source);
}

static void warn_of_stale_lock(struct ctx_daemon *daemon, const struct ctx_mount *mount,
                               uint64_t now_us)
{
    if (mount->stage == CTX_MOUNT_UP &&
        ctx_coalescer_lock_is_stale(daemon->coalescer, mount->number, now_us))
        ctx_log(CTX_LOG_WARNING,
                "%s: git has held its index.lock for too long to be waited for: if no git is at "
                "work there, remove the file",
                mount->source->name);
}

void ctx_daemon_release(struct ctx_daemon *daemon, bool all)
{
    uint64_t now_us = ctx_clock_monotonic_us();
    for (size_t i = 0; i < daemon->n_mounts; i++) {
        warn_of_stale_lock(daemon, daemon->mounts[i], now_us);
        daemon->mounts[i]->looked = false;
    }
    ctx_coalescer_run(daemon->coalescer, now_us, all, on_ready, daemon);
}
