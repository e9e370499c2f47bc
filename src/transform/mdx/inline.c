/*
 * Inline tokens: tags, expressions, code spans and what is raw in Markdown itself (escapes, link
 * destinations, bare URLs, mathematics). All else is text. Invariant: tokens cover the text without gaps.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/lanes.h"
#include "transform/mdx/js.h"
#include "transform/mdx/scan.h"

enum {
    RUN_MAX = 64,       /* longer runs of backticks open nothing */
    LOOK_BACK = 512,    /* how far before a brace a URL may begin */
    BRACKETS_MAX = 512, /* open brackets that are counted */
    MATH_MAX = 2000,    /* bytes of a formula within a line's text */
};

struct cursor {
    struct ctx_mdx_scan *scan;
    const char *s;
    size_t begin; /* of the leaf */
    size_t at;
    size_t end;
    size_t text; /* where the text began that is not pushed yet */
    uint32_t line;
    unsigned brackets;
    uint64_t no_closer; /* bit n - 1: there is no run of n backticks ahead */
};

static void flush(struct cursor *c)
{
    if (c->at > c->text)
        ctx_mdx_push(c->scan, CTX_MDX_TEXT, c->text, c->at, c->line);
    c->text = c->at;
}

/* Lines that [from, to) ends. */
static uint32_t lines_in(const struct cursor *c, size_t from, size_t to)
{
    uint32_t n = 0;
    const char *p = c->s + from;
    while ((p = memchr(p, '\n', (size_t)(c->s + to - p)))) {
        n++;
        p++;
    }
    return n;
}

/* What was text up to here is pushed; [at, end) is one token. */
static void take(struct cursor *c, enum ctx_mdx_kind kind, size_t end)
{
    flush(c);
    ctx_mdx_push(c->scan, kind, c->at, end, c->line);
    c->line += kind == CTX_MDX_NEWLINE ? 1 : lines_in(c, c->at, end);
    c->at = c->text = end;
}

/* Text that is raw in Markdown, up to `end`: no tags, no expressions. */
static void raw(struct cursor *c, size_t end)
{
    while (c->at < end) {
        const char *eol = memchr(c->s + c->at, '\n', end - c->at);
        c->at = eol ? (size_t)(eol - c->s) : end;
        if (eol)
            take(c, CTX_MDX_NEWLINE, c->at + 1);
    }
}

static size_t run_length(const struct cursor *c, size_t at, char byte)
{
    size_t n = 0;
    while (at + n < c->end && c->s[at + n] == byte)
        n++;
    return n;
}

/* The end of the span that a run of backticks opens, 0 when nothing closes it. */
static size_t span_end(struct cursor *c, size_t run)
{
    uint64_t bit = run <= RUN_MAX ? UINT64_C(1) << (run - 1) : 0;
    if (!bit || (c->no_closer & bit))
        return 0;
    size_t at = c->at + run;
    while (at < c->end) {
        const char *next = memchr(c->s + at, '`', c->end - at);
        if (!next)
            break;
        at = (size_t)(next - c->s);
        size_t n = run_length(c, at, '`');
        at += n;
        if (n == run)
            return at;
    }
    c->no_closer |= bit;
    return 0;
}

static void backticks(struct cursor *c)
{
    size_t run = run_length(c, c->at, '`');
    size_t end = span_end(c, run);
    if (end)
        take(c, CTX_MDX_SPAN, end);
    else
        c->at += run;
}

/* `<https://…>`, `<me@example.org>` and comments: no MDX, but what people write in it. */
static size_t plain_angle(const struct cursor *c)
{
    const char *s = c->s + c->at;
    size_t left = c->end - c->at;
    if (left > 4 && memcmp(s, "<!--", 4) == 0) {
        const char *end = c->scan->budget ? memmem(s + 4, left - 4, "-->", 3) : NULL;
        if (!end)
            ctx_mdx_spend(c->scan, left);
        return end ? (size_t)(end - c->s) + 3 : 0;
    }
    size_t n = 1;
    bool address = false;
    while (n < left && s[n] != '>' && s[n] != '<' && s[n] != ' ' && s[n] != '\n') {
        address |= s[n] == '@' || (s[n] == ':' && n > 2);
        n++;
    }
    return address && n < left && s[n] == '>' ? c->at + n + 1 : 0;
}

