#ifndef CTX_TRANSFORM_MATH_LINES_H
#define CTX_TRANSFORM_MATH_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Display mathematics: what stands between two lines of `$$` alone, or from `$$` at a line's
 * beginning to `$$` at the end of another line of the same paragraph. Markdown has no such block,
 * but what is in it is TeX and no Markdown. Dollars that nothing closes are text. Pure; any thread.
 */

/* Whether there may be any: one quick look. */
bool ctx_math_may_be(const char *text, size_t len);

/* Sets marks[line] to 1 for each line of a formula, `$$` included; lines are counted from 0. */
void ctx_math_mark(const char *text, size_t len, uint8_t *marks);

#endif
