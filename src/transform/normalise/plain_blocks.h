#ifndef CTX_TRANSFORM_NORMALISE_PLAIN_BLOCKS_H
#define CTX_TRANSFORM_NORMALISE_PLAIN_BLOCKS_H

#include "transform/normalise/tree.h"

/*
 * Plain blocks: paragraphs, ATX headings, fences and tables in the first column, which their lines
 * tell without a parser. What is no clear case is not plain. Pure; any thread.
 */

/*
 * Takes the block on `line`, which is not in a container, in code or in HTML, and does not go on with
 * a paragraph or a table. Returns the line below it and fills `ret_block`; `line`: it is not plain.
 */
uint32_t ctx_plain_block(const struct ctx_tree *tree, uint32_t line, struct ctx_node *ret_block);

/* Whether a plain block may begin on a line, by its first bytes and the line above. */
bool ctx_plain_begins(const struct ctx_tree *tree, uint32_t line);

/* Whether a fence may begin there. */
bool ctx_plain_begins_fence(const struct ctx_tree *tree, uint32_t line);

/* Past the lines from `line` on that hold nothing but blanks. */
uint32_t ctx_plain_skip_blank(const struct ctx_tree *tree, uint32_t line);

#endif
