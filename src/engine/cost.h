#ifndef CTX_ENGINE_COST_H
#define CTX_ENGINE_COST_H

#include <stddef.h>
#include <stdint.h>

/*
 * What a document holds in flight, against memory_limit_mb. Most documents' markup is much alike;
 * one that turns out to be denser than it was taken for is given up, and taken again by a higher
 * density, with so much more reserved. Pure; any thread.
 */

/* The first density is the usual one; nothing is denser than the last. */
enum { CTX_DENSITY_COUNT = 3 };

/* Bytes that a document of `size` bytes may hold in flight, all copies and its parse together. */
uint64_t ctx_cost(uint64_t size, unsigned density);
/* What is left of a cost for the parse of `size` bytes. */
size_t ctx_cost_of_parse(uint64_t cost, uint64_t size);
/* The largest document whose usual cost is within `memory` bytes, and CTX_LIMIT_DOCUMENT. */
uint64_t ctx_cost_document_limit(uint64_t memory);

#endif
