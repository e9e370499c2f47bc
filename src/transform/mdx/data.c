/*
 * Data in props: what a table of properties, a list of questions, a grid of cards is given as
 * arrays and objects of literals becomes a list, one item an object, with what it holds as lists
 * below it. Invariant: an item has a label or a text, else nothing of it is written.
 */
#include "base/cleanup.h"
#include "transform/mdx/entities.h"
#include "transform/mdx/escape.h"
#include "transform/mdx/forms.h"
#include "transform/mdx/js_data.h"

enum { DEPTH_MAX = 12 };

struct writer {
    const struct ctx_mdx_render *r;
    uint32_t line; /* of the element */
    struct ctx_buffer *out;
    char marker;
    unsigned depth;
};

/* What keys say, each group in the order in which its keys are asked. */
enum group { LABEL, TEXT, TYPE, VALUE, DEFAULT, ADDRESS, OPTIONAL, REQUIRED, DEPRECATED, N_GROUPS };

static const struct {
    const char *name;
    enum group group;
} keys[] = {
    { "name", LABEL },
    { "title", LABEL },
    { "label", LABEL },
    { "question", LABEL },
    { "prop", LABEL },
    { "property", LABEL },
    { "parameter", LABEL },
    { "term", LABEL },
    { "heading", LABEL },
    { "key", LABEL },
    { "description", TEXT },
    { "text", TEXT },
    { "summary", TEXT },
    { "answer", TEXT },
    { "content", TEXT },
    { "details", TEXT },
    { "body", TEXT },
    { "message", TEXT },
    { "detail", TEXT },
    { "desc", TEXT },
    { "subtitle", TEXT },
    { "comment", TEXT },
    { "type", TYPE },
    { "value", VALUE },
    { "default", DEFAULT },
    { "defaultValue", DEFAULT },
    { "href", ADDRESS },
    { "url", ADDRESS },
    { "link", ADDRESS },
    { "to", ADDRESS },
    { "isOptional", OPTIONAL },
    { "optional", OPTIONAL },
    { "required", REQUIRED },
    { "isRequired", REQUIRED },
    { "deprecated", DEPRECATED },
};

/* An object's members that say something, by the place of their keys in the table. */
struct fields {
    struct ctx_span values[CTX_ARRAY_LEN(keys)];
};

static void read_fields(struct fields *fields, struct ctx_span object)
{
    struct ctx_js_data data;
    struct ctx_js_member member;
    *fields = (struct fields){ 0 };
    if (!ctx_js_data_begin(&data, object))
        return;
    while (ctx_js_data_next(&data, &member))
        for (size_t i = 0; i < CTX_ARRAY_LEN(keys); i++)
            if (member.key.len && member.key.data[0] == keys[i].name[0] &&
                ctx_span_is(member.key, keys[i].name))
                fields->values[i] = member.value;
}

static void put_prose(struct ctx_buffer *ret, const char *text, size_t len)
{
    CTX_AUTO_BUFFER struct ctx_buffer encoded;
    ctx_buffer_init(&encoded, ret->limit);
    ctx_entities_encode(&encoded, text, len);
    ctx_escape_prose(ret, ctx_buffer_str(&encoded), encoded.len, false);
}

/* A text, or elements, as Markdown; whether the value is of that kind, and says something. */
static bool prose(const struct writer *w, struct ctx_span value, struct ctx_buffer *ret)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, ret->limit);
    if (ctx_js_value(value.data, value.len, &text) != CTX_JS_VALUE_TEXT)
        return ctx_jsx_text(w->r, value, w->line, ret);
    put_prose(ret, ctx_buffer_str(&text), text.len);
    return text.len > 0;
}

/* The text of the group's first key that has one. */
static bool text_of(const struct fields *fields, enum group group, struct ctx_buffer *ret)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(keys); i++) {
        struct ctx_span value = fields->values[i];
        if (keys[i].group == group && value.len &&
            ctx_js_value(value.data, value.len, ret) == CTX_JS_VALUE_TEXT && ret->len)
            return true;
    }
    return false;
}

