/*
 * Points, by inode and by watch descriptor. Invariant: a point with listeners is in by_inode; one
 * with a watch is in by_wd; one in neither is freed. A point whose last listener left stays in
 * by_wd, deaf, until IN_IGNORED says that no event of its descriptor can follow: otherwise such an
 * event would look like one of an unknown watch. The loop's thread.
 */
#include "watch/point.h"

#include <errno.h>
#include <stdlib.h>

#include "watch/inotify.h"

struct inode_key {
    dev_t dev;
    ino_t ino;
};

static uint32_t inode_hash(dev_t dev, ino_t ino)
{
    return ctx_table_mix((uint64_t)ino * 31 + (uint64_t)dev);
}

static bool inode_match(const void *item, const void *key)
{
    const struct ctx_point *point = item;
    const struct inode_key *inode = key;
    return point->ino == inode->ino && point->dev == inode->dev;
}

static uint32_t wd_hash(int wd)
{
    return ctx_table_mix((uint64_t)wd);
}

static bool wd_match(const void *item, const void *key)
{
    return ((const struct ctx_point *)item)->wd == *(const int *)key;
}

struct ctx_point *ctx_points_by_inode(const struct ctx_points *points, dev_t dev, ino_t ino)
{
    struct inode_key key = { dev, ino };
    return ctx_table_find(&points->by_inode, inode_hash(dev, ino), inode_match, &key);
}

struct ctx_point *ctx_points_by_wd(const struct ctx_points *points, int wd)
{
    return ctx_table_find(&points->by_wd, wd_hash(wd), wd_match, &wd);
}

void ctx_points_deinit(struct ctx_points *points)
{
    ctx_points_purge(points);
    ctx_table_deinit(&points->by_inode);
    ctx_table_deinit(&points->by_wd);
}

int ctx_points_attach(struct ctx_points *points, const struct stat *st,
                      struct ctx_listener *listener)
{
    struct ctx_point *point = ctx_points_by_inode(points, st->st_dev, st->st_ino);
    if (!point) {
        point = calloc(1, sizeof(*point));
        if (!point)
            return -ENOMEM;
        point->dev = st->st_dev;
        point->ino = st->st_ino;
        int r = ctx_table_insert(&points->by_inode, inode_hash(point->dev, point->ino), point);
        if (r < 0) {
            free(point);
            return r;
        }
    }
    listener->point = point;
    listener->next = point->listeners;
    point->listeners = listener;
    return 0;
}

void ctx_points_detach(struct ctx_points *points, struct ctx_listener *listener)
{
    struct ctx_point *point = listener->point;
    if (!point)
        return;
    listener->point = NULL;
    struct ctx_listener **at = &point->listeners;
    while (*at != listener)
        at = &(*at)->next;
    *at = listener->next;
    if (point->listeners)
        return;
    ctx_table_remove(&points->by_inode, inode_hash(point->dev, point->ino), point);
    if (point->wd > 0) {
        ctx_inotify_remove(point->wd);
        points->watches--;
    } else {
        free(point);
    }
}

/* Takes the watch descriptor from a point, which is none of the kernel's any more. */
static void unbind_wd(struct ctx_points *points, struct ctx_point *point)
{
    ctx_table_remove(&points->by_wd, wd_hash(point->wd), point);
    point->wd = 0;
    if (point->listeners)
        points->watches--;
    else
        free(point);
}

/* Notes the watch descriptor that the kernel gave. */
static int bind_wd(struct ctx_points *points, struct ctx_point *point, int wd, uint32_t mask)
{
    if (point->wd == wd) {
        point->mask |= mask;
        return 0;
    }
    if (point->wd > 0)
        unbind_wd(points, point);
    struct ctx_point *other = ctx_points_by_wd(points, wd);
    if (other) /* its IN_IGNORED was lost, and the number came round again */
        unbind_wd(points, other);
    int r = ctx_table_insert(&points->by_wd, wd_hash(wd), point);
    if (r < 0) {
        ctx_inotify_remove(wd);
        return r;
    }
    point->wd = wd;
    point->mask = mask;
    points->watches++;
    return 0;
}

int ctx_points_arm(struct ctx_points *points, struct ctx_listener *listener, int dirfd,
                   uint32_t mask, bool verify)
{
    struct ctx_point *point = listener->point;
    if (!points->enabled)
        return -ENOTSUP;
    if (point->wd > 0 && !verify && !(mask & ~point->mask))
        return 0;
    mask |= point->wd > 0 ? point->mask : 0;
    int wd = ctx_inotify_extend(dirfd, point->wd, mask);
    if (wd > 0)
        return bind_wd(points, point, wd, mask);
    if (point->wd > 0) {
        ctx_inotify_remove(point->wd);
        unbind_wd(points, point);
    }
    return wd < 0 ? wd : -EIO;
}

bool ctx_points_ignored(struct ctx_points *points, struct ctx_point *point)
{
    bool freed = !point->listeners;
    ctx_inotify_remove(point->wd); /* the library's record; the kernel's is gone */
    unbind_wd(points, point);
    return freed;
}

void ctx_points_purge(struct ctx_points *points)
{
    struct ctx_table kept = { 0 };
    size_t cursor = 0;
    struct ctx_point *point;
    while ((point = ctx_table_next(&points->by_wd, &cursor))) {
        if (!point->listeners)
            free(point);
        else if (ctx_table_insert(&kept, wd_hash(point->wd), point) < 0)
            point->wd = 0; /* a reconcile follows and watches it again */
    }
    ctx_table_deinit(&points->by_wd);
    points->by_wd = kept;
}
