/*
 * Forms that are list items of our own: cards, parameters, files, items of HTML lists. Invariant: an
 * item's frame is the element's last one. Runs on the document's own thread.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "transform/mdx/escape.h"
#include "transform/mdx/forms.h"

/* Whether what it holds may become part of a list item: no lists, which would change their depth. */
static bool fits_item(const struct ctx_mdx_render *r, const struct ctx_mdx_element *e)
{
    return ctx_form_is_empty(r, e) || ctx_form_is_paragraph(r, e);
}

/*
 * An item of our own. Its list has a marker that authors rarely take, and another one directly
 * behind another list of ours, so that neighbours stay lists of their own; which markers are
 * written in the end, the normalise stage decides.
 */
char ctx_form_own_marker(struct ctx_mdx_render *r)
{
    bool again = !r->tight && r->after_own_list && r->own_marker == '+';
    if (!r->tight)
        r->own_marker = again ? '*' : '+';
    return r->own_marker;
}

static void push_own_item(struct ctx_mdx_render *r, const char *marker)
{
    ctx_form_own_marker(r);
    r->blank = !r->tight;
    r->tight = false;
    if (*marker == '-')
        ctx_render_push_item(r, &r->own_marker, 1);
    else
        ctx_render_push_item(r, marker, strlen(marker));
}

void ctx_form_close_item(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    if (r->n_frames > e->n_frames) {
        ctx_render_pop_frames(r, e->n_frames);
        r->blank = false;
        r->tight = true;
        r->after_own_list = true;
    }
}

/* The item's one paragraph, or its text when there is none. */
static void item_text_and_child(struct ctx_mdx_render *r, struct ctx_mdx_element *e,
                                struct ctx_buffer *text, const char *between)
{
    push_own_item(r, "-");
    if (ctx_form_is_empty(r, e)) {
        ctx_render_block(r, ctx_buffer_str(text), text->len);
        return;
    }
    ctx_buffer_append(&r->before, ctx_buffer_str(text), text->len);
    ctx_buffer_puts(&r->before, between);
}

void ctx_form_open_card(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer href;
    CTX_AUTO_BUFFER struct ctx_buffer label;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    CTX_AUTO_BUFFER struct ctx_buffer rest;
    ctx_buffer_init(&href, r->out->limit);
    ctx_buffer_init(&label, r->out->limit);
    ctx_buffer_init(&text, r->out->limit);
    ctx_buffer_init(&rest, r->out->limit);
    ctx_props_href(r, &e->tag, &href);
    const char *skip = "title";
    if (!ctx_props_text(r, &e->tag, "title", &label)) {
        skip = NULL;
        ctx_props_label(r, &e->tag, e->row, NULL, &label);
    } else {
        ctx_props_label(r, &e->tag, e->row, skip, &rest);
    }
    bool named = label.len > 0;
    if (!named && ctx_form_is_paragraph(r, e) && href.len &&
        !ctx_form_holds_link(r, e->token)) { /* the child is the link's text */
        push_own_item(r, "-");
        ctx_buffer_putc(&r->before, '[');
        ctx_escape_link_end(&r->after, href.data, href.len);
        return;
    }
    if (!named)
        ctx_escape_text(&label, ctx_buffer_str(&href), href.len, false);
    ctx_form_link_to(&text, &label, &href);
    if (rest.len)
        ctx_buffer_printf(&text, ": %s", rest.data);
    if (text.len && fits_item(r, e))
        item_text_and_child(r, e, &text, rest.len ? " — " : ": ");
    else
        ctx_form_bold_line(r, &text);
}

/* The default's text; code as it stands, when it is on one line, where it is more than a literal. */
static bool default_value(struct ctx_mdx_render *r, const struct ctx_tag *tag,
                          struct ctx_buffer *ret)
{
    struct ctx_attribute attr;
    if (ctx_props_text(r, tag, "default", ret))
        return true;
    if (!ctx_tag_find(tag, "default", &attr) || attr.kind != CTX_ATTR_EXPRESSION)
        return false;
    const char *s = attr.value.data;
    size_t len = attr.value.len;
    for (; len && *s == ' '; s++)
        len--;
    while (len && s[len - 1] == ' ')
        len--;
    if (len == 0 || memchr(s, '\n', len))
        return false;
    ctx_escape_code(ret, s, len, r->place == CTX_MDX_IN_CELL);
    return true;
}

