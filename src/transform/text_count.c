/*
 * Lines, words and characters, as Python counts them: its white space and its line boundaries are
 * more than ASCII's (Unicode's bidirectional types WS, B, S and category Zs; str.splitlines()).
 * Pure; any thread.
 */
#include "transform/text_count.h"

#include <stdbool.h>
#include <string.h>

#include "base/lanes.h"
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

/* What is counted so far, and what the last character was. */
struct counter {
    struct ctx_text_count count;
    bool in_word, in_line;
};

/* Counts the character at `at`; returns its length. */
static size_t count_one(struct counter *counter, const char *text, size_t len, size_t at)
{
    unsigned class = classes[(unsigned char)text[at]];
    size_t n = 1;
    if (class & WIDE) {
        uint32_t point = 0;
        n = ctx_utf8_decode(text + at, len - at, &point);
        n = n ? n : 1;
        class = wide_class(point);
    }
    bool first_of_crlf = text[at] == '\r' && at + 1 < len && text[at + 1] == '\n';
    counter->count.characters++;
    counter->count.words += !counter->in_word && !(class & SPACE);
    counter->count.lines += (class & BREAK) && !first_of_crlf;
    counter->in_word = !(class & SPACE);
    counter->in_line = !(class & BREAK);
    return n;
}

/* The first bytes of wide characters that are white space: see wide_class(). */
static ctx_lanes wide_spaces(const char *text)
{
    ctx_lanes a = ctx_lanes_load(text);
    ctx_lanes b = ctx_lanes_load(text + 1);
    ctx_lanes c = ctx_lanes_load(text + 2);
    ctx_lanes c2 = (ctx_lanes)(a == 0xC2) & ((ctx_lanes)(b == 0x85) | (ctx_lanes)(b == 0xA0));
    ctx_lanes e1 = (ctx_lanes)(a == 0xE1) & (ctx_lanes)(b == 0x9A) & (ctx_lanes)(c == 0x80);
    ctx_lanes e280 = (ctx_lanes)(b == 0x80) & ((ctx_lanes)(c <= 0x8A) | (ctx_lanes)(c == 0xA8) |
                                               (ctx_lanes)(c == 0xA9) | (ctx_lanes)(c == 0xAF));
    ctx_lanes e281 = (ctx_lanes)(b == 0x81) & (ctx_lanes)(c == 0x9F);
    ctx_lanes e3 = (ctx_lanes)(a == 0xE3) & (ctx_lanes)(b == 0x80) & (ctx_lanes)(c == 0x80);
    return c2 | e1 | ((ctx_lanes)(a == 0xE2) & (e280 | e281)) | e3;
}

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

static bool is_word(char byte)
{
    return (unsigned char)byte > ' ';
}

/*
 * Counts whole vectors whose white space is blanks, tabs and newlines, from `at` on: a word begins where
 * a byte is no space and the one before it is, and characters where a byte continues none. Returns
 * where it stopped. Sums are kept in the lanes, which hold 255.
 */
static size_t count_plain(struct counter *counter, const char *text, size_t len, size_t at)
{
    typedef signed char signed_lanes __attribute__((vector_size(CTX_LANES)));
    ctx_lanes starts = { 0 }, breaks = { 0 }, continued = { 0 };
    if (at == 0 || len - at < CTX_LANES + 2)
        return at;
    size_t begin = at;
    size_t vectors = (len - at - 2) / CTX_LANES;
    size_t stop = at + (vectors < UINT8_MAX ? vectors : UINT8_MAX) * CTX_LANES;
    for (; at < stop; at += CTX_LANES) {
        ctx_lanes bytes = ctx_lanes_load(text + at);
        ctx_lanes newlines = (ctx_lanes)(bytes == '\n');
        ctx_lanes plain = newlines | (ctx_lanes)(bytes == '\t');
        ctx_lanes odd = (ctx_lanes)((signed_lanes)bytes < ' ') & ~plain;
        if (ctx_lanes_any(odd)) { /* wide characters, or other white space */
            if (ctx_lanes_any((odd & (ctx_lanes)(bytes < ' ')) | wide_spaces(text + at)))
                break;
            continued -= (ctx_lanes)((bytes & 0xC0) == 0x80);
        }
        ctx_lanes before = ctx_lanes_load(text + at - 1);
        starts -= (ctx_lanes)(before <= ' ') & ~(ctx_lanes)(bytes <= ' ');
        breaks -= newlines;
    }
    if (at == begin)
        return at;
    /* What comes before the first byte may be white space of another kind. */
    counter->count.words += ctx_lanes_sum(starts) + (is_word(text[begin]) && !counter->in_word) -
                            (is_word(text[begin]) && !is_word(text[begin - 1]));
    counter->count.lines += ctx_lanes_sum(breaks);
    counter->count.characters += at - begin - ctx_lanes_sum(continued);
    while (at < len && is_continuation(text[at]))
        at++;
    counter->in_word = is_word(text[at - 1]);
    counter->in_line = text[at - 1] != '\n';
    return at;
}

static void count(struct counter *counter, const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t past = count_plain(counter, text, len, at);
        size_t stop = at > 0 ? at + CTX_LANES : 1;
        if (past == at)
            while (past < len && past < stop)
                past += count_one(counter, text, len, past);
        at = past;
    }
}

struct ctx_text_count ctx_text_count(const char *text, size_t len)
{
    struct counter counter = { 0 };
    count(&counter, text, len);
    counter.count.lines += counter.in_line;
    return counter.count;
}

static bool is_space_at(const char *text, size_t len, size_t at)
{
    unsigned class = classes[(unsigned char)text[at]];
    uint32_t point = 0;
    if (!(class & WIDE))
        return class & SPACE;
    return ctx_utf8_decode(text + at, len - at, &point) > 0 && (wide_class(point) & SPACE);
}

/* The words that begin in a piece of text, and the one after it that would be its continuation. */
static int64_t words_begun(const char *bytes, size_t len, bool word_before, bool word_after)
{
    struct counter counter = { .in_word = word_before };
    count(&counter, bytes, len);
    return (int64_t)counter.count.words + (word_after && !counter.in_word);
}

int64_t ctx_text_words_change(const char *text, size_t text_len, size_t at, size_t removed,
                              const char *bytes, size_t len)
{
    size_t past = at + removed;
    size_t before = at;
    while (before > 0 && ((unsigned char)text[--before] & 0xC0) == 0x80)
        ;
    bool word_before = at > 0 && !is_space_at(text, at, before);
    bool word_after = past < text_len && !is_space_at(text, text_len, past);
    return words_begun(bytes, len, word_before, word_after) -
           words_begun(text + at, removed, word_before, word_after);
}

/* The length of the white space that the text begins with. */
static size_t space_length(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len) {
        struct counter counter = { 0 };
        size_t n = count_one(&counter, text, len, at);
        if (counter.in_word)
            break;
        at += n;
    }
    return at;
}

const char *ctx_text_strip(const char *text, size_t len, size_t *ret_len)
{
    size_t begin = space_length(text, len);
    size_t end = begin;
    for (size_t at = begin; at < len;) {
        struct counter counter = { 0 };
        at += count_one(&counter, text, len, at);
        if (counter.in_word)
            end = at;
    }
    *ret_len = end - begin;
    return text + begin;
}
