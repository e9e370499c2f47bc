/*
 * Where inline HTML and autolinks end. Each search that runs to the text's end in vain is remembered,
 * so that it is not made again. Pure.
 */
#include "transform/normalise/inline_html.h"

#include <string.h>

#include "transform/ascii.h"

static char at(const struct ctx_inline_html *html, size_t i)
{
    return i < html->len ? html->text[i] : '\0';
}

static size_t skip_spaces(const struct ctx_inline_html *html, size_t i)
{
    while (i < html->len && ctx_ascii_is_space(html->text[i]))
        i++;
    return i;
}

static bool is_among(char c, const char *others)
{
    return ctx_ascii_is_letter(c) || ctx_ascii_is_digit(c) || (c != '\0' && strchr(others, c));
}

static size_t end_of_uri(const struct ctx_inline_html *html, size_t i)
{
    size_t j = i;
    while (is_among(at(html, j), "+.-"))
        j++;
    if (!ctx_ascii_is_letter(at(html, i)) || j - i < 2 || j - i > 32 || at(html, j) != ':')
        return 0;
    while (j < html->len && (unsigned char)html->text[j] > ' ' && !strchr("<>", html->text[j]))
        j++;
    return j;
}

static size_t end_of_address(const struct ctx_inline_html *html, size_t i)
{
    size_t j = i;
    while (is_among(at(html, j), ".!#$%&'*+/=?^_`{|}~-"))
        j++;
    if (j == i || at(html, j) != '@')
        return 0;
    for (j++; is_among(at(html, j), ".-");)
        j++;
    return j;
}

size_t ctx_inline_autolink_end(const struct ctx_inline_html *html, size_t i)
{
    size_t end = end_of_uri(html, i + 1);
    if (end == 0)
        end = end_of_address(html, i + 1);
    return end > 0 && at(html, end) == '>' ? end + 1 : 0;
}

static size_t end_of_name(const struct ctx_inline_html *html, size_t i)
{
    if (!ctx_ascii_is_letter(at(html, i)))
        return 0;
    while (ctx_ascii_is_letter(at(html, i)) || ctx_ascii_is_digit(at(html, i)) ||
           at(html, i) == '-')
        i++;
    return i;
}

static bool is_attribute_byte(char c)
{
    return ctx_ascii_is_letter(c) || ctx_ascii_is_digit(c) || c == '_' || c == '.' || c == ':' ||
           c == '-';
}

/* Past an attribute's value, 0 when there is none. */
static size_t end_of_value(const struct ctx_inline_html *html, size_t i)
{
    char quote = at(html, i);
    if (quote == '"' || quote == '\'') {
        const char *end = memchr(html->text + i + 1, quote, html->len - i - 1);
        return end ? (size_t)(end - html->text) + 1 : 0;
    }
    size_t j = i;
    while (j < html->len && !ctx_ascii_is_space(html->text[j]) && !strchr("\"'=<>`", html->text[j]))
        j++;
    return j > i ? j : 0;
}

/* Past an attribute, 0 when there is none. */
static size_t end_of_attribute(const struct ctx_inline_html *html, size_t i)
{
    char c = at(html, i);
    if (!ctx_ascii_is_letter(c) && c != '_' && c != ':')
        return 0;
    while (is_attribute_byte(at(html, i)))
        i++;
    size_t equals = skip_spaces(html, i);
    if (at(html, equals) != '=')
        return i;
    return end_of_value(html, skip_spaces(html, equals + 1));
}

static size_t end_of_open_tag(const struct ctx_inline_html *html, size_t i)
{
    i = end_of_name(html, i + 1);
    while (i > 0) {
        size_t next = skip_spaces(html, i);
        if (at(html, next) == '>')
            return next + 1;
        if (at(html, next) == '/')
            return at(html, next + 1) == '>' ? next + 2 : 0;
        if (next == i)
            return 0;
        i = end_of_attribute(html, next);
    }
    return 0;
}

static size_t end_of_closing_tag(const struct ctx_inline_html *html, size_t i)
{
    i = end_of_name(html, i + 2);
    if (i == 0)
        return 0;
    i = skip_spaces(html, i);
    return at(html, i) == '>' ? i + 1 : 0;
}

static size_t find_end(const struct ctx_inline_html *html, size_t i, const char *end, bool *none)
{
    size_t n = strlen(end);
    const char *found =
        *none || i > html->len ? NULL : memmem(html->text + i, html->len - i, end, n);
    *none |= !found;
    return found ? (size_t)(found - html->text) + n : 0;
}

static bool begins_with(const struct ctx_inline_html *html, size_t i, const char *with)
{
    size_t n = strlen(with);
    return n <= html->len - i && memcmp(html->text + i, with, n) == 0;
}

/* A comment's text neither begins with `>` or `->` nor holds `--` nor ends with `-`. */
static size_t end_of_comment(struct ctx_inline_html *html, size_t i)
{
    if (begins_with(html, i, "-->"))
        return i + 3;
    if (at(html, i) == '>' || begins_with(html, i, "->"))
        return 0;
    size_t end = find_end(html, i, "--", &html->no_comment);
    return end > 0 && at(html, end) == '>' ? end + 1 : 0;
}

/* `<!NAME …>`: capitals, and white space behind them. */
static size_t end_of_declaration(struct ctx_inline_html *html, size_t i)
{
    size_t name = i + 2;
    while (at(html, name) >= 'A' && at(html, name) <= 'Z')
        name++;
    if (name == i + 2 || !ctx_ascii_is_space(at(html, name)))
        return 0;
    return find_end(html, name, ">", &html->no_declaration);
}

size_t ctx_inline_html_end(struct ctx_inline_html *html, size_t i)
{
    if (begins_with(html, i, "</"))
        return end_of_closing_tag(html, i);
    if (begins_with(html, i, "<!--"))
        return end_of_comment(html, i + 4);
    if (begins_with(html, i, "<?"))
        return find_end(html, i + 2, "?>", &html->no_instruction);
    if (begins_with(html, i, "<![CDATA["))
        return find_end(html, i + 9, "]]>", &html->no_data);
    if (begins_with(html, i, "<!")) {
        html->declares = true;
        return end_of_declaration(html, i);
    }
    return end_of_open_tag(html, i);
}