/* Type, "required", default: what is known of a parameter, in parentheses. */
static void parameter_notes(struct ctx_mdx_render *r, const struct ctx_tag *tag,
                            struct ctx_buffer *ret)
{
    static const char *const flags[] = { "required", "deprecated" };
    struct ctx_attribute attr;
    size_t begin = ret->len;
    ctx_buffer_puts(ret, " (");
    size_t mark = ret->len;
    ctx_props_text(r, tag, "type", ret);
    for (size_t i = 0; i < CTX_ARRAY_LEN(flags); i++) {
        if (!ctx_tag_find(tag, flags[i], &attr) ||
            (attr.kind == CTX_ATTR_EXPRESSION && ctx_span_is(attr.value, "false")))
            continue;
        ctx_buffer_puts(ret, ret->len > mark ? ", " : "");
        ctx_buffer_puts(ret, flags[i]);
    }
    size_t before = ret->len;
    ctx_buffer_puts(ret, before > mark ? ", default: " : "default: ");
    if (!default_value(r, tag, ret))
        ctx_buffer_truncate(ret, before);
    if (ret->len > mark)
        ctx_buffer_putc(ret, ')');
    else
        ctx_buffer_truncate(ret, begin);
}

void ctx_form_open_parameter(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    static const char *const names[] = { "name", "path", "query", "body", "header", "cookie" };
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    ctx_buffer_puts(&text, "**");
    size_t used = 0;
    for (; used < CTX_ARRAY_LEN(names) && text.len == 2; used++)
        ctx_props_text(r, &e->tag, names[used], &text);
    const char *skip = text.len > 2 ? names[used - 1] : NULL;
    if (text.len > 2)
        ctx_buffer_puts(&text, "**");
    else
        ctx_buffer_clear(&text);
    parameter_notes(r, &e->tag, &text);
    if (text.len && text.data[0] == ' ') /* no name before the notes */
        ctx_buffer_splice(&text, 0, 1, "", 0);
    size_t mark = text.len;
    ctx_buffer_puts(&text, mark ? " — " : "");
    if (!ctx_props_label(r, &e->tag, e->row, skip, &text))
        ctx_buffer_truncate(&text, mark);
    if (text.len && fits_item(r, e))
        item_text_and_child(r, e, &text, " — ");
    else
        ctx_render_line(r, &text);
}

void ctx_form_open_file(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    ctx_props_text(r, &e->tag, "name", &text);
    if (text.len && e->row->form == CTX_FORM_FOLDER && text.data[text.len - 1] != '/')
        ctx_buffer_putc(&text, '/');
    size_t mark = text.len;
    ctx_buffer_puts(&text, mark ? " — " : "");
    if (!ctx_props_label(r, &e->tag, e->row, "name", &text))
        ctx_buffer_truncate(&text, mark);
    if (text.len == 0 || (ctx_form_opening(r, e)->has & CTX_MDX_HAS_LIST)) {
        ctx_render_line(r, &text);
        return;
    }
    push_own_item(r, "-");
    ctx_render_block(r, text.data, text.len);
    r->tight = true;
}

/* The option of a quiz that is marked as the answer. */
static bool is_right_answer(const struct ctx_mdx_element *e)
{
    struct ctx_attribute attr;
    return ctx_tag_find(&e->tag, "isCorrect", &attr) &&
           !(attr.kind == CTX_ATTR_EXPRESSION && ctx_span_is(attr.value, "false"));
}

static void mark_right_answer(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    if (ctx_form_is_paragraph(r, e) && !ctx_form_is_empty(r, e)) {
        ctx_buffer_puts(&r->after, " (correct)");
        return;
    }
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    ctx_buffer_puts(&text, "Correct");
    ctx_form_bold_line(r, &text);
}

void ctx_form_open_item(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    char marker[16] = "-";
    if (ctx_span_is(ctx_form_parent_of(e)->tag.name, "ol"))
        snprintf(marker, sizeof(marker), "%u.", ++ctx_form_parent_of(e)->counter % 100000000);
    if (!(ctx_form_opening(r, e)->has & CTX_MDX_HAS_LIST))
        push_own_item(r, marker);
    ctx_form_open_label(r, e);
    if (is_right_answer(e))
        mark_right_answer(r, e);
}
