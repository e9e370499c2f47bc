#ifndef CTX_TRANSFORM_NORMALISE_NEWLINES_H
#define CTX_TRANSFORM_NORMALISE_NEWLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a newline in a paragraph stands in. */
enum ctx_newline {
    CTX_NEWLINE_TEXT,
    CTX_NEWLINE_TOUCHY, /* text, but a mark before it could change the inlines around it */
    CTX_NEWLINE_URL,    /* text, right behind a bare URL, which would take a mark for its own */
    CTX_NEWLINE_CODE,   /* a code span */
    CTX_NEWLINE_HTML,   /* inline HTML */
    CTX_NEWLINE_LINK,   /* between a link's parentheses */
};

/*
 * Classifies the newlines of a paragraph (its lines without prefixes) by CommonMark 0.29, 6: one
 * byte a newline into `ret_kinds`. Follows code spans, autolinks, inline HTML and link
 * destinations, in linear time. A bracket is taken for a link's when what follows it fits. A newline
 * is touchy in open brackets, whose text may be a reference's label, and behind a delimiter run of
 * emphasis that would be seen another way with punctuation behind it.
 * False when a bare URL holds a backtick, backslash or bracket: GFM's autolinks take what else may
 * begin something.
 */
bool ctx_inline_newlines(const char *text, size_t len, uint8_t *ret_kinds);

#endif
