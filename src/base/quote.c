/*
 * Strings for JSON and YAML at once. Text above U+FFFF stays as it is: a surrogate pair of \u
 * escapes is one character in JSON and two broken ones in YAML. Pure; any thread.
 */
#include "base/quote.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

/* ASCII that stands for itself: most of any text. */
static const bool plain[256] = {
    [' '] = true,
    ['!'] = true,
    ['#' ... '['] = true,
    [']' ... '~'] = true,
};

static const char *short_escape(unsigned char byte)
{
    switch (byte) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\b':
        return "\\b";
    case '\t':
        return "\\t";
    case '\n':
        return "\\n";
    case '\f':
        return "\\f";
    case '\r':
        return "\\r";
    default:
        return NULL;
    }
}

static bool needs_escape(uint32_t point)
{
    return point < 0x20 || point == '"' || point == '\\' || (point >= 0x7F && point <= 0x9F) ||
           point == 0x2028 || point == 0x2029 || point == 0xFEFF || point == 0xFFFE ||
           point == 0xFFFF;
}

int ctx_quote(struct ctx_buffer *buffer, const char *text, size_t len)
{
    ctx_buffer_putc(buffer, '"');
    size_t kept = 0;
    for (size_t i = 0; i < len;) {
        while (i < len && plain[(unsigned char)text[i]])
            i++;
        if (i == len)
            break;
        uint32_t point = (unsigned char)text[i];
        size_t n = point < 0x80 ? 1 : ctx_utf8_decode(text + i, len - i, &point);
        if (n == 0) {
            n = 1;
            point = 0xFFFD;
        } else if (!needs_escape(point)) {
            i += n;
            continue;
        }
        ctx_buffer_append(buffer, text + kept, i - kept);
        const char *escape = point < 0x80 ? short_escape((unsigned char)point) : NULL;
        if (escape)
            ctx_buffer_puts(buffer, escape);
        else
            ctx_buffer_printf(buffer, "\\u%04x", (unsigned)point);
        i += n;
        kept = i;
    }
    ctx_buffer_append(buffer, text + kept, len - kept);
    return ctx_buffer_putc(buffer, '"');
}

int ctx_quote_str(struct ctx_buffer *buffer, const char *text)
{
    return ctx_quote(buffer, text, strlen(text));
}
