/*
 * Mounts: a configured source is opened in the engine, then given to the watcher, whose scan feeds
 * it. One that cannot be opened (its output is locked, or belongs to another source) is reported
 * and tried again now and then, while the others go on. Nothing is opened while a source leaves,
 * since it may be its output that is wanted. Runs on the loop.
 */
#include "daemon/mount.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "daemon/control.h"
#include "daemon/log.h"
#include "daemon/state.h"

/* Seconds between attempts at a source whose output cannot be had, at first and at last. */
#define RETRY_LEAST 1.
#define RETRY_MOST 15.

struct ctx_shared_config *ctx_shared_config_new(void)
{
    struct ctx_shared_config *shared = calloc(1, sizeof(*shared));
    if (!shared)
        return NULL;
    ctx_config_init(&shared->config);
    shared->users = 1;
    return shared;
}

void ctx_shared_config_release(struct ctx_shared_config *shared)
{
    if (!shared || --shared->users > 0)
        return;
    ctx_config_deinit(&shared->config);
    free(shared);
}

struct ctx_mount *ctx_daemon_mount_by_number(struct ctx_daemon *daemon, uint32_t number)
{
    for (size_t i = 0; i < daemon->n_mounts; i++)
        if (daemon->mounts[i]->stage == CTX_MOUNT_UP && daemon->mounts[i]->number == number)
            return daemon->mounts[i];
    struct ctx_mount *mount = daemon->leaving;
    while (mount && (mount->stage != CTX_MOUNT_LEAVING || mount->number != number))
        mount = mount->next;
    return mount;
}

struct ctx_mount *ctx_daemon_mount_by_name(struct ctx_daemon *daemon, const char *name)
{
    for (size_t i = 0; i < daemon->n_mounts; i++)
        if (strcmp(daemon->mounts[i]->source->name, name) == 0)
            return daemon->mounts[i];
    return NULL;
}

static struct ctx_mount *new_mount(struct ctx_daemon *daemon, struct ctx_shared_config *shared,
                                   const struct ctx_source *source)
{
    struct ctx_mount *mount = calloc(1, sizeof(*mount));
    if (!mount)
        return NULL;
    *mount = (struct ctx_mount){ .daemon = daemon, .shared = shared, .source = source };
    shared->users++;
    return mount;
}

static void free_mount(struct ctx_mount *mount)
{
    ctx_ignore_rules_free(mount->rules);
    ctx_shared_config_release(mount->shared);
    free(mount);
}

static void tell_state(const struct ctx_mount *mount)
{
    const char *detail = mount->detail.text;
    ctx_control_publish_state(mount->daemon->control, mount->source->name,
                              ctx_mount_state_name(mount), *detail ? detail : NULL);
}

static void fail(struct ctx_mount *mount, const char *text)
{
    struct ctx_daemon *daemon = mount->daemon;
    mount->stage = CTX_MOUNT_FAILED;
    if (strcmp(mount->detail.text, text) != 0) {
        ctx_error_set(&mount->detail, 0, "%s", text);
        ctx_log(CTX_LOG_ERROR, "%s: %s", mount->source->name, text);
        tell_state(mount);
    }
    if (ev_is_active(&daemon->reopen))
        return;
    if (daemon->reopen_s < RETRY_LEAST)
        daemon->reopen_s = RETRY_LEAST;
    ev_timer_set(&daemon->reopen, daemon->reopen_s, 0.);
    ev_timer_start(daemon->loop, &daemon->reopen);
}

static void on_left(void *data)
{
    struct ctx_mount *mount = data;
    struct ctx_daemon *daemon = mount->daemon;
    struct ctx_mount **link = &daemon->leaving;
    while (*link != mount)
        link = &(*link)->next;
    *link = mount->next;
    if (mount->dismissed)
        free_mount(mount);
    else
        mount->stage = CTX_MOUNT_WAITING;
    ctx_daemon_mounts_run(daemon);
}

