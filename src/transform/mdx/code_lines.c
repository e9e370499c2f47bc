/*
 * Code that is a string: `code={…}` of a component, or a template within `<pre>`. It is no block of
 * code in the source, so that it does not become one; each line is a code span, and they are broken
 * as they were. Empty lines end a paragraph.
 */
#include <string.h>

#include "base/cleanup.h"
#include "transform/mdx/escape.h"
#include "transform/mdx/forms.h"
#include "transform/mdx/js.h"

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

void ctx_form_open_code(struct ctx_mdx_render *r, struct ctx_mdx_element *e)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    struct ctx_attribute attr;
    ctx_buffer_init(&text, r->out->limit);
    ctx_form_open_label(r, e);
    if (ctx_tag_find(&e->tag, "code", &attr) && attr.kind == CTX_ATTR_EXPRESSION &&
        ctx_js_value(attr.value.data, attr.value.len, &text) == CTX_JS_VALUE_TEXT)
        write_lines(r, ctx_buffer_str(&text), text.len);
}

bool ctx_form_code_child(struct ctx_mdx_render *r, size_t token)
{
    const struct ctx_mdx_element *e = &r->elements[r->n_elements - 1];
    const struct ctx_mdx_token *t = &r->scan->tokens[token];
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    bool code = ctx_span_is(e->tag.name, "pre") || (e->row && e->row->form == CTX_FORM_CODE);
    if (!code ||
        ctx_js_value(r->s + t->begin + 1, t->end - t->begin - 2, &text) != CTX_JS_VALUE_TEXT)
        return false;
    write_lines(r, ctx_buffer_str(&text), text.len);
    return true;
}
