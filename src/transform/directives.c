/*
 * Directives, line by line. A row of the table is how a directive begins and what is written for
 * it; all other lines are copied. Invariant: code is never touched.
 */
#include "transform/directives.h"

#include <string.h>

#include "base/cleanup.h"
#include "transform/html_lines.h"
#include "transform/line_walk.h"
#include "transform/mdx/escape.h"

struct pass {
    struct ctx_draft *draft;
    struct ctx_line_walk walk;
    struct ctx_html_lines html;
    struct ctx_buffer out;
    struct ctx_span content; /* of the line, without blanks at its ends */
    bool blank_before;       /* the line before is blank, or there is none */
    bool in_html;            /* the line goes on with a block of HTML */
    bool drop_blank;         /* a block was dropped: its blank line goes with it */
    bool script_unclosed;    /* there is no end of one ahead */
    bool style_unclosed;
};

static bool starts(struct ctx_span span, const char *with)
{
    size_t n = strlen(with);
    return span.len >= n && memcmp(span.data, with, n) == 0;
}

static bool ends(struct ctx_span span, const char *with)
{
    size_t n = strlen(with);
    return span.len >= n && memcmp(span.data + span.len - n, with, n) == 0;
}

static void count(struct pass *p, enum ctx_loss loss, const char *rule, struct ctx_span name)
{
    ctx_report_add(&p->draft->document->report, loss, rule, name.data, name.len,
                   p->draft->first_line + p->walk.number, 0);
}

/* What stands before the content: quotes, markers, indentation. */
static void put_prefix(struct pass *p)
{
    size_t begin = p->walk.line.at;
    ctx_buffer_append(&p->out, p->walk.s + begin, p->walk.content - begin);
}

/* What is between the two, without blanks at its ends; "" when they do not fit in. */
static struct ctx_span inside(struct ctx_span span, const char *open, const char *close)
{
    if (span.len < strlen(open) + strlen(close))
        return (struct ctx_span){ span.data, 0 };
    span.data += strlen(open);
    span.len -= strlen(open) + strlen(close);
    while (span.len && (*span.data == ' ' || *span.data == '\t')) {
        span.data++;
        span.len--;
    }
    while (span.len && strchr(" \t", span.data[span.len - 1]))
        span.len--;
    return span;
}

/* The line as a code span: a file that is put in here, as the author named it. */
static bool keep_as_code(struct pass *p, struct ctx_span name)
{
    count(p, CTX_LOSS_UNRESOLVED, "include", name);
    put_prefix(p);
    ctx_escape_code(&p->out, p->content.data, p->content.len, false);
    ctx_buffer_putc(&p->out, '\n');
    return true;
}

static bool snippet(struct pass *p)
{
    struct ctx_span name = inside(p->content, "<<<", "");
    return name.len > 0 && strchr("@./~", *name.data) && keep_as_code(p, name);
}

static bool mdbook(struct pass *p)
{
    struct ctx_span body = inside(p->content, "{{#", "}}");
    if (!ends(p->content, "}}") || !(starts(body, "include ") || starts(body, "rustdoc_include ") ||
                                     starts(body, "playground ")))
        return false;
    size_t verb = (size_t)((const char *)memchr(body.data, ' ', body.len) - body.data);
    struct ctx_span name = { body.data + verb + 1, body.len - verb - 1 };
    return keep_as_code(p, name);
}

/* `<!--@include: ./part.md-->` becomes a link. */
static bool comment(struct pass *p)
{
    struct ctx_span body = inside(p->content, "<!--", "-->");
    if (!ends(p->content, "-->") || p->content.len < strlen("<!---->") || !starts(body, "@include"))
        return false;
    body = inside(body, "@include", "");
    if (starts(body, ":"))
        body = inside(body, ":", "");
    if (body.len == 0)
        return false;
    const char *stop = memchr(body.data, '{', body.len);
    struct ctx_span path = { body.data, stop ? (size_t)(stop - body.data) : body.len };
    count(p, CTX_LOSS_UNRESOLVED, "include", body);
    put_prefix(p);
    ctx_buffer_putc(&p->out, '[');
    ctx_escape_text(&p->out, body.data, body.len, false);
    ctx_escape_link_end(&p->out, path.data, path.len);
    ctx_buffer_putc(&p->out, '\n');
    return true;
}

static bool contents(struct pass *p)
{
    if (!ctx_span_is(p->content, "[[toc]]") && !ctx_span_is(p->content, "[[TOC]]") &&
        !ctx_span_is(p->content, "[[_TOC_]]"))
        return false;
    count(p, CTX_LOSS_DROPPED, "contents", (struct ctx_span){ "", 0 });
    p->drop_blank = p->blank_before;
    return true;
}

