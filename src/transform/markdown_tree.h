#ifndef CTX_TRANSFORM_MARKDOWN_TREE_H
#define CTX_TRANSFORM_MARKDOWN_TREE_H

#include "transform/arena.h"
#include "transform/normalise/tree.h"

struct cmark_node;

/* Consecutive plain blocks: the user data of the parser's node that stands for them. */
struct ctx_plain_run {
    uint32_t begin, end; /* among the nodes of plain blocks */
};

/* What the parser made of a text that it was fed in part. All borrowed. */
struct ctx_markdown_result {
    struct cmark_node *root;
    const uint32_t *sources;      /* by line that it was fed, from 0: the text's */
    const struct ctx_node *plain; /* nodes of plain blocks */
};

/*
 * Copies the parser's nodes, and the plain blocks for which some of them stand, into `tree`, whose text
 * and lines are there. Returns the number of nodes on the longest way down. Memory is the arena's,
 * which jumps out when there is none (ctx_arena_set_bail()). Any thread.
 */
uint32_t ctx_markdown_copy(struct ctx_arena *arena, const struct ctx_markdown_result *result,
                           struct ctx_tree *tree);

#endif
