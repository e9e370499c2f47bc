/*
 * Elements that are blocks. A row of the table below is what a form does before an element's
 * children and after them; frames that it pushes are taken off when the element closes. Invariant:
 * r->elements is the chain of open elements, its frames nested as they are.
 */
#include "transform/mdx/forms.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "transform/mdx/escape.h"
#include "transform/mdx/js_data.h"

enum { VALUES_MAX = 64 }; /* labels that are looked at for one tab */

struct form {
    bool is_inline; /* written within a line when it stands in one */
    void (*open)(struct ctx_mdx_render *r, struct ctx_mdx_element *element);
    void (*close)(struct ctx_mdx_render *r, struct ctx_mdx_element *element);
};

static void open_step(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    char kind[32];
    ctx_buffer_init(&text, r->out->limit);
    snprintf(kind, sizeof(kind), "Step %u", ++ctx_form_parent_of(e)->counter);
    ctx_form_kind_and_label(r, e, kind, &text);
    if (text.len == strlen(kind) && ctx_form_is_paragraph(r, e))
        ctx_buffer_printf(&r->before, "**%s:** ", kind);
    else
        ctx_form_bold_line(r, &text);
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
    static const char *const names[] = { "items", "titles", "labels", "tabs" };
    struct ctx_attribute items;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    for (size_t i = 0; i < CTX_ARRAY_LEN(names) && text.len == 0; i++)
        if (ctx_tag_find(&tabs->tag, names[i], &items))
            ctx_js_array_text(items.value.data, items.value.len, index, &text);
    ctx_escape_text(ret, ctx_buffer_str(&text), text.len, false);
    return text.len > 0;
}

/* The label in `values={[{ label: 'Linux', value: 'linux' }]}` around tabs that have a value alone. */
static bool value_label(struct ctx_mdx_render *r, const struct ctx_mdx_element *tabs,
                        const struct ctx_mdx_element *e, struct ctx_buffer *ret)
{
    struct ctx_attribute values;
    struct ctx_js_data data;
    struct ctx_js_member member;
    CTX_AUTO_BUFFER struct ctx_buffer value;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&value, r->out->limit);
    ctx_buffer_init(&text, r->out->limit);
    bool more = ctx_tag_text(&e->tag, "value", &value) &&
                ctx_tag_find(&tabs->tag, "values", &values) &&
                ctx_js_data_begin(&data, values.value);
    for (int i = 0; more && i < VALUES_MAX && ctx_js_data_next(&data, &member); i++) {
        struct ctx_span field;
        ctx_buffer_clear(&text);
        if (!ctx_js_data_find(member.value, "value", &field) ||
            ctx_js_value(field.data, field.len, &text) != CTX_JS_VALUE_TEXT ||
            strcmp(ctx_buffer_str(&text), value.data) != 0)
            continue;
        ctx_buffer_clear(&text);
        if (!ctx_js_data_find(member.value, "label", &field) ||
            ctx_js_value(field.data, field.len, &text) != CTX_JS_VALUE_TEXT)
            return false;
        ctx_escape_text(ret, ctx_buffer_str(&text), text.len, false);
        return text.len > 0;
    }
    return false;
}

static void open_tab(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    size_t index = ctx_form_parent_of(e)->counter++;
    if (!ctx_props_label(r, &e->tag, e->row, NULL, &text) && !trigger_text(r, e, &text) &&
        !value_label(r, ctx_form_parent_of(e), e, &text) &&
        !item_text(r, ctx_form_parent_of(e), index, &text) &&
        !ctx_props_text(r, &e->tag, "name", &text))
        ctx_props_text(r, &e->tag, "value", &text);
    ctx_form_bold_line(r, &text);
}

static void open_trigger(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    struct ctx_attribute value;
    if (ctx_tag_find(&e->tag, "value", &value) && ctx_form_is_paragraph(r, e))
        r->trigger = value.value;
    ctx_form_open_label(r, e);
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
    ctx_form_kind_and_label(r, e, ctx_buffer_str(&kind), &text);
    ctx_form_bold_line(r, &text);
}

