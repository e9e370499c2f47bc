#ifndef CTX_BASE_LANES_H
#define CTX_BASE_LANES_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Bytes side by side, in the compiler's vectors (GCC manual, "Vector Extensions"): comparisons give
 * 0xFF in the lanes where they hold. Pure; any thread.
 */
enum { CTX_LANES = 16 };
typedef unsigned char ctx_lanes __attribute__((vector_size(CTX_LANES)));

static inline ctx_lanes ctx_lanes_load(const char *bytes)
{
    ctx_lanes lanes;
    memcpy(&lanes, bytes, CTX_LANES);
    return lanes;
}

static inline bool ctx_lanes_any(ctx_lanes lanes)
{
    uint64_t halves[2];
    memcpy(halves, &lanes, CTX_LANES);
    return (halves[0] | halves[1]) != 0;
}

/* All lanes together: pairs of them first, in which there is room for the rest. */
static inline unsigned ctx_lanes_sum(ctx_lanes lanes)
{
    const uint64_t low = UINT64_C(0x00FF00FF00FF00FF);
    uint64_t halves[2];
    memcpy(halves, &lanes, CTX_LANES);
    uint64_t pairs =
        (halves[0] & low) + (halves[0] >> 8 & low) + (halves[1] & low) + (halves[1] >> 8 & low);
    return (unsigned)(pairs * UINT64_C(0x0001000100010001) >> 48);
}

/* The first lane that is not 0; CTX_LANES: none. */
static inline size_t ctx_lanes_first(ctx_lanes lanes)
{
    uint64_t halves[2];
    memcpy(halves, &lanes, CTX_LANES);
    if (halves[0])
        return (size_t)__builtin_ctzll(le64toh(halves[0])) / 8;
    return halves[1] ? 8 + (size_t)__builtin_ctzll(le64toh(halves[1])) / 8 : CTX_LANES;
}

#endif