/*
 * A script or style that begins a block in the first column goes, up to the line with its end. A
 * blank line parts what stood around it.
 */
static bool script(struct pass *p, const char *open, const char *close, bool *unclosed)
{
    size_t begin = p->walk.line.begin;
    char after = p->content.len > strlen(open) ? p->content.data[strlen(open)] : '\0';
    if (p->walk.column > 0 || p->in_html || (after && !strchr(" \t>", after)))
        return false;
    size_t left = *unclosed ? 0 : p->walk.len - begin;
    const char *end = memmem(p->walk.s + begin, left, close, strlen(close));
    *unclosed = !end;
    if (!end)
        return false;
    struct ctx_span name = { open + 1, strlen(open) - 1 };
    count(p, CTX_LOSS_DROPPED, "html", name);
    size_t at = (size_t)(end - p->walk.s);
    while (p->walk.at <= at && ctx_line_walk_next(&p->walk))
        ;
    p->walk.fence.count = 0;
    p->html = (struct ctx_html_lines){ 0 };
    if (!p->blank_before)
        ctx_buffer_putc(&p->out, '\n');
    p->drop_blank = true;
    return true;
}

static bool script_block(struct pass *p)
{
    return script(p, "<script", "</script>", &p->script_unclosed);
}

static bool style_block(struct pass *p)
{
    return script(p, "<style", "</style>", &p->style_unclosed);
}

static const struct {
    const char *begin;
    bool (*write)(struct pass *p); /* false: it is none, nothing was written */
} directives[] = {
    { "<<<", snippet }, { "{{#", mdbook },           { "<!--", comment },
    { "[[", contents }, { "<script", script_block }, { "<style", style_block },
};

static bool write_directive(struct pass *p)
{
    if (p->walk.is_code || p->content.len == 0 || !memchr("<{[", *p->content.data, 3))
        return false;
    for (size_t i = 0; i < CTX_ARRAY_LEN(directives); i++)
        if (starts(p->content, directives[i].begin) && directives[i].write(p))
            return true;
    return false;
}

static void one_line(struct pass *p)
{
    struct ctx_line_walk *w = &p->walk;
    p->in_html = ctx_html_lines_take(&p->html, w);
    p->content = (struct ctx_span){ w->s + w->content, 0 };
    if (!w->is_code)
        p->content.len = w->line.end - w->content;
    while (p->content.len && strchr(" \t", p->content.data[p->content.len - 1]))
        p->content.len--;
    bool blank = !w->is_code && p->content.len == 0;
    bool dropped = p->drop_blank;
    p->drop_blank = false;
    if (write_directive(p)) {
        p->blank_before = p->drop_blank;
        return;
    }
    if (!(blank && dropped))
        ctx_buffer_append(&p->out, w->s + w->line.begin, w->line.next - w->line.begin);
    p->blank_before = blank;
}

/* Whether what every directive has begins there. */
static bool begins_sign(const char *at)
{
    static const char *const signs[] = { "<<<",     "{{#",       "@include", "[[toc]]",
                                         "[[TOC]]", "[[_TOC_]]", "<script",  "<style" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(signs); i++)
        if (at[1] == signs[i][1] && strncmp(at, signs[i], strlen(signs[i])) == 0)
            return true;
    return false;
}

/* One look for anything that is a directive; it may be in code. */
static bool may_have_directives(const char *s, size_t len)
{
    static const char first_bytes[] = "<{@[";
    for (const char *first = first_bytes; *first; first++)
        for (const char *p = s; (p = memchr(p, *first, (size_t)(s + len - p))); p++)
            if (begins_sign(p))
                return true;
    return false;
}

int ctx_directives(struct ctx_draft *draft)
{
    const char *s = ctx_buffer_str(&draft->text);
    if (!may_have_directives(s, draft->text.len))
        return 0;
    struct pass p = { .draft = draft, .blank_before = true };
    ctx_buffer_init(&p.out, draft->text.limit);
    ctx_buffer_reserve(&p.out, draft->text.len);
    ctx_line_walk_init(&p.walk, s, draft->text.len);
    while (ctx_line_walk_next(&p.walk))
        one_line(&p);
    int r = ctx_buffer_status(&p.out);
    if (r == 0)
        ctx_buffer_swap(&draft->text, &p.out);
    ctx_buffer_deinit(&p.out);
    return r;
}
