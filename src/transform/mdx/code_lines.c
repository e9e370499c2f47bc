/*
 * Code that is a string: `code={…}` of a component, or a template within `<pre>`. It is no block of
 * code in the source, so that it does not become one; each line is a code span, and they are broken
 * as they were. Empty lines end a paragraph.
 */
#include <string.h>

#include "base/cleanup.h"
#include "transform/mdx/entities.h"
#include "transform/mdx/escape.h"
#include "transform/mdx/forms.h"
#include "transform/mdx/js_data.h"

static bool is_blank(const char *line, size_t len)
{
    return strspn(line, " \t") >= len;
}

/* Writes the lines of one paragraph, hard breaks between them. */
static void write_paragraph(struct ctx_mdx_render *r, struct ctx_buffer *lines)
{
    if (lines->len == 0)
        return;
    ctx_buffer_truncate(lines, lines->len - 2);
    ctx_render_line(r, lines);
    ctx_buffer_clear(lines);
}

static void write_lines(struct ctx_mdx_render *r, const char *text, size_t len)
{
    CTX_AUTO_BUFFER struct ctx_buffer lines;
    ctx_buffer_init(&lines, r->out->limit);
    for (size_t at = 0; at < len;) {
        const char *eol = memchr(text + at, '\n', len - at);
        size_t end = eol ? (size_t)(eol - text) : len;
        while (end > at && strchr(" \t", text[end - 1]))
            end--;
        if (is_blank(text + at, end - at)) {
            write_paragraph(r, &lines);
        } else {
            ctx_escape_code(&lines, text + at, end - at, false);
            ctx_buffer_puts(&lines, "\\\n");
        }
        at = eol ? (size_t)(eol - text) + 1 : len;
    }
    write_paragraph(r, &lines);
}

/* The lines that an attribute holds: a string, or one each member of an array or object. */
static void read_code(const struct ctx_attribute *attr, struct ctx_buffer *ret)
{
    struct ctx_js_data data;
    struct ctx_js_member member;
    if (attr->kind == CTX_ATTR_STRING)
        ctx_entities_decode(ret, attr->value.data, attr->value.len);
    else if (ctx_js_value(attr->value.data, attr->value.len, ret) != CTX_JS_VALUE_TEXT &&
             ctx_js_data_begin(&data, attr->value))
        while (ctx_js_data_next(&data, &member))
            if (ctx_js_value(member.value.data, member.value.len, ret) == CTX_JS_VALUE_TEXT)
                ctx_buffer_putc(ret, '\n');
    ctx_buffer_putc(ret, '\n');
}

bool ctx_form_code_props(const struct ctx_mdx_render *r, const struct ctx_tag *tag,
                         const struct ctx_component *row, struct ctx_buffer *ret)
{
    static const char *const names[] = { "code",  "cmd",  "command", "commands",
                                         "chart", "math", "tex" };
    struct ctx_attribute attr;
    size_t begin = ret->len;
    if (row && row->kind)
        (strcmp(row->kind, "npm") == 0 ? ctx_form_command : ctx_form_request)(tag, ret);
    for (size_t i = 0; i < CTX_ARRAY_LEN(names); i++)
        if (ctx_tag_find(tag, names[i], &attr)) {
            if (attr.kind == CTX_ATTR_EXPRESSION)
                attr.value = ctx_imports_value(r, attr.value);
            read_code(&attr, ret);
        }
    return strspn(ctx_buffer_str(ret) + begin, " \t\n") < ret->len - begin;
}

/* The file whose text the expression, an import's name, stands for, as code. */
static bool file_of(struct ctx_mdx_render *r, struct ctx_span value, struct ctx_buffer *ret)
{
    struct ctx_span name = ctx_imports_name(value);
    struct ctx_span path = ctx_imports_path(r, name);
    if (name.len == 0 || path.len == 0)
        return false;
    ctx_render_count(r, CTX_LOSS_UNRESOLVED, "include", path, 0);
    ctx_escape_code(ret, path.data, path.len, false);
    return true;
}

void ctx_form_open_code(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    if (!e->row || !e->row->kind)
        ctx_form_open_label(r, e);
    struct ctx_attribute code;
    if (ctx_form_code_props(r, &e->tag, e->row, &text))
        write_lines(r, ctx_buffer_str(&text), text.len);
    else if (ctx_tag_find(&e->tag, "code", &code) && code.kind == CTX_ATTR_EXPRESSION &&
             file_of(r, code.value, &text))
        ctx_render_line(r, &text);
}

bool ctx_form_code_text(struct ctx_mdx_render *r, const struct ctx_tag *tag)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    struct ctx_attribute attr;
    ctx_buffer_init(&text, r->out->limit);
    if (!ctx_tag_find(tag, "text", &attr))
        return false;
    read_code(&attr, &text);
    if (is_blank(ctx_buffer_str(&text), text.len - 1))
        return false;
    write_lines(r, text.data, text.len);
    return true;
}

bool ctx_form_code_child(struct ctx_mdx_render *r, size_t token)
{
    const struct ctx_mdx_element *e = &r->elements[r->n_elements - 1];
    const struct ctx_mdx_token *t = &r->scan->tokens[token];
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    struct ctx_span value = { r->s + t->begin + 1, t->end - t->begin - 2 };
    if (!ctx_span_is(e->tag.name, "pre") && !(e->row && e->row->form == CTX_FORM_CODE))
        return false;
    if (file_of(r, value, &text)) {
        ctx_render_line(r, &text);
        return true;
    }
    value = ctx_imports_value(r, value);
    if (ctx_js_value(value.data, value.len, &text) != CTX_JS_VALUE_TEXT)
        return false;
    write_lines(r, ctx_buffer_str(&text), text.len);
    return true;
}
