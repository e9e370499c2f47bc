/*
 * The inline scanner: which newlines of a paragraph are text. Each search that runs to the
 * paragraph's end in vain is remembered, so that it is not made again. Pure.
 */
#include "transform/normalise/newlines.h"

#include <stdbool.h>
#include <string.h>

#include "transform/ascii.h"
#include "transform/normalise/inline_html.h"

enum {
    LONGEST_TICKS = 80, /* as cmark-gfm's */
    DEEPEST_PARENTHESES = 32,
};

/* A delimiter run: of emphasis or strikethrough. */
struct run {
    char mark; /* '\0': none */
    size_t begin, len;
    size_t brackets; /* open around it */
};

struct scan {
    const char *text;
    size_t len;
    uint8_t *kinds;
    size_t n_kinds;
    size_t brackets;                  /* that are open */
    bool no_ticks[LONGEST_TICKS + 1]; /* no such run further on */
    struct ctx_inline_html html;
    bool ambiguous;
    size_t url_end;          /* of the newest bare URL */
    size_t destination;      /* that begins with `<`, and is none; 0: none such on the line */
    bool angles;             /* there was a `<` that began nothing */
    struct run last, before; /* the newest run, and the one before it */
};

static char at(const struct scan *scan, size_t i)
{
    return i < scan->len ? scan->text[i] : '\0';
}

static size_t skip_spaces(const struct scan *scan, size_t i)
{
    while (i < scan->len && ctx_ascii_is_space(scan->text[i]))
        i++;
    return i;
}

/* Gives the newlines in a range a kind. */
static size_t pass(struct scan *scan, size_t from, size_t to, enum ctx_newline kind)
{
    for (size_t i = from; i < to; i++)
        if (scan->text[i] == '\n')
            scan->kinds[scan->n_kinds++] = (uint8_t)kind;
    return to;
}

static size_t run_of(const struct scan *scan, size_t i)
{
    size_t n = 0;
    while (at(scan, i + n) == '`')
        n++;
    return n;
}

static size_t scan_ticks(struct scan *scan, size_t i)
{
    size_t n = run_of(scan, i);
    if (n > LONGEST_TICKS || scan->no_ticks[n])
        return i + n;
    for (size_t end = i + n; end < scan->len;) {
        const char *tick = memchr(scan->text + end, '`', scan->len - end);
        if (!tick)
            break;
        end = (size_t)(tick - scan->text);
        size_t m = run_of(scan, end);
        end += m;
        if (m == n)
            return pass(scan, i, end, CTX_NEWLINE_CODE);
    }
    scan->no_ticks[n] = true;
    return i + n;
}

static size_t scan_angle(struct scan *scan, size_t i)
{
    size_t end = ctx_inline_autolink_end(&scan->html, i);
    if (end)
        return end;
    end = ctx_inline_html_end(&scan->html, i);
    if (end)
        return pass(scan, i, end, CTX_NEWLINE_HTML);
    scan->angles = true;
    return i + 1;
}

static size_t end_of_bare_destination(const struct scan *scan, size_t i)
{
    size_t depth = 0;
    for (; i < scan->len && !ctx_ascii_is_space(scan->text[i]); i++) {
        char c = scan->text[i];
        if (c == '\\' && ctx_ascii_is_punctuation(at(scan, i + 1)))
            i++;
        else if (c == '(' && ++depth > DEEPEST_PARENTHESES)
            return 0;
        else if (c == ')' && depth-- == 0)
            break;
    }
    return i;
}

static size_t end_of_destination(const struct scan *scan, size_t i)
{
    if (at(scan, i) != '<')
        return end_of_bare_destination(scan, i);
    for (i++; i < scan->len && scan->text[i] != '>'; i++) {
        if (scan->text[i] == '\n' || scan->text[i] == '<')
            return 0;
        if (scan->text[i] == '\\')
            i++;
    }
    return i < scan->len ? i + 1 : 0;
}

static size_t end_of_title(const struct scan *scan, size_t i)
{
    char open = at(scan, i);
    if (open != '"' && open != '\'' && open != '(')
        return i;
    char close = open == '(' ? ')' : open;
    for (size_t j = i + 1; j < scan->len; j++) {
        if (scan->text[j] == '\\')
            j++;
        else if (scan->text[j] == close)
            return j + 1;
    }
    return i;
}

/* At a "](" whose bracket is open: past the link, or past the bracket when it is none. */
static size_t scan_link_end(struct scan *scan, size_t i)
{
    size_t begin = skip_spaces(scan, i + 2);
    size_t end = end_of_destination(scan, begin);
    if (end == 0) {
        if (at(scan, begin) == '<')
            scan->destination = begin;
        return i + 1;
    }
    size_t title = skip_spaces(scan, end);
    if (title > end)
        end = end_of_title(scan, title);
    end = skip_spaces(scan, end);
    return at(scan, end) == ')' ? pass(scan, i, end + 1, CTX_NEWLINE_LINK) : i + 1;
}

static size_t scan_bracket_end(struct scan *scan, size_t i)
{
    if (scan->brackets == 0)
        return i + 1;
    scan->brackets--;
    return at(scan, i + 1) == '(' ? scan_link_end(scan, i) : i + 1;
}

