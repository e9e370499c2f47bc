#ifndef CTX_TRANSFORM_LONE_LINES_H
#define CTX_TRANSFORM_LONE_LINES_H

#include "transform/inlines.h"
#include "transform/patch.h"

/* Lines, paragraphs and list items that hold nothing but inline constructs of one sort go. */

enum ctx_lone_fate {
    CTX_LONE_STAYS, /* so its line stays */
    CTX_LONE_GOES,
    CTX_LONE_NEUTRAL, /* goes with others, but not on its own */
};

struct ctx_lone_rule {
    const char *name;              /* a string literal: the rule of the loss report */
    const char *const *separators; /* what may stand beside; ends with NULL */
    bool rule_above;               /* a thematic break above the page's end goes with it */
    enum ctx_lone_fate (*judge)(void *context, const struct ctx_inlines *inlines, size_t index);
    void *context;
};

/*
 * Looks at the block `index` of the draft, a paragraph with the inline constructs `inlines`, and
 * adds what has to go to the patch: lines, or the whole block with its list item. Constructs that
 * go are taken out of `inlines` and counted as dropped. How many went, or -ENOMEM.
 */
int ctx_lone_drop(struct ctx_draft *draft, size_t index, struct ctx_inlines *inlines,
                  const struct ctx_lone_rule *rule, struct ctx_patch *patch);

/*
 * Whether the block may go whole: not when it begins a list item that holds more. Any kind of
 * block.
 */
bool ctx_lone_is_free(const struct ctx_draft *draft, size_t index);

#endif
