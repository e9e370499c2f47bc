/* Link destinations, titles, labels and definitions, lexically. Pure; any thread. */
#include "transform/link_syntax.h"

#include <string.h>

#include "transform/html_tag.h"

/* CommonMark: at least 3 must be taken, so that no one needs more; cmark takes 32. */
enum { MOST_PARENTHESES = 32, LONGEST_LABEL = 999 };

static bool is_escaped_pair(const char *text, size_t at, size_t end)
{
    return text[at] == '\\' && at + 1 < end && text[at + 1] > ' ' && text[at + 1] < 0x7F;
}

static size_t angle_destination_end(const char *text, size_t at, size_t end)
{
    for (size_t i = at + 1; i < end; i++) {
        if (is_escaped_pair(text, i, end))
            i++;
        else if (text[i] == '>')
            return i + 1;
        else if (text[i] == '\n' || text[i] == '<')
            return 0;
    }
    return 0;
}

/* Bytes that end a destination without angle brackets, or mean something in it. */
static const bool destination_marks[256] = {
    [0 ... ' '] = true, ['\\'] = true, ['('] = true, [')'] = true
};

/* Past a destination without angle brackets; 0 when its parentheses do not match. */
static size_t plain_destination_end(const char *text, size_t at, size_t end)
{
    unsigned depth = 0;
    size_t i = at;
    for (; i < end; i++) {
        if (!destination_marks[(unsigned char)text[i]])
            continue;
        if ((unsigned char)text[i] <= ' ')
            break;
        if (is_escaped_pair(text, i, end)) {
            i++;
        } else if (text[i] == '(') {
            if (++depth > MOST_PARENTHESES)
                return 0;
        } else if (text[i] == ')') {
            if (depth == 0)
                break;
            depth--;
        }
    }
    return depth == 0 ? i : 0;
}

static size_t destination_end(const char *text, size_t at, size_t end)
{
    if (at < end && text[at] == '<')
        return angle_destination_end(text, at, end);
    return plain_destination_end(text, at, end);
}

/* Past the title at `at`; 0 when there is none. */
static size_t title_end(const char *text, size_t at, size_t end)
{
    if (at == end || !strchr("\"'(", text[at]))
        return 0;
    char close = text[at] == '(' ? ')' : text[at];
    for (size_t i = at + 1; i < end; i++) {
        if (is_escaped_pair(text, i, end))
            i++;
        else if (text[i] == close)
            return i + 1;
        else if (close == ')' && text[i] == '(')
            return 0;
    }
    return 0;
}

size_t ctx_link_tail_end(const char *text, size_t at, size_t end, bool in_quote,
                         struct ctx_span *ret_destination)
{
    if (at == end || text[at] != '(')
        return 0;
    size_t begin = ctx_skip_space(text, at + 1, end, in_quote);
    size_t past = destination_end(text, begin, end);
    if (past == 0)
        return 0;
    size_t i = ctx_skip_space(text, past, end, in_quote);
    if (i > past && i < end && text[i] != ')') {
        i = title_end(text, i, end);
        if (i == 0)
            return 0;
        i = ctx_skip_space(text, i, end, in_quote);
    }
    if (i == end || text[i] != ')')
        return 0;
    *ret_destination = (struct ctx_span){ begin, past };
    return i + 1;
}

size_t ctx_link_label_end(const char *text, size_t at, size_t end, struct ctx_span *ret_label)
{
    if (at == end || text[at] != '[')
        return 0;
    for (size_t i = at + 1; i < end && i - at <= LONGEST_LABEL; i++) {
        if (is_escaped_pair(text, i, end)) {
            i++;
        } else if (text[i] == '[') {
            return 0;
        } else if (text[i] == ']') {
            *ret_label = (struct ctx_span){ at + 1, i };
            return i + 1;
        }
    }
    return 0;
}

static size_t line_end(const char *text, size_t at, size_t end)
{
    const char *newline = memchr(text + at, '\n', end - at);
    return newline ? (size_t)(newline - text) : end;
}

static bool rest_is_blank(const char *text, size_t at, size_t end)
{
    while (at < end && (text[at] == ' ' || text[at] == '\t'))
        at++;
    return at == end || text[at] == '\n';
}

/* Past a definition's title; when it has none, past its destination. */
static size_t past_title(const char *text, size_t at, size_t end, bool in_quote)
{
    size_t title = ctx_skip_space(text, at, end, in_quote);
    size_t past = title > at ? title_end(text, title, end) : 0;
    return past && rest_is_blank(text, past, end) ? past : at;
}

/* The definition that begins at `at`; returns the offset past it, 0 when there is none. */
static size_t definition_end(const char *text, size_t at, size_t end, bool in_quote,
                             struct ctx_definition *ret)
{
    size_t colon = ctx_link_label_end(text, at, end, &ret->label);
    if (colon == 0 || colon == end || text[colon] != ':')
        return 0;
    size_t begin = ctx_skip_space(text, colon + 1, end, in_quote);
    size_t past = destination_end(text, begin, end);
    if (past <= begin)
        return 0;
    ret->destination = (struct ctx_span){ begin, past };
    past = past_title(text, past, end, in_quote);
    return rest_is_blank(text, past, end) ? past : 0;
}

/* Past the quotes' marks, the list markers and the indentation that a line begins with. */
static size_t past_prefix(const char *text, size_t at, size_t end, bool in_quote)
{
    for (;;) {
        while (at < end && (text[at] == ' ' || (in_quote && text[at] == '>')))
            at++;
        size_t marker = at;
        while (marker < end && text[marker] >= '0' && text[marker] <= '9')
            marker++;
        if (marker + 1 >= end || text[marker] == '\n' || text[marker + 1] != ' ' ||
            !strchr(marker > at ? ".)" : "-*+", text[marker]))
            return at;
        at = marker + 1;
    }
}

bool ctx_next_definition(const char *text, size_t *at, size_t end, bool in_quote,
                         struct ctx_definition *ret)
{
    while (*at < end) {
        size_t begin = past_prefix(text, *at, end, in_quote);
        size_t past = definition_end(text, begin, end, in_quote, ret);
        size_t newline = line_end(text, past ? past : begin, end);
        *at = newline < end ? newline + 1 : end;
        if (past && text[ret->label.begin] != '^')
            return true;
    }
    return false;
}

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

int ctx_link_label_fold(struct ctx_buffer *buffer, const char *text, struct ctx_span label)
{
    size_t first = buffer->len;
    bool space = false;
    for (size_t i = label.begin; i < label.end; i++) {
        if (text[i] == ' ' || text[i] == '\t' || text[i] == '\n') {
            space = true;
            continue;
        }
        if (space && buffer->len > first)
            ctx_buffer_putc(buffer, ' ');
        space = false;
        ctx_buffer_putc(buffer, lower(text[i]));
    }
    return ctx_buffer_status(buffer);
}
