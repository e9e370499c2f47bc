/*
 * The JavaScript recogniser: recursive descent over bytes, without backtracking. It accepts a
 * little more than the language (patterns and expressions share one grammar, bodies of functions
 * are only balanced), never less of what documentation holds. Here are operands and operators;
 * tokens, brackets, JSX and ESM have files of their own (js_cursor.h).
 */
#include "transform/mdx/js.h"

#include "base/cleanup.h"
#include "transform/mdx/js_cursor.h"

static const char *const reserved[] = { "break",    "case",       "catch",   "const",  "continue",
                                        "debugger", "default",    "do",      "else",   "enum",
                                        "export",   "extends",    "finally", "for",    "if",
                                        "in",       "instanceof", "return",  "switch", "throw",
                                        "try",      "var",        "while",   "with",   NULL };

static const char *const prefix_words[] = { "typeof", "void",  "delete", "await",
                                            "new",    "yield", NULL };

static void class_expression(struct ctx_js *js)
{
    ctx_js_space(js);
    if (!ctx_js_take_word(js, "extends")) {
        js->at += ctx_js_name_len(js);
        if (!ctx_js_take_word(js, "extends")) {
            ctx_js_space(js);
            if (ctx_js_peek(js, 0) == '{')
                ctx_js_block(js);
            else
                ctx_js_unexpected(js);
            return;
        }
    }
    ctx_js_space(js);
    while (ctx_js_name_len(js) || ctx_js_peek(js, 0) == '.')
        js->at += ctx_js_name_len(js) ? ctx_js_name_len(js) : 1;
    ctx_js_space(js);
    if (ctx_js_peek(js, 0) == '{')
        ctx_js_block(js);
    else
        ctx_js_unexpected(js);
}

static void function_expression(struct ctx_js *js)
{
    ctx_js_take(js, '*');
    ctx_js_space(js);
    js->at += ctx_js_name_len(js);
    if (!ctx_js_parameters_and_body(js))
        ctx_js_unexpected(js);
}

bool ctx_js_word(struct ctx_js *js)
{
    size_t n = ctx_js_name_len(js);
    if (ctx_js_word_in(js, n, reserved)) {
        ctx_js_fail(js, CTX_SCAN_BAD);
        return false;
    }
    bool is_prefix = ctx_js_word_in(js, n, prefix_words);
    bool is_async = ctx_js_word_is(js, n, "async");
    bool is_import = ctx_js_word_is(js, n, "import");
    bool is_function = ctx_js_word_is(js, n, "function");
    bool is_class = ctx_js_word_is(js, n, "class");
    js->at += n;
    if (is_function)
        function_expression(js);
    else if (is_class)
        class_expression(js);
    ctx_js_space(js);
    if (is_import && ctx_js_peek(js, 0) != '(' && ctx_js_peek(js, 0) != '.')
        ctx_js_fail(js, CTX_SCAN_BAD);
    return is_prefix || (is_async && !js->newline && ctx_js_name_len(js));
}

void ctx_js_operand(struct ctx_js *js)
{
    for (;;) {
        ctx_js_space(js);
        int c = ctx_js_peek(js, 0);
        if (c == '+' || c == '-' || c == '!' || c == '~') {
            js->at++;
            continue;
        }
        if (ctx_js_name_len(js)) {
            if (ctx_js_word(js) && !js->fail)
                continue;
            return;
        }
        if (c == '"' || c == '\'')
            ctx_js_string(js);
        else if (c == '`')
            ctx_js_template(js);
        else if (ctx_js_is_digit(c) || (c == '.' && ctx_js_is_digit(ctx_js_peek(js, 1))))
            ctx_js_number(js);
        else if (c == '(')
            ctx_js_items(js, ')', false);
        else if (c == '[')
            ctx_js_items(js, ']', true);
        else if (c == '{')
            ctx_js_object(js);
        else if (c == '/')
            ctx_js_regex(js);
        else if (c == '<')
            ctx_js_element(js);
        else
            ctx_js_unexpected(js);
        return;
    }
}