/* Takes a mount that is up out of the watcher, the coalescer and, when its work has ended, the engine. */
static void leave(struct ctx_mount *mount)
{
    struct ctx_daemon *daemon = mount->daemon;
    ctx_watch_remove_root(daemon->watch, mount->number);
    ctx_coalescer_drop_source(daemon->coalescer, mount->number);
    ctx_daemon_rebuild_drop(daemon, mount->number);
    ctx_ignore_rules_free(mount->rules);
    mount->rules = NULL;
    mount->stage = CTX_MOUNT_LEAVING;
    mount->scanned = false;
    ctx_engine_close_source(daemon->engine, mount->number, on_left, mount);
}

static void add_leaving(struct ctx_mount *mount)
{
    mount->next = mount->daemon->leaving;
    mount->daemon->leaving = mount;
}

/* Lets a mount go that is not in the daemon's list any more. */
static void dismiss(struct ctx_mount *mount)
{
    mount->dismissed = true;
    if (mount->stage == CTX_MOUNT_LEAVING)
        return; /* it is in the list of those */
    if (mount->stage == CTX_MOUNT_WAITING || mount->stage == CTX_MOUNT_FAILED) {
        free_mount(mount);
        return;
    }
    add_leaving(mount);
    if (mount->stage == CTX_MOUNT_UP)
        leave(mount); /* else once it is open */
}

void ctx_daemon_mount_again(struct ctx_daemon *daemon, struct ctx_mount *mount)
{
    add_leaving(mount);
    leave(mount);
    ctx_daemon_sync_again(daemon);
}

static void bring_up(struct ctx_mount *mount, uint32_t number)
{
    struct ctx_error error;
    mount->number = number;
    mount->stage =
        CTX_MOUNT_UP; /* from here on its number counts: the watcher may report at once */
    mount->state = CTX_ROOT_SCANNING;
    mount->scanned = false;
    mount->detail.text[0] = '\0';
    mount->daemon->reopen_s = 0;
    if (ctx_watch_add_root(mount->daemon->watch, number, mount->source->root, mount->rules,
                           &error) < 0) {
        ctx_log(CTX_LOG_ERROR, "%s: %s", mount->source->name, error.text);
        add_leaving(mount);
        leave(mount);
        return;
    }
    uint64_t device = ctx_engine_source_device(mount->daemon->engine, number);
    if (device)
        ctx_watch_expect_device(mount->daemon->watch, number, (dev_t)device);
}

static void on_opened(void *data, int code, uint32_t number, const struct ctx_error *error)
{
    struct ctx_mount *mount = data;
    struct ctx_daemon *daemon = mount->daemon;
    daemon->opening--;
    if (mount->dismissed && code < 0) {
        on_left(mount);
        return;
    }
    if (mount->dismissed) {
        mount->number = number;
        leave(mount);
    } else if (code < 0) {
        fail(mount, error->text);
    } else {
        bring_up(mount, number);
    }
    ctx_daemon_mounts_run(daemon);
}

static void begin(struct ctx_mount *mount)
{
    struct ctx_error error;
    struct ctx_daemon *daemon = mount->daemon;
    ctx_ignore_rules_free(mount->rules);
    mount->rules = NULL;
    int r =
        ctx_ignore_rules_configured(&mount->shared->config, mount->source, &mount->rules, &error);
    if (r == 0) {
        mount->stage = CTX_MOUNT_OPENING;
        r = ctx_engine_open_source(daemon->engine, mount->source, false, on_opened, mount);
        ctx_error_set(&error, r, "out of memory");
    }
    if (r < 0)
        fail(mount, error.text);
    else
        daemon->opening++;
}

bool ctx_daemon_is_settled(const struct ctx_daemon *daemon)
{
    for (size_t i = 0; i < daemon->n_mounts; i++)
        if (daemon->mounts[i]->stage == CTX_MOUNT_WAITING)
            return false;
    return !daemon->leaving && daemon->opening == 0;
}

void ctx_daemon_mounts_run(struct ctx_daemon *daemon)
{
    for (size_t i = 0; !daemon->leaving && i < daemon->n_mounts; i++)
        if (daemon->mounts[i]->stage == CTX_MOUNT_WAITING)
            begin(daemon->mounts[i]);
    if (ctx_daemon_is_settled(daemon))
        ctx_daemon_settled(daemon);
}

