/*
 * Reading one directory: watch first, then read, so that whatever is made in between is either in
 * the listing or in the queue of events, or in both, which does no harm. An entry that vanishes is
 * skipped; a directory that cannot be read is kept, never taken for empty. The loop's thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "watch/limit.h"
#include "watch/state.h"

static const char *shown_path(struct ctx_dir *dir)
{
    const char *path = ctx_dir_path(dir, NULL, dir->root->watch->layer_path);
    return path && *path ? path : ".";
}

/* Takes away a directory that is not there any more. */
static void remove_dir(struct ctx_watch *watch, struct ctx_dir *dir)
{
    if (dir->read)
        ctx_report_directory_gone(dir);
    ctx_doom(watch, dir);
}

/* A directory that could not be opened. Returns `code`. */
static int unreadable(struct ctx_watch *watch, struct ctx_dir *dir, int code)
{
    bool top = dir == dir->root->top;
    dir->failed = true;
    if (dir->root->unsure) {
        dir->root->skipped = true;
        return code;
    }
    bool absent = code == -ENOENT || code == -ENOTDIR || code == -ELOOP || code == -ESTALE;
    if (absent && !top) {
        remove_dir(watch, dir);
        return code;
    }
    ctx_report_kept(dir);
    if (absent) {
        dir->root->unsure = true;
        return code;
    }
    if (!dir->denied)
        ctx_report_warning(dir->root, "%s: %s: not read, what is known of it is kept",
                           shown_path(dir), ctx_error_name(code));
    ctx_denied_set(dir, code == -EACCES || code == -EPERM);
    /* A change of permissions comes as an event, unless the parent is polled too. */
    bool told = dir->denied && !top && !dir->parent->poll;
    if (!told)
        (void)ctx_poll_add(watch, dir, CTX_POLL_ERROR);
    return code;
}

/* Makes a directory one that was never read: what the tree had there is somewhere else, or gone. */
static void strip(struct ctx_watch *watch, struct ctx_dir *dir)
{
    if (dir->read)
        ctx_report_directory_gone(dir);
    ctx_doom_children(watch, dir);
    ctx_points_detach(&watch->points, &dir->listener);
    ctx_dir_count(watch, dir);
    ctx_poll_reset(dir);
    dir->layer_id = 0;
    dir->read = false;
}

/* Another directory has the place of one that was read. 0: go on with it; not 0: wait. */
static int replaced(struct ctx_watch *watch, struct ctx_dir *dir, int dirfd, const struct stat *st)
{
    if (dir->read && st->st_dev != dir->listener.point->dev && ctx_tree_is_empty(dirfd)) {
        if (!dir->poll || dir->poll->reason != CTX_POLL_AWAY)
            ctx_report_warning(dir->root,
                               "%s: an empty directory of another file system is in its place: "
                               "what is known of it is kept until it is back or refilled",
                               shown_path(dir));
        ctx_report_kept(dir);
        (void)ctx_poll_add(watch, dir, CTX_POLL_AWAY);
        return CTX_UNCHANGED;
    }
    strip(watch, dir);
    return 0;
}

/* Whether a directory is still where the tree has it. */
static bool in_place(struct ctx_dir *dir)
{
    CTX_AUTO_CLOSE int fd = ctx_root_open(dir, O_PATH);
    struct stat st;
    return fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == dir->listener.point->dev &&
           st.st_ino == dir->listener.point->ino;
}

/* Another directory of the same root and the same identity, which the tree has elsewhere; NULL. */
static struct ctx_dir *twin(struct ctx_watch *watch, struct ctx_dir *dir, const struct stat *st)
{
    struct ctx_point *point = ctx_points_by_inode(&watch->points, st->st_dev, st->st_ino);
    struct ctx_listener *listener = point ? point->listeners : NULL;
    for (; listener; listener = listener->next) {
        struct ctx_dir *other = (struct ctx_dir *)listener;
        if (listener->kind == CTX_LISTENER_DIR && other != dir && other->root == dir->root &&
            ctx_dir_attached(other))
            return other;
    }
    return NULL;
}

/* Settles who a directory is. 0; not 0: it is not to be read now. */
static int identify(struct ctx_watch *watch, struct ctx_dir *dir, int dirfd, const struct stat *st)
{
    const struct ctx_point *point = dir->listener.point;
    if (point && point->dev == st->st_dev && point->ino == st->st_ino) {
        if (dir->poll && dir->poll->reason == CTX_POLL_AWAY)
            dir->scan = CTX_SCAN_DEEP; /* it is back, and nobody knows what happened meanwhile */
        return 0;
    }
    if (point) {
        int r = replaced(watch, dir, dirfd, st);
        if (r != 0)
            return r;
    }
    struct ctx_dir *other = twin(watch, dir, st);
    if (other && in_place(other)) {
        ctx_report_warning(dir->root, "%s is %s under another name (a bind mount): read once",
                           shown_path(dir), *other->name ? other->name : "the root");
        remove_dir(watch, dir);
        return -ELOOP;
    }
    if (other) { /* moved here from there, where now is another one, or none */
        strip(watch, other);
        ctx_scan_follow(watch, dir, other, CTX_SCAN_NEW);
    }
    return ctx_points_attach(&watch->points, st, &dir->listener);
}