/* Member access, calls, templates, `++`; whether there was one. */
static bool suffix(struct ctx_js *js)
{
    ctx_js_space(js);
    int c = ctx_js_peek(js, 0);
    if (c == '?' && ctx_js_peek(js, 1) == '.' && !ctx_js_is_digit(ctx_js_peek(js, 2))) {
        js->at += 2;
        ctx_js_space(js);
        js->at += ctx_js_name_len(js);
    } else if (c == '.' && ctx_js_peek(js, 1) != '.') {
        js->at++;
        ctx_js_space(js);
        js->at += ctx_js_peek(js, 0) == '#';
        size_t n = ctx_js_name_len(js);
        js->at += n;
        if (!n)
            ctx_js_unexpected(js);
    } else if (c == '[' || c == '(') {
        ctx_js_items(js, c == '[' ? ']' : ')', false);
    } else if (c == '`') {
        ctx_js_template(js);
    } else if ((c == '+' || c == '-') && ctx_js_peek(js, 1) == c && !js->newline) {
        js->at += 2;
    } else {
        return false;
    }
    return !js->fail;
}

/* Longest first, so that `=>` is not taken for `=`. */
static const char *const operators[] = {
    ">>>=", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "?\?=", "==", "!=", "<=",
    ">=",   "&&",  "||",  "?\?", "**",  "<<",  ">>",  "+=",  "-=",  "*=",   "/=", "%=", "&=",
    "|=",   "^=",  "+",   "-",   "*",   "/",   "%",   "<",   ">",   "&",    "|",  "^",  "=",
};

static bool binary_operator(struct ctx_js *js)
{
    size_t n = ctx_js_name_len(js);
    if (n) {
        bool is = ctx_js_word_is(js, n, "in") || ctx_js_word_is(js, n, "instanceof");
        js->at += is ? n : 0;
        return is;
    }
    for (size_t i = 0; i < CTX_ARRAY_LEN(operators); i++) {
        if (ctx_js_looking_at(js, operators[i])) {
            js->at += strlen(operators[i]);
            return true;
        }
    }
    return false;
}

void ctx_js_assignment(struct ctx_js *js)
{
    ctx_js_enter(js);
    while (!js->fail) {
        ctx_js_operand(js);
        while (!js->fail && suffix(js))
            ;
        ctx_js_space(js);
        if (js->fail)
            break;
        if (ctx_js_looking_at(js, "=>")) {
            js->at += 2;
            ctx_js_space(js);
            if (ctx_js_peek(js, 0) != '{')
                continue;
            ctx_js_block(js);
            break;
        }
        if (ctx_js_peek(js, 0) == '?' && ctx_js_peek(js, 1) != '?') {
            js->at++;
            ctx_js_assignment(js);
            ctx_js_expect(js, ':');
            continue;
        }
        if (!binary_operator(js))
            break;
    }
    js->depth--;
}

void ctx_js_expression(struct ctx_js *js)
{
    do
        ctx_js_assignment(js);
    while (!js->fail && ctx_js_take(js, ','));
}

ssize_t ctx_js_braces(const char *text, size_t len, size_t at, enum ctx_js_braces kind)
{
    struct ctx_js js = { .s = text, .len = len, .at = at + 1 };
    ctx_js_space(&js);
    if (kind == CTX_JS_BRACES_SPREAD) {
        if (ctx_js_looking_at(&js, "..."))
            js.at += 3;
        else
            ctx_js_unexpected(&js);
    }
    if (!js.fail && (kind != CTX_JS_BRACES_CHILD || ctx_js_peek(&js, 0) != '}'))
        ctx_js_expression(&js);
    if (!js.fail)
        ctx_js_expect(&js, '}');
    return js.fail ? js.fail : (ssize_t)js.at;
}
