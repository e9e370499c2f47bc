/*
 * Thematic breaks: `---`, or `***` where that would make a heading of the paragraph above or
 * front matter of the page's beginning. A part of the normalise stage.
 */
#include <string.h>

#include "transform/normalise/normaliser.h"

static bool dashes_are_safe(const struct ctx_normaliser *normaliser)
{
    if (normaliser->at_start)
        return false;
    if (normaliser->below_blank)
        return true;
    const struct ctx_node *above = normaliser->above;
    return above && (above->kind == CTX_NODE_HEADING || above->kind == CTX_NODE_RULE);
}

void ctx_normalise_rule(struct ctx_normaliser *normaliser, const struct ctx_node *rule)
{
    struct ctx_line line = ctx_normalise_line(normaliser, rule->first);
    size_t column = rule->column < line.len ? rule->column : line.len;
    for (size_t i = 0; i < column; i++) {
        if (!strchr(" \t>", line.bytes[i])) {
            ctx_normalise_trim(normaliser, &line); /* beside a list item's marker */
            return;
        }
    }
    size_t begin = rule->depth == 0 ? 0 : column;
    ctx_normalise_replace(normaliser, line.at + begin, line.len - begin,
                          dashes_are_safe(normaliser) ? "---" : "***", 3);
}
