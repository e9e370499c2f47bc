/*
 * Roots: there, or missing and looked for. A root that goes away takes its tree of watches along
 * and nothing else: no document is reported gone for it, and no running sweep is ever completed.
 * The loop's thread.
 */
#include "watch/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "watch/limit.h"
#include "watch/state.h"

enum {
    /* A missing root is looked for this often, first and at last; its parents are watched too. */
    RETRY_LEAST_US = 1000 * 1000,
    RETRY_MOST_US = 30 * 1000 * 1000,
    /* How often a parent is looked at anew while directories above the root come and go. */
    ANCESTOR_ATTEMPTS = 8,
};

static const uint32_t self_mask = IN_MOVE_SELF | IN_DELETE_SELF;
static const uint32_t arrival_mask = IN_CREATE | IN_MOVED_TO | IN_ATTRIB;

int ctx_root_new(struct ctx_watch *watch, uint32_t number, const char *path,
                 const struct ctx_ignore_rules *rules, struct ctx_root **ret_root)
{
    struct ctx_root *root = calloc(1, sizeof(*root));
    if (!root)
        return -ENOMEM;
    *root = (struct ctx_root){
        .watch = watch,
        .number = number,
        .rules = rules,
        .fd = -1,
        .dirty = true,
        .state = CTX_ROOT_SCANNING,
        .retry_us = UINT64_MAX,
        .git = { .listener.kind = CTX_LISTENER_GIT, .root = root },
    };
    for (size_t i = 0; i < CTX_OUTER_FILES; i++) {
        root->outer[i].listener.kind = CTX_LISTENER_OUTER;
        root->outer[i].root = root;
    }
    root->path = strdup(path);
    if (!root->path) {
        free(root);
        return -ENOMEM;
    }
    size_t len = strlen(root->path);
    while (len > 1 && root->path[len - 1] == '/')
        root->path[--len] = '\0';
    *ret_root = root;
    return 0;
}

static void forget_ancestors(struct ctx_root *root)
{
    struct ctx_ancestor *ancestor;
    while ((ancestor = root->ancestors)) {
        root->ancestors = ancestor->next;
        ctx_points_detach(&root->watch->points, &ancestor->listener);
        free(ancestor);
    }
}

void ctx_root_free(struct ctx_root *root)
{
    forget_ancestors(root);
    ctx_git_forget(root);
    ctx_outer_forget(root);
    ctx_sweep_abandon(root);
    ctx_closep(&root->fd);
    free(root->missing);
    free(root->text);
    free(root->path);
    free(root);
}

/* Watches one directory above the root. Not being able to is made up for by looking again. */
static void watch_ancestor(struct ctx_root *root, int dirfd, const char *child, uint32_t mask)
{
    struct stat st;
    struct ctx_ancestor *ancestor = calloc(1, sizeof(*ancestor));
    if (!ancestor)
        return;
    ancestor->root = root;
    ancestor->child = child;
    ancestor->listener.kind = CTX_LISTENER_ANCESTOR;
    if (fstat(dirfd, &st) < 0 ||
        ctx_points_attach(&root->watch->points, &st, &ancestor->listener) < 0) {
        free(ancestor);
        return;
    }
    (void)ctx_points_arm(&root->watch->points, &ancestor->listener, dirfd, mask, false);
    LL_PREPEND(root->ancestors, ancestor);
}

/* Whether the path up to the end of the component that `child` begins leads somewhere. */
static bool leads_on(const struct ctx_root *root, const char *child)
{
    CTX_AUTO_FREE char *path =
        strndup(root->path, (size_t)(child - root->path) + strcspn(child, "/"));
    return path && access(path, F_OK) == 0;
}

/*
 * Watches the directories above the root: all of them for their own going, and when the root is
 * missing, the nearest for what arrives in it. Returns whether the way to the root got longer
 * meanwhile, so that there is a nearer one now.
 */
