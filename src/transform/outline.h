#ifndef CTX_TRANSFORM_OUTLINE_H
#define CTX_TRANSFORM_OUTLINE_H

#include <stddef.h>
#include <stdint.h>

/*
 * The outline: the leaf blocks of a draft's text in order, so that one parse serves all stages
 * after it. normalise builds it from cmark-gfm's positions; a stage that edits the text keeps it
 * true (ctx_outline_shift()).
 */

enum ctx_block_kind {
    CTX_BLOCK_PARAGRAPH,
    CTX_BLOCK_HEADING,
    CTX_BLOCK_FENCE, /* fenced code */
    CTX_BLOCK_INDENTED_CODE,
    CTX_BLOCK_HTML,
    CTX_BLOCK_TABLE,
    CTX_BLOCK_RULE,        /* thematic break */
    CTX_BLOCK_MATH,        /* display mathematics, or a part of it */
    CTX_BLOCK_DEFINITIONS, /* link reference definitions, which cmark-gfm has no node for */
};

struct ctx_block {
    enum ctx_block_kind kind;
    uint8_t level;    /* heading: 1 to 6 */
    uint8_t in_item;  /* 1: below a list item */
    uint8_t in_quote; /* 1: below a block quote */
    uint8_t counted;  /* 1: the next two are known, from a scan of the block's inlines */
    uint32_t n_code_spans;
    uint32_t n_links; /* addresses that are links without a mark, too */
    uint32_t depth;   /* containers (quotes, items) above it */
    size_t begin;     /* the first line's first byte, container prefixes included */
    size_t end;       /* past the last line's newline */
    size_t content;   /* first byte of the block itself on its first line (past "> ", "- "…) */
    size_t info;      /* fence: its info string in the text, offset and length */
    size_t info_len;
};

struct ctx_outline {
    struct ctx_block *blocks;
    size_t n_blocks;
    size_t capacity;
};

void ctx_outline_init(struct ctx_outline *outline);
void ctx_outline_deinit(struct ctx_outline *outline);
/* Appends a zeroed block; NULL when memory is out. */
struct ctx_block *ctx_outline_append(struct ctx_outline *outline);
/* Makes an empty outline a copy of another. 0 or -ENOMEM. */
int ctx_outline_copy(struct ctx_outline *copy, const struct ctx_outline *outline);
/* Moves all offsets of the blocks from index `from` on by `delta` bytes. */
void ctx_outline_shift(struct ctx_outline *outline, size_t from, ptrdiff_t delta);

#endif
