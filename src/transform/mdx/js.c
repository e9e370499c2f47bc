/*
 * The JavaScript recogniser: recursive descent over bytes, without backtracking. It accepts a
 * little more than the language (patterns and expressions share one grammar, bodies of functions
 * are only balanced), never less of what documentation holds. Invariant: every function either
 * moves `at` on or sets `fail`; once set, `fail` sticks.
 */
#include "transform/mdx/js.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/utf8.h"

struct js {
    const char *s;
    size_t len;
    size_t at;
    int depth;
    int fail;    /* 0, CTX_SCAN_BAD or CTX_SCAN_MORE */
    bool module; /* ESM: a blank line outside of brackets is the end */
    int brackets;
    bool newline; /* the last white space held a line end */
};

static void assignment(struct js *js);
static void expression(struct js *js);
static void element(struct js *js);

static int fail(struct js *js, int code)
{
    if (!js->fail)
        js->fail = code;
    js->at = js->len;
    return js->fail;
}

static int peek(const struct js *js, size_t ahead)
{
    return js->at + ahead < js->len ? (unsigned char)js->s[js->at + ahead] : -1;
}

static bool at_end(const struct js *js)
{
    return js->at >= js->len;
}

static bool looking_at(const struct js *js, const char *word)
{
    size_t n = strlen(word);
    return js->len - js->at >= n && memcmp(js->s + js->at, word, n) == 0;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c >= 0x80;
}

static bool is_name(int c)
{
    return is_name_start(c) || is_digit(c);
}

/* Length of a white space character beyond ASCII (NBSP, BOM, U+2000 to U+200A, U+2028, U+2029). */
static size_t wide_space(const struct js *js)
{
    static const char *const spaces[] = { "\xC2\xA0", "\xEF\xBB\xBF", "\xE2\x80\xA8",
                                          "\xE2\x80\xA9", "\xE3\x80\x80" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(spaces); i++)
        if (looking_at(js, spaces[i]))
            return strlen(spaces[i]);
    if (peek(js, 0) == 0xE2 && peek(js, 1) == 0x80 && peek(js, 2) >= 0x80 && peek(js, 2) <= 0x8A)
        return 3;
    return 0;
}

static void skip_comment(struct js *js)
{
    bool line = peek(js, 1) == '/';
    const char *from = js->s + js->at + 2;
    size_t left = js->len - js->at - 2;
    const char *end = line ? memchr(from, '\n', left) : memmem(from, left, "*/", 2);
    if (!end) {
        if (line)
            js->at = js->len;
        else
            fail(js, CTX_SCAN_MORE);
        return;
    }
    if (!line && memchr(from, '\n', (size_t)(end - from)))
        js->newline = true;
    js->at = (size_t)(end - js->s) + (line ? 0 : 2);
}

/* Whether the line after the line end at `at` is blank. */
static bool before_blank_line(const struct js *js)
{
    size_t i = 1;
    while (peek(js, i) == ' ' || peek(js, i) == '\t')
        i++;
    return peek(js, i) < 0 || peek(js, i) == '\n';
}

