/*
 * What forms of elements share: what an element holds, labels, links. Runs on the document's own
 * thread, on nothing but the renderer.
 */
#include "transform/mdx/forms.h"

#include <string.h>

#include "base/cleanup.h"
#include "transform/mdx/escape.h"

enum {
    BLOCKS = CTX_MDX_HAS_LIST | CTX_MDX_HAS_CODE | CTX_MDX_HAS_HEADING | CTX_MDX_HAS_TABLE |
             CTX_MDX_HAS_QUOTE | CTX_MDX_HAS_RULE
};

bool ctx_form_is_paragraph(const struct ctx_mdx_render *r, const struct ctx_mdx_element *e)
{
    const struct ctx_mdx_token *t = ctx_form_opening(r, e);
    if (t->kind == CTX_MDX_SELF || (t->has & BLOCKS))
        return false;
    return t->flags & CTX_MDX_FLOW ? t->paragraphs == 1 : true;
}

bool ctx_form_holds_link(const struct ctx_mdx_render *r, size_t token)
{
    static const char *const signs[] = { "](", "://", "www.", "href=" };
    const struct ctx_mdx_token *open = &r->scan->tokens[token];
    if (open->kind != CTX_MDX_OPEN || (open->flags & CTX_MDX_UNPAIRED))
        return false;
    size_t end = r->scan->tokens[open->partner].begin;
    for (size_t i = 0; i < CTX_ARRAY_LEN(signs) && end > open->end; i++)
        if (memmem(r->s + open->end, end - open->end, signs[i], strlen(signs[i])))
            return true;
    return false;
}

void ctx_form_kind_and_label(struct ctx_mdx_render *r, struct ctx_mdx_element *e, const char *kind,
                             struct ctx_buffer *ret)
{
    size_t begin = ret->len;
    ctx_buffer_puts(ret, kind);
    size_t mark = ret->len;
    if (mark > begin)
        ctx_buffer_puts(ret, ": ");
    if (!ctx_props_label(r, &e->tag, e->row, NULL, ret))
        ctx_buffer_truncate(ret, mark);
}

void ctx_form_link_to(struct ctx_buffer *ret, const struct ctx_buffer *text,
                      const struct ctx_buffer *href)
{
    if (href->len == 0) {
        ctx_buffer_append(ret, ctx_buffer_str(text), text->len);
        return;
    }
    if (text->len && strstr(text->data, "](")) { /* no link is in another */
        ctx_buffer_printf(ret, "%s (", text->data);
        ctx_escape_text(ret, href->data, href->len, false);
        ctx_buffer_putc(ret, ')');
        return;
    }
    ctx_buffer_putc(ret, '[');
    ctx_buffer_append(ret, ctx_buffer_str(text), text->len);
    ctx_escape_link_end(ret, href->data, href->len);
}

bool ctx_form_tip(struct ctx_mdx_render *r, const struct ctx_tag *tag,
                  const struct ctx_component *row, struct ctx_buffer *ret)
{
    CTX_AUTO_BUFFER struct ctx_buffer href;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&href, r->out->limit);
    ctx_buffer_init(&text, r->out->limit);
    bool any = ctx_props_label(r, tag, row, NULL, ret);
    if (!ctx_props_text(r, tag, "cta", &text))
        return any;
    ctx_props_href(r, tag, &href);
    ctx_buffer_puts(ret, any ? " — " : "");
    ctx_form_link_to(ret, &text, &href);
    return true;
}

void ctx_form_bold_line(struct ctx_mdx_render *r, struct ctx_buffer *text)
{
    if (text->len == 0)
        return;
    if (!ctx_escape_has_marks(text->data, text->len)) {
        ctx_buffer_splice(text, 0, 0, "**", 2);
        ctx_buffer_puts(text, "**");
    }
    ctx_render_line(r, text);
}

void ctx_form_open_label(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    static const struct ctx_component named = { "", CTX_FORM_UNWRAP, NULL,
                                                "name filename fileName content" };
    static const struct ctx_component alone = { "", CTX_FORM_UNWRAP, NULL, "content" };
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    const struct ctx_component *row = e->row;
    if (!row && ctx_tag_is_component(e->tag.name)) /* a name is something's, where there is one */
        e->row = ctx_form_is_empty(r, e) ? &alone : &named;
    ctx_form_kind_and_label(r, e, row && row->kind ? row->kind : "", &text);
    if (text.len == 0 && e->row == &alone)
        ctx_props_sentences(r, &e->tag, &text);
    e->row = row;
    ctx_form_bold_line(r, &text);
}