static bool watch_ancestors(struct ctx_root *root)
{
    forget_ancestors(root);
    CTX_AUTO_FREE char *path = strdup(root->path);
    bool nearest = root->top == NULL;
    bool again = false;
    char *slash;
    while (path && root->watch->points.enabled && (slash = strrchr(path, '/'))) {
        const char *child = root->path + (slash - path) + 1;
        *slash = '\0';
        CTX_AUTO_CLOSE int fd = open(*path ? path : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            continue;
        if (nearest || *path)
            watch_ancestor(root, fd, child, nearest ? self_mask | arrival_mask : self_mask);
        again |= nearest && leads_on(root, child);
        nearest = false;
    }
    return again;
}

void ctx_ancestor_event(struct ctx_ancestor *ancestor, const struct ctx_inotify_event *event)
{
    size_t len = strcspn(ancestor->child, "/");
    bool on_the_way = strncmp(event->name, ancestor->child, len) == 0 && event->name[len] == '\0';
    if (!*event->name || on_the_way)
        ancestor->root->unsure = true;
}

/* The root is not there, or another is in its place: its tree is let go. */
static void lose(struct ctx_root *root, const char *why)
{
    struct ctx_watch *watch = root->watch;
    ctx_closep(&root->fd);
    root->fd = -1;
    if (root->top) {
        ctx_doom(watch, root->top);
        ctx_moves_expire(watch, root, true);
        root->retry_step_us = 0;
    }
    ctx_git_forget(root);
    ctx_sweep_abandon(root);
    root->complete = false;
    root->dirty = true;
    free(root->missing);
    root->missing = strdup(why);
    root->retry_step_us = root->retry_step_us ? root->retry_step_us * 2 : RETRY_LEAST_US;
    if (root->retry_step_us > RETRY_MOST_US)
        root->retry_step_us = RETRY_MOST_US;
    root->retry_us = watch->now_us + root->retry_step_us;
    for (int i = 0; i < ANCESTOR_ATTEMPTS && watch_ancestors(root); i++)
        ;
}

/* The root is there: its tree begins anew. */
static void gain(struct ctx_root *root, const struct stat *st)
{
    struct ctx_watch *watch = root->watch;
    root->top = ctx_dir_new(root, "");
    if (!root->top)
        return;
    watch->directories++;
    root->dev = st->st_dev;
    root->ino = st->st_ino;
    root->known = true;
    root->dirty = true;
    root->retry_us = UINT64_MAX;
    root->retry_step_us = 0;
    (void)watch_ancestors(root);
    ctx_git_find(root);
    ctx_sweep_request(root, root->top, 0);
}

static bool transient(int code)
{
    return code == -EMFILE || code == -ENFILE || code == -ENOMEM || code == -EINTR;
}

/* Which of the two it is, for a root whose path leads to a directory. */
static void check_directory(struct ctx_root *root, int fd, const struct stat *st)
{
    ctx_outer_check(root);
    if (root->top && st->st_dev == root->dev && st->st_ino == root->ino) {
        ctx_git_find(root);
        /* A watch that is gone says: another directory, which got the same inode number. */
        bool deaf =
            root->top->read && !root->top->poll && !ctx_listener_armed(&root->top->listener);
        if (root->skipped || deaf)
            ctx_sweep_request(root, root->top, 0);
        root->skipped = false;
        return;
    }
    if (root->known && st->st_dev != root->dev && ctx_tree_is_empty(fd)) {
        lose(root, "an empty directory of another file system is in its place (unmounted?)");
        return;
    }
    if (root->top)
        lose(root, "another directory is in its place");
    gain(root, st);
}

void ctx_root_check(struct ctx_root *root)
{
    root->unsure = false;
    CTX_AUTO_CLOSE int fd = open(root->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    int r = fd < 0 || fstat(fd, &st) < 0 ? -errno : 0;
    if (r == 0) {
        check_directory(root, fd, &st);
    } else if (transient(r) && root->top) {
        ctx_sweep_abandon(root);
        ctx_sweep_request(root, root->top, root->watch->now_us + RETRY_LEAST_US);
    } else {
        lose(root, ctx_error_name(r));
        /* It may have come back before its parent was watched. */
        if (access(root->path, F_OK) == 0)
            root->retry_us = root->watch->now_us;
    }
}

void ctx_roots_run(struct ctx_watch *watch)
{
    for (struct ctx_root *root = watch->roots; root; root = root->next) {
        if (root->unsure || (!root->top && watch->now_us >= root->retry_us))
            ctx_root_check(root);
    }
}

void ctx_roots_arm(struct ctx_watch *watch)
{
    for (struct ctx_root *root = watch->roots; root; root = root->next) {
        (void)watch_ancestors(root);
        root->unsure = true;
    }
}

uint64_t ctx_roots_next_us(const struct ctx_watch *watch)
{
    uint64_t next = UINT64_MAX;
    for (const struct ctx_root *root = watch->roots; root; root = root->next) {
        if (root->unsure)
            return 0;
        if (!root->top && root->retry_us < next)
            next = root->retry_us;
    }
    return next;
}

int ctx_root_fd(struct ctx_root *root)
{
    if (root->fd >= 0)
        return root->fd;
    CTX_AUTO_CLOSE int fd = open(root->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat st;
    int r = fd < 0 || fstat(fd, &st) < 0 ? -errno : 0;
    if (r == 0 && (st.st_dev != root->dev || st.st_ino != root->ino))
        r = -ESTALE;
    if (r < 0) {
        root->unsure = true;
        return r;
    }
    root->fd = fd;
    fd = -1;
    return root->fd;
}

void ctx_roots_close(struct ctx_watch *watch)
{
    for (struct ctx_root *root = watch->roots; root; root = root->next) {
        ctx_closep(&root->fd);
        root->fd = -1;
    }
}

int ctx_root_open(const struct ctx_dir *dir, int flags)
{
    char *buffer = dir->root->watch->layer_path;
    int rootfd = ctx_root_fd(dir->root);
    if (rootfd < 0)
        return rootfd;
    const char *path = ctx_dir_path(dir, NULL, buffer);
    return path ? ctx_tree_open(rootfd, path, flags) : -ENAMETOOLONG;
}

static enum ctx_root_state state_of(const struct ctx_root *root)
{
    const size_t *polled = root->polled;
    if (!root->top)
        return CTX_ROOT_MISSING;
    if (!root->complete)
        return CTX_ROOT_SCANNING;
    if (polled[CTX_POLL_LIMIT] + polled[CTX_POLL_INSTANCE] + polled[CTX_POLL_ERROR] +
            polled[CTX_POLL_AWAY] ||
        ctx_denied_first(root))
        return CTX_ROOT_DEGRADED;
    if (root->top->poll)
        return CTX_ROOT_POLLING;
    return CTX_ROOT_WATCHING;
}

/* The power of two that leaves room above what is needed. */
static uint64_t roomy(uint64_t needed)
{
    uint64_t limit = 8192;
    while (limit < needed + needed / 4)
        limit *= 2;
    return limit;
}

static void limit_text(const struct ctx_root *root, struct ctx_error *text)
{
    struct ctx_watch_stats stats;
    const char *sysctl = ctx_limit_stats(root->watch, &stats);
    uint64_t others = stats.watches_in_use > root->watch->points.watches
                          ? stats.watches_in_use - root->watch->points.watches
                          : 0;
    ctx_error_set(text, 0,
                  "%zu directories are polled for want of inotify watches: %llu needed, limit "
                  "%llu, %llu in use; run: sysctl %s=%llu",
                  root->polled[CTX_POLL_LIMIT], (unsigned long long)stats.watches_needed,
                  (unsigned long long)stats.watches_limit, (unsigned long long)stats.watches_in_use,
                  sysctl, (unsigned long long)roomy(stats.watches_needed + others));
}

/* Without numbers, which would be others with each directory of a chmod -R. */
static void denied_text(const struct ctx_dir *dir, struct ctx_error *text)
{
    char buffer[CTX_TREE_PATH_SIZE];
    const char *path = ctx_dir_path(dir, NULL, buffer);
    ctx_error_set(text, 0,
                  "%.300s%s cannot be read: give this user permission to read and enter %s; the "
                  "pages made of what is in there are kept",
                  path && *path ? path : ".", dir->root->denied > 1 ? " and other directories" : "",
                  dir->root->denied > 1 ? "them" : "it");
}

static void state_text(const struct ctx_root *root, struct ctx_error *text)
{
    const size_t *polled = root->polled;
    const struct ctx_dir *denied = ctx_denied_first(root);
    text->text[0] = '\0';
    if (!root->top)
        ctx_error_set(text, 0, "%s: %s", root->path, root->missing ? root->missing : "missing");
    else if (!root->complete)
        return; /* the numbers would be those of a part */
    else if (polled[CTX_POLL_INSTANCE])
        ctx_error_set(text, 0, "polled: %s", root->watch->no_inotify);
    else if (polled[CTX_POLL_LIMIT])
        limit_text(root, text);
    else if (denied)
        denied_text(denied, text);
    else if (polled[CTX_POLL_ERROR])
        ctx_error_set(text, 0, "%zu directories could not be read or watched and are tried again",
                      polled[CTX_POLL_ERROR]);
    else if (polled[CTX_POLL_AWAY])
        ctx_error_set(text, 0, "%zu directories are unmounted or mounted over",
                      polled[CTX_POLL_AWAY]);
    else if (polled[CTX_POLL_FILESYSTEM])
        ctx_error_set(text, 0,
                      "%zu directories are polled: their file system reports no changes "
                      "made elsewhere",
                      polled[CTX_POLL_FILESYSTEM]);
    else if (polled[CTX_POLL_OPTION])
        ctx_error_set(text, 0, "polled, as configured");
}

static void report_state(struct ctx_root *root)
{
    struct ctx_watch *watch = root->watch;
    struct ctx_error text;
    enum ctx_root_state state = state_of(root);
    state_text(root, &text);
    root->dirty = false;
    if (root->text && state == root->state && strcmp(text.text, root->text) == 0)
        return;
    free(root->text);
    root->text = strdup(text.text);
    root->state = state;
    watch->handler.state(watch->handler.data, root->number, state, text.text);
}

void ctx_roots_report(struct ctx_watch *watch)
{
    for (struct ctx_root *root = watch->roots; root; root = root->next) {
        /* While it is being read the numbers change all the time. */
        if (root->dirty && (!root->top || root->complete || !root->text))
            report_state(root);
    }
}
