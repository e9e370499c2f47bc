/*
 * Containers of colons. Two walks over the lines: the first pairs the markers, the second writes,
 * with one quote mark for each container that a line is in. Invariant: marks are in the order of
 * their lines, and those that are paired nest.
 */
#include "transform/containers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "transform/line_walk.h"

struct mark {
    uint32_t line;
    uint32_t colons;
    size_t partner; /* index of the other; its own: none */
    bool opens;
    bool in_table; /* between rows: it is one itself, and stays with its partner */
};

struct marks {
    struct mark *items;
    size_t n;
    size_t capacity;
};

/* Containers that only group what is in them. */
static const char *const groups[] = {
    "cards", "code-group", "columns", "demo", "grid",   "group",    "raw",
    "row",   "steps",      "tab",     "tabs", "tabset", "timeline", "v-pre",
};

struct header {
    struct ctx_span name;
    struct ctx_span title; /* as written, brackets included */
};

static bool is_name_byte(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' ||
           c == '_';
}

static void trim(struct ctx_span *span)
{
    while (span->len && (*span->data == ' ' || *span->data == '\t')) {
        span->data++;
        span->len--;
    }
    while (span->len && strchr(" \t", span->data[span->len - 1]))
        span->len--;
}

/* Attributes at the title's end (`{open}`, `{.class}`) are not for readers. */
static void cut_attributes(struct ctx_span *title)
{
    if (title->len == 0 || title->data[title->len - 1] != '}')
        return;
    const char *open = memrchr(title->data, '{', title->len);
    if (!open || (open > title->data && open[-1] == '{'))
        return;
    title->len = (size_t)(open - title->data);
    if (title->len && title->data[title->len - 1] == '\\')
        title->len--;
    trim(title);
}

/* How many colons the line's content begins with, when that is all but a name and a title. */
static unsigned read_marker(const struct ctx_line_walk *w, struct header *ret)
{
    const char *s = w->s + w->content;
    const char *end = w->s + w->line.end;
    unsigned colons = 0;
    while (s < end && *s == ':') {
        colons++;
        s++;
    }
    if (colons < 3)
        return 0;
    s += strspn(s, " \t");
    ret->name = (struct ctx_span){ s, 0 };
    while (s < end && is_name_byte(*s))
        s++;
    ret->name.len = (size_t)(s - ret->name.data);
    ret->title = (struct ctx_span){ s, (size_t)(end - s) };
    if (ret->name.len == 0)
        return ret->title.len == 0 ? colons : 0;
    if (ret->title.len && !strchr(" \t[{\\", *s))
        return 0;
    trim(&ret->title);
    cut_attributes(&ret->title);
    return colons;
}

static bool is_group(struct ctx_span name)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(groups); i++)
        if (ctx_span_is(name, groups[i]))
            return true;
    return false;
}

static int add(struct marks *marks, const struct mark *mark)
{
    if (marks->n == marks->capacity) {
        size_t capacity = marks->capacity ? 2 * marks->capacity : 32;
        void *items = reallocarray(marks->items, capacity, sizeof(*marks->items));
        if (!items)
            return -ENOMEM;
        marks->items = items;
        marks->capacity = capacity;
    }
    marks->items[marks->n++] = *mark;
    return 0;
}

/* The open mark that a closing one of that many colons belongs to, or -1. */
static ssize_t find_open(const struct marks *marks, const size_t *open, size_t n_open,
                         unsigned colons)
{
    ssize_t fewer = -1;
    for (size_t i = n_open; i > 0; i--) {
        unsigned have = marks->items[open[i - 1]].colons;
        if (have == colons)
            return (ssize_t)i - 1;
        if (have < colons && fewer < 0)
            fewer = (ssize_t)i - 1;
    }
    return fewer;
}

/* Whether the line at `at` is a row of a table, in quotes or not. */
static bool is_row(const struct ctx_line_walk *w, size_t at)
{
    at += strspn(w->s + at, " \t>");
    return at < w->len && w->s[at] == '|';
}

/* Whether the marker stands between rows of one table: a row of its own for Markdown. */
static bool is_in_table(const struct ctx_line_walk *w, const struct marks *marks)
{
    const struct mark *last = marks->n ? &marks->items[marks->n - 1] : NULL;
    size_t begin = w->line.begin;
    if (begin == 0 || !is_row(w, w->at))
        return false;
    const char *above = memrchr(w->s, '\n', begin - 1);
    if (!is_row(w, above ? (size_t)(above + 1 - w->s) : 0) &&
        !(last && last->in_table && last->line + 1 == w->number))
        return false;
    struct ctx_line next = ctx_line_at(w->s, w->len, w->at);
    struct ctx_line after = ctx_line_at(w->s, w->len, next.next);
    return !ctx_delimiter_columns(after.source + after.begin, after.end - after.begin);
}

