/*
 * Ignore layers of directories, made when they are needed. Each notes which layer of its parent it
 * builds on, so making one layer invalid makes all below it invalid, at no cost. A stale layer may
 * point to a parent that is freed: nothing but freeing is done to it. The loop's thread.
 */
#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"
#include "watch/state.h"

static int make_layer(struct ctx_dir *dir, const struct ctx_ignore_dir *above, int dirfd)
{
    struct ctx_watch *watch = dir->root->watch;
    const char *path = ctx_dir_path(dir, NULL, watch->layer_path);
    if (!path)
        return -ENAMETOOLONG;
    struct ctx_ignore_dir *layer = NULL;
    struct ctx_error error;
    int r = ctx_ignore_dir_new(dir->root->rules, above, path, dirfd, &layer, &error);
    if (r == CTX_UNCHANGED)
        ctx_report_warning(dir->root, "%s", error.text);
    if (r < 0)
        return r;
    ctx_ignore_dir_free(dir->layer);
    dir->layer = layer;
    dir->layer_id = ++watch->layer_ids ? watch->layer_ids : ++watch->layer_ids;
    dir->layer_parent_id = dir->parent ? dir->parent->layer_id : 0;
    return 0;
}

const struct ctx_ignore_dir *ctx_layer(struct ctx_dir *dir, int dirfd)
{
    const struct ctx_ignore_dir *above = NULL;
    if (dir->parent) {
        above = ctx_layer(dir->parent, -1);
        if (!above)
            return NULL;
    } else if (dir != dir->root->top) {
        return NULL;
    }
    if (dir->layer_id && (!dir->parent || dir->layer_parent_id == dir->parent->layer_id))
        return dir->layer;
    CTX_AUTO_CLOSE int own = -1;
    if (dirfd < 0)
        dirfd = own = ctx_root_open(dir, O_RDONLY);
    if (dirfd < 0 || make_layer(dir, above, dirfd) < 0)
        return NULL;
    return dir->layer;
}