/* The same as Markdown, on one line; elements are read as such. */
static bool prose_of(const struct writer *w, const struct fields *fields, enum group group,
                     struct ctx_buffer *ret)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(keys); i++)
        if (keys[i].group == group && fields->values[i].len && prose(w, fields->values[i], ret))
            return true;
    return false;
}

static bool is_set(const struct fields *fields, enum group group)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(keys); i++)
        if (keys[i].group == group && ctx_span_is(fields->values[i], "true"))
            return true;
    return false;
}

static bool is_literal_of(struct ctx_span value, char open)
{
    struct ctx_js_data data;
    return ctx_js_data_begin(&data, value) && data.js.s[data.js.at - 1] == open;
}

static void clear(struct fields *fields, enum group group)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(keys); i++)
        if (keys[i].group == group)
            fields->values[i] = (struct ctx_span){ 0 };
}

static void put_code(struct writer *w, const struct ctx_buffer *text)
{
    CTX_AUTO_BUFFER struct ctx_buffer line;
    ctx_buffer_init(&line, w->out->limit);
    for (size_t i = 0; i < text->len; i++) {
        bool white = strchr(" \t\n", text->data[i]);
        if (!white || (line.len && line.data[line.len - 1] != ' '))
            ctx_buffer_putc(&line, white ? ' ' : text->data[i]);
    }
    ctx_escape_code(w->out, ctx_buffer_str(&line), line.len, false);
}

static void put_text(struct writer *w, const struct ctx_buffer *text)
{
    ctx_buffer_append(w->out, ctx_buffer_str(text), text->len);
}

static void put_label(struct writer *w, const struct fields *fields, const struct ctx_buffer *label)
{
    CTX_AUTO_BUFFER struct ctx_buffer href;
    ctx_buffer_init(&href, w->out->limit);
    if (text_of(fields, ADDRESS, &href)) {
        ctx_buffer_putc(w->out, '[');
        put_text(w, label);
        ctx_buffer_puts(w->out, "](");
        ctx_escape_destination(w->out, href.data, href.len);
        ctx_buffer_putc(w->out, ')');
        return;
    }
    bool marked = ctx_escape_has_marks(ctx_buffer_str(label), label->len);
    ctx_buffer_puts(w->out, marked ? "" : "**");
    put_text(w, label);
    ctx_buffer_puts(w->out, marked ? "" : "**");
}

/* Type, flags, default, in parentheses. */
static void put_notes(struct writer *w, const struct fields *fields)
{
    static const char *const words[N_GROUPS] = {
        [OPTIONAL] = "optional", [REQUIRED] = "required", [DEPRECATED] = "deprecated"
    };
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, w->out->limit);
    size_t begin = w->out->len;
    ctx_buffer_puts(w->out, " (");
    size_t mark = w->out->len;
    if (text_of(fields, TYPE, &text))
        put_code(w, &text);
    for (enum group i = 0; i < N_GROUPS; i++) {
        if (!words[i] || !is_set(fields, i))
            continue;
        ctx_buffer_puts(w->out, w->out->len > mark ? ", " : "");
        ctx_buffer_puts(w->out, words[i]);
    }
    ctx_buffer_clear(&text);
    if (text_of(fields, DEFAULT, &text)) {
        ctx_buffer_puts(w->out, w->out->len > mark ? ", default: " : "default: ");
        put_code(w, &text);
    }
    if (w->out->len > mark)
        ctx_buffer_putc(w->out, ')');
    else
        ctx_buffer_truncate(w->out, begin);
}

static void put_members(struct writer *w, struct ctx_span value);

/* What an object holds below its own text: arrays and objects of objects. */
static void put_nested(struct writer *w, struct ctx_span object)
{
    struct ctx_js_data data;
    struct ctx_js_member member;
    if (++w->depth < DEPTH_MAX && ctx_js_data_begin(&data, object))
        while (ctx_js_data_next(&data, &member))
            put_members(w, member.value);
    w->depth--;
}

