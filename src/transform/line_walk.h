#ifndef CTX_TRANSFORM_LINE_WALK_H
#define CTX_TRANSFORM_LINE_WALK_H

#include "transform/mdx/lines.h"

/*
 * A walk over the lines of Markdown that knows which of them are code, for what is not part of
 * Markdown's own grammar: containers and directives. Pure; any thread.
 */

enum { CTX_PREFIX_MAX = 256 };

struct ctx_line_walk {
    const char *s;
    size_t len;
    size_t at;       /* of the next line */
    uint32_t number; /* of the current line, 0-based */
    struct ctx_line line;
    bool is_code;           /* a fence, or inside of one */
    size_t content;         /* past quotes, markers and white space; not set inside of a fence */
    unsigned column;        /* of the content */
    bool has_marker;        /* a list marker is among them */
    struct ctx_fence fence; /* count 0: outside */
    bool in_list;           /* a list item came, and nothing in the first column since */
};

void ctx_line_walk_init(struct ctx_line_walk *walk, const char *text, size_t len);
/* Goes to the next line; false after the last. */
bool ctx_line_walk_next(struct ctx_line_walk *walk);

/*
 * The prefix with which lines below this one go on: quotes as they are, all else as blanks. At most
 * CTX_PREFIX_MAX - 1 bytes; its length.
 */
size_t ctx_line_walk_prefix(const struct ctx_line_walk *walk, char ret[CTX_PREFIX_MAX]);

#endif
