/*
 * Elements that are blocks. A row of the table below is what a form does before an element's
 * children and after them; frames that it pushes are taken off when the element closes. Invariant:
 * r->elements is the chain of open elements, its frames nested as they are.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "transform/mdx/escape.h"
#include "transform/mdx/js.h"
#include "transform/mdx/render.h"

struct form {
    bool is_inline; /* written within a line when it stands in one */
    void (*open)(struct ctx_mdx_render *r, struct ctx_mdx_element *element);
    void (*close)(struct ctx_mdx_render *r, struct ctx_mdx_element *element);
};

enum {
    BLOCKS = CTX_MDX_HAS_LIST | CTX_MDX_HAS_CODE | CTX_MDX_HAS_HEADING | CTX_MDX_HAS_TABLE |
             CTX_MDX_HAS_QUOTE | CTX_MDX_HAS_RULE
};

static const struct ctx_mdx_token *opening(const struct ctx_mdx_render *r,
                                           const struct ctx_mdx_element *e)
{
    return &r->scan->tokens[e->token];
}

static bool is_empty(const struct ctx_mdx_render *r, const struct ctx_mdx_element *e)
{
    return opening(r, e)->kind == CTX_MDX_SELF || opening(r, e)->partner == e->token + 1;
}

/* Whether its content is one paragraph and nothing else, so that text may stand around it. */
static bool is_paragraph(const struct ctx_mdx_render *r, const struct ctx_mdx_element *e)
{
    const struct ctx_mdx_token *t = opening(r, e);
    if (t->kind == CTX_MDX_SELF || (t->has & BLOCKS))
        return false;
    return t->flags & CTX_MDX_FLOW ? t->paragraphs == 1 : true;
}

/* Whether what it holds may become part of a list item: no lists, which would change their depth. */
static bool fits_item(const struct ctx_mdx_render *r, const struct ctx_mdx_element *e)
{
    return is_empty(r, e) || is_paragraph(r, e);
}

static struct ctx_mdx_element *parent_of(struct ctx_mdx_element *e)
{
    return e - 1; /* elements[0] is the document, so that there always is one */
}

/* "Kind: label", or what there is of the two. */
static void kind_and_label(struct ctx_mdx_render *r, struct ctx_mdx_element *e, const char *kind,
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

/* A line of its own, in bold. */
static void bold_line(struct ctx_mdx_render *r, struct ctx_buffer *text)
{
    if (text->len == 0)
        return;
    ctx_buffer_splice(text, 0, 0, "**", 2);
    ctx_buffer_puts(text, "**");
    ctx_render_line(r, text);
}

static void open_label(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    kind_and_label(r, e, e->row && e->row->kind ? e->row->kind : "", &text);
    bold_line(r, &text);
}

static void open_step(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    char kind[32];
    ctx_buffer_init(&text, r->out->limit);
    snprintf(kind, sizeof(kind), "Step %u", ++parent_of(e)->counter);
    kind_and_label(r, e, kind, &text);
    if (text.len == strlen(kind) && is_paragraph(r, e))
        ctx_buffer_printf(&r->before, "**%s:** ", kind);
    else
        bold_line(r, &text);
}

/* The label that a trigger gave for the tab's value. */
static bool trigger_text(struct ctx_mdx_render *r, struct ctx_mdx_element *e,
                         struct ctx_buffer *ret)
{
    struct ctx_attribute value;
    if (!ctx_tag_find(&e->tag, "value", &value))
        return false;
    for (size_t i = r->n_triggers; i > 0; i--) {
        struct ctx_span known = r->triggers[i - 1].value;
        if (known.len == value.value.len && memcmp(known.data, value.value.data, known.len) == 0) {
            const char *text = r->trigger_text.data + r->triggers[i - 1].begin;
            return ctx_buffer_append(ret, text, r->triggers[i - 1].len) == 0;
        }
    }
    return false;
}

/* The label that the element around the tabs has for the tab of that number. */
static bool item_text(struct ctx_mdx_render *r, const struct ctx_mdx_element *tabs, size_t index,
                      struct ctx_buffer *ret)
{
    struct ctx_attribute items;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    if (!ctx_tag_find(&tabs->tag, "items", &items) ||
        !ctx_js_array_text(items.value.data, items.value.len, index, &text))
        return false;
    ctx_escape_text(ret, ctx_buffer_str(&text), text.len, false);
    return text.len > 0;
}

static void open_tab(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    size_t index = parent_of(e)->counter++;
    if (!ctx_props_label(r, &e->tag, e->row, NULL, &text) && !trigger_text(r, e, &text) &&
        !item_text(r, parent_of(e), index, &text))
        ctx_props_text(r, &e->tag, "value", &text);
    if (memchr(ctx_buffer_str(&text), '*', text.len))
        ctx_render_line(r, &text);
    else
        bold_line(r, &text);
}

static void open_trigger(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    struct ctx_attribute value;
    if (ctx_tag_find(&e->tag, "value", &value) && is_paragraph(r, e))
        r->trigger = value.value;
}

static void open_quote(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer kind;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&kind, r->out->limit);
    ctx_buffer_init(&text, r->out->limit);
    r->blank = true;
    ctx_render_push_quote(r);
    ctx_props_kind(&e->tag, e->row, &kind);
    kind_and_label(r, e, ctx_buffer_str(&kind), &text);
    bold_line(r, &text);
}

