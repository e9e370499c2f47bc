/*
 * Elements that are values in JavaScript: `{<b>x</b>}`, `title={<>text</>}`, arrays of them. Their
 * text is no Markdown, so that it is escaped; the rest is read as if it stood in the document. Runs
 * on the document's own thread; each renders with a renderer of its own, DEPTH_MAX of them at most.
 */
#include <string.h>

#include "base/cleanup.h"
#include "transform/mdx/escape.h"
#include "transform/mdx/js_data.h"
#include "transform/mdx/render.h"

enum { DEPTH_MAX = 3 };

static void trim(struct ctx_span *code)
{
    while (code->len && strchr(" \t\n", *code->data)) {
        code->data++;
        code->len--;
    }
    while (code->len && strchr(" \t\n", code->data[code->len - 1]))
        code->len--;
}

/* Takes the parentheses around an expression off. */
static void trim_parentheses(struct ctx_span *code)
{
    trim(code);
    while (code->len > 1 && *code->data == '(' && code->data[code->len - 1] == ')') {
        code->data++;
        code->len -= 2;
        trim(code);
    }
}

/* Whether the code is one element and nothing else. */
static bool is_element(struct ctx_span code)
{
    struct ctx_js js = { .s = code.data, .len = code.len };
    if (code.len == 0 || *code.data != '<')
        return false;
    ctx_js_element(&js);
    return !js.fail && js.at == code.len;
}

/* Copies a tag or an expression, which stands in one line from now on. */
static void put_on_a_line(struct ctx_buffer *source, const char *s, size_t len)
{
    size_t begin = source->len;
    if (ctx_buffer_append(source, s, len) < 0)
        return;
    for (char *eol = source->data + begin; (eol = strchr(eol, '\n'));)
        *eol = ' ';
}

/* Text between tags; a line end in it and what is around that is one blank. */
static void put_text(struct ctx_buffer *source, const char *s, size_t len)
{
    if (strspn(s, " \t\n") >= len && memchr(s, '\n', len))
        ctx_buffer_putc(source, ' ');
    else
        ctx_escape_prose(source, s, len, false);
}

/* The element as a line of MDX. */
static void put_element(struct ctx_buffer *source, struct ctx_span code)
{
    for (size_t at = 0; at < code.len;) {
        struct ctx_tag tag;
        ssize_t end = CTX_SCAN_BAD;
        if (code.data[at] == '<')
            end = ctx_tag_read(code.data, code.len, at, &tag);
        else if (code.data[at] == '{')
            end = ctx_js_braces(code.data, code.len, at, CTX_JS_BRACES_CHILD);
        if (end > 0) {
            put_on_a_line(source, code.data + at, (size_t)end - at);
            at = (size_t)end;
            continue;
        }
        size_t from = at++;
        while (at < code.len && code.data[at] != '<' && code.data[at] != '{')
            at++;
        put_text(source, code.data + from, at - from);
    }
    ctx_buffer_puts(source, "\n\n");
}

/* All elements, each a paragraph of MDX; false when there is anything else. */
static bool put_source(struct ctx_buffer *source, struct ctx_span code)
{
    struct ctx_js_data data;
    struct ctx_js_member member;
    trim_parentheses(&code);
    if (is_element(code)) {
        put_element(source, code);
        return true;
    }
    if (code.len == 0 || *code.data != '[' || !ctx_js_data_begin(&data, code))
        return false;
    while (ctx_js_data_next(&data, &member)) {
        trim_parentheses(&member.value);
        if (!is_element(member.value))
            return false;
        put_element(source, member.value);
    }
    return source->len > 0;
}

static bool blocks(const struct ctx_mdx_render *r, struct ctx_span code, struct ctx_report *report,
                   uint32_t line, struct ctx_buffer *ret)
{
    CTX_AUTO_BUFFER struct ctx_buffer source;
    CTX_CLEANUP(ctx_mdx_scan_deinit) struct ctx_mdx_scan scan = { 0 };
    size_t begin = ret->len;
    ctx_buffer_init(&source, ret->limit);
    if (r->depth >= DEPTH_MAX || !put_source(&source, code) || source.status < 0 ||
        ctx_mdx_scan(&scan, source.data, source.len, false) < 0 ||
        ctx_mdx_render_inside(r, &scan, report, line, ret) < 0)
        return false;
    while (ret->len > begin && ret->data[ret->len - 1] == '\n')
        ctx_buffer_truncate(ret, ret->len - 1);
    return ret->len > begin;
}

bool ctx_jsx_blocks(const struct ctx_mdx_render *r, struct ctx_span code, uint32_t line,
                    struct ctx_buffer *ret)
{
    return blocks(r, code, r->report, line, ret);
}

static bool text_on_a_line(const struct ctx_mdx_render *r, struct ctx_span code,
                           struct ctx_report *report, uint32_t line, struct ctx_buffer *ret)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, ret->limit);
    if (!blocks(r, code, report, line, &text))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '\n') {
            i += strspn(text.data + i, "\n ");
            bool item = strchr("-+*", text.data[i]) && text.data[i + 1] == ' ';
            i += item ? 1 : -1;
            ctx_buffer_puts(ret, item ? "; " : " ");
            continue;
        }
        if (c == '|' && r->place == CTX_MDX_IN_CELL && (i == 0 || text.data[i - 1] != '\\'))
            ctx_buffer_putc(ret, '\\');
        ctx_buffer_putc(ret, c);
    }
    return true;
}

bool ctx_jsx_text(const struct ctx_mdx_render *r, struct ctx_span code, uint32_t line,
                  struct ctx_buffer *ret)
{
    return text_on_a_line(r, code, r->report, line, ret);
}

bool ctx_jsx_prop_text(const struct ctx_mdx_render *r, struct ctx_span code, struct ctx_buffer *ret)
{
    return text_on_a_line(r, code, NULL, 0, ret);
}
