/*
 * Raw HTML, lexically. Each search that can fail only for want of an end is made at most once a
 * block, so that time is linear. Pure; any thread.
 */
#include "transform/html_tag.h"

#include <string.h>
#include <strings.h>

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n';
}

size_t ctx_skip_space(const char *text, size_t at, size_t end, bool in_quote)
{
    bool at_line_start = false;
    for (; at < end; at++) {
        if (text[at] == '\n')
            at_line_start = true;
        else if (!is_space(text[at]) && !(in_quote && at_line_start && text[at] == '>'))
            break;
    }
    return at;
}

static size_t tag_name_end(const char *text, size_t at, size_t end)
{
    if (at == end || !is_letter(text[at]))
        return at;
    while (at < end && (is_letter(text[at]) || is_digit(text[at]) || text[at] == '-'))
        at++;
    return at;
}

static bool begins_attribute(char byte)
{
    return is_letter(byte) || byte == '_' || byte == ':';
}

static bool continues_attribute(char byte)
{
    return begins_attribute(byte) || is_digit(byte) || byte == '.' || byte == '-';
}

/* A value after its '='; false: there is none, or its quote is not closed. */
static bool take_value(const char *text, size_t *at, size_t end, struct ctx_html_attribute *ret)
{
    size_t i = *at;
    if (i == end)
        return false;
    ret->quote = text[i] == '"' || text[i] == '\'' ? text[i] : '\0';
    if (ret->quote) {
        const char *close = memchr(text + i + 1, ret->quote, end - i - 1);
        if (!close)
            return false;
        ret->value = i + 1;
        ret->value_end = (size_t)(close - text);
        *at = ret->value_end + 1;
        return true;
    }
    while (i < end && !is_space(text[i]) && !strchr("\"'=<>`", text[i]))
        i++;
    ret->value = *at;
    ret->value_end = i;
    *at = i;
    return i > ret->value;
}

/* An attribute at `at`; white space before it is the caller's. */
static bool take_attribute(const char *text, size_t *at, size_t end, bool in_quote,
                           struct ctx_html_attribute *ret)
{
    *ret = (struct ctx_html_attribute){ .name = *at };
    size_t i = *at;
    if (i == end || !begins_attribute(text[i]))
        return false;
    while (i < end && continues_attribute(text[i]))
        i++;
    ret->name_len = i - *at;
    *at = i;
    i = ctx_skip_space(text, i, end, in_quote);
    if (i == end || text[i] != '=')
        return true;
    i = ctx_skip_space(text, i + 1, end, in_quote);
    if (!take_value(text, &i, end, ret))
        return false;
    *at = i;
    return true;
}

static size_t open_tag_end(const char *text, size_t at, size_t end, bool in_quote)
{
    size_t i = tag_name_end(text, at + 1, end);
    for (;;) {
        size_t next = ctx_skip_space(text, i, end, in_quote);
        if (next == end)
            return 0;
        if (text[next] == '>')
            return next + 1;
        if (text[next] == '/')
            return next + 1 < end && text[next + 1] == '>' ? next + 2 : 0;
        struct ctx_html_attribute attribute;
        if (next == i || !take_attribute(text, &next, end, in_quote, &attribute))
            return 0;
        i = next;
    }
}

static size_t closing_tag_end(const char *text, size_t at, size_t end, bool in_quote)
{
    size_t name = at + 2;
    size_t i = tag_name_end(text, name, end);
    if (i == name)
        return 0;
    i = ctx_skip_space(text, i, end, in_quote);
    return i < end && text[i] == '>' ? i + 1 : 0;
}

/* Past the next `mark` from `at` on; a search that failed is not made again. */
static size_t past(const char *text, size_t at, size_t end, const char *mark, bool *none)
{
    if (*none || at > end)
        return 0;
    size_t len = strlen(mark);
    const char *found = memmem(text + at, end - at, mark, len);
    *none = !found;
    return found ? (size_t)(found - text) + len : 0;
}

static size_t declaration_end(const char *text, size_t at, size_t end, struct ctx_html_ends *ends)
{
    if (end - at >= 4 && memcmp(text + at, "<!--", 4) == 0) {
        if (end - at >= 5 && text[at + 4] == '>')
            return at + 5;
        if (end - at >= 6 && memcmp(text + at + 4, "->", 2) == 0)
            return at + 6;
        return past(text, at + 4, end, "-->", &ends->no_comment);
    }
    if (end - at >= 9 && memcmp(text + at, "<![CDATA[", 9) == 0)
        return past(text, at + 9, end, "]]>", &ends->no_cdata);
    if (end - at >= 3 && is_letter(text[at + 2]))
        return past(text, at + 3, end, ">", &ends->no_declaration);
    return 0;
}

size_t ctx_html_end(const char *text, size_t at, size_t end, bool in_quote,
                    struct ctx_html_ends *ends)
{
    if (end - at < 3 || text[at] != '<')
        return 0;
    switch (text[at + 1]) {
    case '/':
        return closing_tag_end(text, at, end, in_quote);
    case '!':
        return declaration_end(text, at, end, ends);
    case '?':
        return past(text, at + 2, end, "?>", &ends->no_instruction);
    default:
        return is_letter(text[at + 1]) ? open_tag_end(text, at, end, in_quote) : 0;
    }
}

static size_t email_end(const char *text, size_t at, size_t end)
{
    size_t i = at + 1;
    while (i < end && (is_letter(text[i]) || is_digit(text[i]) ||
                       (text[i] && strchr(".!#$%&'*+/=?^_`{|}~-", text[i]))))
        i++;
    if (i == at + 1 || i == end || text[i] != '@')
        return 0;
    size_t host = ++i;
    while (i < end && (is_letter(text[i]) || is_digit(text[i]) || text[i] == '.' || text[i] == '-'))
        i++;
    return i > host && i < end && text[i] == '>' ? i + 1 : 0;
}

size_t ctx_autolink_end(const char *text, size_t at, size_t end)
{
    enum { LONGEST_SCHEME = 32 };
    size_t i = at + 1;
    if (i >= end || !is_letter(text[i]))
        return email_end(text, at, end);
    while (i < end && i - at <= LONGEST_SCHEME &&
           (is_letter(text[i]) || is_digit(text[i]) || (text[i] && strchr("+.-", text[i]))))
        i++;
    if (i == end || text[i] != ':' || i - at < 3)
        return email_end(text, at, end);
    while (i < end && (unsigned char)text[i] > ' ' && text[i] != '<' && text[i] != '>')
        i++;
    return i < end && text[i] == '>' ? i + 1 : 0;
}

bool ctx_html_is_tag(const char *text, size_t at, size_t end, const char *name)
{
    size_t len = strlen(name);
    return tag_name_end(text, at + 1, end) == at + 1 + len &&
           strncasecmp(text + at + 1, name, len) == 0;
}

bool ctx_html_next_attribute(const char *text, size_t *at, size_t tag_end, bool in_quote,
                             struct ctx_html_attribute *ret)
{
    size_t i = *at;
    if (text[i] == '<')
        i = tag_name_end(text, i + 1, tag_end);
    i = ctx_skip_space(text, i, tag_end, in_quote);
    bool taken = take_attribute(text, &i, tag_end, in_quote, ret);
    *at = i;
    return taken;
}
