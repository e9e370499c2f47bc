#ifndef CTX_TRANSFORM_MDX_LINES_H
#define CTX_TRANSFORM_MDX_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "transform/mdx/scan.h"

/*
 * What one line of Markdown is, as MDX reads it: there is no indented code, so any indentation may
 * come before a block. Columns count a tab as up to four. Pure; any thread.
 */

struct ctx_line {
    const char *source;
    size_t begin;    /* of the line */
    size_t at;       /* what was taken ends here */
    size_t end;      /* before the line end */
    size_t next;     /* after it */
    unsigned column; /* of `at` */
    unsigned spare;  /* columns left of a tab of which some were taken */
};

struct ctx_fence {
    char byte; /* '`' or '~' */
    size_t count;
    unsigned indent; /* columns before it, which its content may have too */
    bool in_text;    /* mathematics that a line's text begins and ends */
};

/* What begins a container. */
struct ctx_marker {
    enum ctx_mdx_kind kind;
    const char *begin; /* "-", "1.", ">" or "[^1]:" */
    size_t len;
    unsigned width; /* columns from the container's begin to its content */
    bool empty;     /* nothing follows on its line */
};

struct ctx_line ctx_line_at(const char *source, size_t len, size_t at);

/* Whether the line is empty or begins with a letter, as most do: nothing else begins so. */
static inline bool ctx_line_is_plain(const struct ctx_line *line)
{
    char c = (char)(line->source[line->begin] | 0x20);
    return line->begin == line->end || (c >= 'a' && c <= 'z');
}

bool ctx_line_is_blank(const struct ctx_line *line);
/* Columns of white space that come next. */
unsigned ctx_line_indent(const struct ctx_line *line);
void ctx_line_skip_white(struct ctx_line *line);
/* Takes at most that many columns of white space. */
void ctx_line_take_up_to(struct ctx_line *line, unsigned columns);
/* Takes exactly that many; false, and nothing is taken, when there are fewer. */
bool ctx_line_take_columns(struct ctx_line *line, unsigned columns);
/* Takes `>` and one column after it. */
bool ctx_line_take_quote(struct ctx_line *line);
/* Whether the first byte that is no white space begins any marker. */
bool ctx_line_may_have_marker(const struct ctx_line *line);
/* Takes a quote's, item's or footnote's marker; `in_paragraph`: it would interrupt one. */
bool ctx_line_take_marker(struct ctx_line *line, bool in_paragraph, struct ctx_marker *ret);

bool ctx_line_is_rule(const struct ctx_line *line);
bool ctx_line_is_underline(const struct ctx_line *line);
bool ctx_line_opens_fence(const struct ctx_line *line, struct ctx_fence *ret);
bool ctx_line_closes_fence(const struct ctx_line *line, const struct ctx_fence *fence);
/* 1 to 6, or 0. */
unsigned ctx_line_heading_level(const struct ctx_line *line);

/* Tables: columns of a delimiter row (0: it is none) and of any row; where a cell ends. */
size_t ctx_delimiter_columns(const char *row, size_t len);
size_t ctx_row_columns(const char *row, size_t len);
size_t ctx_cell_end(const char *text, size_t at, size_t end);

/* How many line ends there are; an unended last line counts. */
size_t ctx_lines_count(const char *text, size_t len);

#endif
