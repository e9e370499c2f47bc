/*
 * What the daemon tells of itself: status, metrics, why, changes. The names are those of
 * contextor-control(7). Runs on the loop.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "contextor/version.h"
#include "control/text.h"
#include "daemon/control.h"
#include "daemon/describe.h"
#include "daemon/state.h"
#include "engine/query.h"

static const char *const root_states[] = {
    [CTX_ROOT_SCANNING] = "scanning",    [CTX_ROOT_WATCHING] = "watching",
    [CTX_ROOT_DEGRADED] = "degraded",    [CTX_ROOT_POLLING] = "polling",
    [CTX_ROOT_MISSING] = "root_missing",
};

const char *ctx_daemon_state_name(const struct ctx_daemon *daemon)
{
    if (daemon->stopping)
        return "stopping";
    if (daemon->paused)
        return "paused";
    return daemon->ready ? "ready" : "starting";
}

const char *ctx_mount_state_name(const struct ctx_mount *mount)
{
    static const char *const stages[] = {
        [CTX_MOUNT_WAITING] = "opening",
        [CTX_MOUNT_OPENING] = "opening",
        [CTX_MOUNT_FAILED] = "failed",
        [CTX_MOUNT_LEAVING] = "opening", /* anew */
    };
    return mount->stage == CTX_MOUNT_UP ? root_states[mount->state] : stages[mount->stage];
}

static void set_clock(json_t *object, const struct ctx_source_stats *stats)
{
    json_object_set_new(object, "clock",
                        json_pack("{s:s, s:I}", "catalogue", stats->catalogue_id, "sequence",
                                  (json_int_t)stats->sequence));
}

static json_t *describe_mount(struct ctx_daemon *daemon, const struct ctx_mount *mount)
{
    const struct ctx_source *source = mount->source;
    struct ctx_source_stats stats = { .catalogue_id = "" };
    struct ctx_watch_root_stats watch = { 0 };
    if (mount->stage == CTX_MOUNT_UP) {
        ctx_engine_source_stats(daemon->engine, mount->number, &stats);
        ctx_watch_root_stats(daemon->watch, mount->number, &watch);
    }
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "name",
        source->name, "root", source->root, "output", source->output, "repo", source->repo, "ref",
        source->ref, "profile", ctx_profile_name(source->transform.profile), "state",
        ctx_mount_state_name(mount), "documents", (json_int_t)stats.documents, "failed",
        (json_int_t)stats.failed, "waiting", (json_int_t)stats.waiting, "in_flight",
        (json_int_t)stats.in_flight, "watches", (json_int_t)watch.watches, "polled_directories",
        (json_int_t)watch.polled_directories, "unreadable_directories",
        (json_int_t)watch.unreadable_directories);
    if (mount->detail.text[0])
        json_object_set_new(object, "detail", json_string(mount->detail.text));
    set_clock(object, &stats);
    return object;
}

static void add_stuck(struct ctx_daemon *daemon, const struct ctx_mount *mount, json_t *array)
{
    struct ctx_source_stats stats = { 0 };
    if (mount->stage == CTX_MOUNT_UP)
        ctx_engine_source_stats(daemon->engine, mount->number, &stats);
    if (stats.stuck > 0)
        json_array_append_new(
            array,
            json_sprintf("%s: %zu %s for want of space, permission or the like and tried "
                         "again: see contextor failures",
                         mount->source->name, stats.stuck,
                         stats.stuck == 1 ? "document is held up" : "documents are held up"));
}

static json_t *describe_degraded(struct ctx_daemon *daemon)
{
    json_t *array = json_array();
    const char *engine[CTX_ENGINE_DEGRADED_MAX];
    unsigned n = ctx_engine_degraded(daemon->engine, engine);
    for (unsigned i = 0; i < n; i++)
        json_array_append_new(array, json_string(engine[i]));
    for (size_t i = 0; i < daemon->n_mounts; i++) {
        const struct ctx_mount *mount = daemon->mounts[i];
        bool poor = mount->stage == CTX_MOUNT_FAILED ||
                    (mount->stage == CTX_MOUNT_UP &&
                     (mount->state == CTX_ROOT_DEGRADED || mount->state == CTX_ROOT_MISSING));
        if (poor)
            json_array_append_new(array,
                                  json_sprintf("%s: %s", mount->source->name, mount->detail.text));
        add_stuck(daemon, mount, array);
    }
    return array;
}

