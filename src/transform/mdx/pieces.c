/*
 * Paragraphs that are not paragraphs to a reader: nothing but elements that are blocks, or a summary
 * with text behind it. They fall into pieces, each a block of its own. Runs on the document's own
 * thread, on nothing but the renderer.
 */
#include <string.h>

#include "transform/mdx/render.h"

static bool is_white(const struct ctx_mdx_render *r, size_t i)
{
    const struct ctx_mdx_token *t = &r->scan->tokens[i];
    return t->kind == CTX_MDX_NEWLINE ||
           (t->kind == CTX_MDX_TEXT && strspn(r->s + t->begin, " \t") >= t->end - t->begin);
}

static size_t after(const struct ctx_mdx_render *r, size_t i)
{
    const struct ctx_mdx_token *t = &r->scan->tokens[i];
    return t->kind == CTX_MDX_OPEN && !(t->flags & CTX_MDX_UNPAIRED) ? t->partner + 1 : i + 1;
}

/* Whether there is nothing but elements, one of which is a block. */
static bool unravels(const struct ctx_mdx_render *r, size_t first, size_t last)
{
    bool block = false;
    for (size_t i = first; i < last; i = after(r, i)) {
        const struct ctx_mdx_token *t = &r->scan->tokens[i];
        if (is_white(r, i) || t->kind == CTX_MDX_EXPRESSION)
            continue;
        if ((t->kind != CTX_MDX_OPEN && t->kind != CTX_MDX_SELF) || (t->flags & CTX_MDX_UNPAIRED))
            return false;
        block |= !ctx_render_is_inline(r, i);
    }
    return block;
}

static void pieces(struct ctx_mdx_render *r, size_t first, size_t last);

/* An element of a paragraph as a block; the token after it. */
static size_t element(struct ctx_mdx_render *r, size_t i)
{
    if (r->scan->tokens[i].kind == CTX_MDX_SELF) {
        ctx_render_self(r, i);
        return i + 1;
    }
    size_t partner = r->scan->tokens[i].partner;
    if (!ctx_render_is_dropped(r, i)) {
        ctx_render_open(r, i);
        pieces(r, i + 1, partner);
        ctx_render_close(r);
    }
    return partner + 1;
}

static void unravel(struct ctx_mdx_render *r, size_t first, size_t last)
{
    for (size_t i = first; i < last;) {
        size_t end = i;
        while (end < last && (is_white(r, end) || r->scan->tokens[end].kind == CTX_MDX_EXPRESSION ||
                              ctx_render_is_inline(r, end)))
            end = after(r, end);
        r->blank |= end > i || !r->tight; /* else it would go on with what is before it */
        if (end > i)
            ctx_render_paragraph(r, i, end);
        else
            end = element(r, i);
        i = end;
    }
}

/* A summary with its text: it is a label, whatever text there is around it. */
static bool is_summary(const struct ctx_mdx_render *r, size_t i)
{
    const struct ctx_mdx_token *t = &r->scan->tokens[i];
    if (t->kind != CTX_MDX_OPEN || (t->flags & CTX_MDX_UNPAIRED))
        return false;
    struct ctx_tag tag = ctx_render_tag(r, i);
    const struct ctx_component *row = ctx_render_row_of(r, &tag);
    return row && row->form == CTX_FORM_SUMMARY;
}

static size_t next_summary(const struct ctx_mdx_render *r, size_t i, size_t last)
{
    while (i < last && !is_summary(r, i))
        i = after(r, i);
    return i;
}

/* Summaries, and the text between them as paragraphs. */
static void part(struct ctx_mdx_render *r, size_t first, size_t last)
{
    for (size_t i = first; i < last;) {
        size_t end = next_summary(r, i, last);
        r->blank = true;
        if (end > i)
            ctx_render_paragraph(r, i, end);
        else
            end = element(r, i);
        r->blank = true;
        i = end;
    }
}

static void pieces(struct ctx_mdx_render *r, size_t first, size_t last)
{
    if (unravels(r, first, last))
        unravel(r, first, last);
    else if (next_summary(r, first, last) < last)
        part(r, first, last);
    else
        ctx_render_paragraph(r, first, last);
}

bool ctx_render_pieces(struct ctx_mdx_render *r, size_t paragraph)
{
    const struct ctx_mdx_token *t = &r->scan->tokens[paragraph];
    size_t first = paragraph + 1;
    if (!((t->flags & CTX_MDX_ONLY_JSX) && unravels(r, first, t->partner)) &&
        next_summary(r, first, t->partner) == t->partner)
        return false;
    r->blank = true;
    pieces(r, first, t->partner);
    r->blank = true;
    return true;
}
