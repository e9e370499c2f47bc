/* Values of JavaScript literals: what `{"text"}`, `{1}` and `{['npm', 'yarn']}` say. Pure. */
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "transform/mdx/js.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\v';
}

static void trim(const char **text, size_t *len)
{
    while (*len && is_space(**text)) {
        (*text)++;
        (*len)--;
    }
    while (*len && is_space((*text)[*len - 1]))
        (*len)--;
}

/* How much of the text, from its beginning, is white space and comments. */
static size_t comments(const char *s, size_t len)
{
    size_t i = 0;
    while (i < len) {
        if (is_space(s[i])) {
            i++;
            continue;
        }
        if (len - i < 2 || s[i] != '/' || (s[i + 1] != '/' && s[i + 1] != '*'))
            return i;
        bool line = s[i + 1] == '/';
        const char *end =
            line ? memchr(s + i, '\n', len - i) : memmem(s + i + 2, len - i - 2, "*/", 2);
        if (!end)
            return len;
        i = (size_t)(end - s) + (line ? 1 : 2);
    }
    return i;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads up to `max` hexadecimal digits; how many there were. */
static size_t hex_digits(const char *s, size_t len, size_t max, uint32_t *ret_value)
{
    uint32_t value = 0;
    size_t n = 0;
    while (n < len && n < max && hex(s[n]) >= 0)
        value = value * 16 + (uint32_t)hex(s[n++]);
    *ret_value = value;
    return n;
}

static void put_point(struct ctx_buffer *ret, uint32_t point)
{
    char bytes[4];
    if (point == 0 || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000))
        point = 0xFFFD;
    ctx_buffer_append(ret, bytes, ctx_utf8_encode(point, bytes));
}

/* A numeric escape (`x41`, `u0041`, `u{41}`); how many bytes it took, 0 when it is none. */
static size_t numeric_escape(const char *s, size_t len, struct ctx_buffer *ret)
{
    uint32_t point;
    size_t skip = 1;
    size_t max = s[0] == 'x' ? 2 : 4;
    if (s[0] == 'u' && len > 1 && s[1] == '{') {
        skip = 2;
        max = 6;
    }
    size_t n = hex_digits(s + skip, len - skip, max, &point);
    if (n == 0)
        return 0;
    put_point(ret, point);
    skip += n;
    return skip + (max == 6 && skip < len && s[skip] == '}');
}

/* One escape after its backslash; how many bytes it took. */
static size_t escape(const char *s, size_t len, struct ctx_buffer *ret)
{
    static const char from[] = "ntrbfv0";
    static const char to[] = "\n\t \b\f\v ";
    const char *known = s[0] ? strchr(from, s[0]) : NULL;
    if (s[0] == '\n')
        return 1;
    if (s[0] == 'x' || s[0] == 'u') {
        size_t n = numeric_escape(s, len, ret);
        if (n)
            return n;
    }
    ctx_buffer_putc(ret, known ? to[known - from] : s[0]);
    return 1;
}

/* The value between quotes; whether it is one literal, and nothing but comments follow it. */
static bool quoted(const char *s, size_t len, struct ctx_buffer *ret)
{
    char quote = s[0];
    size_t i = 1;
    while (i < len && s[i] != quote) {
        if (quote == '`' && s[i] == '$' && i + 1 < len && s[i + 1] == '{')
            return false;
        if (s[i] == '\\' && i + 1 < len) {
            i++;
            i += escape(s + i, len - i, ret);
        } else {
            ctx_buffer_putc(ret, s[i++]);
        }
    }
    return i < len && comments(s + i + 1, len - i - 1) == len - i - 1;
}

enum ctx_js_value ctx_js_value(const char *text, size_t len, struct ctx_buffer *ret)
{
    CTX_AUTO_BUFFER struct ctx_buffer value;
    ctx_buffer_init(&value, SIZE_MAX / 2);
    trim(&text, &len);
    size_t skip = comments(text, len);
    if (skip == len)
        return CTX_JS_VALUE_COMMENT;
    text += skip;
    len -= skip;
    bool is_text;
    if (len >= 2 && (text[0] == '"' || text[0] == '\'' || text[0] == '`')) {
        is_text = quoted(text, len, &value);
    } else {
        is_text = text[0] >= '0' && text[0] <= '9' && strspn(text, "0123456789.") >= len;
        ctx_buffer_append(&value, text, len);
    }
    if (!is_text)
        return CTX_JS_VALUE_OTHER;
    if (ret)
        ctx_buffer_append(ret, ctx_buffer_str(&value), value.len);
    return CTX_JS_VALUE_TEXT;
}

/* The end of an array's element that begins at `i`: a comma or the bracket at depth 0. */
static size_t element_end(const char *s, size_t len, size_t i)
{
    int depth = 0;
    for (; i < len; i++) {
        char c = s[i];
        if (c == '"' || c == '\'' || c == '`') {
            for (i++; i < len && s[i] != c; i++)
                i += s[i] == '\\';
        } else if (c == '[' || c == '{' || c == '(') {
            depth++;
        } else if ((c == ']' || c == '}' || c == ')') && depth-- == 0) {
            break;
        } else if (c == ',' && depth == 0) {
            break;
        }
    }
    return i < len ? i : len;
}

/* The label, title or value of an object literal. */
static bool object_text(const char *s, size_t len, struct ctx_buffer *ret)
{
    static const char *const keys[] = { "label", "title", "name", "value" };
    for (size_t k = 0; k < CTX_ARRAY_LEN(keys); k++) {
        const char *found = memmem(s, len, keys[k], strlen(keys[k]));
        if (!found)
            continue;
        size_t i = (size_t)(found - s) + strlen(keys[k]);
        while (i < len && (is_space(s[i]) || s[i] == ':'))
            i++;
        size_t end = element_end(s, len, i);
        if (end > i && ctx_js_value(s + i, end - i, ret) == CTX_JS_VALUE_TEXT)
            return true;
    }
    return false;
}

bool ctx_js_array_text(const char *text, size_t len, size_t index, struct ctx_buffer *ret)
{
    trim(&text, &len);
    if (len < 2 || text[0] != '[' || text[len - 1] != ']')
        return false;
    size_t i = 1;
    for (; index > 0; index--) {
        i = element_end(text, len - 1, i) + 1;
        if (i >= len)
            return false;
    }
    size_t end = element_end(text, len - 1, i);
    const char *item = text + i;
    size_t item_len = end - i;
    trim(&item, &item_len);
    if (item_len == 0)
        return false;
    if (item[0] == '{')
        return object_text(item, item_len, ret);
    return ctx_js_value(item, item_len, ret) == CTX_JS_VALUE_TEXT;
}
