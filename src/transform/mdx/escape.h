#ifndef CTX_TRANSFORM_MDX_ESCAPE_H
#define CTX_TRANSFORM_MDX_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "contextor/buffer.h"

/* Plain text as Markdown: what would be markup is escaped, nothing else is. Pure; any thread. */

/*
 * Appends text, with character references as in HTML, on one line: white space with a line end in
 * it becomes one blank. `in_cell`: pipes are escaped too.
 */
void ctx_escape_text(struct ctx_buffer *ret, const char *text, size_t len, bool in_cell);

/*
 * The same, but what stands between two backticks is code, as authors mean it in titles, and a link is
 * its text and its address in parentheses.
 */
void ctx_escape_prose(struct ctx_buffer *ret, const char *text, size_t len, bool in_cell);

/*
 * Escapes what begins a block at `begin`, the beginning of the buffer's last line, when a marker
 * stands there that was not at a line's beginning in the source.
 */
void ctx_escape_line_start(struct ctx_buffer *buffer, size_t begin);

/* The same, but links to addresses stay links. */
void ctx_escape_linked_prose(struct ctx_buffer *ret, const char *text, size_t len, bool in_cell);

/* Whether text that is escaped holds emphasis, so that no marks fit around it. */
bool ctx_escape_has_marks(const char *text, size_t len);

/*
 * Appends what ends a link or an image behind its text: `](destination)`, which is in angle brackets
 * when it holds blanks or parentheses.
 */
void ctx_escape_link_end(struct ctx_buffer *ret, const char *url, size_t len);

/* Appends a code span that holds the text, which must be on one line. */
void ctx_escape_code(struct ctx_buffer *ret, const char *text, size_t len, bool in_cell);

#endif