/* The first walk: all markers, paired where they can be. */
static int pair(const struct ctx_buffer *text, struct marks *marks)
{
    size_t open[CTX_LIMIT_NESTING];
    size_t n_open = 0;
    struct ctx_line_walk walk;
    struct header header;
    ctx_line_walk_init(&walk, ctx_buffer_str(text), text->len);
    while (ctx_line_walk_next(&walk)) {
        unsigned colons = walk.is_code ? 0 : read_marker(&walk, &header);
        if (!colons)
            continue;
        struct mark mark = { .line = walk.number, .colons = colons, .partner = marks->n };
        mark.opens = header.name.len > 0;
        mark.in_table = mark.opens && is_in_table(&walk, marks);
        if (mark.opens && n_open < CTX_LIMIT_NESTING) {
            open[n_open++] = marks->n;
        } else if (!mark.opens) {
            ssize_t at = find_open(marks, open, n_open, colons);
            if (at >= 0) {
                mark.partner = open[at];
                mark.in_table = marks->items[open[at]].in_table;
                marks->items[open[at]].partner = marks->n;
                n_open = (size_t)at;
            }
        }
        int r = add(marks, &mark);
        if (r < 0)
            return r;
    }
    return 0;
}

/* ---- writing ---- */

struct open_container {
    bool quote;
    unsigned column;
    size_t prefix_len;
    char prefix[CTX_PREFIX_MAX];
};

struct writer {
    struct ctx_draft *draft;
    struct ctx_buffer out;
    struct open_container stack[CTX_LIMIT_NESTING];
    size_t depth;
    bool blank;       /* the last line written is blank */
    size_t last_line; /* where it begins */
};

/* The prefix of lines inside of all open containers; columns of it that come from the source. */
static unsigned put_prefix(struct writer *w, size_t depth)
{
    unsigned column = 0;
    for (size_t i = 0; i < depth; i++) {
        const struct open_container *c = &w->stack[i];
        if (c->prefix_len > column)
            ctx_buffer_append(&w->out, c->prefix + column, c->prefix_len - column);
        if (c->column > column)
            column = c->column;
        if (c->quote)
            ctx_buffer_puts(&w->out, "> ");
    }
    return column;
}

static void end_line(struct writer *w, size_t begin)
{
    w->blank = true;
    w->last_line = begin;
    while (w->out.len > begin && strchr(" \t", w->out.data[w->out.len - 1]))
        ctx_buffer_truncate(&w->out, w->out.len - 1);
    for (size_t i = begin; i < w->out.len && w->blank; i++)
        w->blank = strchr("> \t", w->out.data[i]) != NULL;
    ctx_buffer_putc(&w->out, '\n');
}

/* A blank line, in the quotes that the source has around the line, too. */
static void put_blank(struct writer *w, const struct ctx_line_walk *walk)
{
    char prefix[CTX_PREFIX_MAX];
    size_t begin = w->out.len;
    if (w->blank || begin == 0)
        return;
    size_t len = ctx_line_walk_prefix(walk, prefix);
    unsigned column = put_prefix(w, w->depth);
    if (len > column)
        ctx_buffer_append(&w->out, prefix + column, len - column);
    end_line(w, begin);
}

/* Takes what the containers' prefixes stand for off a line: blanks and quote marks. */
static void skip_columns(struct ctx_line *line, unsigned column)
{
    while (line->column < column) {
        unsigned before = line->column;
        ctx_line_take_up_to(line, 1);
        if (line->column > before)
            continue;
        if (line->at >= line->end || line->source[line->at] != '>')
            return;
        line->at++;
        line->column++;
    }
}

/* A line of the source, behind the marks of the containers that it is in. */
static void put_line(struct writer *w, const struct ctx_line_walk *walk)
{
    size_t begin = w->out.len;
    struct ctx_line line = walk->line;
    skip_columns(&line, put_prefix(w, w->depth));
    ctx_buffer_fill(&w->out, ' ', line.spare);
    ctx_buffer_append(&w->out, line.source + line.at, line.end - line.at);
    if (w->depth > 0 && ctx_line_is_blank(&line)) {
        end_line(w, begin);
    } else {
        w->blank = ctx_line_is_blank(&line);
        w->last_line = begin;
        ctx_buffer_putc(&w->out, '\n');
    }
}

