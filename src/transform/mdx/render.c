/*
 * Rendering, blocks: one row for each kind of token.
 */
#include "transform/mdx/render.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "transform/mdx/escape.h"
#include "transform/mdx/forms.h"

void ctx_render_count(struct ctx_mdx_render *r, enum ctx_loss loss, const char *rule,
                      struct ctx_span name, uint32_t line)
{
    if (!r->report)
        return;
    ctx_report_add(r->report, loss, rule, name.data, name.len, r->first_line + line, 0);
}

/* A copy of the label that a trigger shows, for the tabs that it stands for. */
static void keep_trigger(struct ctx_mdx_render *r)
{
    if (r->trigger.len == 0 || r->n_triggers == CTX_MDX_TRIGGERS_MAX)
        return;
    size_t begin = r->trigger_text.len;
    ctx_buffer_append(&r->trigger_text, ctx_buffer_str(&r->line), r->line.len);
    r->triggers[r->n_triggers].value = r->trigger;
    r->triggers[r->n_triggers].begin = begin;
    r->triggers[r->n_triggers++].len = r->line.len;
}

/* Puts around the finished text what was asked for. */
static void wrap(struct ctx_mdx_render *r)
{
    struct ctx_buffer *line = &r->line;
    if (r->marks && line->len && !memchr(line->data, '*', line->len) &&
        !memchr(line->data, '_', line->len)) {
        ctx_buffer_puts(line, r->marks);
        ctx_buffer_splice(line, 0, 0, r->marks, strlen(r->marks));
    }
    ctx_buffer_append(line, ctx_buffer_str(&r->after), r->after.len);
    if (r->before.len)
        ctx_buffer_splice(line, 0, 0, r->before.data, r->before.len);
    ctx_buffer_clear(&r->before);
    ctx_buffer_clear(&r->after);
    r->marks = NULL;
    r->one_line = false;
    r->trigger = (struct ctx_span){ 0 };
}

static void take_badges(struct ctx_mdx_render *r)
{
    size_t skip = r->line.len == 0 && r->badges.len > 0; /* the blank before the first */
    ctx_buffer_append(&r->line, ctx_buffer_str(&r->badges) + skip, r->badges.len - skip);
    ctx_buffer_clear(&r->badges);
}

/* Writes the finished text as a paragraph; triggers that stand together share one. */
static void write_line(struct ctx_mdx_render *r)
{
    take_badges(r);
    if (r->line.len == 0) {
        r->blank = true;
        return;
    }
    bool trigger = r->trigger.len && !memchr(r->line.data, '\n', r->line.len);
    keep_trigger(r);
    wrap(r);
    if (!trigger) {
        ctx_render_block(r, r->line.data, r->line.len);
        return;
    }
    ctx_buffer_puts(&r->tabs, r->n_tabs++ ? ", " : "");
    ctx_buffer_append(&r->tabs, r->line.data, r->line.len);
    r->blank = true;
}

/* `import …` at the beginning of a paragraph, but not of a line in the source, would be ESM. */
static void guard_esm(struct ctx_mdx_render *r)
{
    struct ctx_buffer *line = &r->line;
    const char *s = ctx_buffer_str(line);
    if (r->n_frames == 0 && (strncmp(s, "import ", 7) == 0 || strncmp(s, "export ", 7) == 0))
        ctx_buffer_splice(line, 0, 1, s[0] == 'i' ? "&#105;" : "&#101;", 6);
}

void ctx_render_paragraph(struct ctx_mdx_render *r, size_t first, size_t last)
{
    ctx_render_inline_begin(r, CTX_MDX_IN_PARAGRAPH);
    ctx_render_inline(r, first, last);
    ctx_render_inline_end(r);
    write_line(r);
}

static void heading(struct ctx_mdx_render *r, size_t token)
{
    const struct ctx_mdx_token *t = &r->scan->tokens[token];
    ctx_render_inline_begin(r, CTX_MDX_IN_HEADING);
    ctx_render_inline(r, token + 1, t->partner);
    ctx_render_inline_end(r);
    ctx_render_block(r, ctx_buffer_str(&r->line), r->line.len);
    if (r->deferred.len) {
        CTX_AUTO_BUFFER struct ctx_buffer text;
        ctx_buffer_init(&text, SIZE_MAX / 2);
        ctx_buffer_swap(&text, &r->deferred);
        ctx_render_line(r, &text);
    }
}