/* Watches the directory, or has it polled. */
static void watch_or_poll(struct ctx_watch *watch, struct ctx_dir *dir, int dirfd)
{
    enum ctx_poll_reason reason;
    int r = ctx_limit_arm(watch, dir, dirfd, &reason);
    ctx_dir_count(watch, dir);
    if (r < 0)
        (void)ctx_poll_add(watch, dir, reason);
}

int ctx_read_begin(struct ctx_watch *watch, struct ctx_dir *dir, DIR **ret_stream)
{
    CTX_AUTO_CLOSE int fd = ctx_root_open(dir, O_RDONLY);
    if (fd < 0)
        return unreadable(watch, dir, fd);
    struct stat st;
    if (fstat(fd, &st) < 0)
        return unreadable(watch, dir, -errno);
    int r = identify(watch, dir, fd, &st);
    if (r != 0)
        return r;
    watch_or_poll(watch, dir, fd);
    if (!ctx_layer(dir, fd))
        return unreadable(watch, dir, -ENOMEM);
    struct ctx_dir *child;
    dir->failed = false;
    DL_FOREACH (dir->first, child)
        child->seen = false;
    if (dir->poll)
        ctx_poll_begin(watch);
    *ret_stream = fdopendir(fd);
    if (!*ret_stream)
        return unreadable(watch, dir, -errno);
    fd = -1;
    return 0;
}

/* Adds a directory to the tree; NULL when it cannot be. */
static struct ctx_dir *add_child(struct ctx_watch *watch, struct ctx_dir *dir, const char *name)
{
    if (!ctx_dir_path(dir, name, watch->layer_path)) {
        ctx_report_warning(dir->root, "%s: the path is too long: not entered", name);
        return NULL;
    }
    struct ctx_dir *child = ctx_dir_new(dir->root, name);
    if (!child)
        return NULL;
    if (ctx_dir_attach(&watch->children, dir, child) < 0) {
        ctx_dir_free(child);
        return NULL;
    }
    watch->directories++;
    return child;
}

void ctx_read_discover(struct ctx_watch *watch, struct ctx_dir *dir, const char *name)
{
    struct ctx_dir *child = add_child(watch, dir, name);
    if (child)
        ctx_scan_queue(watch, child, CTX_SCAN_NEW, true);
}

static void read_directory(struct ctx_watch *watch, struct ctx_dir *dir, const char *name)
{
    if (ctx_ignore_check(ctx_layer(dir, -1), name, true, NULL) != CTX_VERDICT_ENTER)
        return;
    struct ctx_dir *child = ctx_dir_child(&watch->children, dir, name);
    if (child) {
        child->seen = true;
        if (dir->scan == CTX_SCAN_DEEP)
            ctx_scan_follow(watch, dir, child, CTX_SCAN_DEEP);
        return;
    }
    child = add_child(watch, dir, name);
    if (child)
        ctx_scan_follow(watch, dir, child, CTX_SCAN_NEW);
}

static void read_file(struct ctx_watch *watch, struct ctx_dir *dir, int dirfd, const char *name)
{
    bool ignore_file = dir->poll && ctx_ignore_is_file(name);
    if (!ignore_file &&
        ctx_ignore_check(ctx_layer(dir, -1), name, false, NULL) != CTX_VERDICT_DOCUMENT)
        return;
    struct stat st;
    if (fstatat(dirfd, name, &st, 0) < 0) {
        if (errno == EACCES && !dir->failed)
            ctx_report_kept(dir);
        dir->failed |= errno == EACCES;
        return;
    }
    if (!S_ISREG(st.st_mode))
        return;
    if (dir->poll)
        ctx_poll_note(watch, dir, name, &st, dir->scan != CTX_SCAN_POLL);
    else
        ctx_report_document(dir, name, CTX_WATCH_FOUND, &st);
}

int ctx_read_entry(struct ctx_watch *watch, struct ctx_dir *dir, DIR *stream)
{
    errno = 0;
    const struct dirent *entry = readdir(stream);
    if (!entry)
        return errno ? unreadable(watch, dir, -errno) : 0;
    const char *name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || !ctx_layer(dir, dirfd(stream)))
        return 1;
    unsigned char type = entry->d_type;
    struct stat st;
    if (type == DT_UNKNOWN && fstatat(dirfd(stream), name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        type = (unsigned char)IFTODT(st.st_mode);
    if (type == DT_DIR)
        read_directory(watch, dir, name);
    else if (type == DT_REG || type == DT_LNK)
        read_file(watch, dir, dirfd(stream), name);
    return 1;
}

void ctx_read_end(struct ctx_watch *watch, struct ctx_dir *dir, DIR *stream)
{
    struct ctx_dir *child, *next;
    DL_FOREACH_SAFE(dir->first, child, next)
    {
        if (!child->seen)
            remove_dir(watch, child);
    }
    dir->read = true;
    /* One that may be listed only; but a link that leads to where nobody may go is no reason. */
    ctx_denied_set(dir, dir->failed && ctx_denied_now(dir));
    if (!dir->poll)
        return;
    ctx_poll_end(watch, dir, dirfd(stream));
    if (ctx_listener_armed(&dir->listener))
        ctx_poll_remove(watch, dir);
}
