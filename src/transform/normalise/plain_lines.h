#ifndef CTX_TRANSFORM_NORMALISE_PLAIN_LINES_H
#define CTX_TRANSFORM_NORMALISE_PLAIN_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What single lines are that make plain blocks. `at` is in a line that ends with a newline: its first
 * byte, unless said otherwise. Pure; any thread.
 */

static inline bool ctx_plain_is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static inline const char *ctx_plain_past_blanks(const char *at)
{
    while (ctx_plain_is_blank(*at))
        at++;
    return at;
}

/* Whether what is left of a line is a paragraph's text, whatever the lines around it are. */
bool ctx_plain_is_text(const char *at);

/* 1 to 6, or 0. */
unsigned ctx_plain_heading_level(const char *at);

/* Three marks or more, with nothing between them: below a paragraph it would be an underline. */
bool ctx_plain_is_rule(const char *at);

/* The length of the fence that opens a block, as the parser keeps it; 0: none does. */
size_t ctx_plain_fence_length(const char *at, const char *end);
bool ctx_plain_closes_fence(const char *at, char mark, size_t length);

/* Columns of a table by its delimiter row, which begins with a pipe; 0: the line is none. */
uint32_t ctx_plain_delimiter_columns(const char *at);
uint32_t ctx_plain_row_columns(const char *at, const char *end);

/* Where text begins behind `n` bytes of a marker; 0: not in the next few columns. */
uint32_t ctx_plain_text_column(const char *at, size_t n);

/* By what an item belongs to a list: its bullet, or what is behind its number; 0: it is no item. */
char ctx_plain_item_mark(const char *at, size_t *ret_len);
/* Where the text of an item with that mark begins; 0: the line is none, or a task. */
uint32_t ctx_plain_item_column(const char *at, char mark);

#endif
