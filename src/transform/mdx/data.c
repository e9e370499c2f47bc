/*
 * Data in props: what a table of properties, a list of questions, a grid of cards is given as
 * arrays and objects of literals becomes a list, one item an object, with what it holds as lists
 * below it. Elements in props become blocks.
 */
#include "transform/mdx/data.h"

#include "base/cleanup.h"
#include "transform/mdx/forms.h"
#include "transform/mdx/js_data.h"

enum { DEPTH_MAX = 12 };

static void put_members(struct ctx_data_writer *w, struct ctx_span value);

/* What an object holds below its own text: arrays and objects of objects. */
static void put_nested(struct ctx_data_writer *w, struct ctx_span object)
{
    struct ctx_js_data data;
    struct ctx_js_member member;
    if (++w->depth < DEPTH_MAX && ctx_js_data_begin(&data, object))
        while (ctx_js_data_next(&data, &member))
            put_members(w, member.value);
    w->depth--;
}

/* A map of names to descriptions, rather than settings of some component. */
static bool is_described(struct ctx_span object)
{
    struct ctx_js_data data;
    struct ctx_js_member member;
    struct ctx_span ignored;
    bool any = false;
    for (bool more = ctx_js_data_begin(&data, object); more;) {
        more = ctx_js_data_next(&data, &member);
        if (more && !ctx_data_is(member.value, '{'))
            return false;
        any |= more && ctx_js_data_find(member.value, "description", &ignored);
    }
    return any;
}

/* A row of a table: an array of texts. */
static void put_row(struct ctx_data_writer *w, struct ctx_span row)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    struct ctx_js_data data;
    struct ctx_js_member member;
    ctx_buffer_init(&text, w->out->limit);
    size_t begin = w->out->len;
    for (bool more = ctx_js_data_begin(&data, row); more;) {
        more = ctx_js_data_next(&data, &member);
        ctx_buffer_clear(&text);
        if (!more || !ctx_data_prose(w, member.value, &text))
            continue;
        if (w->out->len == begin) {
            ctx_buffer_fill(w->out, ' ', 2 * (size_t)w->depth);
            ctx_buffer_putc(w->out, w->marker);
            ctx_buffer_putc(w->out, ' ');
        } else {
            ctx_buffer_puts(w->out, " — ");
        }
        ctx_buffer_append(w->out, ctx_buffer_str(&text), text.len);
    }
    if (w->out->len > begin)
        ctx_buffer_putc(w->out, '\n');
}

static void put_object(struct ctx_data_writer *w, struct ctx_span object, struct ctx_span key)
{
    if (ctx_data_put_item(w, object, key))
        put_nested(w, object);
}

static void put_members(struct ctx_data_writer *w, struct ctx_span value)
{
    struct ctx_js_data data;
    struct ctx_js_member member;
    if (!ctx_js_data_begin(&data, value) || (data.close == '}' && !is_described(value)))
        return;
    while (ctx_js_data_next(&data, &member)) {
        if (ctx_data_is(member.value, '{'))
            put_object(w, member.value, member.key);
        else if (ctx_data_is(member.value, '['))
            put_row(w, member.value);
    }
}

/* Arrays of texts that are a list to readers: `files={['a.js', 'b/c.js']}`. */
static bool is_list(struct ctx_span name)
{
    static const char *const names[] = { "features", "files", "items", "packages", "points" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(names); i++)
        if (ctx_span_is(name, names[i]))
            return true;
    return false;
}

static void put_texts(struct ctx_data_writer *w, struct ctx_span array)
{
    struct ctx_js_data data;
    struct ctx_js_member member;
    bool more = ctx_js_data_begin(&data, array) && data.close == ']';
    while (more && ctx_js_data_next(&data, &member)) {
        CTX_AUTO_BUFFER struct ctx_buffer text;
        ctx_buffer_init(&text, w->out->limit);
        if (ctx_data_is(member.value, '{') || ctx_data_is(member.value, '[') ||
            !ctx_data_prose(w, member.value, &text))
            continue;
        ctx_buffer_putc(w->out, w->marker);
        ctx_buffer_printf(w->out, " %s\n", text.data);
    }
}

/* Props whose elements are looks, not text. */
static bool is_look(struct ctx_span name)
{
    static const char *const names[] = { "as", "component", "fallback", "icon", "style" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(names); i++)
        if (ctx_span_is(name, names[i]))
            return true;
    return false;
}

/* Whether the prop is told in the element's label. */
static bool is_label(const struct ctx_mdx_element *e, struct ctx_span name)
{
    for (const char *const *usual = ctx_component_text_props; *usual; usual++)
        if (ctx_span_is(name, *usual))
            return true;
    return e->row && ctx_component_lists(e->row->props, name);
}

/* Elements that props hold, as blocks. */
static void put_elements(struct ctx_mdx_render *r, const struct ctx_mdx_element *e)
{
    struct ctx_attribute attr;
    size_t at = 0;
    while (ctx_tag_next(&e->tag, &at, &attr)) {
        CTX_AUTO_BUFFER struct ctx_buffer text;
        ctx_buffer_init(&text, r->out->limit);
        if (attr.kind == CTX_ATTR_EXPRESSION && !is_look(attr.name) && !is_label(e, attr.name) &&
            ctx_jsx_blocks(r, attr.value, ctx_form_opening(r, e)->line, &text))
            ctx_render_line(r, &text);
    }
}

void ctx_form_data(struct ctx_mdx_render *r, const struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    struct ctx_attribute attr;
    size_t at = 0;
    ctx_buffer_init(&text, r->out->limit);
    put_elements(r, e);
    char marker = r->own_marker;
    struct ctx_data_writer w = { .r = r, .line = ctx_form_opening(r, e)->line, .out = &text };
    w.marker = ctx_form_own_marker(r);
    while (ctx_tag_next(&e->tag, &at, &attr))
        if (attr.kind == CTX_ATTR_EXPRESSION && !ctx_span_is(attr.name, "style")) {
            if (is_list(attr.name) && ctx_form_is_empty(r, e))
                put_texts(&w, attr.value);
            put_members(&w, attr.value);
        }
    if (text.len == 0) {
        r->own_marker = marker;
        return;
    }
    ctx_buffer_truncate(&text, text.len - 1);
    r->blank = true;
    ctx_render_block(r, text.data, text.len);
    r->blank = true;
    r->after_own_list = true;
}
