/*
 * Directories that this user may not read or enter: what is known of them is kept, a change of their
 * permissions is told by an event of their parent's. The loop's thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "watch/state.h"

void ctx_denied_set(struct ctx_dir *dir, bool denied)
{
    if (denied == dir->denied)
        return;
    dir->denied = denied;
    if (denied)
        dir->root->denied++;
    else
        dir->root->denied--;
    dir->root->dirty = true;
}

bool ctx_denied_now(const struct ctx_dir *dir)
{
    CTX_AUTO_CLOSE int fd = ctx_root_open(dir, O_PATH);
    return fd >= 0 && faccessat(fd, ".", R_OK | X_OK, AT_EACCESS) < 0 && errno == EACCES;
}

/* The next in depth-first order; NULL after the last. */
static const struct ctx_dir *next_below(const struct ctx_dir *top, const struct ctx_dir *dir)
{
    if (dir->first)
        return dir->first;
    while (dir != top && !dir->next)
        dir = dir->parent;
    return dir == top ? NULL : dir->next;
}

const struct ctx_dir *ctx_denied_first(const struct ctx_root *root)
{
    const struct ctx_dir *dir = root->denied > 0 ? root->top : NULL;
    while (dir && !dir->denied)
        dir = next_below(root->top, dir);
    return dir;
}
