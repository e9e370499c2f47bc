#ifndef CTX_BASE_CLOCK_H
#define CTX_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* clock_gettime(2) in microseconds. Any thread. */
static inline uint64_t ctx_clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static inline uint64_t ctx_clock_monotonic_us(void)
{
    return ctx_clock_us(CLOCK_MONOTONIC);
}

#endif
