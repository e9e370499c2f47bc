/*
 * Template languages, when the source's dialect names one: a walk over the lines that are not code,
 * in which each macro is replaced by what its language writes for it. A line that held nothing but
 * macros that say nothing becomes a blank one. Pure; any thread.
 */
#include <string.h>

#include "base/cleanup.h"
#include "transform/dialect/macro.h"
#include "transform/line_walk.h"
#include "transform/mdx/escape.h"
#include "transform/stage.h"

enum { MACRO_MAX = 4096 }; /* bytes between the delimiters, which may be on several lines */

struct pass {
    struct ctx_draft *draft;
    const struct ctx_macro_language *languages;
    const char *s;
    size_t len;
    struct ctx_line_walk walk;
    struct ctx_buffer out;
    size_t line_begin; /* of the line being written, in `out` */
    bool replaced;     /* a macro was taken out of it */
    size_t budget;     /* bytes that searches which come to nothing may still read */
};

static bool at(const struct pass *p, size_t i, const char *string)
{
    size_t n = strlen(string);
    return p->len - i >= n && memcmp(p->s + i, string, n) == 0;
}

static bool is_blank(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] != ' ' && s[i] != '\t')
            return false;
    return true;
}

/* The macro at `i`, whose end is returned; 0 when its delimiter is not closed. */
static size_t read_macro(const struct pass *p, const struct ctx_macro_language *language, size_t i,
                         struct ctx_macro *ret)
{
    size_t begin = i + strlen(language->open);
    size_t limit = p->len - begin < MACRO_MAX ? p->len - begin : MACRO_MAX;
    const char *close = memmem(p->s + begin, limit, language->close, strlen(language->close));
    if (!close)
        return 0;
    const char *s = p->s + begin;
    *ret = (struct ctx_macro){ 0 };
    while (s < close && strchr(" \t\n-", *s))
        s++;
    if (s < close && *s == '/' && (s + 1 == close || s[1] != '*')) {
        ret->closing = true;
        for (s++; s < close && *s == ' '; s++)
            ;
    }
    ret->name.data = s;
    while (s < close && !strchr(" \t\n(", *s))
        s++;
    ret->name.len = (size_t)(s - ret->name.data);
    ret->args = (struct ctx_span){ s, (size_t)(close - s) };
    size_t end = (size_t)(close - p->s) + strlen(language->close);
    ret->whole = (struct ctx_span){ p->s + i, end - i };
    const char *eol = memchr(p->s + end, '\n', p->len - end);
    ret->alone = is_blank(p->s + p->walk.line.begin, i - p->walk.line.begin) &&
                 is_blank(p->s + end, (size_t)((eol ? eol : p->s + p->len) - (p->s + end)));
    return end;
}

static void spend(struct pass *p, size_t bytes)
{
    p->budget -= bytes < p->budget ? bytes : p->budget;
}

/* The end of the code span or fence at `i`, else past its backticks. */
static size_t after_backticks(struct pass *p, size_t i, size_t end)
{
    size_t run = strspn(p->s + i, "`");
    for (size_t j = i + run; j < end && p->budget;) {
        size_t n = strspn(p->s + j, "`");
        if (n == run)
            return j + n;
        j += n ? n : 1;
    }
    spend(p, end - i);
    return i + run;
}

/* Text in which nothing is a macro; what looks like one is escaped, so that it is none again. */
static void copy_escaped(struct pass *p, size_t i, size_t end)
{
    while (i < end) {
        size_t next = p->s[i] == '`' ? after_backticks(p, i, end) : i + 1;
        for (const struct ctx_macro_language *l = p->languages; l->open; l++)
            if (at(p, i, l->open))
                ctx_buffer_putc(&p->out, '\\');
        ctx_buffer_append(&p->out, p->s + i, next - i);
        i = next;
    }
}

/* The length of the macro called `name` at `i`, blanks and dashes inside aside; 0: it is none. */
static size_t end_length(const struct pass *p, size_t i, const char *name)
{
    for (const struct ctx_macro_language *l = p->languages; l->open; l++) {
        if (!at(p, i, l->open))
            continue;
        size_t from = i + strlen(l->open);
        from += strspn(p->s + from, " \t\n-");
        const char *rest = name;
        if (*rest == '/' && p->s[from] == '/') {
            rest++;
            from += 1 + strspn(p->s + from + 1, " \t");
        }
        if (!at(p, from, rest))
            continue;
        from += strlen(rest);
        from += strspn(p->s + from, " \t\n-");
        if (at(p, from, l->close))
            return from + strlen(l->close) - i;
    }
    return 0;
}