/* `<` or `{` that begins nothing. */
static void stray(struct cursor *c, ssize_t code)
{
    ctx_mdx_bad(c->scan);
    ctx_mdx_spend(c->scan, code == CTX_SCAN_MORE ? c->end - c->at : 1);
    size_t end = c->s[c->at] == '<' ? plain_angle(c) : 0;
    if (end)
        raw(c, end);
    else
        take(c, CTX_MDX_STRAY, c->at + 1);
}

static void angle(struct cursor *c)
{
    struct ctx_tag tag;
    ssize_t end = CTX_SCAN_MORE;
    if (c->scan->budget)
        end = ctx_tag_read(c->s, c->end, c->at, &tag);
    if (end == CTX_SCAN_TEXT) {
        c->at++;
        return;
    }
    if (end < 0) {
        stray(c, end);
        return;
    }
    flush(c);
    ctx_mdx_push_tag(c->scan, &tag, c->at, (size_t)end, c->line, 0);
    c->line += lines_in(c, c->at, (size_t)end);
    c->at = c->text = (size_t)end;
}

/* Whether the brace at `at` is part of a bare URL, in which Markdown gives it no meaning. */
static bool in_url(const struct cursor *c)
{
    size_t from = c->at;
    size_t least = c->at - c->begin > LOOK_BACK ? c->at - LOOK_BACK : c->begin;
    while (from > least && !memchr(" \n\t<>`[]", c->s[from - 1], 8))
        from--;
    size_t len = c->at - from;
    const char *scheme = memmem(c->s + from, len, "://", 3);
    return (scheme && scheme - (c->s + from) >= 4 &&
            memcmp(scheme - (scheme[-1] == 's' ? 5 : 4), "http", 4) == 0) ||
           (len > 4 && memcmp(c->s + from, "www.", 4) == 0);
}

/*
 * The end of `{#id}`, as a heading's address is written, or of anything like it that ends a line; 0
 * when it is none.
 */
static size_t id_end(const struct cursor *c)
{
    size_t at = c->at + 1;
    if (c->scan->strict || at >= c->end || c->s[at] != '#')
        return 0;
    bool word = true;
    for (at++; at < c->end && !memchr("{}`<\n", c->s[at], 5); at++)
        word &= (c->s[at] | 0x20) >= 'a' ? (c->s[at] | 0x20) <= 'z' || (c->s[at] & 0x80)
                                         : memchr("0123456789-_.:", c->s[at], 14) != NULL;
    size_t end = at + 1;
    if (at >= c->end || c->s[at] != '}' || end == c->at + 3)
        return 0;
    if (word)
        return end;
    while (end < c->end && (c->s[end] == ' ' || c->s[end] == '\t'))
        end++;
    return end == c->end || c->s[end] == '\n' ? at + 1 : 0;
}

static void brace(struct cursor *c)
{
    size_t id = id_end(c);
    if (id) {
        c->at = id;
        return;
    }
    if (in_url(c)) {
        while (c->at < c->end && !memchr(" \n\t<", c->s[c->at], 4))
            c->at++;
        return;
    }
    ssize_t end = CTX_SCAN_MORE;
    if (c->scan->budget)
        end = ctx_js_braces(c->s, c->end, c->at, CTX_JS_BRACES_CHILD);
    if (end < 0) {
        stray(c, end);
        return;
    }
    flush(c);
    ctx_mdx_push_expression(c->scan, c->at, (size_t)end, c->line, 0);
    c->line += lines_in(c, c->at, (size_t)end);
    c->at = c->text = (size_t)end;
}

