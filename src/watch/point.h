#ifndef CTX_WATCH_POINT_H
#define CTX_WATCH_POINT_H

#include <stdint.h>
#include <sys/stat.h>

#include "watch/table.h"

/*
 * Points: the directories of interest by identity (device and inode), each with at most one watch
 * of the kernel's, and those who listen to it. The kernel gives one inode one watch however it is
 * reached, so two roots that share directories, a root's parent that lies in another root, or a
 * repository shared by two roots must share the point too.
 */

enum ctx_listener_kind {
    CTX_LISTENER_DIR,      /* a directory of a tree: struct ctx_dir */
    CTX_LISTENER_ANCESTOR, /* a directory above a root: struct ctx_ancestor */
    CTX_LISTENER_GIT,      /* a repository's directory: struct ctx_git */
    CTX_LISTENER_OUTER,    /* a directory of ignore files outside the trees: struct ctx_outer */
    CTX_LISTENER_COOKIE,   /* where cookies are made: struct ctx_cookies */
};

/* Embedded first in whoever listens. */
struct ctx_listener {
    struct ctx_point *point; /* NULL: listens to nothing */
    struct ctx_listener *next;
    enum ctx_listener_kind kind;
};

struct ctx_point {
    dev_t dev;
    ino_t ino;
    struct ctx_listener *listeners;
    uint32_t mask; /* events asked for so far */
    int wd;        /* 0: not watched */
};

struct ctx_points {
    struct ctx_table by_inode;
    struct ctx_table by_wd; /* those given up too, until the kernel confirms with IN_IGNORED */
    bool enabled;           /* there is inotify */
    uint64_t watches;       /* in the kernel, as far as known */
};

void ctx_points_deinit(struct ctx_points *points);

/* Makes a listener listen to a directory, without a watch yet. 0 or -ENOMEM. */
int ctx_points_attach(struct ctx_points *points, const struct stat *st,
                      struct ctx_listener *listener);
/* Ends it. The watch goes with its last listener. */
void ctx_points_detach(struct ctx_points *points, struct ctx_listener *listener);

/*
 * Sees to it that the directory of an attached listener is watched for the events of `mask`, and
 * with `verify` that the kernel still does. `dirfd` is open on it. 0, -ENOTSUP without inotify,
 * -ENOSPC, -ENOMEM, -EACCES and other errnos of inotify_add_watch(2).
 */
int ctx_points_arm(struct ctx_points *points, struct ctx_listener *listener, int dirfd,
                   uint32_t mask, bool verify);

static inline bool ctx_listener_armed(const struct ctx_listener *listener)
{
    return listener->point && listener->point->wd > 0;
}

/* The point of a directory, by identity or by watch descriptor; NULL. */
struct ctx_point *ctx_points_by_inode(const struct ctx_points *points, dev_t dev, ino_t ino);
struct ctx_point *ctx_points_by_wd(const struct ctx_points *points, int wd);

/* The kernel has dropped the watch (IN_IGNORED). A point without listeners is freed: true. */
bool ctx_points_ignored(struct ctx_points *points, struct ctx_point *point);

/* After an overflow: forgets watches whose IN_IGNORED may have been lost. */
void ctx_points_purge(struct ctx_points *points);

#endif