/* Where the raw text from `from` on ends; SIZE_MAX: nowhere. */
static size_t find_end(struct pass *p, const char *name, size_t from, size_t *ret_len)
{
    size_t left = p->budget ? p->len - from : 0;
    const char *end = p->s + from + left;
    for (const char *c = p->s + from; (c = memchr(c, '{', (size_t)(end - c))); c++) {
        *ret_len = end_length(p, (size_t)(c - p->s), name);
        if (*ret_len)
            return (size_t)(c - p->s);
    }
    spend(p, left);
    return SIZE_MAX;
}

static size_t longest_run(struct ctx_span text, char byte)
{
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < text.len; i++) {
        run = text.data[i] == byte ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static size_t leading_blanks(struct ctx_span text)
{
    size_t n = 0;
    while (n < text.len && strchr(" \t", text.data[n]))
        n++;
    return n;
}

static void put_info(struct pass *p, const struct ctx_macro_out *out)
{
    ctx_buffer_append(&p->out, out->language.data, out->language.len);
    if (out->title.len == 0 || memchr(out->title.data, '\n', out->title.len) ||
        memchr(out->title.data, '`', out->title.len))
        return;
    ctx_buffer_puts(&p->out, out->language.len ? " title=\"" : "text title=\"");
    ctx_buffer_append(&p->out, out->title.data, out->title.len);
    ctx_buffer_putc(&p->out, '"');
}

/* Code from the macro's line on, between fences that are as far indented as the macro. */
static void put_fence(struct pass *p, const struct ctx_macro_out *out, struct ctx_span code)
{
    size_t fence = longest_run(code, '`') + 1;
    size_t begin = p->line_begin;
    size_t indent = p->out.len - begin;
    fence = fence < 3 ? 3 : fence;
    for (size_t i = 0; i < fence; i++)
        ctx_buffer_putc(&p->out, '`');
    put_info(p, out);
    size_t blanks = leading_blanks(code);
    if (blanks == code.len || code.data[blanks] != '\n')
        ctx_buffer_putc(&p->out, '\n');
    else
        code = (struct ctx_span){ code.data + blanks, code.len - blanks };
    const char *newline = memrchr(code.data, '\n', code.len);
    size_t last = newline ? (size_t)(newline + 1 - code.data) : 0;
    bool open =
        leading_blanks((struct ctx_span){ code.data + last, code.len - last }) + last < code.len;
    ctx_buffer_append(&p->out, code.data, open ? code.len : last);
    if (open)
        ctx_buffer_putc(&p->out, '\n');
    for (size_t i = 0; i < indent && begin + i < p->out.len; i++)
        ctx_buffer_putc(&p->out, p->out.data[begin + i]);
    for (size_t i = 0; i < fence; i++)
        ctx_buffer_putc(&p->out, '`');
}

/* Code as a fence; as a span when it stands among text; as it is when it holds fences itself. */
static void put_code(struct pass *p, const struct ctx_macro_out *out, size_t begin, size_t end)
{
    struct ctx_span code = { p->s + begin, end - begin };
    bool first = is_blank(ctx_buffer_str(&p->out) + p->line_begin, p->out.len - p->line_begin);
    bool one_line = !memchr(code.data, '\n', code.len);
    size_t blanks = 0;
    while (blanks < code.len && strchr(" \t\n", code.data[blanks]))
        blanks++;
    struct ctx_span text = { code.data + blanks, code.len - blanks };
    while (text.len && strchr(" \t\n", text.data[text.len - 1]))
        text.len--;
    if (text.len == 0)
        return;
    if (text.len >= 3 && (memcmp(text.data, "```", 3) == 0 || memcmp(text.data, "~~~", 3) == 0))
        ctx_buffer_append(&p->out, code.data, code.len);
    else if (one_line)
        ctx_escape_code(&p->out, text.data, text.len, false);
    else if (first)
        put_fence(p, out, code);
    else
        copy_escaped(p, begin, end);
}

/* Raw text up to the macro that ends it. Where the text goes on; 0: it has no end. */
static size_t copy_raw(struct pass *p, const struct ctx_macro_out *out, size_t begin)
{
    size_t len;
    size_t end = find_end(p, out->until, begin, &len);
    if (end == SIZE_MAX)
        return 0;
    size_t before = p->out.len;
    if (out->raw == CTX_MACRO_CODE)
        put_code(p, out, begin, end);
    else if (out->raw == CTX_MACRO_TEXT)
        copy_escaped(p, begin, end);
    end += len;
    size_t rest = strcspn(p->s + end, "\n");
    bool is_fence = p->out.len > before && memchr(p->out.data + before, '\n', p->out.len - before);
    if (out->raw == CTX_MACRO_CODE && is_fence && !is_blank(p->s + end, rest))
        ctx_buffer_putc(&p->out, '\n'); /* nothing may stand behind a fence's end */
    return end;
}

/* Writes what stands for a macro; where the text goes on, 0 when it stays. */
static size_t replace(struct pass *p, const struct ctx_macro_language *language, size_t i)
{
    struct ctx_macro macro;
    size_t end = read_macro(p, language, i, &macro);
    if (!end)
        return 0;
    struct ctx_macro_out out = { .text = &p->out, .draft = p->draft, .line = p->walk.number };
    if (!language->write(&macro, &out))
        return 0;
    p->replaced = true;
    size_t past = out.raw ? copy_raw(p, &out, end) : end;
    if (past)
        return past;
    out.raw = CTX_MACRO_NOT_RAW;
    out.unclosed = true;
    language->write(&macro, &out);
    return end;
}

/* Copies from `i` to the line's end with its macros replaced; where it ended, maybe lines on. */
static size_t write_line(struct pass *p, size_t i)
{
    while (i < p->len && p->s[i] != '\n') {
        size_t next = 0;
        if (p->s[i] == '`') {
            const char *eol = memchr(p->s + i, '\n', p->len - i);
            next = after_backticks(p, i, eol ? (size_t)(eol - p->s) : p->len);
        } else if (p->s[i] == '\\' && i + 1 < p->len && p->s[i + 1] != '\n') {
            next = i + 2;
        } else if (p->s[i] == '{') {
            for (const struct ctx_macro_language *l = p->languages; l->open && !next; l++) {
                size_t end = at(p, i, l->open) ? replace(p, l, i) : 0;
                if (end)
                    next = i = end;
            }
        }
        if (!next)
            next = i + 1;
        ctx_buffer_append(&p->out, p->s + i, next - i);
        i = next;
    }
    return i;
}

static void one_line(struct pass *p)
{
    p->line_begin = p->out.len;
    p->replaced = false;
    if (p->walk.is_code) {
        size_t begin = p->walk.line.begin;
        ctx_buffer_append(&p->out, p->s + begin, p->walk.line.next - begin);
        return;
    }
    size_t end = write_line(p, p->walk.line.begin);
    while (p->walk.at <= end && ctx_line_walk_next(&p->walk))
        ;
    p->walk.fence.count = p->walk.is_code ? p->walk.fence.count : 0;
    size_t len = p->out.len - p->line_begin;
    /* What said nothing still stood between blocks. */
    if (p->replaced && is_blank(ctx_buffer_str(&p->out) + p->line_begin, len))
        ctx_buffer_truncate(&p->out, p->line_begin);
    if (end < p->len)
        ctx_buffer_putc(&p->out, '\n');
}

int ctx_stage_dialect(struct ctx_draft *draft, struct ctx_error *error)
{
    static const struct ctx_macro_language *const languages[] = {
        [CTX_DIALECT_MDN] = ctx_language_mdn,
        [CTX_DIALECT_HUGO] = ctx_language_hugo,
        [CTX_DIALECT_LIQUID] = ctx_language_liquid,
    };
    enum ctx_dialect dialect = draft->context->options ? draft->context->options->dialect : 0;
    if (dialect == CTX_DIALECT_NONE || !memchr(ctx_buffer_str(&draft->text), '{', draft->text.len))
        return 0;
    struct pass p = { .draft = draft, .s = ctx_buffer_str(&draft->text), .len = draft->text.len };
    p.budget = 8 * p.len;
    p.languages = languages[dialect];
    ctx_buffer_init(&p.out, draft->text.limit);
    ctx_buffer_reserve(&p.out, p.len);
    ctx_line_walk_init(&p.walk, p.s, p.len);
    while (ctx_line_walk_next(&p.walk))
        one_line(&p);
    int r = ctx_buffer_status(&p.out);
    if (r == 0)
        ctx_buffer_swap(&draft->text, &p.out);
    ctx_buffer_deinit(&p.out);
    return r < 0 ? ctx_error_set(error, r, "reading macros: %s", ctx_error_name(r)) : 0;
}
