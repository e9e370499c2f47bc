/* Burst detection; see the header. Invariant: hashes in `recent` are distinct. */
#include "work/burst.h"

#include <stdlib.h>

void ctx_burst_deinit(struct ctx_burst *burst)
{
    free(burst->recent);
    *burst = (struct ctx_burst){ 0 };
}

/* The place of a hash: its own, a free one, or that of the path that was noted longest ago. */
static struct ctx_burst_path *place_for(struct ctx_burst *burst, uint64_t hash)
{
    struct ctx_burst_path *oldest = NULL;
    for (size_t i = 0; i < burst->n; i++) {
        struct ctx_burst_path *path = &burst->recent[i];
        if (path->hash == hash)
            return path;
        if (!oldest || path->when_us < oldest->when_us)
            oldest = path;
    }
    return burst->n < burst->capacity ? &burst->recent[burst->n++] : oldest;
}

bool ctx_burst_note(struct ctx_burst *burst, size_t size, uint64_t window_us, uint64_t hash,
                    uint64_t now_us)
{
    if (size > burst->capacity) {
        struct ctx_burst_path *recent = reallocarray(burst->recent, size, sizeof(*recent));
        if (!recent)
            return false;
        burst->recent = recent;
        burst->capacity = size;
    }
    if (size == 0)
        return true;
    *place_for(burst, hash) = (struct ctx_burst_path){ .hash = hash, .when_us = now_us };
    return ctx_burst_is(burst, size, window_us, now_us);
}

bool ctx_burst_is(const struct ctx_burst *burst, size_t size, uint64_t window_us, uint64_t now_us)
{
    size_t within = 0;
    for (size_t i = 0; i < burst->n; i++)
        within += now_us - burst->recent[i].when_us <= window_us;
    return within >= size;
}