/* What a type without a name is set to: `{ type: "nullable", value: false }`. */
static void put_value(struct writer *w, const struct fields *fields)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, w->out->limit);
    for (size_t i = 0; i < CTX_ARRAY_LEN(keys); i++) {
        struct ctx_span value = fields->values[i];
        if (keys[i].group != VALUE || value.len == 0)
            continue;
        if (ctx_span_is(value, "true") || ctx_span_is(value, "false"))
            ctx_buffer_append(&text, value.data, value.len);
        else if (ctx_js_value(value.data, value.len, &text) != CTX_JS_VALUE_TEXT)
            continue;
        ctx_buffer_puts(w->out, ": ");
        put_code(w, &text);
    }
}

/* The name of what an object describes: a label, else its type. */
static void put_name(struct writer *w, struct fields *fields, struct ctx_span key)
{
    CTX_AUTO_BUFFER struct ctx_buffer name;
    ctx_buffer_init(&name, w->out->limit);
    if (key.len)
        put_prose(&name, key.data, key.len);
    if (name.len || prose_of(w, fields, LABEL, &name)) {
        ctx_buffer_putc(w->out, ' ');
        put_label(w, fields, &name);
    } else if (text_of(fields, TYPE, &name)) {
        ctx_buffer_putc(w->out, ' ');
        put_code(w, &name);
        clear(fields, TYPE);
        put_value(w, fields);
    }
}

static void put_object(struct writer *w, struct ctx_span object, struct ctx_span key)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    struct fields fields;
    ctx_buffer_init(&text, w->out->limit);
    read_fields(&fields, object);
    size_t begin = w->out->len;
    ctx_buffer_fill(w->out, ' ', 2 * (size_t)w->depth);
    ctx_buffer_putc(w->out, w->marker);
    size_t mark = w->out->len;
    put_name(w, &fields, key);
    put_notes(w, &fields);
    if (prose_of(w, &fields, TEXT, &text)) {
        ctx_buffer_puts(w->out, w->out->len > mark ? " — " : " ");
        put_text(w, &text);
    }
    if (w->out->len == mark) {
        ctx_buffer_truncate(w->out, begin);
        return;
    }
    ctx_buffer_putc(w->out, '\n');
    put_nested(w, object);
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
        if (more && !is_literal_of(member.value, '{'))
            return false;
        any |= more && ctx_js_data_find(member.value, "description", &ignored);
    }
    return any;
}

/* A row of a table: an array of texts. */
static void put_row(struct writer *w, struct ctx_span row)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    struct ctx_js_data data;
    struct ctx_js_member member;
    ctx_buffer_init(&text, w->out->limit);
    size_t begin = w->out->len;
    for (bool more = ctx_js_data_begin(&data, row); more;) {
        more = ctx_js_data_next(&data, &member);
        ctx_buffer_clear(&text);
        if (!more || !prose(w, member.value, &text))
            continue;
        if (w->out->len == begin) {
            ctx_buffer_fill(w->out, ' ', 2 * (size_t)w->depth);
            ctx_buffer_putc(w->out, w->marker);
            ctx_buffer_putc(w->out, ' ');
        } else {
            ctx_buffer_puts(w->out, " — ");
        }
        put_text(w, &text);
    }
    if (w->out->len > begin)
        ctx_buffer_putc(w->out, '\n');
}

static void put_members(struct writer *w, struct ctx_span value)
{
    struct ctx_js_data data;
    struct ctx_js_member member;
    if (!ctx_js_data_begin(&data, value) || (data.close == '}' && !is_described(value)))
        return;
    while (ctx_js_data_next(&data, &member)) {
        if (is_literal_of(member.value, '{'))
            put_object(w, member.value, member.key);
        else if (is_literal_of(member.value, '['))
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

static void put_texts(struct writer *w, struct ctx_span array)
{
    struct ctx_js_data data;
    struct ctx_js_member member;
    bool more = ctx_js_data_begin(&data, array) && data.close == ']';
    while (more && ctx_js_data_next(&data, &member)) {
        CTX_AUTO_BUFFER struct ctx_buffer text;
        ctx_buffer_init(&text, w->out->limit);
        if (is_literal_of(member.value, '{') || is_literal_of(member.value, '[') ||
            !prose(w, member.value, &text))
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
    struct writer w = { .r = r, .line = ctx_form_opening(r, e)->line, .out = &text };
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