static bool is_intraword(const struct scan *scan, size_t begin, size_t end)
{
    if (begin == 0 || end >= scan->len)
        return false;
    char a = scan->text[begin - 1];
    char b = scan->text[end];
    return !ctx_ascii_is_space(a) && !ctx_ascii_is_punctuation(a) && !ctx_ascii_is_space(b) &&
           !ctx_ascii_is_punctuation(b);
}

/* Whether a letter's bytes begin here, of scripts in whose range there is nothing else. */
static bool is_letter_lead(char c)
{
    unsigned char lead = (unsigned char)c;
    return ctx_ascii_is_letter(c) || ctx_ascii_is_digit(c) || (lead >= 0xC3 && lead <= 0xD4) ||
           (lead >= 0xE4 && lead <= 0xE9);
}

static bool ends_with_letter(const struct scan *scan, size_t end)
{
    size_t i = end - 1;
    while (i > 0 && ((unsigned char)scan->text[i] & 0xC0) == 0x80)
        i--;
    return is_letter_lead(scan->text[i]);
}

static size_t scan_run(struct scan *scan, size_t i)
{
    char mark = scan->text[i];
    size_t end = i;
    while (at(scan, end) == mark)
        end++;
    if (mark == '_' && is_intraword(scan, i, end))
        return end;
    scan->before = scan->last;
    scan->last = (struct run){ mark, i, end - i, scan->brackets };
    return end;
}

/* Whether the last run closes the one before it, whatever follows: `**a:**`. */
static bool closes(const struct scan *scan)
{
    const struct run *a = &scan->before;
    const struct run *b = &scan->last;
    size_t end = a->begin + a->len;
    return a->mark == b->mark && a->len == b->len && a->brackets == b->brackets &&
           (a->begin == 0 || ctx_ascii_is_space(scan->text[a->begin - 1])) && end < b->begin &&
           (is_letter_lead(scan->text[end]) || ctx_ascii_is_punctuation(scan->text[end])) &&
           ctx_ascii_is_punctuation(scan->text[b->begin - 1]);
}

/* Whether punctuation behind the run that ends here could make it open or close otherwise. */
static bool is_touchy_run(const struct scan *scan, size_t end)
{
    const struct run *run = &scan->last;
    if (!run->mark || run->begin + run->len != end)
        return false;
    bool only_closes = run->begin > 0 && ends_with_letter(scan, run->begin);
    return !only_closes && !closes(scan);
}

static enum ctx_newline kind_of_newline(const struct scan *scan, size_t i)
{
    while (i > 0 && (scan->text[i - 1] == ' ' || scan->text[i - 1] == '\t'))
        i--;
    if (scan->brackets > 0 || scan->destination > 0 || is_touchy_run(scan, i))
        return CTX_NEWLINE_TOUCHY; /* a backslash can hide a newline from a destination */
    if (i > 0 && scan->text[i - 1] == '=' && scan->angles)
        return CTX_NEWLINE_TOUCHY; /* a mark could be the value that a tag lacks */
    if (i == 0 || scan->url_end != i)
        return CTX_NEWLINE_TEXT;
    return scan->html.declares ? CTX_NEWLINE_TOUCHY : CTX_NEWLINE_URL; /* `<!A …` waits for `>` */
}

static bool begins_with(const struct scan *scan, size_t i, const char *with)
{
    size_t n = strlen(with);
    return n <= scan->len - i && memcmp(scan->text + i, with, n) == 0;
}

/* A bare URL, as the autolink extension sees it: up to white space or `<`, in no brackets. */
static size_t scan_url(struct scan *scan, size_t i, const char *sign)
{
    if (scan->brackets > 0 || i < scan->url_end || !begins_with(scan, i, sign))
        return i + 1; /* within a URL, another one ends where it does */
    size_t end = i;
    while (end < scan->len && !ctx_ascii_is_space(scan->text[end]) && scan->text[end] != '<') {
        scan->ambiguous |= strchr("`\\[]", scan->text[end]) != NULL;
        end++;
    }
    scan->url_end = end;
    return i + 1;
}

static size_t scan_byte(struct scan *scan, size_t i)
{
    switch (scan->text[i]) {
    case '\\':
        return i + (ctx_ascii_is_punctuation(at(scan, i + 1)) ? 2 : 1);
    case '`':
        return scan_ticks(scan, i);
    case '<':
        return scan_angle(scan, i);
    case '[':
        scan->brackets++;
        return i + 1;
    case ']':
        return scan_bracket_end(scan, i);
    case '\n':
        pass(scan, i, i + 1, kind_of_newline(scan, i));
        scan->destination = 0;
        return i + 1;
    case ':':
        return scan_url(scan, i, "://");
    case 'w':
        return scan_url(scan, i, "www.");
    case '*':
    case '_':
    case '~':
        return scan_run(scan, i);
    default:
        return i + 1;
    }
}

bool ctx_inline_newlines(const char *text, size_t len, uint8_t *ret_kinds)
{
    struct scan scan = { .text = text, .len = len, .kinds = ret_kinds };
    scan.html = (struct ctx_inline_html){ .text = text, .len = len };
    for (size_t i = 0; i < len;)
        i = scan_byte(&scan, i);
    return !scan.ambiguous;
}
