/*
 * Rendering, inline: text is copied, elements and expressions take their form. Invariant: no line
 * of r->line is empty, and none begins or ends with a blank that is not the author's hard break.
 */
#include <string.h>

#include "transform/mdx/entities.h"
#include "transform/mdx/escape.h"
#include "transform/mdx/js.h"
#include "transform/mdx/render.h"

static bool at_line_start(const struct ctx_mdx_render *r)
{
    return r->line.len == r->line_begin;
}

static char last_byte(const struct ctx_mdx_render *r)
{
    return r->line.len ? r->line.data[r->line.len - 1] : '\n';
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c & 0x80);
}

void ctx_render_inline_begin(struct ctx_mdx_render *r, enum ctx_mdx_place place)
{
    ctx_buffer_clear(&r->line);
    r->line_begin = 0;
    r->dirty = false;
    r->place = place;
}

static void trim(struct ctx_mdx_render *r)
{
    while (r->line.len > r->line_begin && (last_byte(r) == ' ' || last_byte(r) == '\t'))
        ctx_buffer_truncate(&r->line, r->line.len - 1);
}

void ctx_render_inline_end(struct ctx_mdx_render *r)
{
    trim(r);
    while (r->line.len && last_byte(r) == '\n')
        ctx_buffer_truncate(&r->line, r->line.len - 1);
}

/* Appends Markdown; what begins the line must not begin a block where it did not before. */
static void append(struct ctx_mdx_render *r, const char *text, size_t len, bool guard)
{
    bool first = at_line_start(r);
    if (first) {
        size_t white = strspn(text, " \t");
        white = white < len ? white : len;
        text += white;
        len -= white;
    }
    ctx_buffer_append(&r->line, text, len);
    if (first && guard && r->place != CTX_MDX_IN_HEADING)
        ctx_escape_line_start(&r->line, r->line_begin);
}

void ctx_render_put(struct ctx_mdx_render *r, const char *text, size_t len)
{
    if (is_word(last_byte(r)) && len && (is_word(text[0]) || text[0] == '('))
        ctx_buffer_putc(&r->line, ' ');
    append(r, text, len, true);
    r->dirty = true;
}

static void newline(struct ctx_mdx_render *r)
{
    if (at_line_start(r)) {
        r->dirty = false;
        return;
    }
    if (r->dirty)
        trim(r);
    bool one_line = r->place != CTX_MDX_IN_PARAGRAPH || r->one_line;
    ctx_buffer_putc(&r->line, one_line ? ' ' : '\n');
    if (!one_line) {
        r->line_begin = r->line.len;
        r->dirty = false;
    }
}

static void expression(struct ctx_mdx_render *r, const struct ctx_mdx_token *t)
{
    struct ctx_span inside = { r->s + t->begin + 1, t->end - t->begin - 2 };
    ctx_buffer_clear(&r->scratch);
    enum ctx_js_value value = ctx_js_value(inside.data, inside.len, &r->scratch);
    if (value == CTX_JS_VALUE_TEXT) {
        struct ctx_buffer text;
        ctx_buffer_init(&text, r->scratch.limit);
        ctx_entities_encode(&text, ctx_buffer_str(&r->scratch), r->scratch.len);
        ctx_buffer_clear(&r->scratch);
        ctx_escape_text(&r->scratch, ctx_buffer_str(&text), text.len, r->place == CTX_MDX_IN_CELL);
        ctx_buffer_deinit(&text);
        append(r, ctx_buffer_str(&r->scratch), r->scratch.len, true);
    } else {
        ctx_render_count(r, CTX_LOSS_DROPPED,
                         value == CTX_JS_VALUE_COMMENT ? "comment" : "expression",
                         (struct ctx_span){ "", 0 }, t->line);
    }
    r->dirty = true;
}

void ctx_render_inline(struct ctx_mdx_render *r, size_t first, size_t last)
{
    for (size_t i = first; i < last;) {
        const struct ctx_mdx_token *t = &r->scan->tokens[i];
        size_t next = i + 1;
        switch ((enum ctx_mdx_kind)t->kind) {
        case CTX_MDX_TEXT:
        case CTX_MDX_SPAN:
            append(r, r->s + t->begin, t->end - t->begin, r->dirty);
            break;
        case CTX_MDX_STRAY:
            ctx_buffer_putc(&r->line, '\\');
            ctx_buffer_append(&r->line, r->s + t->begin, t->end - t->begin);
            break;
        case CTX_MDX_NEWLINE:
            newline(r);
            break;
        case CTX_MDX_EXPRESSION:
            expression(r, t);
            break;
        case CTX_MDX_OPEN:
        case CTX_MDX_CLOSE:
        case CTX_MDX_SELF:
            next = ctx_render_inline_tag(r, i);
            r->dirty = true;
            break;
        default:
            break;
        }
        i = next;
    }
}
