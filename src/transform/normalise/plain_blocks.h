#ifndef CTX_TRANSFORM_NORMALISE_PLAIN_BLOCKS_H
#define CTX_TRANSFORM_NORMALISE_PLAIN_BLOCKS_H

#include "transform/normalise/tree.h"

/*
 * Plain blocks: paragraphs, ATX headings, rules, fences, tables, comments, and lists and quotes of
 * paragraphs, all in the first column, which their lines tell without a parser. What is no clear case is not plain.
 * Any thread.
 */

/* Nodes in the order of the document. A parent is an index plus one; 0: the document itself. */
struct ctx_plain_blocks {
    struct ctx_arena *arena;
    struct ctx_node *nodes;
    uint32_t n, capacity;
};

/*
 * Adds the block on `line`, which is not in a container, in code or in HTML, and does not go on with
 * a block above. Returns the line below it; `line`: it is not plain, and nothing is added. Jumps to the
 * arena's bail when memory is out.
 */
uint32_t ctx_plain_take(const struct ctx_tree *tree, uint32_t line,
                        struct ctx_plain_blocks *blocks);

/* Whether a plain block that is no list, quote or comment may begin on a line, by it and the line above. */
bool ctx_plain_begins(const struct ctx_tree *tree, uint32_t line);

/* Whether a fence may begin there. */
bool ctx_plain_begins_fence(const struct ctx_tree *tree, uint32_t line);

/* Past the lines from `line` on that hold nothing but blanks. */
uint32_t ctx_plain_skip_blank(const struct ctx_tree *tree, uint32_t line);

#endif
