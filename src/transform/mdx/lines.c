/* Lines of Markdown: prefixes of containers, and what a line begins. Pure functions of one line. */
#include "transform/mdx/lines.h"

#include <string.h>

enum { TAB_STOP = 4, FENCE_MIN = 3, NUMBER_MAX = 9, LABEL_MAX = 999 };

struct ctx_line ctx_line_at(const char *source, size_t len, size_t at)
{
    const char *eol = memchr(source + at, '\n', len - at);
    size_t end = eol ? (size_t)(eol - source) : len;
    return (struct ctx_line){
        .source = source, .begin = at, .at = at, .end = end, .next = eol ? end + 1 : end
    };
}

static char peek(const struct ctx_line *line, size_t ahead)
{
    return line->at + ahead < line->end ? line->source[line->at + ahead] : '\0';
}

static bool is_white(char c)
{
    return c == ' ' || c == '\t';
}

/* The first byte that is no white space; '\0': the line has none. Most lines are told by it. */
static char first_byte(const struct ctx_line *line)
{
    size_t i = line->at;
    while (i < line->end && is_white(line->source[i]))
        i++;
    return i < line->end ? line->source[i] : '\0';
}

bool ctx_line_is_blank(const struct ctx_line *line)
{
    size_t i = line->at;
    while (i < line->end && is_white(line->source[i]))
        i++;
    return i == line->end;
}

unsigned ctx_line_indent(const struct ctx_line *line)
{
    unsigned column = line->column + line->spare;
    for (size_t i = line->at; i < line->end && is_white(line->source[i]); i++)
        column += line->source[i] == '\t' ? TAB_STOP - column % TAB_STOP : 1;
    return column - line->column;
}

void ctx_line_take_up_to(struct ctx_line *line, unsigned columns)
{
    while (columns > 0) {
        if (line->spare > 0) {
            line->spare--;
        } else if (peek(line, 0) == '\t') {
            line->spare = TAB_STOP - line->column % TAB_STOP - 1;
            line->at++;
        } else if (peek(line, 0) == ' ') {
            line->at++;
        } else {
            return;
        }
        line->column++;
        columns--;
    }
}

bool ctx_line_take_columns(struct ctx_line *line, unsigned columns)
{
    if (ctx_line_indent(line) < columns)
        return false;
    ctx_line_take_up_to(line, columns);
    return true;
}

void ctx_line_skip_white(struct ctx_line *line)
{
    if (line->spare == 0 && !is_white(peek(line, 0)))
        return;
    ctx_line_take_up_to(line, ctx_line_indent(line));
}

static void take_bytes(struct ctx_line *line, size_t count)
{
    line->at += count;
    line->column += (unsigned)count;
}

bool ctx_line_take_quote(struct ctx_line *line)
{
    if (first_byte(line) != '>')
        return false;
    struct ctx_line probe = *line;
    ctx_line_skip_white(&probe);
    take_bytes(&probe, 1);
    ctx_line_take_up_to(&probe, 1);
    *line = probe;
    return true;
}

/* Length of a list marker, 0 when there is none. */
static size_t list_marker(const struct ctx_line *line, bool in_paragraph)
{
    char c = peek(line, 0);
    size_t n = 1;
    if (c >= '0' && c <= '9') {
        n = 0;
        while (n <= NUMBER_MAX && peek(line, n) >= '0' && peek(line, n) <= '9')
            n++;
        if (n > NUMBER_MAX || (peek(line, n) != '.' && peek(line, n) != ')') ||
            (in_paragraph && !(n == 1 && c == '1')))
            return 0;
        n++;
    } else if (c != '-' && c != '*' && c != '+') {
        return 0;
    }
    char after = peek(line, n);
    if (after && !is_white(after))
        return 0;
    struct ctx_line rest = *line;
    take_bytes(&rest, n);
    return in_paragraph && ctx_line_is_blank(&rest) ? 0 : n;
}

/* Length of `[^label]:`, 0 when it is none. */
static size_t footnote_marker(const struct ctx_line *line)
{
    if (peek(line, 0) != '[' || peek(line, 1) != '^')
        return 0;
    size_t n = 2;
    while (n < LABEL_MAX && peek(line, n) && peek(line, n) != ']' && !is_white(peek(line, n)) &&
           peek(line, n) != '[')
        n++;
    return n > 2 && peek(line, n) == ']' && peek(line, n + 1) == ':' ? n + 2 : 0;
}

bool ctx_line_may_have_marker(const struct ctx_line *line)
{
    static const bool begins[256] = {
        ['>'] = true, ['-'] = true, ['*'] = true, ['+'] = true, ['['] = true, ['0' ... '9'] = true
    };
    return begins[(unsigned char)first_byte(line)];
}

