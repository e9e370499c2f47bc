/*
 * The repository's directory, found as git finds it: upwards from the root, `.git` a directory or
 * (in a linked work tree) a file that names one. The lock of a linked work tree's index is in that
 * directory, too, not in the common one. The loop's thread.
 */
#include "watch/git.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "watch/state.h"

static const char lock_name[] = "index.lock";

static const uint32_t git_mask = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;

/* Tells of a lock that was taken at a (monotonic) time, of each anew, and of its release. */
static void set_lock(struct ctx_git *git, bool locked, uint64_t since_us)
{
    bool told = locked || git->locked;
    const struct ctx_watch_handler *handler = &git->root->watch->handler;
    git->locked = locked;
    if (told && handler->git_lock)
        handler->git_lock(handler->data, git->root->number, locked, since_us);
}

/* When a file was last written to, as near as the clocks tell. */
static uint64_t written_us(const struct ctx_watch *watch, const struct stat *st)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age_us = (int64_t)(now.tv_sec - st->st_mtim.tv_sec) * 1000000 +
                     (now.tv_nsec - st->st_mtim.tv_nsec) / 1000;
    if (age_us <= 0)
        return watch->now_us;
    return (uint64_t)age_us < watch->now_us ? watch->now_us - (uint64_t)age_us : 0;
}

/* Looks for a lock that no event told of, left behind by a git that died for instance. */
static void look_for_lock(struct ctx_git *git, int fd)
{
    struct stat st;
    bool there = fstatat(fd, lock_name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (there != git->locked)
        set_lock(git, there, there ? written_us(git->root->watch, &st) : git->root->watch->now_us);
}

/* Opens what a `.git` file points to ("gitdir: PATH", relative to its directory). -1: nothing. */
static int open_gitdir(int dirfd)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, 2 * CTX_LIMIT_PATH);
    struct ctx_file_stamp stamp;
    static const char key[] = "gitdir: ";
    if (ctx_file_read(dirfd, ".git", 0, &text, &stamp) != 0 || !text.data ||
        strncmp(text.data, key, strlen(key)) != 0)
        return -1;
    char *path = text.data + strlen(key);
    path[strcspn(path, "\r\n")] = '\0';
    return openat(dirfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Opens the repository's directory of a path; -1 when it lies in none. */
static int open_repository(const char *root)
{
    CTX_AUTO_FREE char *path = strdup(root);
    for (char *slash; path && *path; *slash = '\0') {
        CTX_AUTO_CLOSE int dirfd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        int fd = openat(dirfd, ".git", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 && dirfd >= 0)
            fd = open_gitdir(dirfd);
        if (fd >= 0)
            return fd;
        slash = strrchr(path, '/');
        if (!slash)
            break;
    }
    return -1;
}

void ctx_git_find(struct ctx_root *root)
{
    struct ctx_git *git = &root->git;
    struct ctx_points *points = &root->watch->points;
    CTX_AUTO_CLOSE int fd = open_repository(root->path);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0) {
        ctx_git_forget(root);
        return;
    }
    const struct ctx_point *point = git->listener.point;
    if (point && (point->dev != st.st_dev || point->ino != st.st_ino))
        ctx_git_forget(root);
    if (!git->listener.point && ctx_points_attach(points, &st, &git->listener) < 0)
        return;
    (void)ctx_points_arm(points, &git->listener, fd, git_mask, false);
    look_for_lock(git, fd);
}

void ctx_git_poll(struct ctx_watch *watch)
{
    struct ctx_root *root;
    DL_FOREACH (watch->roots, root) {
        if (root->top && !ctx_listener_armed(&root->git.listener))
            ctx_git_find(root);
    }
}

void ctx_git_forget(struct ctx_root *root)
{
    ctx_points_detach(&root->watch->points, &root->git.listener);
    set_lock(&root->git, false, root->watch->now_us);
}

void ctx_git_event(struct ctx_git *git, const struct ctx_inotify_event *event)
{
    bool lock = strcmp(event->name, lock_name) == 0;
    if (strcmp(event->name, "config") == 0)
        git->root->unsure = true; /* it may name another ignore file */
    if (event->mask & IN_IGNORED)
        set_lock(git, false, git->root->watch->now_us);
    else if (lock)
        set_lock(git, event->mask & (IN_CREATE | IN_MOVED_TO), git->root->watch->now_us);
}
