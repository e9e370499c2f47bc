/* Plain text as Markdown. Invariant: what is written reads back as the text that was given. */
#include "transform/mdx/escape.h"

#include <string.h>

#include "base/cleanup.h"
#include "transform/mdx/entities.h"

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static bool is_punctuation(char c)
{
    return c && strchr("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", c);
}

/* A character of a word, or the edge of one that is not ASCII. */
static bool is_word(char c)
{
    return c && !is_white(c) && !is_punctuation(c);
}

/* Whether the byte at `i` would be markup where it stands. */
static bool is_markup(const char *s, size_t len, size_t i, bool in_cell)
{
    char before = i > 0 ? s[i - 1] : ' ';
    char after = i + 1 < len ? s[i + 1] : ' ';
    switch (s[i]) {
    case '\\':
        return is_punctuation(after) || i + 1 == len;
    case '`':
    case '[':
    case ']':
    case '{':
        return true;
    case '<': /* at the end, what comes next is not known */
        return i + 1 == len || !is_white(after);
    case '*':
        return !(is_white(before) && is_white(after));
    case '_':
        return !(is_word(before) && is_word(after)) && !(is_white(before) && is_white(after));
    case '~':
        return before == '~' || after == '~';
    case '|':
        return in_cell;
    default:
        return false;
    }
}

/* The end of the text from `at` on that stands for itself: no white space but lone blanks. */
static size_t plain_end(const char *text, size_t len, size_t at)
{
    static const bool others[256] = {
        ['\\'] = true, ['`'] = true,  ['['] = true, [']'] = true, ['{'] = true,
        ['<'] = true,  ['*'] = true,  ['_'] = true, ['~'] = true, ['|'] = true,
        [' '] = true,  ['\t'] = true, ['\n'] = true
    };
    while (at < len && (!others[(unsigned char)text[at]] ||
                        (text[at] == ' ' && at + 1 < len && !is_white(text[at + 1]))))
        at++;
    return at;
}

void ctx_escape_text(struct ctx_buffer *ret, const char *text, size_t len, bool in_cell)
{
    for (size_t i = 0; i < len; i++) {
        size_t end = plain_end(text, len, i);
        ctx_buffer_append(ret, text + i, end - i);
        i = end;
        if (i == len)
            break;
        if (is_white(text[i])) {
            size_t n = 1;
            while (i + n < len && is_white(text[i + n]))
                n++;
            bool lines = memchr(text + i, '\n', n) != NULL;
            ctx_buffer_fill(ret, ' ', lines ? 1 : n);
            i += n - 1;
            continue;
        }
        if (is_markup(text, len, i, in_cell))
            ctx_buffer_putc(ret, '\\');
        ctx_buffer_putc(ret, text[i]);
    }
}

/* Where in a line a backslash keeps it from beginning a block; -1: nowhere. */
static int block_marker(const char *s)
{
    size_t n = strspn(s, "#");
    if (n >= 1 && n <= 6 && (!s[n] || is_white(s[n])))
        return 0;
    if (*s == '>' || strncmp(s, "```", 3) == 0 || strncmp(s, "~~~", 3) == 0 ||
        strncmp(s, ":::", 3) == 0)
        return 0;
    if (strchr("-+*", *s) && (!s[1] || is_white(s[1])))
        return 0;
    if (strchr("=-*_", *s) && strspn(s, "=-*_ \t") == strlen(s))
        return 0;
    n = strspn(s, "0123456789");
    if (n >= 1 && n <= 9 && (s[n] == '.' || s[n] == ')') && (!s[n + 1] || is_white(s[n + 1])))
        return (int)n;
    return -1;
}

void ctx_escape_line_start(struct ctx_buffer *buffer, size_t begin)
{
    if (begin >= buffer->len)
        return;
    int at = block_marker(buffer->data + begin);
    if (at >= 0)
        ctx_buffer_splice(buffer, begin + (size_t)at, 0, "\\", 1);
}

static void escape_destination(struct ctx_buffer *ret, const char *url, size_t len)
{
    bool angled = len == 0 || url[0] == '<';
    for (size_t i = 0; i < len; i++)
        angled |= is_white(url[i]) || url[i] == '(' || url[i] == ')';
    if (angled)
        ctx_buffer_putc(ret, '<');
    for (size_t i = 0; i < len; i++) {
        if (url[i] == '\n')
            continue;
        if (angled && (url[i] == '<' || url[i] == '>'))
            ctx_buffer_putc(ret, '\\');
        ctx_buffer_putc(ret, url[i]);
    }
    if (angled)
        ctx_buffer_putc(ret, '>');
}

void ctx_escape_link_end(struct ctx_buffer *ret, const char *url, size_t len)
{
    ctx_buffer_puts(ret, "](");
    escape_destination(ret, url, len);
    ctx_buffer_putc(ret, ')');
}

