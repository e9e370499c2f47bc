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

#include "base/cleanup.h"
#include "base/file.h"
#include "watch/state.h"

/* While one of these is there, git is in the middle of something. */
static const char *const lock_names[] = { "index.lock", "rebase-apply", "rebase-merge" };

static const uint32_t git_mask = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;

/* The bit of a lock's name; 0 for any other. */
static unsigned lock_bit(const char *name)
{
    for (unsigned i = 0; i < CTX_ARRAY_LEN(lock_names); i++) {
        if (strcmp(name, lock_names[i]) == 0)
            return 1U << i;
    }
    return 0;
}

static void set_locks(struct ctx_git *git, unsigned locks)
{
    bool was = git->locks != 0;
    git->locks = locks;
    const struct ctx_watch_handler *handler = &git->root->watch->handler;
    if (was != (locks != 0) && handler->git_lock)
        handler->git_lock(handler->data, git->root->number, locks != 0);
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
    unsigned locks = 0;
    for (unsigned i = 0; i < CTX_ARRAY_LEN(lock_names); i++) {
        if (faccessat(fd, lock_names[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            locks |= 1U << i;
    }
    set_locks(git, locks);
}

void ctx_git_forget(struct ctx_root *root)
{
    ctx_points_detach(&root->watch->points, &root->git.listener);
    set_locks(&root->git, 0);
}

void ctx_git_event(struct ctx_git *git, const struct ctx_inotify_event *event)
{
    unsigned bit = lock_bit(event->name);
    if (event->mask & IN_IGNORED)
        set_locks(git, 0);
    else if (event->mask & (IN_CREATE | IN_MOVED_TO))
        set_locks(git, git->locks | bit);
    else if (event->mask & (IN_DELETE | IN_MOVED_FROM))
        set_locks(git, git->locks & ~bit);
}
