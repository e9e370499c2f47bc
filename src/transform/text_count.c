/*
 * Lines, words and characters, as Python counts them: its white space and its line boundaries are
 * more than ASCII's (Unicode's bidirectional types WS, B, S and category Zs; str.splitlines()).
 * Pure; any thread.
 */
#include "transform/text_count.h"

#include <stdbool.h>

#include "base/utf8.h"

enum { SPACE = 1, BREAK = 2, WIDE = 4 };

/* What each byte is on its own; WIDE bytes begin or continue a longer character. */
static const unsigned char classes[256] = {
    ['\t'] = SPACE,         ['\n'] = SPACE | BREAK, [0x0B] = SPACE | BREAK, [0x0C] = SPACE | BREAK,
    ['\r'] = SPACE | BREAK, [0x1C] = SPACE | BREAK, [0x1D] = SPACE | BREAK, [0x1E] = SPACE | BREAK,
    [0x1F] = SPACE,         [' '] = SPACE,          [0x80 ... 0xFF] = WIDE,
};

static unsigned wide_class(uint32_t point)
{
    switch (point) {
    case 0x85:
    case 0x2028:
    case 0x2029:
        return SPACE | BREAK;
    case 0xA0:
    case 0x1680:
    case 0x202F:
    case 0x205F:
    case 0x3000:
        return SPACE;
    default:
        return point >= 0x2000 && point <= 0x200A ? SPACE : 0;
    }
}

struct ctx_text_count ctx_text_count(const char *text, size_t len)
{
    struct ctx_text_count count = { 0 };
    bool in_word = false;
    bool in_line = false;
    for (size_t i = 0; i < len;) {
        unsigned class = classes[(unsigned char)text[i]];
        size_t n = 1;
        if (class & WIDE) {
            uint32_t point = 0;
            n = ctx_utf8_decode(text + i, len - i, &point);
            n = n ? n : 1;
            class = wide_class(point);
        }
        count.characters++;
        count.words += !in_word && !(class & SPACE);
        in_word = !(class & SPACE);
        bool first_of_crlf = text[i] == '\r' && i + 1 < len && text[i + 1] == '\n';
        count.lines += (class & BREAK) && !first_of_crlf;
        in_line = !(class & BREAK);
        i += n;
    }
    count.lines += in_line;
    return count;
}
