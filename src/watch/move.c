/*
 * Pairs of IN_MOVED_FROM and IN_MOVED_TO. The kernel queues both in one system call, but events of
 * another processor may lie between them and a read may end there, so a half waits. Few are ever
 * waiting: an array does. The loop's thread.
 */
#include "watch/move.h"

#include <stdlib.h>

#include "watch/state.h"

/* How long the second half may be late (facts: 50 to 100 ms). */
enum { PAIR_US = 100 * 1000 };

void ctx_move_begin(struct ctx_watch *watch, struct ctx_dir *dir, uint32_t cookie)
{
    struct ctx_moves *moves = &watch->moves;
    ctx_report_directory_gone(dir);
    if (moves->n == moves->capacity) {
        size_t capacity = moves->capacity ? moves->capacity * 2 : 8;
        struct ctx_move *items = realloc(moves->items, capacity * sizeof(*items));
        if (!items) { /* then it is gone, and found anew */
            ctx_doom(watch, dir);
            return;
        }
        moves->items = items;
        moves->capacity = capacity;
    }
    ctx_scan_forget(watch, dir);
    ctx_dir_cut(&watch->children, dir);
    moves->items[moves->n++] = (struct ctx_move){ cookie, dir, watch->now_us + PAIR_US };
}

static struct ctx_dir *take_at(struct ctx_moves *moves, size_t i)
{
    struct ctx_dir *dir = moves->items[i].dir;
    moves->items[i] = moves->items[--moves->n];
    return dir;
}

struct ctx_dir *ctx_move_take(struct ctx_watch *watch, const struct ctx_root *root, uint32_t cookie)
{
    struct ctx_moves *moves = &watch->moves;
    for (size_t i = 0; i < moves->n; i++) {
        if (moves->items[i].cookie == cookie && moves->items[i].dir->root == root)
            return take_at(moves, i);
    }
    return NULL;
}

void ctx_moves_expire(struct ctx_watch *watch, const struct ctx_root *root, bool all)
{
    struct ctx_moves *moves = &watch->moves;
    for (size_t i = moves->n; i-- > 0;) {
        const struct ctx_move *move = &moves->items[i];
        bool ours = !root || move->dir->root == root;
        if (ours && (all || watch->now_us >= move->until_us))
            ctx_doom(watch, take_at(moves, i));
    }
}

uint64_t ctx_moves_next_us(const struct ctx_watch *watch)
{
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < watch->moves.n; i++) {
        if (watch->moves.items[i].until_us < next)
            next = watch->moves.items[i].until_us;
    }
    return next;
}

void ctx_moves_deinit(struct ctx_watch *watch)
{
    ctx_moves_expire(watch, NULL, true);
    free(watch->moves.items);
    watch->moves = (struct ctx_moves){ 0 };
}
