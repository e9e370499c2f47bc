#ifndef CTX_TRANSFORM_HTML_LINES_H
#define CTX_TRANSFORM_HTML_LINES_H

#include "transform/line_walk.h"

/*
 * Which lines of a walk are inside of blocks of HTML that began above them (CommonMark 0.31, 4.6).
 * Of blocks in the first columns alone: those in quotes and items are not followed. Zeroed at the
 * document's begin. Pure; any thread.
 */
struct ctx_html_lines {
    const char *const *ends; /* what ends the open block, NULL-terminated; NULL: none is open */
    bool until_blank;        /* the open block ends at a blank line */
    bool in_paragraph;       /* the line above may be a paragraph's */
    bool in_container;       /* and that in a quote or item, which ends where HTML begins */
};

/* Whether the line to come may begin a block of HTML, be it with any tag. */
bool ctx_html_lines_may_begin(const struct ctx_html_lines *lines);

/* Takes the walk's current line. Whether it goes on with a block of HTML. */
bool ctx_html_lines_take(struct ctx_html_lines *lines, const struct ctx_line_walk *walk);

#endif
