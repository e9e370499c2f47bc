/*
 * Events of inotify, turned into sightings and into work for the scanner. They are hints: what is
 * there is looked at, and an event about something that is no more is left to the event that says
 * so. The loop's thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>

#include "watch/inotify.h"
#include "watch/state.h"

/* Not IN_OPEN, IN_ACCESS or IN_CLOSE_NOWRITE: reading must never feed the queue. */
const uint32_t ctx_watch_dir_mask =
    IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;

enum {
    LISTENERS_AT_ONCE = 64,
    /* A file whose content changed this lately may be open for writing yet. */
    RECENT_S = 2,
};

/* Stats an entry, following a symbolic link. 0 or -errno. */
static int stat_entry(struct ctx_dir *dir, const char *name, int flags, struct stat *ret_st)
{
    int rootfd = ctx_root_fd(dir->root);
    const char *path = ctx_dir_path(dir, name, dir->root->watch->path);
    if (rootfd < 0 || !path)
        return -ENOENT;
    return fstatat(rootfd, path, ret_st, flags) < 0 ? -errno : 0;
}

/* Made without a close to come (a link), or about to be written. */
static enum ctx_watch_sighting created(struct ctx_dir *dir, const char *name, const struct stat *st)
{
    struct stat entry;
    bool link = stat_entry(dir, name, AT_SYMLINK_NOFOLLOW, &entry) == 0 && S_ISLNK(entry.st_mode);
    return link || st->st_nlink > 1 ? CTX_WATCH_WRITTEN : CTX_WATCH_MODIFIED;
}

/* Changed mode, owner or times: an old content that can be read now, or an editor at work. */
static enum ctx_watch_sighting altered(const struct stat *st)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age_s = (int64_t)now.tv_sec - st->st_mtim.tv_sec;
    return age_s > RECENT_S ? CTX_WATCH_WRITTEN : CTX_WATCH_MODIFIED;
}

/* What took a document's name away: its going, or the arrival of what is no file. */
static void document_left(struct ctx_dir *dir, const char *name, const struct stat *st)
{
    ctx_report_document(dir, name, st ? CTX_WATCH_REPLACED : CTX_WATCH_GONE, st);
}

static void document_event(struct ctx_dir *dir, const struct ctx_inotify_event *event)
{
    struct stat st;
    int r = stat_entry(dir, event->name, 0, &st);
    bool file = r == 0 && S_ISREG(st.st_mode);
    if (event->mask & (IN_DELETE | IN_MOVED_FROM)) {
        document_left(dir, event->name, file ? &st : NULL);
        return;
    }
    if (r == -EACCES)
        ctx_report_document(dir, event->name, CTX_WATCH_WRITTEN, NULL);
    else if (!file && (event->mask & IN_MOVED_TO))
        document_left(dir, event->name, NULL); /* a link that leads nowhere, over a document */
    if (!file)
        return;
    enum ctx_watch_sighting sighting = CTX_WATCH_MODIFIED;
    if (event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO))
        sighting = CTX_WATCH_WRITTEN;
    else if (event->mask & IN_CREATE)
        sighting = created(dir, event->name, &st);
    else if (event->mask & IN_ATTRIB)
        sighting = altered(&st);
    ctx_report_document(dir, event->name, sighting, &st);
}

/* An ignore file was edited: what it decides is decided anew, here and below. */
static void ignore_file_event(struct ctx_dir *dir, const struct ctx_inotify_event *event)
{
    struct stat st;
    bool made = event->mask & IN_CREATE;
    if (event->mask & (IN_MODIFY | IN_ATTRIB))
        return; /* its close comes */
    if (made && stat_entry(dir, event->name, AT_SYMLINK_NOFOLLOW, &st) == 0 &&
        S_ISREG(st.st_mode) && st.st_nlink == 1)
        return;
    dir->layer_id = 0;
    ctx_sweep_request(dir->root, dir, 0);
}

