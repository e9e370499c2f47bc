/*
 * Character references of HTML: the numeric ones, and the names that code in prose is written with.
 * The parser is asked for all others.
 */
#include "transform/mdx/entities.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "transform/markdown.h"

enum { ENTITY_MAX = 32 }; /* the longest name in HTML has 31 letters */

/* Sorted by name. */
static const struct {
    const char *name;
    const char *text;
} entities[] = {
    { "amp", "&" },    { "apos", "'" },   { "ast", "*" },    { "bsol", "\\" },  { "bull", "•" },
    { "colon", ":" },  { "comma", "," },  { "commat", "@" }, { "copy", "©" },   { "dollar", "$" },
    { "equals", "=" }, { "excl", "!" },   { "grave", "`" },  { "gt", ">" },     { "hellip", "…" },
    { "laquo", "«" },  { "larr", "←" },   { "lbrace", "{" }, { "lbrack", "[" }, { "lcub", "{" },
    { "ldquo", "“" },  { "lpar", "(" },   { "lsqb", "[" },   { "lsquo", "‘" },  { "lt", "<" },
    { "mdash", "—" },  { "middot", "·" }, { "minus", "−" },  { "nbsp", " " },   { "ndash", "–" },
    { "num", "#" },    { "percnt", "%" }, { "period", "." }, { "plus", "+" },   { "quest", "?" },
    { "quot", "\"" },  { "raquo", "»" },  { "rarr", "→" },   { "rbrace", "}" }, { "rbrack", "]" },
    { "rcub", "}" },   { "rdquo", "”" },  { "reg", "®" },    { "rpar", ")" },   { "rsqb", "]" },
    { "rsquo", "’" },  { "semi", ";" },   { "sol", "/" },    { "times", "×" },  { "trade", "™" },
    { "vert", "|" },
};

size_t ctx_entity_length(const char *text, size_t len)
{
    if (len < 3 || text[0] != '&')
        return 0;
    size_t max = len < ENTITY_MAX + 2 ? len : ENTITY_MAX + 2;
    for (size_t i = 1; i < max; i++) {
        char c = text[i];
        if (c == ';')
            return i > 1 ? i + 1 : 0;
        bool alnum = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (!alnum && !(c == '#' && i == 1))
            return 0;
    }
    return 0;
}

/* `name` is what stands between `&` and `;`. */
static bool decode(struct ctx_buffer *ret, const char *name, size_t len)
{
    char key[ENTITY_MAX + 1] = { 0 };
    memcpy(key, name, len < ENTITY_MAX ? len : ENTITY_MAX);
    if (key[0] == '#') {
        bool is_hex = (key[1] | 0x20) == 'x';
        char *end;
        unsigned long point = strtoul(key + 1 + is_hex, &end, is_hex ? 16 : 10);
        char bytes[4];
        if (*end || point == 0 || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000))
            return false;
        ctx_buffer_append(ret, bytes, ctx_utf8_encode((uint32_t)point, bytes));
        return true;
    }
    for (size_t i = 0; i < CTX_ARRAY_LEN(entities); i++) {
        if (strcmp(entities[i].name, key) == 0) {
            ctx_buffer_puts(ret, entities[i].text);
            return true;
        }
    }
    return ctx_markdown_decode(name - 1, len + 2, ret);
}

bool ctx_entities_decode(struct ctx_buffer *ret, const char *text, size_t len)
{
    bool known = true;
    for (size_t i = 0; i < len;) {
        size_t n = ctx_entity_length(text + i, len - i);
        if (n && decode(ret, text + i + 1, n - 2)) {
            i += n;
            continue;
        }
        known &= n == 0;
        ctx_buffer_putc(ret, text[i++]);
    }
    return known;
}

void ctx_entities_encode(struct ctx_buffer *ret, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (ctx_entity_length(text + i, len - i))
            ctx_buffer_puts(ret, "&amp;");
        else
            ctx_buffer_putc(ret, text[i]);
    }
}
