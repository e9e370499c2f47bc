/* Destinations as they are written in Markdown and in HTML attributes. Pure; any thread. */
#include "transform/destination.h"

#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"

/* The entities that a path may need; others stay as they are written. */
static const struct {
    const char *name;
    char byte;
} entities[] = {
    { "amp;", '&' },    { "apos;", '\'' },  { "commat;", '@' }, { "equals;", '=' },
    { "gt;", '>' },     { "lowbar;", '_' }, { "lpar;", '(' },   { "lt;", '<' },
    { "num;", '#' },    { "percnt;", '%' }, { "period;", '.' }, { "plus;", '+' },
    { "quest;", '?' },  { "quot;", '"' },   { "rpar;", ')' },   { "sol;", '/' },
    { "lsqb;", '[' },   { "rsqb;", ']' },   { "lbrack;", '[' }, { "rbrack;", ']' },
    { "colon;", ':' },  { "semi;", ';' },   { "comma;", ',' },  { "excl;", '!' },
    { "dollar;", '$' }, { "ast;", '*' },    { "midast;", '*' }, { "lcub;", '{' },
    { "rcub;", '}' },   { "verbar;", '|' }, { "vert;", '|' },   { "bsol;", '\\' },
};

static int digit_value(char byte, unsigned base)
{
    int value = byte >= '0' && byte <= '9'                     ? byte - '0'
                : (byte | 0x20) >= 'a' && (byte | 0x20) <= 'f' ? (byte | 0x20) - 'a' + 10
                                                               : 16;
    return value < (int)base ? value : -1;
}

/* "#38;" or "#x26;" at `at`: how many bytes it takes; 0: no number. */
static size_t numeric_entity(const char *text, size_t at, size_t end, uint32_t *ret_point)
{
    enum { MOST_DIGITS = 7 };
    size_t i = at + 1;
    bool hex = i < end && (text[i] | 0x20) == 'x';
    i += hex;
    size_t first = i;
    uint32_t point = 0;
    for (; i < end && i - first < MOST_DIGITS; i++) {
        int value = digit_value(text[i], hex ? 16 : 10);
        if (value < 0)
            break;
        point = point * (hex ? 16 : 10) + (uint32_t)value;
    }
    if (i == first || i == end || text[i] != ';')
        return 0;
    bool valid = point > 0 && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
    *ret_point = valid ? point : 0xFFFD;
    return i + 1 - at;
}

/* The entity after the '&' at `at`: its length with the '&'; 0: none. */
static size_t take_entity(const char *text, size_t at, size_t end, uint32_t *ret_point)
{
    if (at + 1 < end && text[at + 1] == '#') {
        size_t n = numeric_entity(text, at + 1, end, ret_point);
        return n ? n + 1 : 0;
    }
    for (size_t i = 0; i < CTX_ARRAY_LEN(entities); i++) {
        size_t len = strlen(entities[i].name);
        if (end - at - 1 >= len && memcmp(text + at + 1, entities[i].name, len) == 0) {
            *ret_point = (unsigned char)entities[i].byte;
            return len + 1;
        }
    }
    return 0;
}

static bool is_punctuation(char byte)
{
    return byte > ' ' && byte < 0x7F && digit_value(byte, 10) < 0 &&
           ((byte | 0x20) < 'a' || (byte | 0x20) > 'z');
}

size_t ctx_destination_path(const char *text, struct ctx_span raw, enum ctx_escaping escaping,
                            struct ctx_buffer *path)
{
    for (size_t at = raw.begin; at < raw.end;) {
        uint32_t point = (unsigned char)text[at];
        size_t n = 1;
        if (point == '&') {
            n = take_entity(text, at, raw.end, &point);
            n = n ? n : 1;
        } else if (point == '\\' && escaping == CTX_ESCAPING_MARKDOWN && at + 1 < raw.end &&
                   is_punctuation(text[at + 1])) {
            point = (unsigned char)text[at + 1];
            n = 2;
        }
        if (point == '?' || point == '#')
            return at;
        char bytes[4];
        if (n > 1 && point >= 0x80)
            ctx_buffer_append(path, bytes, ctx_utf8_encode(point, bytes));
        else
            ctx_buffer_putc(path, (char)point);
        at += n;
    }
    return raw.end;
}