void ctx_daemon_mounts_retry(struct ctx_daemon *daemon)
{
    daemon->reopen_s = daemon->reopen_s * 2 < RETRY_MOST ? daemon->reopen_s * 2 : RETRY_MOST;
    for (size_t i = 0; i < daemon->n_mounts; i++)
        if (daemon->mounts[i]->stage == CTX_MOUNT_FAILED)
            daemon->mounts[i]->stage = CTX_MOUNT_WAITING;
    ctx_daemon_mounts_run(daemon);
}

static bool is_below(const char *path, const char *top)
{
    size_t len = strlen(top);
    return strncmp(path, top, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* Whether every output of a configuration that lies in a root is one of another's. */
static bool has_outputs(const struct ctx_config *config, const struct ctx_config *of,
                        const char *root)
{
    for (size_t i = 0; i < of->n_sources; i++) {
        const char *output = of->sources[i].output;
        bool found = !is_below(output, root);
        for (size_t k = 0; !found && k < config->n_sources; k++)
            found = strcmp(config->sources[k].output, output) == 0;
        if (!found)
            return false;
    }
    return true;
}

/* Whether a mount is what the source would become, rules included. */
static bool serves(const struct ctx_mount *mount, const struct ctx_config *config,
                   const struct ctx_source *source)
{
    const struct ctx_config *before = &mount->shared->config;
    return ctx_source_equal(mount->source, source) &&
           ctx_string_list_equal(&before->watching.ignore_temporary,
                                 &config->watching.ignore_temporary) &&
           has_outputs(before, config, source->root) && has_outputs(config, before, source->root);
}

/* Takes the mount that serves a source out of the old ones; NULL: there is none. */
static struct ctx_mount *take_serving(struct ctx_daemon *daemon, const struct ctx_config *config,
                                      const struct ctx_source *source)
{
    for (size_t i = 0; i < daemon->n_mounts; i++) {
        struct ctx_mount *mount = daemon->mounts[i];
        if (mount && serves(mount, config, source)) {
            daemon->mounts[i] = NULL;
            if (mount->stage == CTX_MOUNT_FAILED)
                mount->stage = CTX_MOUNT_WAITING; /* what it failed for may have been mended, too */
            else if (mount->stage == CTX_MOUNT_UP)
                ctx_watch_recheck(daemon->watch, mount->number); /* git's ignore files */
            return mount;
        }
    }
    return NULL;
}

/* Puts the new list in place of the old one, of which the rest leaves. */
static void replace(struct ctx_daemon *daemon, struct ctx_mount **mounts, size_t n)
{
    struct ctx_mount **old = daemon->mounts;
    size_t n_old = daemon->n_mounts;
    daemon->mounts = mounts;
    daemon->n_mounts = n;
    for (size_t i = 0; i < n_old; i++)
        if (old[i])
            dismiss(old[i]);
    free(old);
}

int ctx_daemon_mounts_set(struct ctx_daemon *daemon, struct ctx_shared_config *shared, bool all)
{
    const struct ctx_config *config = &shared->config;
    size_t n = config->n_sources;
    size_t kept = 0;
    size_t before = daemon->n_mounts;
    CTX_AUTO_FREE struct ctx_mount **fresh = calloc(n ? n : 1, sizeof(*fresh));
    CTX_AUTO_FREE struct ctx_mount **mounts = calloc(n ? n : 1, sizeof(*mounts));
    bool enough = fresh && mounts;
    for (size_t i = 0; enough && i < n; i++)
        enough = (fresh[i] = new_mount(daemon, shared, &config->sources[i])) != NULL;
    for (size_t i = 0; enough && i < n; i++) {
        mounts[i] = all ? NULL : take_serving(daemon, config, &config->sources[i]);
        kept += mounts[i] != NULL;
        if (!mounts[i])
            mounts[i] = CTX_TAKE(fresh[i]);
    }
    for (size_t i = 0; fresh && i < n; i++)
        if (fresh[i])
            free_mount(fresh[i]);
    if (!enough)
        return -ENOMEM;
    replace(daemon, CTX_TAKE(mounts), n);
    return kept == n && before == n ? CTX_UNCHANGED : 0;
}

void ctx_daemon_mounts_dismiss(struct ctx_daemon *daemon)
{
    ev_timer_stop(daemon->loop, &daemon->reopen);
    replace(daemon, NULL, 0);
}