/* ---- list items of our own ---- */

/*
 * An item of our own. Its list has a marker that authors rarely take, and another one directly
 * behind another list of ours, so that neighbours stay lists of their own; which markers are
 * written in the end, the normalise stage decides.
 */
static void push_own_item(struct ctx_mdx_render *r, const char *marker)
{
    bool again = !r->tight && r->after_own_list && r->own_marker == '+';
    if (!r->tight)
        r->own_marker = again ? '*' : '+';
    r->blank = !r->tight;
    if (*marker == '-')
        ctx_render_push_item(r, &r->own_marker, 1);
    else
        ctx_render_push_item(r, marker, strlen(marker));
}

/* Items follow one another without blank lines. */
static void close_item(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    if (r->n_frames > e->n_frames) {
        ctx_render_pop_frames(r, e->n_frames);
        r->blank = false;
        r->tight = true;
        r->after_own_list = true;
    }
}

static void link_to(struct ctx_buffer *ret, const struct ctx_buffer *text,
                    const struct ctx_buffer *href)
{
    if (href->len == 0) {
        ctx_buffer_append(ret, ctx_buffer_str(text), text->len);
        return;
    }
    ctx_buffer_putc(ret, '[');
    ctx_buffer_append(ret, ctx_buffer_str(text), text->len);
    ctx_buffer_puts(ret, "](");
    ctx_escape_destination(ret, href->data, href->len);
    ctx_buffer_putc(ret, ')');
}

/* The item's one paragraph, or its text when there is none. */
static void item_text_and_child(struct ctx_mdx_render *r, struct ctx_mdx_element *e,
                                struct ctx_buffer *text, const char *between)
{
    push_own_item(r, "-");
    if (is_empty(r, e)) {
        ctx_render_block(r, ctx_buffer_str(text), text->len);
        return;
    }
    ctx_buffer_append(&r->before, ctx_buffer_str(text), text->len);
    ctx_buffer_puts(&r->before, between);
}

static void open_card(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer href;
    CTX_AUTO_BUFFER struct ctx_buffer label;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    CTX_AUTO_BUFFER struct ctx_buffer rest;
    ctx_buffer_init(&href, r->out->limit);
    ctx_buffer_init(&label, r->out->limit);
    ctx_buffer_init(&text, r->out->limit);
    ctx_buffer_init(&rest, r->out->limit);
    ctx_props_href(&e->tag, &href);
    const char *skip = "title";
    if (!ctx_props_text(r, &e->tag, "title", &label)) {
        skip = NULL;
        ctx_props_label(r, &e->tag, e->row, NULL, &label);
    } else {
        ctx_props_label(r, &e->tag, e->row, skip, &rest);
    }
    bool named = label.len > 0;
    if (!named && is_paragraph(r, e) && href.len) { /* the child is the link's text */
        push_own_item(r, "-");
        ctx_buffer_putc(&r->before, '[');
        ctx_buffer_puts(&r->after, "](");
        ctx_escape_destination(&r->after, href.data, href.len);
        ctx_buffer_putc(&r->after, ')');
        return;
    }
    if (!named)
        ctx_escape_text(&label, ctx_buffer_str(&href), href.len, false);
    link_to(&text, &label, &href);
    if (rest.len)
        ctx_buffer_printf(&text, ": %s", rest.data);
    if (text.len && fits_item(r, e))
        item_text_and_child(r, e, &text, rest.len ? " — " : ": ");
    else
        bold_line(r, &text);
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
    if (!ctx_props_text(r, tag, "default", ret))
        ctx_buffer_truncate(ret, before);
    if (ret->len > mark)
        ctx_buffer_putc(ret, ')');
    else
        ctx_buffer_truncate(ret, begin);
}

static void open_parameter(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
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
    size_t mark = text.len;
    ctx_buffer_puts(&text, mark ? " — " : "");
    if (!ctx_props_label(r, &e->tag, e->row, skip, &text))
        ctx_buffer_truncate(&text, mark);
    if (text.len && fits_item(r, e))
        item_text_and_child(r, e, &text, " — ");
    else
        ctx_render_line(r, &text);
}