static void file_event(struct ctx_dir *dir, const struct ctx_inotify_event *event)
{
    if (ctx_ignore_is_file(event->name)) {
        ignore_file_event(dir, event);
        return;
    }
    const struct ctx_ignore_dir *layer = ctx_layer(dir, -1);
    if (layer && ctx_ignore_check(layer, event->name, false, NULL) == CTX_VERDICT_DOCUMENT)
        document_event(dir, event);
}

/* A directory was made here or moved here. */
static void arrived(struct ctx_watch *watch, struct ctx_dir *dir,
                    const struct ctx_inotify_event *event)
{
    const char *name = event->name;
    const struct ctx_ignore_dir *layer = ctx_layer(dir, -1);
    struct ctx_dir *child = ctx_dir_child(&watch->children, dir, name);
    struct ctx_dir *moved =
        event->mask & IN_MOVED_TO ? ctx_move_take(watch, dir->root, event->cookie) : NULL;
    bool enter = layer && ctx_ignore_check(layer, name, true, NULL) == CTX_VERDICT_ENTER;
    if (moved && (!enter || child || ctx_dir_rename(moved, name) < 0 ||
                  ctx_dir_attach(&watch->children, dir, moved) < 0)) {
        ctx_doom(watch, moved);
        moved = NULL;
    }
    if (moved)
        ctx_scan_queue(watch, moved, CTX_SCAN_DEEP, false);
    else if (child)
        ctx_scan_queue(watch, child, CTX_SCAN_NEW, true); /* perhaps it is another one now */
    else if (enter)
        ctx_read_discover(watch, dir, name);
}

/*
 * A directory's name is free by what an event says, but another may have it by now: when two are
 * exchanged, each arrives before the other is said to have left.
 */
static void rediscover(struct ctx_watch *watch, struct ctx_dir *dir, const char *name)
{
    struct stat st;
    if (stat_entry(dir, name, AT_SYMLINK_NOFOLLOW, &st) < 0 || !S_ISDIR(st.st_mode))
        return;
    const struct ctx_ignore_dir *layer = ctx_layer(dir, -1);
    if (layer && ctx_ignore_check(layer, name, true, NULL) == CTX_VERDICT_ENTER)
        ctx_read_discover(watch, dir, name);
}

static void directory_event(struct ctx_watch *watch, struct ctx_dir *dir,
                            const struct ctx_inotify_event *event)
{
    struct ctx_dir *child;
    if (event->mask & (IN_CREATE | IN_MOVED_TO)) {
        arrived(watch, dir, event);
        return;
    }
    child = ctx_dir_child(&watch->children, dir, event->name);
    if (!child)
        return;
    if (event->mask & IN_MOVED_FROM) {
        ctx_move_begin(watch, child, event->cookie);
        rediscover(watch, dir, event->name);
    } else if (event->mask & IN_DELETE) {
        ctx_report_directory_gone(child);
        ctx_doom(watch, child);
        rediscover(watch, dir, event->name);
    } else if ((event->mask & IN_ATTRIB) && (child->failed || !child->read)) {
        ctx_scan_queue(watch, child, CTX_SCAN_DEEP, true); /* it may be readable now */
    } else if ((event->mask & IN_ATTRIB) && ctx_denied_now(child)) {
        ctx_scan_queue(watch, child, CTX_SCAN_NEW, true); /* in vain, which is told */
    }
}

/* A file system went away with this directory: settled where it was mounted. */
static void unmounted(struct ctx_watch *watch, struct ctx_dir *dir)
{
    struct ctx_dir *mount = dir;
    dev_t dev = dir->listener.point->dev;
    while (mount->parent && mount->parent->listener.point &&
           mount->parent->listener.point->dev == dev)
        mount = mount->parent;
    if (mount == dir->root->top) {
        dir->root->unsure = true;
        return;
    }
    ctx_doom_children(watch, mount);
    ctx_scan_queue(watch, mount, CTX_SCAN_NEW, true);
}