static json_t *describe_queue(struct ctx_daemon *daemon)
{
    struct ctx_engine_load load;
    ctx_engine_load(daemon->engine, &load);
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "save",
                     (json_int_t)load.waiting[CTX_PRIORITY_SAVE], "request",
                     (json_int_t)load.waiting[CTX_PRIORITY_REQUEST], "bulk",
                     (json_int_t)load.waiting[CTX_PRIORITY_BULK], "held",
                     (json_int_t)ctx_coalescer_held(daemon->coalescer), "in_flight",
                     (json_int_t)load.in_flight, "memory_bytes", (json_int_t)load.memory);
}

json_t *ctx_daemon_status(struct ctx_daemon *daemon)
{
    json_t *sources = json_array();
    for (size_t i = 0; i < daemon->n_mounts; i++)
        json_array_append_new(sources, describe_mount(daemon, daemon->mounts[i]));
    uint64_t uptime_us = ctx_clock_monotonic_us() - daemon->began_us;
    return json_pack("{s:s, s:I, s:s, s:o, s:I, s:s?, s:o, s:o}", "version", ctx_version(), "pid",
                     (json_int_t)getpid(), "state", ctx_daemon_state_name(daemon), "degraded",
                     describe_degraded(daemon), "uptime_s", (json_int_t)(uptime_us / 1000000),
                     "config", daemon->shared->config.path, "sources", sources, "queue",
                     describe_queue(daemon));
}

const struct ctx_metrics *ctx_daemon_metrics(struct ctx_daemon *daemon)
{
    struct ctx_watch_stats watch;
    struct ctx_server_stats server;
    daemon->metrics = *ctx_engine_metrics(daemon->engine);
    uint64_t *values = daemon->metrics.values;
    ctx_watch_stats(daemon->watch, &watch);
    values[CTX_METRIC_EVENTS] = watch.events_total;
    values[CTX_METRIC_OVERFLOW] = watch.overflow_total;
    values[CTX_METRIC_RECONCILES] = watch.reconciles_total;
    values[CTX_METRIC_WATCHES] = watch.watches;
    values[CTX_METRIC_POLLED_DIRECTORIES] = watch.polled_directories;
    values[CTX_METRIC_SOURCES] = daemon->n_mounts;
    values[CTX_METRIC_SYNCS] = daemon->syncs_total;
    values[CTX_METRIC_UPTIME] = (ctx_clock_monotonic_us() - daemon->began_us) / 1000000;
    ctx_control_stats(daemon->control, &server);
    values[CTX_METRIC_CLIENTS] = server.clients;
    values[CTX_METRIC_CLIENTS_DROPPED] = server.dropped_total;
    values[CTX_METRIC_REQUESTS] = server.requests_total;
    return &daemon->metrics;
}

/* A question to the catalogue, on its way. */
struct ctx_inquiry {
    struct ctx_inquiry *next;
    struct ctx_daemon *daemon;
    json_t
        *object; /* why: what is known without the catalogue; NULL: the answer is the catalogue's */
    ctx_daemon_done_fn done;
    void *data;
    bool cancelled;
};

static void unlink_inquiry(struct ctx_inquiry *inquiry)
{
    struct ctx_inquiry **link = &inquiry->daemon->inquiries;
    while (*link != inquiry)
        link = &(*link)->next;
    *link = inquiry->next;
}

static void on_answer(void *data, json_t *answer)
{
    struct ctx_inquiry *inquiry = data;
    json_t *object = inquiry->object;
    unlink_inquiry(inquiry);
    if (object && answer) {
        json_object_update_missing(object, answer);
        json_decref(answer);
    } else if (!object) {
        object = answer;
    }
    if (inquiry->cancelled)
        json_decref(object);
    else
        inquiry->done(inquiry->data, object ? 0 : -EIO, object, NULL);
    free(inquiry);
}

static struct ctx_inquiry *new_inquiry(struct ctx_daemon *daemon, json_t *object,
                                       ctx_daemon_done_fn done, void *data)
{
    struct ctx_inquiry *inquiry = calloc(1, sizeof(*inquiry));
    if (!inquiry)
        return NULL;
    *inquiry = (struct ctx_inquiry){
        .next = daemon->inquiries, .daemon = daemon, .object = object, .done = done, .data = data
    };
    daemon->inquiries = inquiry;
    return inquiry;
}