static size_t skip_white(const struct cursor *c, size_t at)
{
    while (at < c->end && (c->s[at] == ' ' || c->s[at] == '\t' || c->s[at] == '\n'))
        at++;
    return at;
}

/* A link's destination from `at` on, bare or in angle brackets; 0 when it is none. */
static size_t destination_end(const struct cursor *c, size_t at)
{
    unsigned depth = 0;
    bool angled = at < c->end && c->s[at] == '<';
    for (size_t i = at + angled; i < c->end; i++) {
        char b = c->s[i];
        if (b == '\\' && i + 1 < c->end)
            i++;
        else if (angled && b == '>')
            return i + 1;
        else if (angled && (b == '\n' || b == '<'))
            return 0;
        else if (!angled && (b == ' ' || b == '\n' || b == '\t' || (b == ')' && depth == 0)))
            return i;
        else if (!angled && (b == '(' || b == ')'))
            depth += b == '(' ? 1 : -1;
    }
    return 0;
}

static size_t title_end(const struct cursor *c, size_t at)
{
    char close = c->s[at] == '(' ? ')' : c->s[at];
    for (size_t i = at + 1; i < c->end; i++) {
        if (c->s[i] == '\\')
            i++;
        else if (c->s[i] == close)
            return i + 1;
    }
    return 0;
}

/* `](…)`: what is in the parentheses is raw. `at` is at the bracket. */
static void bracket_close(struct cursor *c)
{
    size_t at = ++c->at;
    if (c->brackets == 0)
        return;
    c->brackets--;
    if (at >= c->end || c->s[at] != '(' || !c->scan->budget)
        return;
    size_t i = skip_white(c, at + 1);
    size_t end = i < c->end && c->s[i] != ')' ? destination_end(c, i) : i;
    if (end) {
        i = skip_white(c, end);
        if (i > end && i < c->end && memchr("\"'(", c->s[i], 3))
            i = (end = title_end(c, i)) ? skip_white(c, end) : 0;
    }
    if (!end || i >= c->end || c->s[i] != ')') {
        ctx_mdx_spend(c->scan, 64);
        return;
    }
    raw(c, i + 1);
}

/*
 * A formula between dollar signs, when it looks like TeX: a command, or a brace after `^` or `_`.
 * MDX without a plug-in takes the braces for expressions; people mean the formula.
 */
static void dollar(struct cursor *c)
{
    size_t run = run_length(c, c->at, '$');
    size_t from = c->at + run;
    size_t limit = c->end - from > MATH_MAX ? from + MATH_MAX : c->end;
    bool tex = false;
    size_t i = from;
    while (i < limit && c->s[i] != '$' && c->s[i] != '`') {
        tex |= (c->s[i] == '\\' && ((c->s[i + 1] | 0x20) >= 'a' && (c->s[i + 1] | 0x20) <= 'z')) ||
               (c->s[i + 1] == '{' && (c->s[i] == '^' || c->s[i] == '_'));
        i += c->s[i] == '\\' ? 2 : 1;
    }
    bool ends = i < limit && c->s[i] == '$' && run <= 2 && run_length(c, i, '$') == run;
    if (!tex || !ends || c->scan->strict) {
        ctx_mdx_spend(c->scan, i - from);
        c->at = from;
        return;
    }
    raw(c, i + run);
}

/* A link definition's line, which is raw; `at` is at its `[`. The line's end, or 0. */
static size_t definition_end(const struct cursor *c)
{
    if (c->at != c->begin && c->s[c->at - 1] != '\n')
        return 0;
    const char *eol = memchr(c->s + c->at, '\n', c->end - c->at);
    size_t end = eol ? (size_t)(eol - c->s) : c->end;
    const char *close = ctx_bytes_find(c->s + c->at, end - c->at, "]:");
    return close && close > c->s + c->at + 1 ? end : 0;
}

