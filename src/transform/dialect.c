/*
 * Template languages, when the source's dialect names one: a walk over the lines that are not code,
 * in which each macro is replaced by what its language writes for it. A line that held nothing but
 * macros that say nothing becomes a blank one. Pure; any thread.
 */
#include <string.h>

#include "base/cleanup.h"
#include "transform/dialect/macro.h"
#include "transform/line_walk.h"
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

/* Raw text up to the tag that ends it: a fence's, text, or nothing. Where the text goes on. */
static size_t copy_raw(struct pass *p, const struct ctx_macro_out *out, bool fence, size_t end)
{
    size_t left = p->budget ? p->len - end : 0;
    const char *stop = memmem(p->s + end, left, out->until, strlen(out->until));
    if (!stop) {
        spend(p, left);
        return end;
    }
    size_t n = (size_t)(stop - (p->s + end));
    if (fence) {
        ctx_buffer_append(&p->out, p->s + end, n);
        ctx_buffer_puts(&p->out, "```");
    } else if (!out->drop_until) {
        copy_escaped(p, end, end + n);
    }
    return end + n + strlen(out->until);
}

/* Writes what stands for a macro; where the text goes on, 0 when it stays. */
static size_t replace(struct pass *p, const struct ctx_macro_language *language, size_t i)
{
    struct ctx_macro macro;
    size_t end = read_macro(p, language, i, &macro);
    if (!end)
        return 0;
    struct ctx_macro_out out = { .text = &p->out, .draft = p->draft, .line = p->walk.number };
    size_t before = p->out.len;
    if (!language->write(&macro, &out))
        return 0;
    p->replaced = true;
    if (out.until[0])
        end = copy_raw(p, &out, p->out.len > before && !out.drop_until, end);
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
