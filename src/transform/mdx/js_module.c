/*
 * ESM: import and export declarations. Pure.
 */
#include "transform/mdx/js_cursor.h"

static void module_name(struct ctx_js *js)
{
    ctx_js_space(js);
    int c = ctx_js_peek(js, 0);
    if (c == '"' || c == '\'')
        ctx_js_string(js);
    else
        ctx_js_unexpected(js);
}

static void from(struct ctx_js *js)
{
    if (!ctx_js_take_word(js, "from")) {
        ctx_js_unexpected(js);
        return;
    }
    module_name(js);
    size_t before = js->at;
    if ((ctx_js_take_word(js, "with") || ctx_js_take_word(js, "assert")) &&
        (ctx_js_space(js), ctx_js_peek(js, 0) == '{'))
        ctx_js_object(js);
    else
        js->at = js->fail ? js->at : before;
}

static void specifier_name(struct ctx_js *js)
{
    ctx_js_space(js);
    int c = ctx_js_peek(js, 0);
    size_t n = ctx_js_name_len(js);
    js->at += n;
    if (!n && (c == '"' || c == '\''))
        ctx_js_string(js);
    else if (!n)
        ctx_js_unexpected(js);
}

static void specifiers(struct ctx_js *js)
{
    js->at++;
    js->brackets++;
    while (!js->fail && !ctx_js_take(js, '}')) {
        specifier_name(js);
        if (ctx_js_take_word(js, "as"))
            specifier_name(js);
        ctx_js_space(js);
        if (ctx_js_peek(js, 0) != '}')
            ctx_js_expect(js, ',');
    }
    js->brackets--;
}

static void import_declaration(struct ctx_js *js)
{
    ctx_js_space(js);
    int c = ctx_js_peek(js, 0);
    if (c == '"' || c == '\'') {
        ctx_js_string(js);
        return;
    }
    if (ctx_js_name_len(js)) {
        js->at += ctx_js_name_len(js);
        if (!ctx_js_take(js, ',')) {
            from(js);
            return;
        }
    }
    ctx_js_space(js);
    if (ctx_js_peek(js, 0) == '{') {
        specifiers(js);
    } else {
        ctx_js_expect(js, '*');
        if (!ctx_js_take_word(js, "as"))
            ctx_js_unexpected(js);
        specifier_name(js);
    }
    from(js);
}

static void export_declaration(struct ctx_js *js)
{
    ctx_js_space(js);
    if (ctx_js_peek(js, 0) == '{') {
        specifiers(js);
        size_t before = js->at;
        if (ctx_js_take_word(js, "from"))
            module_name(js);
        else
            js->at = js->fail ? js->at : before;
    } else if (ctx_js_take(js, '*')) {
        if (ctx_js_take_word(js, "as"))
            specifier_name(js);
        from(js);
    } else if (ctx_js_take_word(js, "const") || ctx_js_take_word(js, "let") ||
               ctx_js_take_word(js, "var")) {
        ctx_js_expression(js);
    } else if (ctx_js_take_word(js, "default")) {
        ctx_js_expression(js);
    } else {
        size_t n = ctx_js_name_len(js);
        if (ctx_js_word_is(js, n, "function") || ctx_js_word_is(js, n, "class") ||
            ctx_js_word_is(js, n, "async"))
            ctx_js_word(js) ? ctx_js_operand(js) : (void)0;
        else
            ctx_js_unexpected(js);
    }
}

/* One declaration and what ends it. */
static void declaration(struct ctx_js *js)
{
    if (ctx_js_take_word(js, "import"))
        import_declaration(js);
    else if (ctx_js_take_word(js, "export"))
        export_declaration(js);
    else
        ctx_js_fail(js, CTX_SCAN_BAD);
    bool ended = !js->fail && js->s[js->at - 1] == '}';
    ctx_js_space(js);
    bool newline = js->newline;
    if (!js->fail && !ctx_js_take(js, ';') && !newline && !ctx_js_at_end(js) && !ended)
        ctx_js_fail(js, CTX_SCAN_BAD);
}

ssize_t ctx_js_module(const char *text, size_t len)
{
    struct ctx_js js = { .s = text, .len = len, .module = true };
    do {
        declaration(&js);
        if (!js.fail)
            ctx_js_space(&js);
    } while (!js.fail && !ctx_js_at_end(&js));
    return js.fail ? js.fail : (ssize_t)js.at;
}
