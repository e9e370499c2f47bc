#ifndef CTX_TESTS_RANDOM_H
#define CTX_TESTS_RANDOM_H

#include <stdint.h>

/* Random numbers that are the same in every run: Marsaglia's xorshift64 with a fixed seed. */

static uint64_t random_state = 0x9E3779B97F4A7C15;

/* 0 to n - 1. */
static uint32_t next_below(uint32_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 11) % n;
}

#endif