static void special(struct cursor *c)
{
    size_t end;
    switch (c->s[c->at]) {
    case '\\':
        c->at += c->at + 1 < c->end && c->s[c->at + 1] != '\n' ? 2 : 1;
        break;
    case '`':
        backticks(c);
        break;
    case '<':
        angle(c);
        break;
    case '{':
        brace(c);
        break;
    case '[':
        end = definition_end(c);
        c->brackets += !end && c->brackets < BRACKETS_MAX;
        c->at = end ? end : c->at + 1;
        break;
    case ']':
        bracket_close(c);
        break;
    case '$':
        dollar(c);
        break;
    default:
        take(c, CTX_MDX_NEWLINE, c->at + 1);
    }
}

/* Bytes that are not only text. */
static const bool specials[256] = { ['\\'] = true, ['`'] = true, ['<'] = true, ['{'] = true,
                                    ['['] = true,  [']'] = true, ['$'] = true, ['\n'] = true };

/* The next such byte from `at` on. */
static size_t next_special(const char *s, size_t at, size_t end)
{
    for (; end - at >= CTX_LANES; at += CTX_LANES) {
        ctx_lanes byte = ctx_lanes_load(s + at);
        ctx_lanes hits = (ctx_lanes)(byte - '[' <= ']' - '[') | (ctx_lanes)(byte == '`') |
                         (ctx_lanes)(byte == '<') | (ctx_lanes)(byte == '{') |
                         (ctx_lanes)(byte == '$') | (ctx_lanes)(byte == '\n');
        size_t first = ctx_lanes_first(hits);
        if (first < CTX_LANES)
            return at + first;
    }
    while (at < end && !specials[(unsigned char)s[at]])
        at++;
    return at;
}

void ctx_mdx_inline(struct ctx_mdx_scan *scan, size_t begin, size_t end, uint32_t line)
{
    struct cursor c = { .scan = scan, .s = ctx_buffer_str(&scan->text), .line = line };
    c.begin = c.at = c.text = begin;
    c.end = end;
    uint32_t outer = ctx_mdx_scope_begin(scan);
    while (c.at < end && !scan->failed) {
        c.at = next_special(c.s, c.at, end);
        if (c.at < end)
            special(&c);
    }
    flush(&c);
    ctx_mdx_scope_end(scan, outer);
}

static bool is_blank(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] != ' ' && s[i] != '\t')
            return false;
    return true;
}

void ctx_mdx_finish_leaf(struct ctx_mdx_scan *scan, size_t leaf)
{
    if (leaf >= scan->n_tokens)
        return;
    bool only_jsx = false;
    for (size_t i = leaf + 1; i < scan->n_tokens; i++) {
        const struct ctx_mdx_token *t = &scan->tokens[i];
        bool tag =
            t->kind == CTX_MDX_OPEN || t->kind == CTX_MDX_SELF || t->kind == CTX_MDX_EXPRESSION;
        bool white = t->kind == CTX_MDX_NEWLINE ||
                     (t->kind == CTX_MDX_TEXT &&
                      is_blank(ctx_buffer_str(&scan->text) + t->begin, t->end - t->begin));
        only_jsx |= tag;
        if (!(tag || white) || (tag && (t->flags & CTX_MDX_UNPAIRED))) {
            only_jsx = false;
            break;
        }
        if (t->kind == CTX_MDX_OPEN)
            i = t->partner;
    }
    size_t end = scan->n_tokens;
    ctx_mdx_push(scan, CTX_MDX_END, scan->tokens[leaf].end, scan->tokens[leaf].end,
                 scan->tokens[leaf].line);
    scan->tokens[leaf].partner = (uint32_t)end;
    if (only_jsx)
        scan->tokens[leaf].flags |= CTX_MDX_ONLY_JSX;
}
