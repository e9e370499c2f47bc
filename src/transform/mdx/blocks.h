#ifndef CTX_TRANSFORM_MDX_BLOCKS_H
#define CTX_TRANSFORM_MDX_BLOCKS_H

#include "base/limits.h"
#include "transform/mdx/lines.h"
#include "transform/mdx/scan.h"

/*
 * The block scanner's state, between its parts: lines, containers and leaves (blocks.c), tags and
 * expressions that fill lines (flow.c). At most one leaf (a paragraph, a table, a fence) is open, in
 * the innermost container; its text is the end of scan->text.
 */

enum ctx_blocks_leaf { CTX_LEAF_NONE, CTX_LEAF_PARAGRAPH, CTX_LEAF_TABLE, CTX_LEAF_FENCE };

struct ctx_blocks_container {
    enum ctx_mdx_kind kind;
    unsigned width; /* item, footnote: columns of its prefix */
    bool empty;     /* item: it began with a blank line */
    uint32_t token; /* its ENTER */
    uint32_t scope; /* the scope around it */
};

struct ctx_blocks {
    struct ctx_mdx_scan *scan;
    size_t depth;
    size_t at;     /* offset of the next line in the source */
    uint32_t line; /* its number */
    enum ctx_blocks_leaf leaf;
    size_t leaf_begin; /* in scan->text */
    size_t last_line;  /* paragraph, table: where its last line begins in scan->text */
    uint32_t leaf_line;
    bool leaf_indented;
    uint32_t
        tag_end; /* on lines before it, no container begins: they are in tags that text follows */
    struct ctx_fence fence;
    struct ctx_blocks_container stack[CTX_LIMIT_NESTING]; /* not zeroed; set when one is pushed */
};

static inline size_t ctx_blocks_text_len(const struct ctx_blocks *b)
{
    return b->scan->text.len;
}

static inline struct ctx_line ctx_blocks_next_line(const struct ctx_blocks *b)
{
    return ctx_line_at(b->scan->source, b->scan->len, b->at);
}

static inline void ctx_blocks_advance(struct ctx_blocks *b, const struct ctx_line *line)
{
    b->at = line->next;
    b->line++;
}

/* Takes the prefixes of open containers off the line; how many it belongs to. */
size_t ctx_blocks_match(struct ctx_blocks *b, struct ctx_line *line);
/* Appends a line's rest, and its end, to the text. */
void ctx_blocks_append_rest(struct ctx_blocks *b, const struct ctx_line *line);
void ctx_blocks_close_leaf(struct ctx_blocks *b);

/*
 * Whether mathematics begin on the line, and end somewhere below: `ret` is what closes them. A line
 * of `$$` alone begins some up to the next such line; `$$` and text, some that end with a line's text.
 */
bool ctx_blocks_opens_math(const struct ctx_blocks *b, const struct ctx_line *line,
                           struct ctx_fence *ret);

/*
 * Reads tags and expressions that fill whole lines, of which `first` is the first one; false, and
 * nothing is read, when they do not.
 */
bool ctx_blocks_flow(struct ctx_blocks *b, const struct ctx_line *first);

#endif
