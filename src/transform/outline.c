/* The outline: an array of leaf blocks. Owned by the draft. */
#include "transform/outline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void ctx_outline_init(struct ctx_outline *outline)
{
    *outline = (struct ctx_outline){ 0 };
}

void ctx_outline_deinit(struct ctx_outline *outline)
{
    free(outline->blocks);
    ctx_outline_init(outline);
}

struct ctx_block *ctx_outline_append(struct ctx_outline *outline)
{
    if (outline->n_blocks == outline->capacity) {
        size_t capacity = outline->capacity ? 2 * outline->capacity : 64;
        void *blocks = reallocarray(outline->blocks, capacity, sizeof(*outline->blocks));
        if (!blocks)
            return NULL;
        outline->blocks = blocks;
        outline->capacity = capacity;
    }
    struct ctx_block *block = &outline->blocks[outline->n_blocks++];
    *block = (struct ctx_block){ 0 };
    return block;
}

int ctx_outline_copy(struct ctx_outline *copy, const struct ctx_outline *outline)
{
    size_t n = outline->n_blocks;
    struct ctx_block *blocks = calloc(n ? n : 1, sizeof(*blocks));
    if (!blocks)
        return -ENOMEM;
    if (n > 0)
        memcpy(blocks, outline->blocks, n * sizeof(*blocks));
    *copy = (struct ctx_outline){ .blocks = blocks, .n_blocks = n, .capacity = n ? n : 1 };
    return 0;
}

static size_t moved(size_t offset, ptrdiff_t delta)
{
    return (size_t)((ptrdiff_t)offset + delta);
}

void ctx_outline_shift(struct ctx_outline *outline, size_t from, ptrdiff_t delta)
{
    for (size_t i = from; i < outline->n_blocks; i++) {
        struct ctx_block *block = &outline->blocks[i];
        block->begin = moved(block->begin, delta);
        block->end = moved(block->end, delta);
        block->content = moved(block->content, delta);
        block->info = moved(block->info, delta);
    }
}