static void space(struct js *js)
{
    js->newline = false;
    while (!at_end(js)) {
        int c = peek(js, 0);
        if (c == '\n') {
            js->newline = true;
            if (js->module && js->brackets == 0 && before_blank_line(js)) {
                js->len = js->at;
                return;
            }
        }
        if (c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f')
            js->at++;
        else if (c == '/' && (peek(js, 1) == '/' || peek(js, 1) == '*'))
            skip_comment(js);
        else if (c >= 0x80 && wide_space(js))
            js->at += wide_space(js);
        else
            return;
    }
}

/* Takes one byte when it comes next, past white space. */
static bool take(struct js *js, char c)
{
    space(js);
    if (peek(js, 0) != c)
        return false;
    js->at++;
    return true;
}

static void expect(struct js *js, char c)
{
    if (!take(js, c))
        fail(js, at_end(js) ? CTX_SCAN_MORE : CTX_SCAN_BAD);
}

static size_t name_len(const struct js *js)
{
    size_t n = 0;
    if (is_name_start(peek(js, 0)) && !wide_space(js))
        while (is_name(peek(js, n)))
            n++;
    return n;
}

size_t ctx_js_identifier(const char *text, size_t len)
{
    return name_len(&(struct js){ .s = text, .len = len });
}

static bool word_is(const struct js *js, size_t n, const char *word)
{
    return strlen(word) == n && memcmp(js->s + js->at, word, n) == 0;
}

static bool word_in(const struct js *js, size_t n, const char *const *words)
{
    for (; *words; words++)
        if (word_is(js, n, *words))
            return true;
    return false;
}

/* Takes a whole word when it comes next. */
static bool take_word(struct js *js, const char *word)
{
    space(js);
    size_t n = name_len(js);
    if (!n || !word_is(js, n, word))
        return false;
    js->at += n;
    return true;
}

static void string(struct js *js)
{
    char quote = js->s[js->at++];
    while (!at_end(js)) {
        char c = js->s[js->at++];
        if (c == quote)
            return;
        if (c == '\n') {
            fail(js, CTX_SCAN_BAD);
            return;
        }
        if (c == '\\')
            js->at++;
    }
    fail(js, CTX_SCAN_MORE);
}

static void enter(struct js *js)
{
    if (++js->depth > CTX_LIMIT_NESTING)
        fail(js, CTX_SCAN_BAD);
}

static void enter_brackets(struct js *js)
{
    js->brackets++;
    enter(js);
}

static void leave_brackets(struct js *js)
{
    js->brackets--;
    js->depth--;
}

static void template(struct js *js)
{
    js->at++;
    while (!at_end(js)) {
        char c = js->s[js->at++];
        if (c == '`')
            return;
        if (c == '\\')
            js->at++;
        if (c != '$' || peek(js, 0) != '{')
            continue;
        js->at++;
        enter_brackets(js);
        expression(js);
        expect(js, '}');
        leave_brackets(js);
    }
    fail(js, CTX_SCAN_MORE);
}

static void regex(struct js *js)
{
    bool in_class = false;
    for (js->at++; !at_end(js); js->at++) {
        int c = peek(js, 0);
        if (c == '\n')
            break;
        if (c == '\\')
            js->at++;
        else if (c == '[')
            in_class = true;
        else if (c == ']')
            in_class = false;
        else if (c == '/' && !in_class) {
            js->at++;
            js->at += name_len(js);
            return;
        }
    }
    fail(js, at_end(js) ? CTX_SCAN_MORE : CTX_SCAN_BAD);
}

static void digits(struct js *js)
{
    while (is_digit(peek(js, 0)) || peek(js, 0) == '_')
        js->at++;
}

static void number(struct js *js)
{
    int second = peek(js, 1) | 0x20;
    if (peek(js, 0) == '0' && (second == 'x' || second == 'o' || second == 'b')) {
        js->at += 2;
        js->at += strspn(js->s + js->at, "0123456789abcdefABCDEF_");
        return;
    }
    if (peek(js, 0) == '0' && is_digit(peek(js, 1))) {
        fail(js, CTX_SCAN_BAD);
        return;
    }
    digits(js);
    if (peek(js, 0) == '.') {
        js->at++;
        digits(js);
    }
    if ((peek(js, 0) | 0x20) == 'e') {
        js->at++;
        if (peek(js, 0) == '+' || peek(js, 0) == '-')
            js->at++;
        digits(js);
    }
    if (peek(js, 0) == 'n')
        js->at++;
    if (name_len(js))
        fail(js, CTX_SCAN_BAD);
}

static bool ends_operand(int c)
{
    return is_name(c) || c == ')' || c == ']' || c == '"' || c == '\'' || c == '`';
}

/* Words after which an operand comes, so that `/` begins a regular expression and `<` an element. */
static const char *const operand_words[] = { "return", "typeof", "case",  "in",      "of",
                                             "delete", "void",   "throw", "new",     "else",
                                             "do",     "await",  "yield", "default", NULL };

/* Statements in braces, which are only balanced. `at` is at the `{`. */
static void block(struct js *js)
{
    unsigned open = 0;
    bool operand = false;
    js->brackets++;
    while (!at_end(js)) {
        space(js);
        int c = peek(js, 0);
        if (c < 0)
            break;
        size_t n = name_len(js);
        bool after = n ? !word_in(js, n, operand_words) : ends_operand(c);
        if (n)
            js->at += n;
        else if (c == '"' || c == '\'')
            string(js);
        else if (c == '`')
            template(js);
        else if (c == '/' && !operand)
            regex(js), after = true;
        else if (c == '<' && !operand && (is_name_start(peek(js, 1)) || peek(js, 1) == '>'))
            element(js), after = true;
        else
            js->at++;
        operand = after;
        open += c == '{' && !n;
        if (c == '}' && !n && --open == 0) {
            js->brackets--;
            return;
        }
    }
    fail(js, CTX_SCAN_MORE);
}

static void spread_or_assignment(struct js *js)
{
    space(js);
    if (looking_at(js, "..."))
        js->at += 3;
    assignment(js);
}

/* Items up to `close`; `holes` may be left out between commas, as in arrays. */
static void items(struct js *js, char close, bool holes)
{
    enter_brackets(js);
    js->at++;
    while (!js->fail && !take(js, close)) {
        if (holes && take(js, ','))
            continue;
        spread_or_assignment(js);
        space(js);
        if (peek(js, 0) != close)
            expect(js, ',');
    }
    leave_brackets(js);
}

static bool parameters_and_body(struct js *js)
{
    space(js);
    if (peek(js, 0) != '(')
        return false;
    items(js, ')', false);
    space(js);
    if (peek(js, 0) == '{')
        block(js);
    else
        fail(js, at_end(js) ? CTX_SCAN_MORE : CTX_SCAN_BAD);
    return true;
}

/* A member's key; whether it may stand alone (`{a}`). */
static bool key(struct js *js)
{
    space(js);
    int c = peek(js, 0);
    size_t n = name_len(js);
    js->at += n;
    if (n)
        return true;
    if (c == '"' || c == '\'')
        string(js);
    else if (is_digit(c) || c == '.')
        number(js);
    else if (c == '[')
        items(js, ']', false);
    else
        fail(js, at_end(js) ? CTX_SCAN_MORE : CTX_SCAN_BAD);
    return false;
}

static void member(struct js *js)
{
    space(js);
    if (looking_at(js, "...")) {
        spread_or_assignment(js);
        return;
    }
    take(js, '*');
    bool alone = key(js);
    for (int i = 0; i < 2; i++) { /* get, set, async, * */
        space(js);
        int c = peek(js, 0);
        if (!alone || !(name_len(js) || c == '[' || c == '"' || c == '\'' || c == '*'))
            break;
        take(js, '*');
        alone = key(js);
    }
    if (take(js, ':'))
        assignment(js);
    else if (parameters_and_body(js))
        return;
    else if (!alone)
        fail(js, at_end(js) ? CTX_SCAN_MORE : CTX_SCAN_BAD);
    else if (take(js, '='))
        assignment(js);
}

static void object(struct js *js)
{
    enter_brackets(js);
    js->at++;
    while (!js->fail && !take(js, '}')) {
        member(js);
        space(js);
        if (peek(js, 0) != '}')
            expect(js, ',');
    }
    leave_brackets(js);
}

/* ---- JSX inside of expressions ---- */

static size_t element_name(struct js *js)
{
    size_t n = 0;
    while (is_name(peek(js, n)) ||
           (n && (peek(js, n) == '-' || peek(js, n) == '.' || peek(js, n) == ':')))
        n++;
    return n;
}

static void attribute(struct js *js)
{
    if (peek(js, 0) == '{') {
        js->at++;
        space(js);
        if (looking_at(js, "..."))
            js->at += 3;
        expression(js);
        expect(js, '}');
        return;
    }
    size_t n = element_name(js);
    if (!n) {
        fail(js, at_end(js) ? CTX_SCAN_MORE : CTX_SCAN_BAD);
        return;
    }
    js->at += n;
    if (!take(js, '='))
        return;
    space(js);
    int c = peek(js, 0);
    if (c == '"' || c == '\'') {
        const char *end = memchr(js->s + js->at + 1, c, js->len - js->at - 1);
        if (end)
            js->at = (size_t)(end - js->s) + 1;
        else
            fail(js, CTX_SCAN_MORE);
    } else if (c == '{') {
        js->at++;
        expression(js);
        expect(js, '}');
    } else if (c == '<') {
        element(js);
    } else {
        fail(js, at_end(js) ? CTX_SCAN_MORE : CTX_SCAN_BAD);
    }
}

/* Attributes to the tag's end; whether the element has children to come. */
static bool attributes(struct js *js)
{
    while (!js->fail) {
        space(js);
        if (take(js, '>'))
            return true;
        if (take(js, '/')) {
            expect(js, '>');
            return false;
        }
        attribute(js);
    }
    return false;
}

static void child_braces(struct js *js)
{
    js->at++;
    space(js);
    if (looking_at(js, "..."))
        js->at += 3;
    if (!take(js, '}')) {
        expression(js);
        expect(js, '}');
    }
}

static void children(struct js *js)
{
    while (!js->fail) {
        while (!at_end(js) && !strchr("<{}>", peek(js, 0)))
            js->at++;
        int c = peek(js, 0);
        if (c == '<' && peek(js, 1) == '/')
            return;
        if (c == '<')
            element(js);
        else if (c == '{')
            child_braces(js);
        else
            fail(js, c < 0 ? CTX_SCAN_MORE : CTX_SCAN_BAD);
    }
}

static void element(struct js *js)
{
    enter_brackets(js);
    js->at++;
    space(js);
    size_t name = js->at;
    size_t n = element_name(js);
    js->at += n;
    if (attributes(js)) {
        children(js);
        expect(js, '<');
        expect(js, '/');
        space(js);
        if (!js->fail && (element_name(js) != n || memcmp(js->s + name, js->s + js->at, n) != 0))
            fail(js, CTX_SCAN_BAD);
        js->at += js->fail ? 0 : n;
        expect(js, '>');
    }
    leave_brackets(js);
}

/* ---- operands and operators ---- */

static const char *const reserved[] = { "break",    "case",       "catch",   "const",  "continue",
                                        "debugger", "default",    "do",      "else",   "enum",
                                        "export",   "extends",    "finally", "for",    "if",
                                        "in",       "instanceof", "return",  "switch", "throw",
                                        "try",      "var",        "while",   "with",   NULL };

static const char *const prefix_words[] = { "typeof", "void",  "delete", "await",
                                            "new",    "yield", NULL };

static void class_expression(struct js *js)
{
    space(js);
    if (!take_word(js, "extends")) {
        js->at += name_len(js);
        if (!take_word(js, "extends")) {
            space(js);
            if (peek(js, 0) == '{')
                block(js);
            else
                fail(js, at_end(js) ? CTX_SCAN_MORE : CTX_SCAN_BAD);
            return;
        }
    }
    space(js);
    while (name_len(js) || peek(js, 0) == '.')
        js->at += name_len(js) ? name_len(js) : 1;
    space(js);
    if (peek(js, 0) == '{')
        block(js);
    else
        fail(js, at_end(js) ? CTX_SCAN_MORE : CTX_SCAN_BAD);
}

static void function_expression(struct js *js)
{
    take(js, '*');
    space(js);
    js->at += name_len(js);
    if (!parameters_and_body(js))
        fail(js, at_end(js) ? CTX_SCAN_MORE : CTX_SCAN_BAD);
}

/* A name or what a word begins. Whether an operand is still to come (`async x`, `new X`). */
static bool word(struct js *js)
{
    size_t n = name_len(js);
    if (word_in(js, n, reserved)) {
        fail(js, CTX_SCAN_BAD);
        return false;
    }
    bool is_prefix = word_in(js, n, prefix_words);
    bool is_async = word_is(js, n, "async");
    bool is_import = word_is(js, n, "import");
    bool is_function = word_is(js, n, "function");
    bool is_class = word_is(js, n, "class");
    js->at += n;
    if (is_function)
        function_expression(js);
    else if (is_class)
        class_expression(js);
    space(js);
    if (is_import && peek(js, 0) != '(' && peek(js, 0) != '.')
        fail(js, CTX_SCAN_BAD);
    return is_prefix || (is_async && !js->newline && name_len(js));
}

static void operand(struct js *js)
{
    for (;;) {
        space(js);
        int c = peek(js, 0);
        if (c == '+' || c == '-' || c == '!' || c == '~') {
            js->at++;
            continue;
        }
        if (name_len(js)) {
            if (word(js) && !js->fail)
                continue;
            return;
        }
        if (c == '"' || c == '\'')
            string(js);
        else if (c == '`')
            template(js);
        else if (is_digit(c) || (c == '.' && is_digit(peek(js, 1))))
            number(js);
        else if (c == '(')
            items(js, ')', false);
        else if (c == '[')
            items(js, ']', true);
        else if (c == '{')
            object(js);
        else if (c == '/')
            regex(js);
        else if (c == '<')
            element(js);
        else
            fail(js, c < 0 ? CTX_SCAN_MORE : CTX_SCAN_BAD);
        return;
    }
}

/* Member access, calls, templates, `++`; whether there was one. */
static bool suffix(struct js *js)
{
    space(js);
    int c = peek(js, 0);
    if (c == '?' && peek(js, 1) == '.' && !is_digit(peek(js, 2))) {
        js->at += 2;
        space(js);
        js->at += name_len(js);
    } else if (c == '.' && peek(js, 1) != '.') {
        js->at++;
        space(js);
        js->at += peek(js, 0) == '#';
        size_t n = name_len(js);
        js->at += n;
        if (!n)
            fail(js, at_end(js) ? CTX_SCAN_MORE : CTX_SCAN_BAD);
    } else if (c == '[' || c == '(') {
        items(js, c == '[' ? ']' : ')', false);
    } else if (c == '`') {
        template(js);
    } else if ((c == '+' || c == '-') && peek(js, 1) == c && !js->newline) {
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

static bool binary_operator(struct js *js)
{
    size_t n = name_len(js);
    if (n) {
        bool is = word_is(js, n, "in") || word_is(js, n, "instanceof");
        js->at += is ? n : 0;
        return is;
    }
    for (size_t i = 0; i < CTX_ARRAY_LEN(operators); i++) {
        if (looking_at(js, operators[i])) {
            js->at += strlen(operators[i]);
            return true;
        }
    }
    return false;
}

static void assignment(struct js *js)
{
    enter(js);
    while (!js->fail) {
        operand(js);
        while (!js->fail && suffix(js))
            ;
        space(js);
        if (js->fail)
            break;
        if (looking_at(js, "=>")) {
            js->at += 2;
            space(js);
            if (peek(js, 0) != '{')
                continue;
            block(js);
            break;
        }
        if (peek(js, 0) == '?' && peek(js, 1) != '?') {
            js->at++;
            assignment(js);
            expect(js, ':');
            continue;
        }
        if (!binary_operator(js))
            break;
    }
    js->depth--;
}

static void expression(struct js *js)
{
    do
        assignment(js);
    while (!js->fail && take(js, ','));
}

ssize_t ctx_js_braces(const char *text, size_t len, size_t at, enum ctx_js_braces kind)
{
    struct js js = { .s = text, .len = len, .at = at + 1 };
    space(&js);
    if (kind == CTX_JS_BRACES_SPREAD) {
        if (looking_at(&js, "..."))
            js.at += 3;
        else
            fail(&js, at_end(&js) ? CTX_SCAN_MORE : CTX_SCAN_BAD);
    }
    if (!js.fail && (kind != CTX_JS_BRACES_CHILD || peek(&js, 0) != '}'))
        expression(&js);
    if (!js.fail)
        expect(&js, '}');
    return js.fail ? js.fail : (ssize_t)js.at;
}

/* ---- ESM ---- */

static void module_name(struct js *js)
{
    space(js);
    int c = peek(js, 0);
    if (c == '"' || c == '\'')
        string(js);
    else
        fail(js, at_end(js) ? CTX_SCAN_MORE : CTX_SCAN_BAD);
}

static void from(struct js *js)
{
    if (!take_word(js, "from")) {
        fail(js, at_end(js) ? CTX_SCAN_MORE : CTX_SCAN_BAD);
        return;
    }
    module_name(js);
    size_t before = js->at;
    if ((take_word(js, "with") || take_word(js, "assert")) && (space(js), peek(js, 0) == '{'))
        object(js);
    else
        js->at = js->fail ? js->at : before;
}

static void specifier_name(struct js *js)
{
    space(js);
    int c = peek(js, 0);
    size_t n = name_len(js);
    js->at += n;
    if (!n && (c == '"' || c == '\''))
        string(js);
    else if (!n)
        fail(js, at_end(js) ? CTX_SCAN_MORE : CTX_SCAN_BAD);
}

static void specifiers(struct js *js)
{
    js->at++;
    js->brackets++;
    while (!js->fail && !take(js, '}')) {
        specifier_name(js);
        if (take_word(js, "as"))
            specifier_name(js);
        space(js);
        if (peek(js, 0) != '}')
            expect(js, ',');
    }
    js->brackets--;
}

static void import_declaration(struct js *js)
{
    space(js);
    int c = peek(js, 0);
    if (c == '"' || c == '\'') {
        string(js);
        return;
    }
    if (name_len(js)) {
        js->at += name_len(js);
        if (!take(js, ',')) {
            from(js);
            return;
        }
    }
    space(js);
    if (peek(js, 0) == '{') {
        specifiers(js);
    } else {
        expect(js, '*');
        if (!take_word(js, "as"))
            fail(js, at_end(js) ? CTX_SCAN_MORE : CTX_SCAN_BAD);
        specifier_name(js);
    }
    from(js);
}

static void export_declaration(struct js *js)
{
    space(js);
    if (peek(js, 0) == '{') {
        specifiers(js);
        size_t before = js->at;
        if (take_word(js, "from"))
            module_name(js);
        else
            js->at = js->fail ? js->at : before;
    } else if (take(js, '*')) {
        if (take_word(js, "as"))
            specifier_name(js);
        from(js);
    } else if (take_word(js, "const") || take_word(js, "let") || take_word(js, "var")) {
        expression(js);
    } else if (take_word(js, "default")) {
        expression(js);
    } else {
        size_t n = name_len(js);
        if (word_is(js, n, "function") || word_is(js, n, "class") || word_is(js, n, "async"))
            word(js) ? operand(js) : (void)0;
        else
            fail(js, at_end(js) ? CTX_SCAN_MORE : CTX_SCAN_BAD);
    }
}

/* One declaration and what ends it. */
static void declaration(struct js *js)
{
    if (take_word(js, "import"))
        import_declaration(js);
    else if (take_word(js, "export"))
        export_declaration(js);
    else
        fail(js, CTX_SCAN_BAD);
    bool ended = !js->fail && js->s[js->at - 1] == '}';
    space(js);
    bool newline = js->newline;
    if (!js->fail && !take(js, ';') && !newline && !at_end(js) && !ended)
        fail(js, CTX_SCAN_BAD);
}

ssize_t ctx_js_module(const char *text, size_t len)
{
    struct js js = { .s = text, .len = len, .module = true };
    do {
        declaration(&js);
        if (!js.fail)
            space(&js);
    } while (!js.fail && !at_end(&js));
    return js.fail ? js.fail : (ssize_t)js.at;
}
