#ifndef CTX_TRANSFORM_HEADING_TEXT_H
#define CTX_TRANSFORM_HEADING_TEXT_H

#include "transform/inlines.h"

/*
 * Appends a heading as a reader sees it: without its marks, an id at its end ("{#id}"), images, tags
 * and the markup of emphasis, code and links; escapes and entities resolved, white space folded.
 * `inlines` is what ctx_inlines_scan() found in the block. 0 or -ENOMEM. Pure; any thread.
 */
int ctx_heading_text(struct ctx_buffer *out, const char *text, const struct ctx_block *block,
                     const struct ctx_inlines *inlines);

#endif
