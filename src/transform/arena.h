#ifndef CTX_TRANSFORM_ARENA_H
#define CTX_TRANSFORM_ARENA_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The thread's bump allocator for one document: what the parser and the stages around it need
 * until the page is done. One per thread, made when first used, given back when the thread ends.
 * Nothing in it is freed singly; ctx_arena_reset() drops all of it.
 */
struct ctx_arena;

/* The calling thread's arena; NULL when memory is out. */
struct ctx_arena *ctx_arena_of_thread(void);

/*
 * Drops everything that was allocated and sets the bounds of what comes now: `limit` bytes, and
 * `deadline_ms` of the thread's CPU time from now on (0: none). CTX_ARENA_STANDING bytes at the
 * most stay with the thread for its next document.
 */
void ctx_arena_reset(struct ctx_arena *arena, size_t limit, uint64_t deadline_ms);

/* Zeroed memory, aligned for any pointer or integer. NULL: over the limit, or memory is out. */
void *ctx_arena_alloc(struct ctx_arena *arena, size_t size);

/*
 * Grows an allocation (NULL: one of nothing), in place when it is the newest. Added bytes are not
 * zeroed. NULL as above.
 */
void *ctx_arena_grow(struct ctx_arena *arena, void *pointer, size_t size);

/* Bytes that the chunks of this document take, and may take. */
size_t ctx_arena_used(const struct ctx_arena *arena);
size_t ctx_arena_limit(const struct ctx_arena *arena);

/* -ETIME when the deadline has passed, else 0. */
int ctx_arena_overdue(struct ctx_arena *arena);

/*
 * For a library that must not see an allocation fail: as the two above, but what fails jumps to
 * `bail` with -ENOMEM or -ETIME (the clock is looked at every few allocations).
 */
void ctx_arena_set_bail(struct ctx_arena *arena, jmp_buf *bail);
void *ctx_arena_must_alloc(struct ctx_arena *arena, size_t size);
void *ctx_arena_must_grow(struct ctx_arena *arena, void *pointer, size_t size);
/* Jumps to `bail` when the deadline has passed. */
void ctx_arena_must_be_in_time(struct ctx_arena *arena);

#endif
