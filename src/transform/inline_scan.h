#ifndef CTX_TRANSFORM_INLINE_SCAN_H
#define CTX_TRANSFORM_INLINE_SCAN_H

#include <stddef.h>
#include <stdint.h>

/* What a newline in a paragraph stands in. */
enum ctx_newline {
    CTX_NEWLINE_TEXT,
    CTX_NEWLINE_CODE, /* a code span */
    CTX_NEWLINE_HTML, /* inline HTML */
    CTX_NEWLINE_LINK, /* between a link's parentheses */
};

/*
 * Classifies the newlines of a paragraph (its lines without prefixes) by CommonMark 0.29, 6: one
 * byte a newline into `ret_kinds`. Follows code spans, autolinks, inline HTML and link
 * destinations, in linear time. A bracket is taken for a link's when what follows it fits.
 */
void ctx_inline_newlines(const char *text, size_t len, uint8_t *ret_kinds);

#endif
