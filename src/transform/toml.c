/*
 * As much of TOML 1.0 as titles, descriptions and tags are written in: `key = "basic"`, 'literal'
 * and one-line arrays of these. What is anything else is passed over, line by line. Pure.
 */
#include "transform/toml.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/quote.h"
#include "base/utf8.h"

struct cursor {
    const char *at;
    const char *end; /* of the line */
};

static void skip_blanks(struct cursor *cursor)
{
    while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t'))
        cursor->at++;
}

static bool take(struct cursor *cursor, char byte)
{
    skip_blanks(cursor);
    if (cursor->at == cursor->end || *cursor->at != byte)
        return false;
    cursor->at++;
    return true;
}

static size_t take_key(struct cursor *cursor, const char **ret_key)
{
    bool quoted = take(cursor, '"');
    *ret_key = cursor->at;
    size_t len = 0;
    while (cursor->at < cursor->end && !strchr(" \t=\"'.", *cursor->at)) {
        cursor->at++;
        len++;
    }
    return quoted && !take(cursor, '"') ? 0 : len;
}

/* \uXXXX and \UXXXXXXXX; false when the digits are not those of a character. */
static bool take_point(struct cursor *cursor, int digits, struct ctx_buffer *ret)
{
    uint32_t point = 0;
    for (; digits > 0; digits--, cursor->at++) {
        static const char hex[] = "0123456789abcdef";
        char byte = cursor->at < cursor->end ? *cursor->at : '\0';
        const char *digit = byte ? strchr(hex, byte | 0x20) : NULL;
        if (!digit || (byte < '0') || (byte > '9' && byte < 'A'))
            return false;
        point = point << 4 | (uint32_t)(digit - hex);
    }
    char bytes[4];
    if (point == 0 || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000))
        return false;
    ctx_buffer_append(ret, bytes, ctx_utf8_encode(point, bytes));
    return true;
}

static bool take_escape(struct cursor *cursor, struct ctx_buffer *ret)
{
    static const char names[] = "btnfr\"\\";
    static const char values[] = "\b\t\n\f\r\"\\";
    if (cursor->at == cursor->end)
        return false;
    char name = *cursor->at++;
    if (name == 'u' || name == 'U')
        return take_point(cursor, name == 'u' ? 4 : 8, ret);
    const char *found = strchr(names, name);
    if (!name || !found)
        return false;
    ctx_buffer_putc(ret, values[found - names]);
    return true;
}

/* Appends a string and a NUL; false when there is none that ends on this line. */
static bool take_string(struct cursor *cursor, struct ctx_buffer *ret)
{
    size_t begin = ret->len;
    bool basic = take(cursor, '"');
    if (!basic && !take(cursor, '\''))
        return false;
    while (cursor->at < cursor->end) {
        char byte = *cursor->at++;
        if (byte == (basic ? '"' : '\''))
            return ctx_buffer_putc(ret, '\0') == 0;
        if (basic && byte == '\\') {
            if (!take_escape(cursor, ret))
                break;
        } else {
            ctx_buffer_putc(ret, byte);
        }
    }
    ctx_buffer_truncate(ret, begin);
    return false;
}

static bool take_array(struct cursor *cursor, struct ctx_buffer *ret, size_t *ret_count)
{
    size_t n = 0;
    while (!take(cursor, ']')) {
        if (!take_string(cursor, ret))
            return false;
        n++;
        if (!take(cursor, ',') && (skip_blanks(cursor), cursor->at == cursor->end))
            return false;
    }
    *ret_count = n;
    return true;
}

static int read_line(struct cursor cursor, struct ctx_buffer *scalars, ctx_yaml_entry_fn entry,
                     void *context)
{
    struct ctx_yaml_entry found = { .kind = CTX_YAML_SCALAR, .n_scalars = 1, .only_scalars = true };
    const char *key;
    size_t key_len = take_key(&cursor, &key);
    if (key_len == 0 || !take(&cursor, '='))
        return 0;
    ctx_buffer_clear(scalars);
    if (take(&cursor, '[')) {
        found.kind = CTX_YAML_SEQUENCE;
        if (!take_array(&cursor, scalars, &found.n_scalars))
            return 0;
    } else if (!take_string(&cursor, scalars)) {
        return 0;
    }
    CTX_AUTO_BUFFER struct ctx_buffer name;
    ctx_buffer_init(&name, CTX_LIMIT_YAML_JSON(key_len));
    int r = ctx_quote(&name, key, key_len);
    if (r < 0)
        return r;
    found.key = name.data;
    found.key_len = name.len;
    found.json = "";
    found.scalars = ctx_buffer_str(scalars);
    return entry(context, &found);
}

int ctx_toml_read(const char *text, size_t len, ctx_yaml_entry_fn entry, void *context)
{
    CTX_AUTO_BUFFER struct ctx_buffer scalars;
    ctx_buffer_init(&scalars, CTX_LIMIT_YAML_JSON(len));
    for (const char *end = text + len; text < end;) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        struct cursor line = { text, newline ? newline : end };
        text = line.end + 1;
        skip_blanks(&line);
        if (line.at < line.end && *line.at == '[')
            return 0;
        int r = read_line(line, &scalars, entry, context);
        if (r < 0)
            return r;
    }
    return ctx_buffer_status(&scalars);
}
