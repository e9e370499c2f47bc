/* The heap of deadlines; see the header. Invariant: heap[d->place - 1] == d for each d in it. */
#include "work/deadlines.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

void ctx_deadlines_deinit(struct ctx_deadlines *deadlines)
{
    free(deadlines->heap);
    *deadlines = (struct ctx_deadlines){ 0 };
}

int ctx_deadlines_reserve(struct ctx_deadlines *deadlines, size_t n)
{
    if (n <= deadlines->capacity)
        return 0;
    size_t capacity = deadlines->capacity ? deadlines->capacity : 16;
    while (capacity < n)
        capacity *= 2;
    struct ctx_deadline **heap = reallocarray(deadlines->heap, capacity, sizeof(*heap));
    if (!heap)
        return -ENOMEM;
    deadlines->heap = heap;
    deadlines->capacity = capacity;
    return 0;
}

static bool is_earlier(const struct ctx_deadline *a, const struct ctx_deadline *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

static void put(struct ctx_deadlines *deadlines, size_t place, struct ctx_deadline *deadline)
{
    deadlines->heap[place - 1] = deadline;
    deadline->place = place;
}

static void sift_up(struct ctx_deadlines *deadlines, struct ctx_deadline *deadline, size_t place)
{
    for (; place > 1; place /= 2) {
        struct ctx_deadline *parent = deadlines->heap[place / 2 - 1];
        if (!is_earlier(deadline, parent))
            break;
        put(deadlines, place, parent);
    }
    put(deadlines, place, deadline);
}

static void sift_down(struct ctx_deadlines *deadlines, struct ctx_deadline *deadline, size_t place)
{
    for (size_t child; (child = 2 * place) <= deadlines->n; place = child) {
        if (child < deadlines->n && is_earlier(deadlines->heap[child], deadlines->heap[child - 1]))
            child++;
        if (!is_earlier(deadlines->heap[child - 1], deadline))
            break;
        put(deadlines, place, deadlines->heap[child - 1]);
    }
    put(deadlines, place, deadline);
}

void ctx_deadlines_add(struct ctx_deadlines *deadlines, struct ctx_deadline *deadline)
{
    deadline->order = deadlines->added++;
    sift_up(deadlines, deadline, ++deadlines->n);
}

void ctx_deadlines_remove(struct ctx_deadlines *deadlines, struct ctx_deadline *deadline)
{
    size_t place = deadline->place;
    if (place == 0)
        return;
    deadline->place = 0;
    struct ctx_deadline *last = deadlines->heap[--deadlines->n];
    if (last == deadline)
        return;
    if (is_earlier(last, deadline))
        sift_up(deadlines, last, place);
    else
        sift_down(deadlines, last, place);
}

struct ctx_deadline *ctx_deadlines_first(const struct ctx_deadlines *deadlines)
{
    return deadlines->n ? deadlines->heap[0] : NULL;
}
