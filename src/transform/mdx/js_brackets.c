/*
 * What JavaScript has in brackets: templates, blocks, lists, objects. Bodies of functions are only
 * balanced. Pure.
 */
#include "transform/mdx/js_cursor.h"

void ctx_js_template(struct ctx_js *js)
{
    js->at++;
    while (!ctx_js_at_end(js)) {
        char c = js->s[js->at++];
        if (c == '`')
            return;
        if (c == '\\')
            js->at++;
        if (c != '$' || ctx_js_peek(js, 0) != '{')
            continue;
        js->at++;
        ctx_js_enter_brackets(js);
        ctx_js_expression(js);
        ctx_js_expect(js, '}');
        ctx_js_leave_brackets(js);
    }
    ctx_js_fail(js, CTX_SCAN_MORE);
}

static bool ends_operand(int c)
{
    return ctx_js_is_name(c) || c == ')' || c == ']' || c == '"' || c == '\'' || c == '`';
}

/* Words after which an operand comes, so that `/` begins a regular expression and `<` an element. */
static const char *const operand_words[] = { "return", "typeof", "case",  "in",      "of",
                                             "delete", "void",   "throw", "new",     "else",
                                             "do",     "await",  "yield", "default", NULL };

void ctx_js_block(struct ctx_js *js)
{
    unsigned open = 0;
    bool operand = false;
    js->brackets++;
    while (!ctx_js_at_end(js)) {
        ctx_js_space(js);
        int c = ctx_js_peek(js, 0);
        if (c < 0)
            break;
        size_t n = ctx_js_name_len(js);
        bool after = n ? !ctx_js_word_in(js, n, operand_words) : ends_operand(c);
        if (n)
            js->at += n;
        else if (c == '"' || c == '\'')
            ctx_js_string(js);
        else if (c == '`')
            ctx_js_template(js);
        else if (c == '/' && !operand)
            ctx_js_regex(js), after = true;
        else if (c == '<' && !operand &&
                 (ctx_js_is_name_start(ctx_js_peek(js, 1)) || ctx_js_peek(js, 1) == '>'))
            ctx_js_element(js), after = true;
        else
            js->at++;
        operand = after;
        open += c == '{' && !n;
        if (c == '}' && !n && --open == 0) {
            js->brackets--;
            return;
        }
    }
    ctx_js_fail(js, CTX_SCAN_MORE);
}

static void spread_or_assignment(struct ctx_js *js)
{
    ctx_js_space(js);
    if (ctx_js_looking_at(js, "..."))
        js->at += 3;
    ctx_js_assignment(js);
}

void ctx_js_items(struct ctx_js *js, char close, bool holes)
{
    ctx_js_enter_brackets(js);
    js->at++;
    while (!js->fail && !ctx_js_take(js, close)) {
        if (holes && ctx_js_take(js, ','))
            continue;
        spread_or_assignment(js);
        ctx_js_space(js);
        if (ctx_js_peek(js, 0) != close)
            ctx_js_expect(js, ',');
    }
    ctx_js_leave_brackets(js);
}

bool ctx_js_parameters_and_body(struct ctx_js *js)
{
    ctx_js_space(js);
    if (ctx_js_peek(js, 0) != '(')
        return false;
    ctx_js_items(js, ')', false);
    ctx_js_space(js);
    if (ctx_js_peek(js, 0) == '{')
        ctx_js_block(js);
    else
        ctx_js_unexpected(js);
    return true;
}

/* A member's key; whether it may stand alone (`{a}`). */
static bool key(struct ctx_js *js)
{
    ctx_js_space(js);
    int c = ctx_js_peek(js, 0);
    size_t n = ctx_js_name_len(js);
    js->at += n;
    if (n)
        return true;
    if (c == '"' || c == '\'')
        ctx_js_string(js);
    else if (ctx_js_is_digit(c) || c == '.')
        ctx_js_number(js);
    else if (c == '[')
        ctx_js_items(js, ']', false);
    else
        ctx_js_unexpected(js);
    return false;
}

static void member(struct ctx_js *js)
{
    ctx_js_space(js);
    if (ctx_js_looking_at(js, "...")) {
        spread_or_assignment(js);
        return;
    }
    ctx_js_take(js, '*');
    bool alone = key(js);
    for (int i = 0; i < 2; i++) { /* get, set, async, * */
        ctx_js_space(js);
        int c = ctx_js_peek(js, 0);
        if (!alone || !(ctx_js_name_len(js) || c == '[' || c == '"' || c == '\'' || c == '*'))
            break;
        ctx_js_take(js, '*');
        alone = key(js);
    }
    if (ctx_js_take(js, ':'))
        ctx_js_assignment(js);
    else if (ctx_js_parameters_and_body(js))
        return;
    else if (!alone)
        ctx_js_unexpected(js);
    else if (ctx_js_take(js, '='))
        ctx_js_assignment(js);
}

void ctx_js_object(struct ctx_js *js)
{
    ctx_js_enter_brackets(js);
    js->at++;
    while (!js->fail && !ctx_js_take(js, '}')) {
        member(js);
        ctx_js_space(js);
        if (ctx_js_peek(js, 0) != '}')
            ctx_js_expect(js, ',');
    }
    ctx_js_leave_brackets(js);
}
