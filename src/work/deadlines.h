#ifndef CTX_WORK_DEADLINES_H
#define CTX_WORK_DEADLINES_H

#include <stddef.h>
#include <stdint.h>

/*
 * A heap of deadlines, embedded in what they belong to: the earliest first, equal ones in the order
 * in which they were added. Pure; one thread owns it.
 */
struct ctx_deadline {
    uint64_t due_us;
    uint64_t order; /* set by ctx_deadlines_add() */
    size_t place;   /* in the heap, 1-based; 0: in none */
};

struct ctx_deadlines {
    struct ctx_deadline **heap;
    size_t n, capacity;
    uint64_t added;
};

void ctx_deadlines_deinit(struct ctx_deadlines *deadlines);
/* Makes room for `n` in all, so that additions up to that many cannot fail. 0 or -ENOMEM. */
int ctx_deadlines_reserve(struct ctx_deadlines *deadlines, size_t n);
/* Adds one; there must be room. */
void ctx_deadlines_add(struct ctx_deadlines *deadlines, struct ctx_deadline *deadline);
/* Takes one away; one that is in no heap stays as it is. */
void ctx_deadlines_remove(struct ctx_deadlines *deadlines, struct ctx_deadline *deadline);
/* The earliest; NULL when there is none. */
struct ctx_deadline *ctx_deadlines_first(const struct ctx_deadlines *deadlines);

#endif
