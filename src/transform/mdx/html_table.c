/*
 * HTML tables: a table of Markdown, when every cell is text. Cells are rendered like a table row's,
 * paragraphs in them parted by a line break; what cannot be told so is unwrapped by the caller.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "transform/mdx/render.h"

enum { COLUMNS_MAX = 256 };

struct table {
    struct ctx_mdx_render *r;
    struct ctx_buffer rows;
    struct ctx_buffer caption;
    size_t columns; /* of the widest row */
    size_t column;  /* cells written in this row */
    bool in_row;
};

static bool is_structure(struct ctx_span name)
{
    static const char *const names[] = { "table", "thead", "tbody",   "tfoot",    "tr",
                                         "td",    "th",    "caption", "colgroup", "col" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(names); i++)
        if (ctx_span_is(name, names[i]))
            return true;
    return false;
}

static void end_row(struct table *t)
{
    if (t->in_row)
        ctx_buffer_puts(&t->rows, "|\n");
    t->columns = t->column > t->columns ? t->column : t->columns;
    t->in_row = false;
    t->column = 0;
}

/* A pipe is text in HTML, and ends a cell in Markdown. */
static void escape_pipes(struct ctx_buffer *cell)
{
    struct ctx_buffer escaped;
    if (!memchr(ctx_buffer_str(cell), '|', cell->len))
        return;
    ctx_buffer_init(&escaped, cell->limit);
    for (size_t i = 0; i < cell->len; i++) {
        if (cell->data[i] == '|' && (i == 0 || cell->data[i - 1] != '\\'))
            ctx_buffer_putc(&escaped, '\\');
        ctx_buffer_putc(&escaped, cell->data[i]);
    }
    ctx_buffer_swap(cell, &escaped);
    ctx_buffer_deinit(&escaped);
}

/* Inline content of [first, last), whose blocks are paragraphs. */
static void cell_content(struct table *t, size_t first, size_t last)
{
    struct ctx_mdx_render *r = t->r;
    const struct ctx_mdx_token *tokens = r->scan->tokens;
    ctx_render_inline_begin(r, CTX_MDX_IN_CELL);
    for (size_t i = first; i < last;) {
        bool paragraph = tokens[i].kind == CTX_MDX_PARAGRAPH;
        size_t end =
            paragraph || (tokens[i].kind == CTX_MDX_OPEN && !(tokens[i].flags & CTX_MDX_FLOW))
                ? tokens[i].partner + 1
                : i + 1;
        if (paragraph && r->line.len)
            ctx_buffer_puts(&r->line, "<br>");
        ctx_render_inline(r, paragraph ? i + 1 : i, paragraph ? end - 1 : end);
        i = end;
    }
    ctx_render_inline_end(r);
    escape_pipes(&r->line);
}

static void put_cell(struct table *t, const struct ctx_tag *tag, size_t first, size_t last)
{
    CTX_AUTO_BUFFER struct ctx_buffer span;
    ctx_buffer_init(&span, 16);
    unsigned columns = 1;
    if (ctx_tag_text(tag, "colspan", &span) || ctx_tag_text(tag, "colSpan", &span))
        columns = (unsigned)strtoul(span.data, NULL, 10);
    columns = columns < 1 || columns > COLUMNS_MAX ? 1 : columns;
    cell_content(t, first, last);
    t->in_row = true;
    for (unsigned i = 0; i < columns && t->column < COLUMNS_MAX; i++, t->column++) {
        ctx_buffer_puts(&t->rows, "| ");
        if (i == 0)
            ctx_buffer_append(&t->rows, ctx_buffer_str(&t->r->line), t->r->line.len);
        ctx_buffer_putc(&t->rows, ' ');
    }
}

/* Reads rows and cells; false when there is something between them that is neither. */
static bool read_rows(struct table *t, size_t first, size_t last)
{
    const struct ctx_mdx_token *tokens = t->r->scan->tokens;
    for (size_t i = first; i < last; i++) {
        if (tokens[i].kind == CTX_MDX_TEXT) {
            if (strspn(t->r->s + tokens[i].begin, " \t") < tokens[i].end - tokens[i].begin)
                return false;
            continue;
        }
        if (tokens[i].kind == CTX_MDX_CODE || tokens[i].kind == CTX_MDX_SPAN ||
            tokens[i].kind == CTX_MDX_STRAY || (tokens[i].flags & CTX_MDX_UNPAIRED))
            return false;
        if (tokens[i].kind != CTX_MDX_OPEN && tokens[i].kind != CTX_MDX_CLOSE)
            continue;
        struct ctx_tag tag = ctx_render_tag(t->r, i);
        if (!is_structure(tag.name))
            return false;
        if (ctx_span_is(tag.name, "tr"))
            end_row(t);
        if (tokens[i].kind == CTX_MDX_CLOSE)
            continue;
        bool caption = ctx_span_is(tag.name, "caption");
        if (caption) {
            cell_content(t, i + 1, tokens[i].partner);
            ctx_buffer_append(&t->caption, ctx_buffer_str(&t->r->line), t->r->line.len);
        } else if (ctx_span_is(tag.name, "td") || ctx_span_is(tag.name, "th")) {
            put_cell(t, &tag, i + 1, tokens[i].partner);
        }
        if (caption || ctx_span_is(tag.name, "td") || ctx_span_is(tag.name, "th"))
            i = tokens[i].partner;
    }
    end_row(t);
    return t->columns > 0;
}

/* Writes the rows, the delimiter row after the first. */
static void write_table(struct table *t)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, t->rows.limit);
    const char *eol = memchr(t->rows.data, '\n', t->rows.len);
    size_t header = (size_t)(eol - t->rows.data);
    size_t have = 0;
    for (const char *p = t->rows.data; p < eol; p++) {
        p += *p == '\\';
        have += *p == '|';
    }
    ctx_buffer_append(&text, t->rows.data, header);
    for (size_t i = have; i < t->columns + 1; i++)
        ctx_buffer_puts(&text, "  |");
    ctx_buffer_puts(&text, "\n|");
    for (size_t i = 0; i < t->columns; i++)
        ctx_buffer_puts(&text, " --- |");
    ctx_buffer_append(&text, eol, t->rows.len - header);
    ctx_render_line(t->r, &t->caption);
    t->r->blank = true;
    ctx_render_block(t->r, text.data, text.len - 1);
    t->r->blank = true;
}

bool ctx_render_table(struct ctx_mdx_render *r, size_t token)
{
    const struct ctx_mdx_token *open = &r->scan->tokens[token];
    if (open->kind != CTX_MDX_OPEN || (open->has & ~(CTX_MDX_HAS_ELEMENT)))
        return false;
    struct ctx_tag tag = ctx_render_tag(r, token);
    const struct ctx_component *row = ctx_render_row(r, tag.name);
    if (!row || row->form != CTX_FORM_TABLE)
        return false;
    struct table t = { .r = r };
    ctx_buffer_init(&t.rows, r->out->limit);
    ctx_buffer_init(&t.caption, r->out->limit);
    bool done = read_rows(&t, token + 1, open->partner);
    if (done) {
        write_table(&t);
        ctx_render_count(r, CTX_LOSS_UNWRAPPED, "html", tag.name, open->line);
    }
    ctx_buffer_deinit(&t.rows);
    ctx_buffer_deinit(&t.caption);
    return done;
}