static void row(struct ctx_mdx_render *r, size_t token)
{
    const struct ctx_mdx_token *tokens = r->scan->tokens;
    ctx_render_inline_begin(r, CTX_MDX_IN_CELL);
    for (size_t i = token + 1; i < tokens[token].partner; i++) {
        if (tokens[i].kind != CTX_MDX_CELL) {
            ctx_buffer_append(&r->line, r->s + tokens[i].begin, tokens[i].end - tokens[i].begin);
            continue;
        }
        r->alone = tokens[i].flags & CTX_MDX_ONLY_JSX;
        ctx_render_inline(r, i + 1, tokens[i].partner);
        i = tokens[i].partner;
    }
    r->alone = false;
    ctx_render_inline_end(r);
    ctx_render_block(r, ctx_buffer_str(&r->line), r->line.len);
}

static void enter_item(struct ctx_mdx_render *r, const struct ctx_mdx_token *t)
{
    if (t->kind == CTX_MDX_ENTER_FOOTNOTE)
        ctx_render_push_footnote(r, r->s + t->begin, t->end - t->begin);
    else
        ctx_render_push_item(r, r->s + t->begin, t->end - t->begin);
}

static void esm(struct ctx_mdx_render *r, const struct ctx_mdx_token *t)
{
    ctx_render_count(r, CTX_LOSS_DROPPED, "esm", (struct ctx_span){ "", 0 }, t->line);
    ctx_imports_collect(r, (struct ctx_span){ r->s + t->begin, t->end - t->begin });
    r->blank = true;
}

/* Elements in an expression, as blocks; false when there is anything else. */
static bool elements(struct ctx_mdx_render *r, size_t token)
{
    const struct ctx_mdx_token *t = &r->scan->tokens[token];
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    struct ctx_span code = { r->s + t->begin + 1, t->end - t->begin - 2 };
    if (!ctx_jsx_blocks(r, code, t->line, &text))
        return false;
    ctx_render_line(r, &text);
    return true;
}

/* An expression that is a block: its text, when it has one. */
static void expression(struct ctx_mdx_render *r, size_t token)
{
    r->blank = true;
    if (!ctx_form_code_child(r, token) && !elements(r, token))
        ctx_render_paragraph(r, token, token + 1);
    r->blank = true;
}

static void paragraph(struct ctx_mdx_render *r, size_t token)
{
    const struct ctx_mdx_token *t = &r->scan->tokens[token];
    size_t last = t->partner;
    if (ctx_render_pieces(r, token))
        return;
    size_t before = r->out->len;
    bool setext = t->flags & CTX_MDX_SETEXT;
    bool moved = (t->flags & CTX_MDX_INDENTED) || t[1].kind != CTX_MDX_TEXT;
    ctx_render_inline_begin(r, CTX_MDX_IN_PARAGRAPH);
    ctx_render_inline(r, token + 1, last);
    ctx_render_inline_end(r);
    if (moved)
        guard_esm(r);
    write_line(r);
    if (setext && r->out->len > before) {
        const struct ctx_mdx_token *underline = &r->scan->tokens[last + 1];
        ctx_render_block(r, r->s + underline->begin, underline->end - underline->begin);
    }
}

/* ---- tokens ---- */

static void leave(struct ctx_mdx_render *r)
{
    ctx_render_pop_frames(r, r->n_frames ? r->n_frames - 1 : 0);
}

/* A fence that its container's end closed is closed in writing: our containers may end later. */
static void code(struct ctx_mdx_render *r, size_t token)
{
    const struct ctx_mdx_token *t = &r->scan->tokens[token];
    ctx_render_block(r, r->s + t->begin, t->end - t->begin);
}

static size_t flow_tag(struct ctx_mdx_render *r, size_t token)
{
    const struct ctx_mdx_token *t = &r->scan->tokens[token];
    size_t next = token + 1;
    r->blank |= !r->tight;
    if (t->flags & CTX_MDX_UNPAIRED) {
        ctx_render_paragraph(r, token, token + 1);
    } else if (t->kind == CTX_MDX_CLOSE) {
        ctx_render_close(r);
    } else if (t->kind == CTX_MDX_SELF) {
        ctx_render_self(r, token);
    } else if (ctx_render_is_dropped(r, token) || ctx_render_table(r, token)) {
        next = t->partner + 1;
    } else {
        ctx_render_open(r, token);
    }
    r->blank |= !r->tight;
    return next;
}