static void open_file(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
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
    if (text.len == 0 || (opening(r, e)->has & CTX_MDX_HAS_LIST)) {
        ctx_render_line(r, &text);
        return;
    }
    push_own_item(r, "-");
    ctx_render_block(r, text.data, text.len);
    r->tight = true;
}

static void open_item(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    char marker[16] = "-";
    if (ctx_span_is(parent_of(e)->tag.name, "ol"))
        snprintf(marker, sizeof(marker), "%u.", ++parent_of(e)->counter % 100000000);
    if (!(opening(r, e)->has & CTX_MDX_HAS_LIST))
        push_own_item(r, marker);
    open_label(r, e);
}

/* ---- text around one paragraph ---- */

static void open_heading(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    if (!is_paragraph(r, e))
        return;
    ctx_buffer_printf(&r->before, "%s ", e->row->kind);
    r->one_line = true;
}

static void open_strong(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    if (is_paragraph(r, e))
        r->marks = "**";
}

static void open_emphasis(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    if (is_paragraph(r, e))
        r->marks = "*";
}

static void open_tooltip(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    if (!ctx_props_label(r, &e->tag, e->row, NULL, &text))
        return;
    if (is_paragraph(r, e))
        ctx_buffer_printf(&r->after, " (%s)", text.data);
    else
        ctx_render_line(r, &text);
}

static void open_link(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer href;
    CTX_AUTO_BUFFER struct ctx_buffer label;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&href, r->out->limit);
    ctx_buffer_init(&label, r->out->limit);
    ctx_buffer_init(&text, r->out->limit);
    bool labelled = ctx_props_label(r, &e->tag, e->row, NULL, &label);
    if (!ctx_props_href(&e->tag, &href)) {
        ctx_render_line(r, &label);
        return;
    }
    if (is_paragraph(r, e)) {
        ctx_buffer_printf(&r->before, labelled ? "%s: [" : "%s[", ctx_buffer_str(&label));
        ctx_buffer_puts(&r->after, "](");
        ctx_escape_destination(&r->after, href.data, href.len);
        ctx_buffer_putc(&r->after, ')');
        return;
    }
    if (!labelled)
        ctx_escape_text(&label, href.data, href.len, false);
    link_to(&text, &label, &href);
    ctx_render_line(r, &text);
}

/* ---- others ---- */

static void open_figure(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    CTX_AUTO_BUFFER struct ctx_buffer src;
    ctx_buffer_init(&text, r->out->limit);
    ctx_buffer_init(&src, r->out->limit);
    if (ctx_props_src(&e->tag, &src)) {
        ctx_props_image(r, &e->tag, e->row, &text);
        ctx_render_line(r, &text);
        return;
    }
    ctx_buffer_puts(&text, "*Figure: ");
    if (!ctx_props_label(r, &e->tag, e->row, NULL, &text))
        return;
    ctx_buffer_putc(&text, '*');
    ctx_render_line(r, &text);
}

static void open_image(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    ctx_props_image(r, &e->tag, e->row, &text);
    ctx_render_line(r, &text);
}

static void open_rule(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    (void)e;
    r->blank = true;
    ctx_render_block(r, "***", 3);
}

/* Forms that are the same within a line and alone in one. */
static void open_inline(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    if (opening(r, e)->kind == CTX_MDX_SELF)
        ctx_render_paragraph(r, e->token, e->token + 1);
    else
        open_label(r, e);
}

