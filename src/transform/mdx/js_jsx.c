/*
 * Elements of JSX inside of expressions. Pure.
 */
#include "transform/mdx/js_cursor.h"

static size_t element_name(struct ctx_js *js)
{
    size_t n = 0;
    while (ctx_js_is_name(ctx_js_peek(js, n)) ||
           (n &&
            (ctx_js_peek(js, n) == '-' || ctx_js_peek(js, n) == '.' || ctx_js_peek(js, n) == ':')))
        n++;
    return n;
}

static void attribute(struct ctx_js *js)
{
    if (ctx_js_peek(js, 0) == '{') {
        js->at++;
        ctx_js_space(js);
        if (ctx_js_looking_at(js, "..."))
            js->at += 3;
        ctx_js_expression(js);
        ctx_js_expect(js, '}');
        return;
    }
    size_t n = element_name(js);
    if (!n) {
        ctx_js_unexpected(js);
        return;
    }
    js->at += n;
    if (!ctx_js_take(js, '='))
        return;
    ctx_js_space(js);
    int c = ctx_js_peek(js, 0);
    if (c == '"' || c == '\'') {
        const char *end = memchr(js->s + js->at + 1, c, js->len - js->at - 1);
        if (end)
            js->at = (size_t)(end - js->s) + 1;
        else
            ctx_js_fail(js, CTX_SCAN_MORE);
    } else if (c == '{') {
        js->at++;
        ctx_js_expression(js);
        ctx_js_expect(js, '}');
    } else if (c == '<') {
        ctx_js_element(js);
    } else {
        ctx_js_unexpected(js);
    }
}

/* Attributes to the tag's end; whether the element has children to come. */
static bool attributes(struct ctx_js *js)
{
    while (!js->fail) {
        ctx_js_space(js);
        if (ctx_js_take(js, '>'))
            return true;
        if (ctx_js_take(js, '/')) {
            ctx_js_expect(js, '>');
            return false;
        }
        attribute(js);
    }
    return false;
}

static void child_braces(struct ctx_js *js)
{
    js->at++;
    ctx_js_space(js);
    if (ctx_js_looking_at(js, "..."))
        js->at += 3;
    if (!ctx_js_take(js, '}')) {
        ctx_js_expression(js);
        ctx_js_expect(js, '}');
    }
}

static void children(struct ctx_js *js)
{
    while (!js->fail) {
        while (!ctx_js_at_end(js) && !strchr("<{}>", ctx_js_peek(js, 0)))
            js->at++;
        int c = ctx_js_peek(js, 0);
        if (c == '<' && ctx_js_peek(js, 1) == '/')
            return;
        if (c == '<')
            ctx_js_element(js);
        else if (c == '{')
            child_braces(js);
        else
            ctx_js_unexpected(js);
    }
}

void ctx_js_element(struct ctx_js *js)
{
    ctx_js_enter_brackets(js);
    js->at++;
    ctx_js_space(js);
    size_t name = js->at;
    size_t n = element_name(js);
    js->at += n;
    if (attributes(js)) {
        children(js);
        ctx_js_expect(js, '<');
        ctx_js_expect(js, '/');
        ctx_js_space(js);
        if (!js->fail && (element_name(js) != n || memcmp(js->s + name, js->s + js->at, n) != 0))
            ctx_js_fail(js, CTX_SCAN_BAD);
        js->at += js->fail ? 0 : n;
        ctx_js_expect(js, '>');
    }
    ctx_js_leave_brackets(js);
}
