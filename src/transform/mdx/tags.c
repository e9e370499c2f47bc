/*
 * JSX tags: one state for each place in a tag, as the grammar of MDX has them. Invariant: `at` only
 * moves on, so that a tag costs its length, and a failed one what was read of it.
 */
#include "transform/mdx/tags.h"

#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "transform/mdx/entities.h"
#include "transform/mdx/js.h"

struct reader {
    const char *s;
    size_t len;
    size_t at;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* What a byte may be in a name. */
enum { BEGINS = 1, GOES_ON = 2 };

static const unsigned char name_bytes[256] = {
    ['a' ... 'z'] = BEGINS | GOES_ON,
    ['A' ... 'Z'] = BEGINS | GOES_ON,
    ['_'] = BEGINS | GOES_ON,
    ['$'] = BEGINS | GOES_ON,
    [0x80 ... 0xFF] = BEGINS | GOES_ON,
    ['0' ... '9'] = GOES_ON,
    ['-'] = GOES_ON,
};

static bool is_name_start(char c)
{
    return name_bytes[(unsigned char)c] & BEGINS;
}

static bool is_name(char c)
{
    return name_bytes[(unsigned char)c] & GOES_ON;
}

static void space(struct reader *r)
{
    while (r->at < r->len && is_space(r->s[r->at]))
        r->at++;
}

/* The byte that comes next; NUL at the end (a draft holds none). */
static char peek(const struct reader *r)
{
    return r->at < r->len ? r->s[r->at] : '\0';
}

static int stopped(const struct reader *r)
{
    return r->at >= r->len ? CTX_SCAN_MORE : CTX_SCAN_BAD;
}

/* A name with its parts: `a`, `a.b.c`, `a:b`. 0, or how it failed. */
static int name(struct reader *r, bool members, struct ctx_span *ret)
{
    size_t begin = r->at;
    bool local = false;
    for (;;) {
        if (!is_name_start(peek(r)))
            return stopped(r);
        size_t end = r->at + 1;
        while (end < r->len && is_name(r->s[end]))
            end++;
        r->at = end;
        char c = peek(r);
        if ((c != '.' || !members) && (c != ':' || local))
            break;
        local |= c == ':';
        r->at++;
    }
    *ret = (struct ctx_span){ r->s + begin, r->at - begin };
    return 0;
}

static int braces(struct reader *r, enum ctx_js_braces kind, struct ctx_span *ret)
{
    ssize_t end = ctx_js_braces(r->s, r->len, r->at, kind);
    if (end < 0)
        return (int)end;
    *ret = (struct ctx_span){ r->s + r->at + 1, (size_t)end - r->at - 2 };
    r->at = (size_t)end;
    return 0;
}

static int quoted(struct reader *r, struct ctx_span *ret)
{
    const char *begin = r->s + r->at + 1;
    const char *end = memchr(begin, r->s[r->at], r->len - r->at - 1);
    if (!end)
        return CTX_SCAN_MORE;
    *ret = (struct ctx_span){ begin, (size_t)(end - begin) };
    r->at = (size_t)(end - r->s) + 1;
    return 0;
}

static int value(struct reader *r, struct ctx_attribute *ret)
{
    space(r);
    if (peek(r) == '"' || peek(r) == '\'') {
        ret->kind = CTX_ATTR_STRING;
        return quoted(r, &ret->value);
    }
    if (peek(r) != '{')
        return stopped(r);
    ret->kind = CTX_ATTR_EXPRESSION;
    return braces(r, CTX_JS_BRACES_ATTRIBUTE, &ret->value);
}

static int attribute(struct reader *r, struct ctx_attribute *ret)
{
    *ret = (struct ctx_attribute){ 0 };
    if (peek(r) == '{') {
        ret->kind = CTX_ATTR_SPREAD;
        return braces(r, CTX_JS_BRACES_SPREAD, &ret->value);
    }
    int error = name(r, false, &ret->name);
    if (error)
        return error;
    char c = peek(r);
    if (c && !is_space(c) && c != '=' && c != '/' && c != '>' && c != '{')
        return CTX_SCAN_BAD;
    size_t after = r->at;
    space(r);
    if (peek(r) == '=') {
        r->at++;
        return value(r, ret);
    }
    if (r->at < r->len)
        r->at = after;
    return r->at < r->len ? 0 : CTX_SCAN_MORE;
}

static int attributes(struct reader *r, struct ctx_tag *tag)
{
    size_t begin = r->at;
    for (;;) {
        space(r);
        char c = peek(r);
        if (c == '>' || c == '/')
            break;
        struct ctx_attribute ignored;
        int error = tag->closing ? stopped(r) : attribute(r, &ignored);
        if (error)
            return error;
    }
    tag->attributes = (struct ctx_span){ r->s + begin, r->at - begin };
    if (peek(r) == '/') {
        r->at++;
        space(r);
        tag->self_closing = true;
    }
    if (peek(r) != '>' || (tag->closing && tag->self_closing))
        return stopped(r);
    r->at++;
    return 0;
}

ssize_t ctx_tag_read(const char *text, size_t len, size_t at, struct ctx_tag *ret_tag)
{
    struct reader r = { text, len, at + 1 };
    struct ctx_tag tag = { .name = { text + at + 1, 0 }, .attributes = { text + at + 1, 0 } };
    if (r.at >= len)
        return CTX_SCAN_MORE;
    if (is_space(text[r.at]))
        return CTX_SCAN_TEXT;
    if (peek(&r) == '/') {
        tag.closing = true;
        r.at++;
        space(&r);
    }
    int error = 0;
    if (peek(&r) == '>') {
        r.at++;
    } else {
        error = name(&r, true, &tag.name);
        char c = peek(&r);
        if (!error && c && !is_space(c) && c != '/' && c != '>' && c != '{')
            error = CTX_SCAN_BAD;
        if (!error)
            error = attributes(&r, &tag);
    }
    if (error)
        return error;
    *ret_tag = tag;
    return (ssize_t)r.at;
}

struct ctx_tag ctx_tag_reread(const char *text, size_t begin, size_t end)
{
    struct reader r = { text, end, begin + 1 };
    struct ctx_tag tag = { .name = { text + r.at, 0 }, .attributes = { text + r.at, 0 } };
    if (peek(&r) == '/') {
        tag.closing = true;
        r.at++;
        space(&r);
    }
    if (name(&r, true, &tag.name) != 0)
        return tag; /* a fragment */
    size_t stop = end - 1;
    while (is_space(text[stop - 1]))
        stop--;
    tag.self_closing = text[stop - 1] == '/'; /* no attribute ends with one */
    stop = tag.self_closing ? stop - 1 : end - 1;
    tag.attributes = (struct ctx_span){ text + r.at, stop - r.at };
    return tag;
}

uint32_t ctx_tag_initials(const struct ctx_tag *tag)
{
    const char *begin = tag->attributes.data;
    const char *end = begin + tag->attributes.len;
    uint32_t initials = 0;
    for (const char *p = begin; (p = memchr(p, '=', (size_t)(end - p))); p++) {
        const char *word = p;
        while (word > begin && is_space(word[-1]))
            word--;
        while (word > begin && is_name(word[-1]))
            word--;
        initials |= UINT32_C(1) << (*word & 31);
    }
    return initials;
}

bool ctx_tag_next(const struct ctx_tag *tag, size_t *at, struct ctx_attribute *ret_attribute)
{
    if (*at >= tag->attributes.len)
        return false;
    /* What follows the attributes is `/` or `>`, so that the last one is seen to end. */
    struct reader r = { tag->attributes.data, tag->attributes.len + 1, *at };
    space(&r);
    if (r.at >= tag->attributes.len || attribute(&r, ret_attribute) != 0)
        return false;
    *at = r.at;
    return true;
}

bool ctx_attribute_text(const struct ctx_attribute *attr, struct ctx_buffer *ret)
{
    if (attr->kind == CTX_ATTR_STRING)
        return ctx_buffer_append(ret, attr->value.data, attr->value.len) == 0;
    if (attr->kind != CTX_ATTR_EXPRESSION)
        return false;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    if (ctx_js_value(attr->value.data, attr->value.len, &text) != CTX_JS_VALUE_TEXT)
        return false;
    ctx_entities_encode(ret, ctx_buffer_str(&text), text.len);
    return true;
}

bool ctx_tag_find(const struct ctx_tag *tag, const char *name_, struct ctx_attribute *ret_attribute)
{
    size_t at = 0;
    if (!ctx_bytes_find(tag->attributes.data, tag->attributes.len, name_))
        return false;
    while (ctx_tag_next(tag, &at, ret_attribute))
        if (ctx_span_is(ret_attribute->name, name_))
            return true;
    return false;
}

bool ctx_tag_text(const struct ctx_tag *tag, const char *name_, struct ctx_buffer *ret)
{
    struct ctx_attribute attr;
    size_t before = ret->len;
    return ctx_tag_find(tag, name_, &attr) && ctx_attribute_text(&attr, ret) && ret->len > before;
}

bool ctx_tag_is_component(struct ctx_span name_)
{
    if (name_.len == 0)
        return true;
    return (name_.data[0] >= 'A' && name_.data[0] <= 'Z') || memchr(name_.data, '.', name_.len);
}

bool ctx_span_is(struct ctx_span span, const char *string)
{
    size_t len = strlen(string);
    return len == span.len && (len == 0 || memcmp(span.data, string, len) == 0);
}