bool ctx_line_take_marker(struct ctx_line *line, bool in_paragraph, struct ctx_marker *ret)
{
    if (!ctx_line_may_have_marker(line))
        return false;
    struct ctx_line probe = *line;
    ctx_line_skip_white(&probe);
    unsigned begin = probe.column;
    struct ctx_marker marker = { .begin = probe.source + probe.at };
    if (ctx_line_take_quote(line)) {
        marker.kind = CTX_MDX_ENTER_QUOTE;
        *ret = marker;
        return true;
    }
    if (ctx_line_is_rule(&probe))
        return false;
    if ((marker.len = list_marker(&probe, in_paragraph)))
        marker.kind = CTX_MDX_ENTER_ITEM;
    else if (!in_paragraph && (marker.len = footnote_marker(&probe)))
        marker.kind = CTX_MDX_ENTER_FOOTNOTE;
    else
        return false;
    unsigned indent = begin - line->column;
    take_bytes(&probe, marker.len);
    marker.empty = ctx_line_is_blank(&probe);
    if (marker.kind == CTX_MDX_ENTER_FOOTNOTE)
        marker.width = TAB_STOP;
    else
        marker.width = indent + (unsigned)marker.len + (marker.empty ? 1 : ctx_line_indent(&probe));
    ctx_line_skip_white(&probe);
    *line = probe;
    *ret = marker;
    return true;
}

bool ctx_line_is_rule(const struct ctx_line *line)
{
    char c = first_byte(line);
    if (c != '-' && c != '*' && c != '_')
        return false;
    struct ctx_line probe = *line;
    ctx_line_skip_white(&probe);
    unsigned n = 0;
    for (size_t i = probe.at; i < probe.end; i++) {
        if (probe.source[i] == c)
            n++;
        else if (!is_white(probe.source[i]))
            return false;
    }
    return n >= 3;
}

bool ctx_line_is_underline(const struct ctx_line *line)
{
    char c = peek(line, 0);
    size_t n = 0;
    while ((c == '=' || c == '-') && peek(line, n) == c)
        n++;
    struct ctx_line rest = *line;
    take_bytes(&rest, n);
    return n > 0 && ctx_line_is_blank(&rest);
}

bool ctx_line_opens_fence(const struct ctx_line *line, struct ctx_fence *ret)
{
    char c = peek(line, 0);
    size_t n = 0;
    while ((c == '`' || c == '~') && peek(line, n) == c)
        n++;
    if (n < FENCE_MIN ||
        (c == '`' && memchr(line->source + line->at + n, '`', line->end - line->at - n)))
        return false;
    *ret = (struct ctx_fence){ .byte = c, .count = n };
    return true;
}

/* Whether the line ends with a fence of that kind, whatever is before it. */
static bool ends_with_fence(const struct ctx_line *line, const struct ctx_fence *fence)
{
    size_t end = line->end;
    while (end > line->at && is_white(line->source[end - 1]))
        end--;
    size_t n = 0;
    while (end - n > line->at && line->source[end - n - 1] == fence->byte)
        n++;
    return n == fence->count;
}

bool ctx_line_closes_fence(const struct ctx_line *line, const struct ctx_fence *fence)
{
    if (fence->in_text)
        return ends_with_fence(line, fence);
    if (first_byte(line) != fence->byte)
        return false;
    struct ctx_line probe = *line;
    ctx_line_skip_white(&probe);
    size_t n = 0;
    while (peek(&probe, n) == fence->byte)
        n++;
    take_bytes(&probe, n);
    return n >= fence->count && ctx_line_is_blank(&probe);
}

unsigned ctx_line_heading_level(const struct ctx_line *line)
{
    unsigned n = 0;
    while (peek(line, n) == '#')
        n++;
    return n <= 6 && n > 0 && (peek(line, n) == '\0' || is_white(peek(line, n))) ? n : 0;
}

size_t ctx_cell_end(const char *text, size_t at, size_t end)
{
    for (; at < end && text[at] != '|'; at++)
        at += text[at] == '\\' && at + 1 < end;
    return at < end ? at : end;
}

size_t ctx_row_columns(const char *row, size_t len)
{
    while (len > 0 && is_white(row[len - 1]))
        len--;
    size_t at = len > 0 && row[0] == '|';
    size_t columns = 0;
    while (at < len) {
        at = ctx_cell_end(row, at, len) + 1;
        columns++;
    }
    return columns;
}

size_t ctx_delimiter_columns(const char *row, size_t len)
{
    bool dash = false;
    bool mark = false; /* a pipe or a colon: else it is a rule or an underline */
    for (size_t i = 0; i < len; i++) {
        char c = row[i];
        dash |= c == '-';
        mark |= c == '|' || c == ':';
        if (c != '-' && c != ':' && c != '|' && !is_white(c))
            return 0;
        /* `- -` and `a:b` are no delimiters; each cell is `:?-+:?`. */
        if (c == '-' && i > 1 && is_white(row[i - 1]) && row[i - 2] != '|' && !is_white(row[i - 2]))
            return 0;
    }
    return dash && mark ? ctx_row_columns(row, len) : 0;
}

size_t ctx_lines_count(const char *text, size_t len)
{
    size_t n = len > 0 && text[len - 1] != '\n';
    const char *p = text;
    while (len > 0 && (p = memchr(p, '\n', (size_t)(text + len - p)))) {
        n++;
        p++;
    }
    return n;
}
