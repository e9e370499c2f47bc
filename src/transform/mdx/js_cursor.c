/*
 * The tokens of JavaScript: white space, names, strings, numbers, regular expressions. Pure.
 */
#include "transform/mdx/js_cursor.h"

#include "base/cleanup.h"
#include "base/limits.h"

int ctx_js_fail(struct ctx_js *js, int code)
{
    if (!js->fail)
        js->fail = code;
    js->at = js->len;
    return js->fail;
}

void ctx_js_unexpected(struct ctx_js *js)
{
    ctx_js_fail(js, ctx_js_at_end(js) ? CTX_SCAN_MORE : CTX_SCAN_BAD);
}

/* Length of a white space character beyond ASCII (NBSP, BOM, U+2000 to U+200A, U+2028, U+2029). */
static size_t wide_space(const struct ctx_js *js)
{
    static const char *const spaces[] = { "\xC2\xA0", "\xEF\xBB\xBF", "\xE2\x80\xA8",
                                          "\xE2\x80\xA9", "\xE3\x80\x80" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(spaces); i++)
        if (ctx_js_looking_at(js, spaces[i]))
            return strlen(spaces[i]);
    if (ctx_js_peek(js, 0) == 0xE2 && ctx_js_peek(js, 1) == 0x80 && ctx_js_peek(js, 2) >= 0x80 &&
        ctx_js_peek(js, 2) <= 0x8A)
        return 3;
    return 0;
}

static void skip_comment(struct ctx_js *js)
{
    bool line = ctx_js_peek(js, 1) == '/';
    const char *from = js->s + js->at + 2;
    size_t left = js->len - js->at - 2;
    const char *end = line ? memchr(from, '\n', left) : memmem(from, left, "*/", 2);
    if (!end) {
        if (line)
            js->at = js->len;
        else
            ctx_js_fail(js, CTX_SCAN_MORE);
        return;
    }
    if (!line && memchr(from, '\n', (size_t)(end - from)))
        js->newline = true;
    js->at = (size_t)(end - js->s) + (line ? 0 : 2);
}

/* Whether the line after the line end at `at` is blank. */
static bool before_blank_line(const struct ctx_js *js)
{
    size_t i = 1;
    while (ctx_js_peek(js, i) == ' ' || ctx_js_peek(js, i) == '\t')
        i++;
    return ctx_js_peek(js, i) < 0 || ctx_js_peek(js, i) == '\n';
}

void ctx_js_space(struct ctx_js *js)
{
    js->newline = false;
    while (!ctx_js_at_end(js)) {
        int c = ctx_js_peek(js, 0);
        if (c == '\n') {
            js->newline = true;
            if (js->module && js->brackets == 0 && before_blank_line(js)) {
                js->len = js->at;
                return;
            }
        }
        if (c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f')
            js->at++;
        else if (c == '/' && (ctx_js_peek(js, 1) == '/' || ctx_js_peek(js, 1) == '*'))
            skip_comment(js);
        else if (c >= 0x80 && wide_space(js))
            js->at += wide_space(js);
        else
            return;
    }
}

bool ctx_js_take(struct ctx_js *js, char c)
{
    ctx_js_space(js);
    if (ctx_js_peek(js, 0) != c)
        return false;
    js->at++;
    return true;
}

void ctx_js_expect(struct ctx_js *js, char c)
{
    if (!ctx_js_take(js, c))
        ctx_js_unexpected(js);
}

size_t ctx_js_name_len(const struct ctx_js *js)
{
    size_t n = 0;
    if (ctx_js_is_name_start(ctx_js_peek(js, 0)) && !wide_space(js))
        while (ctx_js_is_name(ctx_js_peek(js, n)))
            n++;
    return n;
}

size_t ctx_js_identifier(const char *text, size_t len)
{
    return ctx_js_name_len(&(struct ctx_js){ .s = text, .len = len });
}

bool ctx_js_word_is(const struct ctx_js *js, size_t n, const char *word)
{
    return strlen(word) == n && memcmp(js->s + js->at, word, n) == 0;
}

bool ctx_js_word_in(const struct ctx_js *js, size_t n, const char *const *words)
{
    for (; *words; words++)
        if (ctx_js_word_is(js, n, *words))
            return true;
    return false;
}

bool ctx_js_take_word(struct ctx_js *js, const char *word)
{
    ctx_js_space(js);
    size_t n = ctx_js_name_len(js);
    if (!n || !ctx_js_word_is(js, n, word))
        return false;
    js->at += n;
    return true;
}

void ctx_js_string(struct ctx_js *js)
{
    char quote = js->s[js->at++];
    while (!ctx_js_at_end(js)) {
        char c = js->s[js->at++];
        if (c == quote)
            return;
        if (c == '\n') {
            ctx_js_fail(js, CTX_SCAN_BAD);
            return;
        }
        if (c == '\\')
            js->at++;
    }
    ctx_js_fail(js, CTX_SCAN_MORE);
}

void ctx_js_enter(struct ctx_js *js)
{
    if (++js->depth > CTX_LIMIT_NESTING)
        ctx_js_fail(js, CTX_SCAN_BAD);
}

void ctx_js_enter_brackets(struct ctx_js *js)
{
    js->brackets++;
    ctx_js_enter(js);
}

void ctx_js_leave_brackets(struct ctx_js *js)
{
    js->brackets--;
    js->depth--;
}

void ctx_js_regex(struct ctx_js *js)
{
    bool in_class = false;
    for (js->at++; !ctx_js_at_end(js); js->at++) {
        int c = ctx_js_peek(js, 0);
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
            js->at += ctx_js_name_len(js);
            return;
        }
    }
    ctx_js_unexpected(js);
}

static void digits(struct ctx_js *js)
{
    while (ctx_js_is_digit(ctx_js_peek(js, 0)) || ctx_js_peek(js, 0) == '_')
        js->at++;
}

void ctx_js_number(struct ctx_js *js)
{
    int second = ctx_js_peek(js, 1) | 0x20;
    if (ctx_js_peek(js, 0) == '0' && (second == 'x' || second == 'o' || second == 'b')) {
        js->at += 2;
        js->at += strspn(js->s + js->at, "0123456789abcdefABCDEF_");
        return;
    }
    if (ctx_js_peek(js, 0) == '0' && ctx_js_is_digit(ctx_js_peek(js, 1))) {
        ctx_js_fail(js, CTX_SCAN_BAD);
        return;
    }
    digits(js);
    if (ctx_js_peek(js, 0) == '.') {
        js->at++;
        digits(js);
    }
    if ((ctx_js_peek(js, 0) | 0x20) == 'e') {
        js->at++;
        if (ctx_js_peek(js, 0) == '+' || ctx_js_peek(js, 0) == '-')
            js->at++;
        digits(js);
    }
    if (ctx_js_peek(js, 0) == 'n')
        js->at++;
    if (ctx_js_name_len(js))
        ctx_js_fail(js, CTX_SCAN_BAD);
}