static void open_condition(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    ctx_form_condition(&e->tag, e->row, &text);
    ctx_form_bold_line(r, &text);
}

/* ---- text around one paragraph ---- */

/* A heading's marks: the row's, or by a prop that holds the level (`depth={3}`, `as="h3"`). */
static void put_heading_marks(const struct ctx_mdx_element *e, struct ctx_buffer *ret)
{
    static const char *const levels[] = { "depth", "level", "as", "tag", NULL };
    CTX_AUTO_BUFFER struct ctx_buffer level;
    ctx_buffer_init(&level, ret->limit);
    if (!e->row->kind && ctx_props_first(&e->tag, levels, &level)) {
        char digit = level.data[strcspn(level.data, "123456")];
        ctx_buffer_fill(ret, '#', digit ? (size_t)(digit - '0') : 2);
    } else {
        ctx_buffer_puts(ret, e->row->kind ? e->row->kind : "##");
    }
    ctx_buffer_putc(ret, ' ');
}

static void open_heading(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    if (ctx_form_is_empty(r, e)) {
        put_heading_marks(e, &text);
        if (ctx_props_label(r, &e->tag, e->row, NULL, &text))
            ctx_render_line(r, &text);
    } else if (ctx_form_is_paragraph(r, e)) {
        put_heading_marks(e, &r->before);
        r->one_line = true;
    }
}

static void open_strong(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    ctx_form_open_label(r, e);
    if (ctx_form_is_paragraph(r, e))
        r->marks = "**";
}

static void open_emphasis(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    ctx_form_open_label(r, e);
    if (ctx_form_is_paragraph(r, e))
        r->marks = "*";
}

static void open_tooltip(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    if (!ctx_form_tip(r, &e->tag, e->row, &text))
        return;
    if (ctx_form_is_paragraph(r, e))
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
    if (!ctx_props_href(r, &e->tag, &href)) {
        ctx_render_line(r, &label);
        return;
    }
    if (ctx_form_is_paragraph(r, e) && !ctx_form_holds_link(r, e->token)) {
        ctx_buffer_printf(&r->before, labelled ? "%s: [" : "%s[", ctx_buffer_str(&label));
        ctx_escape_link_end(&r->after, href.data, href.len);
        return;
    }
    if (!labelled)
        ctx_escape_text(&label, href.data, href.len, false);
    ctx_form_link_to(&text, &label, &href);
    ctx_render_line(r, &text);
}

/* ---- others ---- */

