#ifndef CTX_TRANSFORM_LINK_SYNTAX_H
#define CTX_TRANSFORM_LINK_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#include "contextor/buffer.h"

/*
 * What follows a link's text, and link reference definitions (CommonMark 0.31, 4.7 and 6.3).
 * Offsets are of one text; `end` bounds the block. Pure; any thread.
 */

struct ctx_span {
    size_t begin;
    size_t end;
};

/*
 * The inline tail "(destination "title")" at `at`: returns the offset past it and the destination
 * as written, angle brackets included (empty for "()"); 0 when there is none.
 */
size_t ctx_link_tail_end(const char *text, size_t at, size_t end, bool in_quote,
                         struct ctx_span *ret_destination);

/*
 * The label "[…]" at `at`: returns the offset past it and what is between the brackets; 0 when
 * there is none (unescaped brackets inside, or over 999 bytes).
 */
size_t ctx_link_label_end(const char *text, size_t at, size_t end, struct ctx_span *ret_label);

struct ctx_definition {
    struct ctx_span label;
    struct ctx_span destination; /* angle brackets included */
};

/*
 * The next definition at or after *at, each beginning on a line of its own, past the container's
 * prefix; *at moves past it. False: no more. Footnotes ("[^1]:") are passed over.
 */
bool ctx_next_definition(const char *text, size_t *at, size_t end, bool in_quote,
                         struct ctx_definition *ret);

/* Appends a label as labels are compared: case folded (ASCII), runs of white space one blank. */
int ctx_link_label_fold(struct ctx_buffer *buffer, const char *text, struct ctx_span label);

#endif