void ctx_daemon_cancel(struct ctx_daemon *daemon, const void *data)
{
    ctx_daemon_sync_cancel(daemon, data);
    for (struct ctx_inquiry *inquiry = daemon->inquiries; inquiry; inquiry = inquiry->next)
        inquiry->cancelled |= inquiry->data == data;
}

static int ask(struct ctx_daemon *daemon, struct ctx_inquiry *inquiry, struct ctx_query *query)
{
    if (inquiry && query) {
        ctx_engine_ask(daemon->engine, query);
        return 0;
    }
    ctx_query_free_all(query);
    if (inquiry) {
        unlink_inquiry(inquiry);
        json_decref(inquiry->object);
        free(inquiry);
    }
    return -ENOMEM;
}

int ctx_daemon_changes(struct ctx_daemon *daemon, const char *source, const struct ctx_clock *since,
                       size_t limit, ctx_daemon_done_fn done, void *data)
{
    const struct ctx_mount *mount = ctx_daemon_mount_by_name(daemon, source);
    if (!mount || mount->stage != CTX_MOUNT_UP)
        return -ENOENT;
    struct ctx_inquiry *inquiry = new_inquiry(daemon, NULL, done, data);
    const struct ctx_asker asker = { mount->number, mount->source->name, ctx_describe_record,
                                     on_answer, inquiry };
    return ask(daemon, inquiry,
               ctx_query_changes_new(&asker, since->catalogue, since->sequence, limit));
}

/* What is not known is absent. */
static json_t *describe_reason(const struct ctx_ignore_reason *reason)
{
    json_t *object = json_pack("{s:s}", "rule", reason->rule);
    if (reason->pattern[0])
        json_object_set_new(object, "pattern", json_string(reason->pattern));
    if (reason->file[0])
        json_object_set_new(object, "file", json_string(reason->file));
    if (reason->line)
        json_object_set_new(object, "line", json_integer(reason->line));
    return object;
}

static const char *verdict(struct ctx_daemon *daemon, const struct ctx_mount *mount,
                           const char *path, const char *seen, bool known)
{
    if (strcmp(seen, "ignored") == 0)
        return "ignored";
    if (known)
        return "document";
    return ctx_watch_is_directory(daemon->watch, mount->number, path) ? "directory" : "missing";
}

/* What is known of a path without the catalogue. */
static json_t *explain(struct ctx_daemon *daemon, const struct ctx_mount *mount, const char *path)
{
    struct ctx_ignore_reason reason = { "", "", "", 0 };
    struct ctx_document_info info;
    const char *seen = ctx_watch_explain(daemon->watch, mount->number, path, &reason);
    json_t *object = json_pack("{s:s}", "source", mount->source->name);
    ctx_json_set_path(object, "path", path);
    json_object_set_new(object, "seen", json_string(seen));
    json_object_set_new(object, "reason", describe_reason(&reason));
    bool known = ctx_engine_explain(daemon->engine, mount->number, path, &info) == 0;
    json_object_set_new(object, "verdict", json_string(verdict(daemon, mount, path, seen, known)));
    if (!known)
        return object;
    json_object_set_new(object, "waiting", json_boolean(info.waiting));
    if (!info.has_page)
        return object;
    json_object_set_new(object, "slug", json_string(info.slug));
    json_object_set_new(object, "page",
                        json_sprintf("%s/%s.mdc", mount->source->output, info.slug));
    return object;
}

static json_t *describe_last(const char *source, const struct ctx_record *record)
{
    (void)source;
    return ctx_describe_last(record);
}

int ctx_daemon_why(struct ctx_daemon *daemon, const char *source, const char *path,
                   ctx_daemon_done_fn done, void *data, struct ctx_error *error)
{
    const struct ctx_mount *mount = ctx_daemon_mount_by_name(daemon, source);
    if (!mount)
        return ctx_error_set(error, -ENOENT, "%s: no such source: see contextor status", source);
    if (mount->stage != CTX_MOUNT_UP)
        return ctx_error_set(error, -ENOENT, "%s: %.900s", source, mount->detail.text);
    struct ctx_inquiry *inquiry = new_inquiry(daemon, explain(daemon, mount, path), done, data);
    const struct ctx_asker asker = { mount->number, mount->source->name, describe_last, on_answer,
                                     inquiry };
    return ask(daemon, inquiry, ctx_query_document_new(&asker, path));
}