static size_t one_token(struct ctx_mdx_render *r, size_t i)
{
    const struct ctx_mdx_token *t = &r->scan->tokens[i];
    switch ((enum ctx_mdx_kind)t->kind) {
    case CTX_MDX_ENTER_QUOTE:
        ctx_render_push_quote(r);
        break;
    case CTX_MDX_ENTER_ITEM:
    case CTX_MDX_ENTER_FOOTNOTE:
        enter_item(r, t);
        break;
    case CTX_MDX_LEAVE:
        leave(r);
        break;
    case CTX_MDX_BLANK:
        r->blank = true;
        break;
    case CTX_MDX_CODE:
        code(r, i);
        break;
    case CTX_MDX_RAW:
        if (!(t->flags & CTX_MDX_SETEXT))
            ctx_render_block(r, r->s + t->begin, t->end - t->begin);
        break;
    case CTX_MDX_ESM:
        esm(r, t);
        break;
    case CTX_MDX_PARAGRAPH:
        paragraph(r, i);
        return r->scan->tokens[i].partner + 1;
    case CTX_MDX_HEADING:
        heading(r, i);
        return r->scan->tokens[i].partner + 1;
    case CTX_MDX_ROW:
        row(r, i);
        return r->scan->tokens[i].partner + 1;
    case CTX_MDX_OPEN:
    case CTX_MDX_CLOSE:
    case CTX_MDX_SELF:
        return flow_tag(r, i);
    case CTX_MDX_EXPRESSION:
        expression(r, i);
        break;
    case CTX_MDX_CELL:
    case CTX_MDX_END:
    case CTX_MDX_TEXT:
    case CTX_MDX_SPAN:
    case CTX_MDX_NEWLINE:
    case CTX_MDX_STRAY:
        break;
    }
    return i + 1;
}

void ctx_render_blocks(struct ctx_mdx_render *r, size_t first, size_t last)
{
    for (size_t i = first; i < last && r->out->status == 0;)
        i = one_token(r, i);
}

static void deinit(struct ctx_mdx_render *r)
{
    ctx_buffer_deinit(&r->before);
    ctx_buffer_deinit(&r->after);
    ctx_buffer_deinit(&r->line);
    ctx_buffer_deinit(&r->deferred);
    ctx_buffer_deinit(&r->scratch);
    ctx_buffer_deinit(&r->trigger_text);
    ctx_buffer_deinit(&r->tabs);
    ctx_buffer_deinit(&r->badges);
}

static struct ctx_mdx_render *new (struct ctx_mdx_scan *scan,
                                   const struct ctx_transform_options *options,
                                   struct ctx_report *report, uint32_t first_line)
{
    struct ctx_mdx_render *r = malloc(sizeof(*r));
    if (!r)
        return NULL;
    memset(r, 0, offsetof(struct ctx_mdx_render, frames));
    r->elements[0] = (struct ctx_mdx_element){ 0 };
    r->scan = scan;
    r->s = ctx_buffer_str(&scan->text);
    r->options = options;
    r->report = report;
    r->first_line = first_line;
    r->n_elements = 1;
    return r;
}

static int run(struct ctx_mdx_render *r, struct ctx_buffer *out)
{
    r->out = out;
    ctx_buffer_init(&r->before, out->limit);
    ctx_buffer_init(&r->after, out->limit);
    ctx_buffer_init(&r->line, out->limit);
    ctx_buffer_init(&r->deferred, out->limit);
    ctx_buffer_init(&r->scratch, out->limit);
    ctx_buffer_init(&r->trigger_text, out->limit);
    ctx_buffer_init(&r->tabs, out->limit);
    ctx_buffer_init(&r->badges, out->limit);
    ctx_render_blocks(r, 0, r->scan->n_tokens);
    ctx_render_tabs(r);
    int status = ctx_buffer_status(&r->line);
    deinit(r);
    return status ? status : ctx_buffer_status(out);
}

int ctx_mdx_render(struct ctx_mdx_scan *scan, const struct ctx_transform_options *options,
                   struct ctx_report *report, uint32_t first_line, struct ctx_buffer *out)
{
    CTX_AUTO_FREE struct ctx_mdx_render *r = new (scan, options, report, first_line);
    return r ? run(r, out) : -ENOMEM;
}

int ctx_mdx_render_inside(const struct ctx_mdx_render *outer, struct ctx_mdx_scan *scan,
                          struct ctx_report *report, uint32_t line, struct ctx_buffer *out)
{
    CTX_AUTO_FREE struct ctx_mdx_render *r =
        new (scan, outer->options, report, outer->first_line + line);
    if (!r)
        return -ENOMEM;
    r->outer = outer;
    r->depth = outer->depth + 1;
    return run(r, out);
}