/* The longest run of backticks. */
static size_t longest_run(const char *text, size_t len)
{
    size_t longest = 0;
    size_t run = 0;
    for (size_t i = 0; i < len; i++) {
        run = text[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

void ctx_escape_code(struct ctx_buffer *ret, const char *text, size_t len, bool in_cell)
{
    size_t ticks = longest_run(text, len) + 1;
    bool pad = len > 0 && (text[0] == '`' || text[len - 1] == '`' ||
                           (is_white(text[0]) && is_white(text[len - 1])));
    ctx_buffer_fill(ret, '`', ticks);
    if (pad)
        ctx_buffer_putc(ret, ' ');
    for (size_t i = 0; i < len; i++) {
        if (in_cell && text[i] == '|')
            ctx_buffer_putc(ret, '\\');
        ctx_buffer_putc(ret, text[i] == '\n' ? ' ' : text[i]);
    }
    if (pad)
        ctx_buffer_putc(ret, ' ');
    ctx_buffer_fill(ret, '`', ticks);
}

/* The end of a code span of one backtick that begins at `at`; 0 when it is none. */
static size_t code_end(const char *text, size_t len, size_t at)
{
    const char *close = text[at] == '`' ? memchr(text + at + 1, '`', len - at - 1) : NULL;
    size_t end = close ? (size_t)(close - text) : 0;
    if (end < at + 2 || is_white(text[at + 1]) || is_white(text[end - 1]) ||
        (end + 1 < len && text[end + 1] == '`'))
        return 0;
    return end + 1;
}

/* Whether what a link's parentheses hold leads somewhere, rather than being a call's arguments. */
static bool is_address(const char *text, size_t len)
{
    return memchr("/.#", *text, 3) || memmem(text, len, "://", 3) ||
           (len > 7 && memcmp(text, "mailto:", 7) == 0);
}

/* The end of `[text](address)` that begins at `at`, and where the text's ends; 0: there is none. */
static size_t link_end(const char *text, size_t len, size_t at, size_t *ret_middle)
{
    if (text[at] != '[' || (at > 0 && strchr("!\\", text[at - 1])))
        return 0;
    size_t middle = at + 1;
    while (middle < len && !memchr("[]`\n", text[middle], 4))
        middle++;
    size_t end = middle + 2;
    if (end >= len || middle == at + 1 || text[middle] != ']' || text[middle + 1] != '(')
        return 0;
    while (end < len && !is_white(text[end]) && !memchr("()<>", text[end], 4))
        end++;
    *ret_middle = middle;
    size_t address = middle + 2;
    bool closed = end < len && text[end] == ')' && end > address;
    return closed && is_address(text + address, end - address) ? end + 1 : 0;
}

/* `[text](address)`, whose text ends at `middle`, of `len` bytes. */
static void put_link(struct ctx_buffer *ret, const char *link, size_t middle, size_t len,
                     bool in_cell, bool linked)
{
    const char *address = link + middle + 2;
    size_t address_len = len - middle - 3;
    ctx_buffer_puts(ret, linked ? "[" : "");
    ctx_escape_text(ret, link + 1, middle - 1, in_cell);
    ctx_buffer_puts(ret, linked ? "](" : " (");
    if (linked)
        ctx_buffer_append(ret, address, address_len);
    else
        ctx_escape_text(ret, address, address_len, in_cell);
    ctx_buffer_putc(ret, ')');
}

static void escape_prose(struct ctx_buffer *ret, const char *text, size_t len, bool in_cell,
                         bool linked)
{
    size_t done = 0;
    size_t middle;
    for (size_t i = 0; i < len; i++) {
        if (text[i] != '[' && text[i] != '`')
            continue;
        CTX_AUTO_BUFFER struct ctx_buffer code;
        ctx_buffer_init(&code, ret->limit);
        size_t end = link_end(text, len, i, &middle);
        if (end) {
            ctx_escape_text(ret, text + done, i - done, in_cell);
            put_link(ret, text + i, middle - i, end - i, in_cell, linked);
            done = end;
            i = end - 1;
            continue;
        }
        end = code_end(text, len, i);
        if (!end || !ctx_entities_decode(&code, text + i + 1, end - i - 2))
            continue;
        ctx_escape_text(ret, text + done, i - done, in_cell);
        ctx_escape_code(ret, ctx_buffer_str(&code), code.len, in_cell);
        done = end;
        i = end - 1;
    }
    ctx_escape_text(ret, text + done, len - done, in_cell);
}

void ctx_escape_prose(struct ctx_buffer *ret, const char *text, size_t len, bool in_cell)
{
    escape_prose(ret, text, len, in_cell, false);
}

void ctx_escape_linked_prose(struct ctx_buffer *ret, const char *text, size_t len, bool in_cell)
{
    escape_prose(ret, text, len, in_cell, true);
}

bool ctx_escape_has_marks(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\\')
            i++;
        else if (text[i] == '*' && is_markup(text, len, i, false))
            return true;
    }
    return false;
}
