#ifndef CTX_WORK_BURST_H
#define CTX_WORK_BURST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Tells a burst from single saves: counts distinct paths within a window of time. Pure; one thread
 * owns it.
 */
struct ctx_burst {
    struct ctx_burst_path {
        uint64_t hash;
        uint64_t when_us;
    } * recent; /* the latest distinct paths, in no order */
    size_t n, capacity;
};

void ctx_burst_deinit(struct ctx_burst *burst);
/*
 * Notes a path by its hash; O(size). True once `size` distinct paths were noted within the last
 * `window_us`. Without memory nothing is ever a burst.
 */
bool ctx_burst_note(struct ctx_burst *burst, size_t size, uint64_t window_us, uint64_t hash,
                    uint64_t now_us);
/* Whether that holds now, with no further path. */
bool ctx_burst_is(const struct ctx_burst *burst, size_t size, uint64_t window_us, uint64_t now_us);

#endif
