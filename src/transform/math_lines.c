/*
 * Lines of display mathematics. One walk: a formula that is open is marked when its end comes, and
 * given up when something comes that cannot be in it. Invariant: no two formulas share a line.
 */
#include "transform/math_lines.h"

#include <string.h>

#include "base/bytes.h"
#include "transform/line_walk.h"

enum { LINES_MAX = 200 }; /* of one formula: lone dollars far apart belong to nothing */

struct formula {
    bool open;
    bool in_text; /* begun by a line with more than `$$`: a blank line gives it up */
    bool in_item;
    unsigned quotes;
    uint32_t first;
};

/* A line's text past quotes, markers and blanks, without blanks at its end. */
struct content {
    const char *s;
    size_t len;
    unsigned quotes;
    bool indented;
};

static struct content content_of(const struct ctx_line_walk *w)
{
    const struct ctx_line *line = &w->line;
    struct content content = { line->source + line->begin, line->end - line->begin, 0, false };
    while (content.len && strchr(" \t>", *content.s)) {
        content.quotes += *content.s == '>';
        content.indented = *content.s != '>';
        content.s++;
        content.len--;
    }
    while (content.len && strchr(" \t", content.s[content.len - 1]))
        content.len--;
    return content;
}

static bool is_dollars(const char *s)
{
    return s[0] == '$' && s[1] == '$';
}

/* Whether the content is `$$`, or begins with it and has no other. */
static bool opens(const struct ctx_line_walk *w, struct content *content, bool *ret_in_text)
{
    if (w->is_code)
        return false;
    size_t skip = (size_t)(w->s + w->content - content->s);
    content->s += skip;
    content->len -= skip < content->len ? skip : content->len;
    if (content->len < 2 || !is_dollars(content->s))
        return false;
    *ret_in_text = content->len > 2;
    return !memmem(content->s + 2, content->len - 2, "$$", 2);
}

static bool closes(const struct formula *formula, const struct content *content)
{
    if (content->len < 2 || content->quotes != formula->quotes ||
        !is_dollars(content->s + content->len - 2))
        return false;
    return content->len == 2 ||
           (formula->in_text && !memmem(content->s, content->len - 2, "$$", 2));
}

/* Whether the line is no part of the formula: out of its containers, a fence, too far below. */
static bool ends_badly(const struct formula *formula, const struct ctx_line_walk *w,
                       const struct content *content)
{
    bool blank = content->len == 0;
    return w->fence.count || w->number - formula->first >= LINES_MAX ||
           (blank ? formula->in_text : content->quotes < formula->quotes) ||
           (!blank && formula->in_item && !content->indented);
}

/* Whether a line below closes the formula: lone dollars that nothing closes hide none below them. */
static bool closes_below(const struct formula *formula, const struct ctx_line_walk *w)
{
    struct ctx_line_walk below = *w;
    for (int i = 0; i < LINES_MAX && below.at < below.len; i++) {
        below.line = ctx_line_at(below.s, below.len, below.at);
        below.at = below.line.next;
        struct content content = content_of(&below);
        if (closes(formula, &content))
            return true;
    }
    return false;
}

static void take_line(struct formula *formula, const struct ctx_line_walk *w, uint8_t *marks)
{
    struct content content = content_of(w);
    if (formula->open && !ends_badly(formula, w, &content)) {
        if (!closes(formula, &content))
            return;
        memset(marks + formula->first, 1, w->number + 1 - formula->first);
        formula->open = false;
        return;
    }
    *formula = (struct formula){ .quotes = content.quotes, .first = w->number };
    formula->open = opens(w, &content, &formula->in_text) && closes_below(formula, w);
    formula->in_item = w->has_marker || (w->in_list && w->column > 1);
}

bool ctx_math_may_be(const char *text, size_t len)
{
    return ctx_bytes_find(text, len, "$$");
}

void ctx_math_mark(const char *text, size_t len, uint8_t *marks)
{
    struct ctx_line_walk walk;
    struct formula formula = { 0 };
    ctx_line_walk_init(&walk, text, len);
    while (ctx_line_walk_next(&walk))
        take_line(&formula, &walk, marks);
}
