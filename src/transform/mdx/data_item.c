/*
 * One object of data in props as an item of a list: its label, what is known of it, its text. Which
 * keys say what stands in a table. Invariant: an item has a label or a text, else nothing is written.
 */
#include "base/cleanup.h"
#include "transform/mdx/data.h"
#include "transform/mdx/entities.h"
#include "transform/mdx/escape.h"
#include "transform/mdx/js_data.h"

/* What keys say, each group in the order in which its keys are asked. */
enum group {
    LABEL,
    TEXT,
    TYPE,
    VALUE,
    DEFAULT,
    ADDRESS,
    OPTIONAL,
    REQUIRED,
    DEPRECATED,
    EXTRA,
    N_GROUPS
};

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
    { "aliases", EXTRA },
    { "example", EXTRA },
    { "examples", EXTRA },
    { "format", EXTRA },
    { "max", EXTRA },
    { "min", EXTRA },
    { "note", EXTRA },
    { "notes", EXTRA },
    { "options", EXTRA },
    { "range", EXTRA },
    { "returns", EXTRA },
    { "since", EXTRA },
    { "supportedBy", EXTRA },
    { "usage", EXTRA },
    { "values", EXTRA },
    { "version", EXTRA },
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
    ctx_escape_linked_prose(ret, ctx_buffer_str(&encoded), encoded.len, false);
}

bool ctx_data_prose(const struct ctx_data_writer *w, struct ctx_span value, struct ctx_buffer *ret)
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
static bool prose_of(const struct ctx_data_writer *w, const struct fields *fields, enum group group,
                     struct ctx_buffer *ret)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(keys); i++)
        if (keys[i].group == group && fields->values[i].len &&
            ctx_data_prose(w, fields->values[i], ret))
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

bool ctx_data_is(struct ctx_span value, char open)
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

static void put_code(struct ctx_data_writer *w, const struct ctx_buffer *text)
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

static void put_text(struct ctx_data_writer *w, const struct ctx_buffer *text)
{
    ctx_buffer_append(w->out, ctx_buffer_str(text), text->len);
}

static void put_label(struct ctx_data_writer *w, const struct fields *fields,
                      const struct ctx_buffer *label)
{
    CTX_AUTO_BUFFER struct ctx_buffer href;
    ctx_buffer_init(&href, w->out->limit);
    if (!strstr(ctx_buffer_str(label), "](") && text_of(fields, ADDRESS, &href)) {
        ctx_buffer_putc(w->out, '[');
        put_text(w, label);
        ctx_escape_link_end(w->out, href.data, href.len);
        return;
    }
    bool marked = ctx_escape_has_marks(ctx_buffer_str(label), label->len);
    ctx_buffer_puts(w->out, marked ? "" : "**");
    put_text(w, label);
    ctx_buffer_puts(w->out, marked ? "" : "**");
}

/* Type, flags, default, in parentheses. */
static void put_notes(struct ctx_data_writer *w, const struct fields *fields)
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

/* What a type without a name is set to: `{ type: "nullable", value: false }`. */
static void put_value(struct ctx_data_writer *w, const struct fields *fields)
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

/* Whether text is code rather than words. */
static bool is_code(const struct ctx_buffer *text)
{
    return strpbrk(ctx_buffer_str(text), "{}()<>=$[]") != NULL;
}

/* A text, or an array of such, behind its key. */
static void put_extra(struct ctx_data_writer *w, const char *key, struct ctx_span value, bool first)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, w->out->limit);
    size_t begin = w->out->len;
    ctx_buffer_printf(w->out, first ? " (%s: " : "; %s: ", key);
    size_t mark = w->out->len;
    bool is_text = ctx_js_value(value.data, value.len, &text) == CTX_JS_VALUE_TEXT;
    bool is_object = !is_text && ctx_data_is(value, '{');
    if (is_object)
        ctx_buffer_append(&text, value.data, value.len);
    if (is_object || (is_text && is_code(&text)))
        put_code(w, &text);
    else if (is_text)
        put_prose(w->out, ctx_buffer_str(&text), text.len);
    else
        ctx_props_literals(value, w->out);
    if (w->out->len == mark)
        ctx_buffer_truncate(w->out, begin);
}

/* What else is told of an object that has a label or a text, in parentheses. */
static void put_extras(struct ctx_data_writer *w, const struct fields *fields)
{
    size_t begin = w->out->len;
    for (size_t i = 0; i < CTX_ARRAY_LEN(keys); i++)
        if (keys[i].group == EXTRA && fields->values[i].len)
            put_extra(w, keys[i].name, fields->values[i], w->out->len == begin);
    if (w->out->len > begin)
        ctx_buffer_putc(w->out, ')');
}

/* The name of what an object describes: a label, else its type. */
static void put_name(struct ctx_data_writer *w, struct fields *fields, struct ctx_span key)
{
    CTX_AUTO_BUFFER struct ctx_buffer name;
    ctx_buffer_init(&name, w->out->limit);
    if (key.len)
        put_prose(&name, key.data, key.len);
    if (name.len || prose_of(w, fields, LABEL, &name)) {
        ctx_buffer_putc(w->out, ' ');
        put_label(w, fields, &name);
        put_value(w, fields);
    } else if (text_of(fields, TYPE, &name)) {
        ctx_buffer_putc(w->out, ' ');
        put_code(w, &name);
        clear(fields, TYPE);
        put_value(w, fields);
    }
}

bool ctx_data_put_item(struct ctx_data_writer *w, struct ctx_span object, struct ctx_span key)
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
        return false;
    }
    put_extras(w, &fields);
    ctx_buffer_putc(w->out, '\n');
    return true;
}