static void open_figure(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    CTX_AUTO_BUFFER struct ctx_buffer src;
    ctx_buffer_init(&text, r->out->limit);
    ctx_buffer_init(&src, r->out->limit);
    if (ctx_props_src(r, &e->tag, &src)) {
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

static void open_include(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    if (ctx_imports_include(r, &e->tag, e->row, ctx_form_opening(r, e)->line, &text))
        ctx_render_line(r, &text);
    else if (!ctx_form_is_empty(r, e) || !ctx_form_code_text(r, &e->tag))
        ctx_form_open_label(r, e);
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
    if (ctx_form_opening(r, e)->kind == CTX_MDX_SELF)
        ctx_render_paragraph(r, e->token, e->token + 1);
    else
        ctx_form_open_label(r, e);
}

static const struct form forms[CTX_FORM_COUNT] = {
    [CTX_FORM_UNWRAP] = { .open = ctx_form_open_label },
    [CTX_FORM_AUDIENCE] = { .open = ctx_form_open_label },
    [CTX_FORM_BADGE] = { true, open_inline, NULL },
    [CTX_FORM_BREAK] = { true, NULL, NULL },
    [CTX_FORM_CARD] = { false, ctx_form_open_card, ctx_form_close_item },
    [CTX_FORM_CODE] = { true, ctx_form_open_code, NULL },
    [CTX_FORM_CONDITION] = { .open = open_condition },
    [CTX_FORM_DROP] = { true, NULL, NULL },
    [CTX_FORM_EMPHASIS] = { true, open_emphasis, NULL },
    [CTX_FORM_FIGURE] = { false, open_figure, NULL },
    [CTX_FORM_FILE] = { false, ctx_form_open_file, ctx_form_close_item },
    [CTX_FORM_FOLDER] = { false, ctx_form_open_file, ctx_form_close_item },
    [CTX_FORM_HEADING] = { false, open_heading, NULL },
    [CTX_FORM_ICON] = { true, open_inline, NULL },
    [CTX_FORM_IMAGE] = { true, open_image, NULL },
    [CTX_FORM_INCLUDE] = { true, open_include, NULL },
    [CTX_FORM_ITEM] = { false, ctx_form_open_item, ctx_form_close_item },
    [CTX_FORM_LABEL] = { false, ctx_form_open_label, NULL },
    [CTX_FORM_LINK] = { true, open_link, NULL },
    [CTX_FORM_PARAMETER] = { false, ctx_form_open_parameter, ctx_form_close_item },
    [CTX_FORM_QUOTE] = { false, open_quote, NULL },
    [CTX_FORM_RULE] = { false, open_rule, NULL },
    [CTX_FORM_SINCE] = { true, open_inline, NULL },
    [CTX_FORM_STEP] = { false, open_step, NULL },
    [CTX_FORM_STEPS] = { false, ctx_form_open_label, NULL },
    [CTX_FORM_STRIKE] = { true, NULL, NULL },
    [CTX_FORM_STRONG] = { true, open_strong, NULL },
    [CTX_FORM_SUMMARY] = { false, open_strong, NULL },
    [CTX_FORM_TAB] = { false, open_tab, NULL },
    [CTX_FORM_TABLE] = { false, ctx_form_open_label, NULL },
    [CTX_FORM_TABS] = { false, ctx_form_open_label, NULL },
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
    const struct ctx_component *row = ctx_render_row_of(r, &tag);
    return row ? forms[row->form].is_inline : is_phrasing(tag.name);
}

void ctx_render_count_element(struct ctx_mdx_render *r, size_t token, struct ctx_span name,
                              enum ctx_loss loss)
{
    const char *rule = !ctx_tag_is_component(name) ? "html"
                       : ctx_render_row(r, name)   ? "component"
                                                   : "unknown_component";
    ctx_render_count(r, loss, rule, name, r->scan->tokens[token].line);
}

bool ctx_render_is_dropped(struct ctx_mdx_render *r, size_t token)
{
    struct ctx_tag tag = ctx_render_tag(r, token);
    enum ctx_form form = form_of(ctx_render_row_of(r, &tag));
    if (form != CTX_FORM_DROP && !(form == CTX_FORM_AUDIENCE && ctx_form_is_for_others(r, &tag)))
        return false;
    ctx_render_count_element(r, token, tag.name, CTX_LOSS_DROPPED);
    return true;
}

/* A reference to the partial that the element stands for. */
static bool partial(struct ctx_mdx_render *r, const struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    if (r->n_imports == 0 ||
        !ctx_imports_reference(r, e->tag.name, r->scan->tokens[e->token].line, &text))
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
    e->row = ctx_render_row_of(r, &e->tag);
    const struct form *form = &forms[form_of(e->row)];
    if (form->close != ctx_form_close_item) {
        r->blank |= r->tight;
        r->tight = false;
    }
    if (partial(r, e))
        return;
    ctx_render_count_element(r, token, e->tag.name, CTX_LOSS_UNWRAPPED);
    if (form->open)
        form->open(r, e);
    bool tells = !e->row || e->row->form == CTX_FORM_UNWRAP || e->row->form == CTX_FORM_LABEL;
    if (tells && e->tag.attributes.len && ctx_tag_is_component(e->tag.name))
        ctx_form_data(r, e);
}

void ctx_render_close(struct ctx_mdx_render *r)
{
    if (r->n_elements < 2)
        return;
    struct ctx_mdx_element *e = &r->elements[--r->n_elements];
    const struct form *form = &forms[form_of(e->row)];
    if (form_of(e->row) != CTX_FORM_TRIGGER)
        ctx_render_tabs(r);
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
