/*
 * Display mathematics, which the scanner takes for code: as math_lines.h tells it, but for what a
 * container's end ends. Runs on the document's own thread, on nothing but the scan.
 */
#include "transform/mdx/blocks.h"

#include <string.h>

/* Whether a line of nothing but `$$`, in quotes or not, follows. */
static bool math_closes(const char *s, size_t len, size_t at)
{
    for (const char *p = s + at; (p = memmem(p, (size_t)(s + len - p), "$$", 2)); p += 2) {
        const char *begin = p, *end = p + 2;
        while (begin > s && strchr(" \t>", begin[-1]))
            begin--;
        while (end < s + len && (*end == ' ' || *end == '\t'))
            end++;
        if ((begin == s || begin[-1] == '\n') && (end == s + len || *end == '\n'))
            return true;
    }
    return false;
}

/* Marks of quotes that a line begins with. */
static unsigned quotes(const char *s, size_t at)
{
    unsigned n = 0;
    for (; s[at] && strchr(" \t>", s[at]); at++)
        n += s[at] == '>';
    return n;
}

/* Whether a line of the same paragraph ends with `$$`, the first that has them. */
static bool math_in_text_closes(const struct ctx_blocks *b, const struct ctx_line *line)
{
    const struct ctx_fence fence = { .byte = '$', .count = 2, .in_text = true };
    struct ctx_line at = *line;
    at.at += fence.count;
    while (!memmem(at.source + at.at, at.end - at.at, "$$", 2)) {
        if (at.next >= b->scan->len)
            return false;
        at = ctx_line_at(b->scan->source, b->scan->len, at.next);
        if (ctx_line_is_blank(&at) || quotes(at.source, at.at) != quotes(at.source, line->begin))
            return false;
    }
    return at.begin != line->begin && ctx_line_closes_fence(&at, &fence);
}

bool ctx_blocks_opens_math(const struct ctx_blocks *b, const struct ctx_line *line,
                           struct ctx_fence *ret)
{
    struct ctx_fence fence = { .byte = '$', .count = 2 };
    const char *s = b->scan->source + line->at;
    if (s[0] != '$' || s[1] != '$' || s[2] == '$')
        return false;
    fence.in_text = !ctx_line_closes_fence(line, &fence);
    if (fence.in_text ? b->scan->strict || !math_in_text_closes(b, line)
                      : !math_closes(b->scan->source, b->scan->len, line->next))
        return false;
    *ret = fence;
    return true;
}