/* The directory itself: moved, deleted, unmounted, or no longer watched. */
static void self_event(struct ctx_watch *watch, struct ctx_dir *dir, uint32_t mask)
{
    bool top = dir == dir->root->top;
    if (mask & IN_UNMOUNT)
        unmounted(watch, dir);
    else if (top && (mask & (IN_IGNORED | IN_MOVE_SELF | IN_DELETE_SELF)))
        dir->root->unsure = true;
    else if (mask & IN_IGNORED)
        ctx_scan_queue(watch, dir, CTX_SCAN_DEEP, true);
}

static void dir_listener(struct ctx_watch *watch, struct ctx_listener *listener,
                         const struct ctx_inotify_event *event)
{
    struct ctx_dir *dir = (struct ctx_dir *)listener;
    ctx_dir_count(watch, dir);
    if (!ctx_dir_attached(dir))
        return;
    if (dir == dir->root->top && strcmp(event->name, ".git") == 0)
        ctx_git_find(dir->root);
    if (!*event->name)
        self_event(watch, dir, event->mask);
    else if (event->mask & IN_ISDIR)
        directory_event(watch, dir, event);
    else
        file_event(dir, event);
}

static void deliver(struct ctx_watch *watch, struct ctx_listener *listener,
                    const struct ctx_inotify_event *event)
{
    switch (listener->kind) {
    case CTX_LISTENER_DIR:
        dir_listener(watch, listener, event);
        break;
    case CTX_LISTENER_ANCESTOR:
        ctx_ancestor_event((struct ctx_ancestor *)listener, event);
        break;
    case CTX_LISTENER_GIT:
        ctx_git_event((struct ctx_git *)listener, event);
        break;
    case CTX_LISTENER_OUTER:
        ctx_outer_event((struct ctx_outer *)listener, event);
        break;
    case CTX_LISTENER_COOKIE:
        ctx_cookies_event(watch, event);
        break;
    }
}

static bool listens(const struct ctx_point *point, const struct ctx_listener *listener)
{
    const struct ctx_listener *at = point->listeners;
    while (at && at != listener)
        at = at->next;
    return at != NULL;
}

/* Tells everyone who listens. A listener may end others' listening, so each is checked first. */
static void deliver_all(struct ctx_watch *watch, dev_t dev, ino_t ino,
                        const struct ctx_inotify_event *event)
{
    struct ctx_listener *listeners[LISTENERS_AT_ONCE];
    size_t n = 0;
    struct ctx_point *point = ctx_points_by_inode(&watch->points, dev, ino);
    for (struct ctx_listener *at = point ? point->listeners : NULL; at; at = at->next) {
        if (n < LISTENERS_AT_ONCE)
            listeners[n++] = at;
    }
    for (size_t i = 0; i < n; i++) {
        point = ctx_points_by_inode(&watch->points, dev, ino);
        if (point && listens(point, listeners[i]))
            deliver(watch, listeners[i], event);
    }
}

void ctx_event_handle(struct ctx_watch *watch, const struct ctx_inotify_event *event)
{
    watch->events_total++;
    if (event->mask & IN_Q_OVERFLOW) {
        ctx_reconcile_overflow(watch);
        return;
    }
    struct ctx_point *point = ctx_points_by_wd(&watch->points, event->wd);
    if (!point) {
        /* Nobody's: harmless at a watch's end, otherwise something was lost. */
        if (!(event->mask & (IN_IGNORED | IN_MOVE_SELF | IN_DELETE_SELF | IN_UNMOUNT)))
            ctx_reconcile_stray(watch);
        return;
    }
    dev_t dev = point->dev;
    ino_t ino = point->ino;
    bool deaf = !point->listeners;
    if (event->mask & IN_IGNORED)
        (void)ctx_points_ignored(&watch->points, point);
    if (!deaf)
        deliver_all(watch, dev, ino, event);
}
