#ifndef CTX_TRANSFORM_BOILERPLATE_H
#define CTX_TRANSFORM_BOILERPLATE_H

#include "transform/inlines.h"
#include "transform/patch.h"

/*
 * Boilerplate navigation ("Edit this page", "← Previous", "Next →"…): links that are a line, a
 * paragraph or a list item of their own, with nothing but separators beside them.
 */

/*
 * Looks at the block `index` of the draft, whose inline constructs are `inlines`, and adds what has
 * to go to the patch: lines, or the whole block with its list item and the rule above it. Links
 * that go are taken out of `inlines` and counted. How many went, or -ENOMEM.
 */
int ctx_boilerplate_drop(struct ctx_draft *draft, size_t index, struct ctx_inlines *inlines,
                         struct ctx_patch *patch);

#endif