/* "**Kind: Title**"; a title with emphasis of its own stands after the kind. */
static void put_title(struct writer *w, const struct header *header, bool quote)
{
    struct ctx_span name = header->name;
    struct ctx_span title = header->title;
    bool marked = memchr(title.data, '*', title.len) != NULL;
    ctx_buffer_puts(&w->out, "**");
    if (quote) {
        char first = name.data[0];
        ctx_buffer_putc(&w->out, first >= 'a' && first <= 'z' ? (char)(first - 'a' + 'A') : first);
        ctx_buffer_append(&w->out, name.data + 1, name.len - 1);
        ctx_buffer_puts(&w->out, title.len ? ":" : "");
        ctx_buffer_puts(&w->out, title.len ? (marked ? "** " : " ") : "");
    } else if (marked) {
        ctx_buffer_truncate(&w->out, w->out.len - 2);
    }
    ctx_buffer_append(&w->out, title.data, title.len);
    ctx_buffer_puts(&w->out, marked ? "" : "**");
}

static void open_container(struct writer *w, const struct ctx_line_walk *walk,
                           const struct header *header)
{
    struct open_container *c = &w->stack[w->depth];
    put_blank(w, walk);
    size_t begin = w->out.len;
    *c = (struct open_container){ .quote = !is_group(header->name), .column = walk->column };
    c->prefix_len = ctx_line_walk_prefix(walk, c->prefix);
    if (walk->has_marker) { /* the item's own marker stays on its first line */
        struct ctx_line line = walk->line;
        skip_columns(&line, put_prefix(w, w->depth));
        ctx_buffer_append(&w->out, walk->s + line.at, walk->content - line.at);
        ctx_buffer_puts(&w->out, c->quote ? "> " : "");
        w->depth++;
    } else {
        put_prefix(w, ++w->depth);
    }
    bool titled = c->quote || header->title.len;
    if (titled)
        put_title(w, header, c->quote);
    else if (!walk->has_marker)
        ctx_buffer_truncate(&w->out, begin);
    if (w->out.len == begin)
        return;
    end_line(w, begin);
    if (titled)
        put_blank(w, walk);
}

static void one_line(struct writer *w, const struct ctx_line_walk *walk, const struct mark *mark,
                     size_t index)
{
    struct header header;
    if (!mark || mark->partner == index || mark->in_table) {
        put_line(w, walk);
        return;
    }
    if (!mark->opens) {
        if (w->blank && w->last_line < w->out.len) { /* it was inside of the container */
            ctx_buffer_truncate(&w->out, w->last_line);
            w->blank = false;
        }
        w->depth--;
        put_blank(w, walk);
        return;
    }
    read_marker(walk, &header);
    ctx_report_add(&w->draft->document->report, CTX_LOSS_UNWRAPPED, "container", header.name.data,
                   header.name.len, w->draft->first_line + walk->number, 0);
    open_container(w, walk, &header);
}

static int write_all(struct ctx_draft *draft, const struct marks *marks)
{
    CTX_AUTO_FREE struct writer *w = calloc(1, sizeof(*w));
    if (!w)
        return -ENOMEM;
    struct ctx_line_walk walk;
    size_t next = 0;
    w->draft = draft;
    ctx_buffer_init(&w->out, draft->text.limit);
    ctx_line_walk_init(&walk, ctx_buffer_str(&draft->text), draft->text.len);
    while (ctx_line_walk_next(&walk)) {
        bool marked = next < marks->n && marks->items[next].line == walk.number;
        one_line(w, &walk, marked ? &marks->items[next] : NULL, next);
        next += marked;
    }
    int r = ctx_buffer_status(&w->out);
    if (r == 0)
        ctx_buffer_swap(&draft->text, &w->out);
    ctx_buffer_deinit(&w->out);
    return r;
}

int ctx_containers(struct ctx_draft *draft)
{
    struct marks marks = { 0 };
    if (!ctx_bytes_find(ctx_buffer_str(&draft->text), draft->text.len, ":::"))
        return 0;
    int r = pair(&draft->text, &marks);
    bool any = false;
    for (size_t i = 0; i < marks.n; i++)
        any |= marks.items[i].partner != i && !marks.items[i].in_table;
    if (r == 0 && any)
        r = write_all(draft, &marks);
    free(marks.items);
    return r;
}
