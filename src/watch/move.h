#ifndef CTX_WATCH_MOVE_H
#define CTX_WATCH_MOVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Directories on the move: IN_MOVED_FROM was seen, and IN_MOVED_TO with the same cookie may come.
 * Until then the subtree is cut off with its watches kept.
 */

struct ctx_watch;
struct ctx_root;
struct ctx_dir;

struct ctx_move {
    uint32_t cookie;
    struct ctx_dir *dir;
    uint64_t until_us;
};

struct ctx_moves {
    struct ctx_move *items;
    size_t n, capacity;
};

/* Cuts a directory off to wait for where it went; its documents are reported gone. */
void ctx_move_begin(struct ctx_watch *watch, struct ctx_dir *dir, uint32_t cookie);
/* The directory of a root that moved with that cookie, no longer waiting; NULL. */
struct ctx_dir *ctx_move_take(struct ctx_watch *watch, const struct ctx_root *root,
                              uint32_t cookie);
/* Gives up those whose time is over, or with `all` every one (of a root, or NULL). */
void ctx_moves_expire(struct ctx_watch *watch, const struct ctx_root *root, bool all);
uint64_t ctx_moves_next_us(const struct ctx_watch *watch);
void ctx_moves_deinit(struct ctx_watch *watch);

#endif
