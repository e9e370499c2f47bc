/*
 * Directories on their way out. A subtree is cut off at once, which silences it, and taken apart
 * in slices: a hundred thousand watches are not given back in one turn of the loop.
 */
#include <utlist.h>

#include "watch/state.h"

void ctx_dir_count(struct ctx_watch *watch, struct ctx_dir *dir)
{
    bool armed = ctx_listener_armed(&dir->listener);
    if (armed == dir->counted)
        return;
    dir->counted = armed;
    if (armed) {
        watch->watched++;
        dir->root->watched++;
    } else {
        watch->watched--;
        dir->root->watched--;
    }
}

static void push(struct ctx_watch *watch, struct ctx_dir *dir)
{
    ctx_scan_forget(watch, dir);
    dir->doomed = true;
    DL_PREPEND2(watch->doomed, dir, queue_prev, queue_next);
}

void ctx_doom(struct ctx_watch *watch, struct ctx_dir *dir)
{
    if (dir->doomed)
        return;
    ctx_dir_cut(&watch->children, dir);
    if (dir->root->top == dir)
        dir->root->top = NULL;
    push(watch, dir);
}

void ctx_doom_children(struct ctx_watch *watch, struct ctx_dir *dir)
{
    while (dir->first)
        ctx_doom(watch, dir->first);
}

static void bury(struct ctx_watch *watch, struct ctx_dir *dir)
{
    DL_DELETE2(watch->doomed, dir, queue_prev, queue_next);
    ctx_points_detach(&watch->points, &dir->listener);
    ctx_dir_count(watch, dir);
    ctx_denied_set(dir, false);
    ctx_poll_remove(watch, dir);
    ctx_sweep_forget(dir->root, dir);
    watch->directories--;
    ctx_dir_free(dir);
}

void ctx_doom_run(struct ctx_watch *watch, uint64_t until_us)
{
    unsigned n = 0;
    while (watch->doomed) {
        struct ctx_dir *dir = watch->doomed;
        if (dir->first)
            ctx_doom(watch, dir->first);
        else
            bury(watch, dir);
        if (++n % 64 == 0 && until_us != UINT64_MAX && ctx_watch_clock_us() >= until_us)
            return;
    }
}
