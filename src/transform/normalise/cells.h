#ifndef CTX_TRANSFORM_NORMALISE_CELLS_H
#define CTX_TRANSFORM_NORMALISE_CELLS_H

#include <stdbool.h>

/* Cells of a table's row, as cmark-gfm finds them. Pure; any thread. */

static inline bool ctx_cell_is_blank(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static inline const char *ctx_cell_skip_blanks(const char *at, const char *end)
{
    while (at < end && ctx_cell_is_blank(*at))
        at++;
    return at;
}

/* The first cell of a row: past its blanks, the pipe before it and that one's blanks. */
static inline const char *ctx_cell_first(const char *row, const char *end)
{
    const char *at = ctx_cell_skip_blanks(row, end);
    return at < end && *at == '|' ? ctx_cell_skip_blanks(at + 1, end) : at;
}

/* Where the cell at `at` ends: the next pipe that no backslash stands before, or the row's end. */
static inline const char *ctx_cell_stop(const char *at, const char *end)
{
    const char *begin = at;
    while (at < end && (*at != '|' || (at > begin && at[-1] == '\\')))
        at++;
    return at;
}

/* The cell after the one that ends at `stop`; `end`: that was the last. */
static inline const char *ctx_cell_next(const char *stop, const char *end)
{
    return stop < end ? ctx_cell_skip_blanks(stop + 1, end) : end;
}

#endif
