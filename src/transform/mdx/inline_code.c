/*
 * Elements within a line that are code, or name a file. What is more than text stays an element like
 * any other. Runs on the document's own thread, on nothing but the renderer.
 */
#include <string.h>

#include "base/cleanup.h"
#include "transform/mdx/entities.h"
#include "transform/mdx/escape.h"
#include "transform/mdx/forms.h"
#include "transform/mdx/inline_forms.h"
#include "transform/mdx/js.h"

static void put(struct ctx_mdx_render *r, const struct ctx_buffer *text)
{
    ctx_render_put(r, ctx_buffer_str(text), text->len, CTX_SEAM_CUT);
}

/* Whether the byte may be markup there; a `_` within a word is none, nor is the `[]` of a type. */
static bool is_markup(const char *s, size_t len, size_t i)
{
    if (s[i] == '_')
        return i == 0 || i + 1 == len || strchr(" _", s[i - 1]) || strchr(" _", s[i + 1]);
    if (s[i] == '[')
        return i + 1 == len || s[i + 1] != ']' || (i + 2 < len && s[i + 2] == '(');
    return s[i] == '*' || s[i] == '`' || s[i] == '~';
}

/* Text without markup of its own, decoded; false when it has some. */
static bool plain_code(const char *s, size_t len, struct ctx_buffer *ret)
{
    CTX_AUTO_BUFFER struct ctx_buffer raw;
    ctx_buffer_init(&raw, ret->limit);
    for (size_t i = 0; i < len; i++) {
        if (is_markup(s, len, i))
            return false;
        if (s[i] == '\\' && i + 1 < len && strchr("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", s[i + 1]))
            i++;
        ctx_buffer_putc(&raw, s[i]);
    }
    return ctx_entities_decode(ret, ctx_buffer_str(&raw), raw.len);
}

/* An address is a link in Markdown wherever it stands, but not in a code span. */
static bool holds_address(const struct ctx_buffer *text)
{
    return strstr(text->data, "://") || strstr(text->data, "www.") || strchr(text->data, '@');
}

/* The element's label, when it has one, and its code. */
static void put_span(struct ctx_mdx_render *r, struct ctx_inline_tag *t,
                     const struct ctx_buffer *code)
{
    CTX_AUTO_BUFFER struct ctx_buffer span;
    ctx_buffer_init(&span, r->out->limit);
    ctx_escape_code(&span, code->data, code->len, ctx_inline_in_cell(r));
    if (ctx_props_label(r, &t->tag, t->row, NULL, &t->text)) {
        ctx_buffer_puts(&t->text, ": ");
        ctx_inline_put_props(r, &t->text);
    }
    put(r, &span);
}

bool ctx_inline_code_span(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    size_t token = t->token;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    for (size_t i = token + 1; i < ctx_inline_token(r, token)->partner; i++) {
        const struct ctx_mdx_token *tk = ctx_inline_token(r, i);
        const char *s = r->s + tk->begin;
        size_t len = tk->end - tk->begin;
        if (tk->kind == CTX_MDX_NEWLINE)
            ctx_buffer_putc(&text, ' ');
        else if (tk->kind == CTX_MDX_TEXT) {
            if (!plain_code(s, len, &text))
                return false;
        } else if (tk->kind != CTX_MDX_EXPRESSION ||
                   ctx_js_value(s + 1, len - 2, &text) != CTX_JS_VALUE_TEXT) {
            return false;
        }
    }
    if (text.len == 0 || strspn(text.data, " ") == text.len || memchr(text.data, '\n', text.len) ||
        holds_address(&text))
        return false;
    put_span(r, t, &text);
    return true;
}

bool ctx_inline_include(struct ctx_mdx_render *r, size_t token)
{
    const struct ctx_mdx_token *open = ctx_inline_token(r, token);
    const struct ctx_mdx_token *text = open + 1;
    if (open->partner != token + 2 || text->kind != CTX_MDX_TEXT)
        return false;
    struct ctx_span path = { r->s + text->begin, text->end - text->begin };
    CTX_AUTO_BUFFER struct ctx_buffer link;
    ctx_buffer_init(&link, r->out->limit);
    ctx_render_count(r, CTX_LOSS_UNRESOLVED, "include", path, open->line);
    ctx_buffer_putc(&link, '[');
    ctx_buffer_append(&link, path.data, path.len);
    ctx_escape_link_end(&link, path.data, path.len);
    put(r, &link);
    return true;
}

bool ctx_inline_code_props(struct ctx_mdx_render *r, struct ctx_inline_tag *t)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    if (!ctx_form_code_props(r, &t->tag, t->row, &text))
        return false;
    while (text.len && text.data[text.len - 1] == '\n')
        ctx_buffer_truncate(&text, text.len - 1);
    for (char *eol = text.data; (eol = memchr(eol, '\n', text.len - (size_t)(eol - text.data)));)
        *eol = ' ';
    put_span(r, t, &text);
    return true;
}
