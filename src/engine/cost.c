/* What documents hold in flight. Pure; any thread. */
#include "engine/cost.h"

#include "base/cleanup.h"
#include "base/limits.h"

/*
 * For each byte of source: the source, its working copy, outline, body and page (6, and as much
 * again while a buffer grows).
 */
enum { COPIES = 8, FIXED = 128 * 1024 };

/*
 * What the parse takes beside. Measured, bytes a byte: documentation 8 to 20, a list of one-letter
 * items 270, a table of one-digit cells 410 (base/limits.h, CTX_LIMIT_PARSE_MEMORY).
 */
static const struct {
    uint64_t per_byte, fixed;
} densities[CTX_DENSITY_COUNT] = {
    { 16, 0 },
    { 88, 0 },
    { CTX_LIMIT_PARSE_MEMORY(1) - CTX_LIMIT_PARSE_MEMORY(0), CTX_LIMIT_PARSE_MEMORY(0) },
};

uint64_t ctx_cost(uint64_t size, unsigned density)
{
    return FIXED + densities[density].fixed + (COPIES + densities[density].per_byte) * size;
}

/* The standing memory of a thread is no document's. */
size_t ctx_cost_of_parse(uint64_t cost, uint64_t size)
{
    uint64_t copies = COPIES * size;
    return (size_t)(cost > copies ? cost - copies : 0) + CTX_ARENA_STANDING;
}

uint64_t ctx_cost_document_limit(uint64_t memory)
{
    uint64_t fits = memory > FIXED ? (memory - FIXED) / (COPIES + densities[0].per_byte) : 0;
    return fits < CTX_LIMIT_DOCUMENT ? fits : CTX_LIMIT_DOCUMENT;
}