static const struct form forms[CTX_FORM_COUNT] = {
    [CTX_FORM_UNWRAP] = { .open = open_label },
    [CTX_FORM_BADGE] = { true, open_inline, NULL },
    [CTX_FORM_BREAK] = { true, NULL, NULL },
    [CTX_FORM_CARD] = { false, open_card, close_item },
    [CTX_FORM_CODE] = { true, open_label, NULL },
    [CTX_FORM_DROP] = { true, NULL, NULL },
    [CTX_FORM_EMPHASIS] = { true, open_emphasis, NULL },
    [CTX_FORM_FIGURE] = { false, open_figure, NULL },
    [CTX_FORM_FILE] = { false, open_file, close_item },
    [CTX_FORM_FOLDER] = { false, open_file, close_item },
    [CTX_FORM_HEADING] = { false, open_heading, NULL },
    [CTX_FORM_ICON] = { true, open_inline, NULL },
    [CTX_FORM_IMAGE] = { true, open_image, NULL },
    [CTX_FORM_INCLUDE] = { true, open_label, NULL },
    [CTX_FORM_ITEM] = { false, open_item, close_item },
    [CTX_FORM_LABEL] = { false, open_label, NULL },
    [CTX_FORM_LINK] = { true, open_link, NULL },
    [CTX_FORM_PARAMETER] = { false, open_parameter, close_item },
    [CTX_FORM_QUOTE] = { false, open_quote, NULL },
    [CTX_FORM_RULE] = { false, open_rule, NULL },
    [CTX_FORM_SINCE] = { true, open_inline, NULL },
    [CTX_FORM_STEP] = { false, open_step, NULL },
    [CTX_FORM_STEPS] = { false, open_label, NULL },
    [CTX_FORM_STRIKE] = { true, NULL, NULL },
    [CTX_FORM_STRONG] = { true, open_strong, NULL },
    [CTX_FORM_SUMMARY] = { false, open_strong, NULL },
    [CTX_FORM_TAB] = { false, open_tab, NULL },
    [CTX_FORM_TABLE] = { false, open_label, NULL },
    [CTX_FORM_TABS] = { false, open_label, NULL },
    [CTX_FORM_TOOLTIP] = { true, open_tooltip, NULL },
    [CTX_FORM_TRIGGER] = { false, open_trigger, NULL },
};

static enum ctx_form form_of(const struct ctx_component *row)
{
    return row ? row->form : CTX_FORM_UNWRAP;
}

/* HTML elements that flow with text, beyond those that have a row. */
static bool is_phrasing(struct ctx_span name)
{
    static const char *const names[] = { "cite", "data", "dfn",  "font",  "ins",  "kbd", "label",
                                         "mark", "q",    "samp", "small", "span", "sub", "sup",
                                         "time", "u",    "var",  "wbr",   "input" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(names); i++)
        if (ctx_span_is(name, names[i]))
            return true;
    return false;
}

bool ctx_render_is_inline(const struct ctx_mdx_render *r, size_t token)
{
    struct ctx_tag tag = ctx_render_tag(r, token);
    const struct ctx_component *row = ctx_render_row(r, tag.name);
    return row ? forms[row->form].is_inline : is_phrasing(tag.name);
}

/* Every element is counted, by what became of it. */
static void count(struct ctx_mdx_render *r, size_t token, struct ctx_span name, enum ctx_loss loss)
{
    bool component = ctx_tag_is_component(name);
    ctx_render_count(r, loss, component ? "component" : "html", name, r->scan->tokens[token].line);
}

bool ctx_render_is_dropped(struct ctx_mdx_render *r, size_t token)
{
    struct ctx_tag tag = ctx_render_tag(r, token);
    if (form_of(ctx_render_row(r, tag.name)) != CTX_FORM_DROP)
        return false;
    count(r, token, tag.name, CTX_LOSS_DROPPED);
    return true;
}

/* A reference to the partial that the element stands for. */
static bool partial(struct ctx_mdx_render *r, const struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    if (r->n_partials == 0 ||
        !ctx_partials_reference(r, e->tag.name, r->scan->tokens[e->token].line, &text))
        return false;
    ctx_render_line(r, &text);
    return true;
}

void ctx_render_open(struct ctx_mdx_render *r, size_t token)
{
    struct ctx_mdx_element *e = &r->elements[r->n_elements];
    r->n_elements += r->n_elements < CTX_ARRAY_LEN(r->elements) - 1;
    *e = (struct ctx_mdx_element){
        .tag = ctx_render_tag(r, token),
        .token = (uint32_t)token,
        .n_frames = (uint32_t)r->n_frames,
    };
    e->row = ctx_render_row(r, e->tag.name);
    const struct form *form = &forms[form_of(e->row)];
    count(r, token, e->tag.name, CTX_LOSS_UNWRAPPED);
    if (form->close != close_item)
        r->tight = false;
    if (!partial(r, e) && form->open)
        form->open(r, e);
}

void ctx_render_close(struct ctx_mdx_render *r)
{
    if (r->n_elements < 2)
        return;
    struct ctx_mdx_element *e = &r->elements[--r->n_elements];
    const struct form *form = &forms[form_of(e->row)];
    if (r->before.len || r->after.len) /* no paragraph came that would have taken them */
        ctx_render_paragraph(r, 0, 0);
    r->marks = NULL;
    r->one_line = false;
    r->trigger = (struct ctx_span){ 0 };
    if (form->close)
        form->close(r, e);
    else
        r->tight = false;
    ctx_render_pop_frames(r, e->n_frames);
}

void ctx_render_self(struct ctx_mdx_render *r, size_t token)
{
    if (ctx_render_is_dropped(r, token))
        return;
    ctx_render_open(r, token);
    ctx_render_close(r);
}
