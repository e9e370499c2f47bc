#ifndef CTX_TRANSFORM_COMPACT_H
#define CTX_TRANSFORM_COMPACT_H

#include "transform/inlines.h"
#include "transform/patch.h"

/* What the profile compact drops because it carries no words, each by a rule with a name. */

/*
 * Looks at the block `index` of the draft, whose inline constructs are `inlines`, with the rules
 * that the options leave on, and adds what has to go to the patch. How much went, or -ENOMEM.
 */
int ctx_compact_drop(struct ctx_draft *draft, size_t index, struct ctx_inlines *inlines,
                     struct ctx_labels *labels, struct ctx_patch *patch);

#endif
