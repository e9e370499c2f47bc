/* The walk over lines. Invariant: fence.count is not 0 exactly while the walk is inside of a fence. */
#include "transform/line_walk.h"

#include <string.h>

enum { CODE_INDENT = 4 };

void ctx_line_walk_init(struct ctx_line_walk *walk, const char *text, size_t len)
{
    *walk = (struct ctx_line_walk){ .s = text, .len = len, .number = UINT32_MAX };
}

/* Past quotes, list markers and white space; `line` is left at the content. */
static void take_prefix(struct ctx_line_walk *w, struct ctx_line *line)
{
    struct ctx_marker marker;
    w->has_marker = false;
    while (ctx_line_take_marker(line, false, &marker)) {
        w->has_marker |= marker.kind != CTX_MDX_ENTER_QUOTE;
        if (marker.empty)
            break;
    }
    ctx_line_skip_white(line);
    w->content = line->at;
    w->column = line->column;
}

/* Indentation that makes code of a line outside of lists. */
static bool is_indented_code(const struct ctx_line_walk *w)
{
    return !w->in_list && !w->has_marker && ctx_line_indent(&w->line) >= CODE_INDENT;
}

/* Takes a line that is told by its first byte; false when it is none. */
static bool take_plain(struct ctx_line_walk *w)
{
    if (!ctx_line_is_plain(&w->line))
        return false;
    w->is_code = w->fence.count > 0;
    if (w->is_code)
        return true;
    w->has_marker = false;
    w->in_list &= w->line.begin == w->line.end;
    w->content = w->line.begin;
    w->column = 0;
    return true;
}

bool ctx_line_walk_next(struct ctx_line_walk *walk)
{
    if (walk->at >= walk->len)
        return false;
    walk->line = ctx_line_at(walk->s, walk->len, walk->at);
    walk->at = walk->line.next;
    walk->number++;
    if (take_plain(walk))
        return true;
    struct ctx_line line = walk->line;
    if (walk->fence.count) {
        while (ctx_line_take_quote(&line))
            ;
        walk->is_code = true;
        if (ctx_line_closes_fence(&line, &walk->fence))
            walk->fence.count = 0;
        return true;
    }
    take_prefix(walk, &line);
    bool blank = ctx_line_is_blank(&line);
    if (walk->has_marker)
        walk->in_list = true;
    else if (!blank && walk->column == 0)
        walk->in_list = false;
    struct ctx_fence fence;
    walk->is_code = !blank && is_indented_code(walk);
    if (!walk->is_code && ctx_line_opens_fence(&line, &fence)) {
        walk->fence = fence;
        walk->is_code = true;
    }
    return true;
}

size_t ctx_line_walk_prefix(const struct ctx_line_walk *walk, char ret[CTX_PREFIX_MAX])
{
    size_t n = 0;
    struct ctx_line line = walk->line;
    while (line.column < walk->column && n < CTX_PREFIX_MAX - 1) {
        bool quote = line.at < line.end && line.source[line.at] == '>' && line.spare == 0;
        unsigned before = line.column;
        ctx_line_take_up_to(&line, 1);
        if (line.column == before) { /* no white space: a byte of a marker */
            line.at++;
            line.column++;
        }
        ret[n++] = quote ? '>' : ' ';
    }
    ret[n] = '\0';
    return n;
}
