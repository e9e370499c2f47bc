/*
 * Blocks, line by line: containers first, then what their line holds. Runs on the document's own
 * thread, on nothing but the scan.
 */
#include "transform/mdx/blocks.h"
#include "transform/mdx/js.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- leaves ---- */

static void push_row(struct ctx_blocks *b, size_t begin, size_t end, uint32_t line)
{
    struct ctx_mdx_scan *scan = b->scan;
    size_t row = scan->n_tokens;
    ctx_mdx_push(scan, CTX_MDX_ROW, begin, end, line);
    for (size_t at = begin; at < end;) {
        size_t stop = ctx_cell_end(ctx_buffer_str(&scan->text), at, end);
        size_t cell = scan->n_tokens;
        ctx_mdx_push(scan, CTX_MDX_CELL, at, stop, line);
        ctx_mdx_inline(scan, at, stop, line);
        ctx_mdx_finish_leaf(scan, cell);
        if (stop < end)
            ctx_mdx_push(scan, CTX_MDX_TEXT, stop, stop + 1, line);
        at = stop + 1;
    }
    ctx_mdx_finish_leaf(scan, row);
}

static void push_leaf(struct ctx_blocks *b, enum ctx_mdx_kind kind, size_t begin, size_t end,
                      unsigned level)
{
    struct ctx_mdx_scan *scan = b->scan;
    if (end > begin && ctx_buffer_str(&scan->text)[end - 1] == '\n')
        end--;
    size_t leaf = scan->n_tokens;
    struct ctx_mdx_token *token = ctx_mdx_push(scan, kind, begin, end, b->leaf_line);
    token->level = (uint8_t)level;
    token->flags = b->leaf_indented ? CTX_MDX_INDENTED : 0;
    ctx_mdx_inline(scan, begin, end, b->leaf_line);
    ctx_mdx_finish_leaf(scan, leaf);
    ctx_mdx_note(scan, kind == CTX_MDX_HEADING ? CTX_MDX_HAS_HEADING : 0,
                 kind == CTX_MDX_PARAGRAPH);
}

void ctx_blocks_close_leaf(struct ctx_blocks *b)
{
    enum ctx_blocks_leaf leaf = b->leaf;
    b->leaf = CTX_LEAF_NONE;
    if (leaf == CTX_LEAF_PARAGRAPH)
        push_leaf(b, CTX_MDX_PARAGRAPH, b->leaf_begin, ctx_blocks_text_len(b), 0);
    if (leaf == CTX_LEAF_FENCE) {
        ctx_mdx_push(b->scan, CTX_MDX_CODE, b->leaf_begin, ctx_blocks_text_len(b), b->leaf_line);
        ctx_mdx_note(b->scan, CTX_MDX_HAS_CODE, 0);
    }
}

static void open_leaf(struct ctx_blocks *b, enum ctx_blocks_leaf leaf)
{
    ctx_blocks_close_leaf(b);
    b->leaf = leaf;
    b->leaf_begin = ctx_blocks_text_len(b);
    b->leaf_line = b->line;
}

void ctx_blocks_append_rest(struct ctx_blocks *b, const struct ctx_line *line)
{
    b->last_line = ctx_blocks_text_len(b);
    if (line->spare)
        ctx_buffer_fill(&b->scan->text, ' ', line->spare);
    ctx_buffer_append(&b->scan->text, b->scan->source + line->at, line->next - line->at);
    if (line->next == line->end)
        ctx_buffer_putc(&b->scan->text, '\n');
}

/* ---- containers ---- */

static void close_to(struct ctx_blocks *b, size_t depth)
{
    if (b->depth <= depth)
        return;
    ctx_blocks_close_leaf(b);
    while (b->depth > depth) {
        struct ctx_blocks_container *c = &b->stack[--b->depth];
        ctx_mdx_scope_end(b->scan, c->scope);
        b->scan->tokens[c->token].partner = (uint32_t)b->scan->n_tokens;
        ctx_mdx_push(b->scan, CTX_MDX_LEAVE, 0, 0, b->line)->partner = c->token;
    }
}

size_t ctx_blocks_match(struct ctx_blocks *b, struct ctx_line *line)
{
    size_t depth = 0;
    for (; depth < b->depth; depth++) {
        struct ctx_blocks_container *c = &b->stack[depth];
        if (c->kind == CTX_MDX_ENTER_QUOTE) {
            if (!ctx_line_take_quote(line))
                break;
        } else if (ctx_line_is_blank(line)) {
            if (c->empty)
                break;
            ctx_line_take_up_to(line, c->width); /* what is left may be a line of code */
        } else if (!ctx_line_take_columns(line, c->width)) {
            break;
        }
    }
    return depth;
}

static void enter(struct ctx_blocks *b, const struct ctx_marker *marker)
{
    struct ctx_mdx_scan *scan = b->scan;
    ctx_blocks_close_leaf(b);
    size_t begin = ctx_blocks_text_len(b);
    ctx_buffer_append(&scan->text, marker->begin, marker->len);
    struct ctx_blocks_container *c = &b->stack[b->depth++];
    unsigned has = marker->kind == CTX_MDX_ENTER_QUOTE  ? CTX_MDX_HAS_QUOTE
                   : marker->kind == CTX_MDX_ENTER_ITEM ? CTX_MDX_HAS_LIST
                                                        : CTX_MDX_HAS_TABLE;
    ctx_mdx_note(scan, has, 0);
    *c = (struct ctx_blocks_container){ .kind = marker->kind,
                                        .width = marker->width,
                                        .empty = marker->empty };
    c->token = (uint32_t)scan->n_tokens;
    ctx_mdx_push(scan, marker->kind, begin, ctx_blocks_text_len(b), b->line);
    c->scope = ctx_mdx_scope_begin(scan);
}

/* Opens the containers that begin on the line. */
static void enter_all(struct ctx_blocks *b, struct ctx_line *line)
{
    struct ctx_marker marker;
    while (b->depth < CTX_LIMIT_NESTING &&
           ctx_line_take_marker(line, b->leaf == CTX_LEAF_PARAGRAPH, &marker)) {
        if (b->depth > 0 && !marker.empty)
            b->stack[b->depth - 1].empty = false;
        enter(b, &marker);
    }
}

/* ---- lines ---- */

static void paragraph_line(struct ctx_blocks *b, struct ctx_line *line)
{
    ctx_line_skip_white(line);
    if (b->leaf != CTX_LEAF_PARAGRAPH) {
        b->leaf_indented = line->at > line->begin;
        open_leaf(b, CTX_LEAF_PARAGRAPH);
    }
    ctx_blocks_append_rest(b, line);
}

/* The paragraph's last line is the header of a table whose delimiter row this line is. */
static bool begin_table(struct ctx_blocks *b, const struct ctx_line *line)
{
    struct ctx_mdx_scan *scan = b->scan;
    const char *s = ctx_buffer_str(&scan->text);
    if (b->leaf != CTX_LEAF_PARAGRAPH)
        return false;
    size_t columns = ctx_delimiter_columns(line->source + line->at, line->end - line->at);
    if (!columns ||
        ctx_row_columns(s + b->last_line, ctx_blocks_text_len(b) - 1 - b->last_line) != columns)
        return false;
    size_t header = b->last_line;
    size_t end = ctx_blocks_text_len(b);
    if (header > b->leaf_begin)
        push_leaf(b, CTX_MDX_PARAGRAPH, b->leaf_begin, header, 0);
    push_row(b, header, end - 1, b->line - 1);
    ctx_mdx_note(scan, CTX_MDX_HAS_TABLE, 0);
    b->leaf = CTX_LEAF_TABLE;
    ctx_blocks_append_rest(b, line);
    ctx_mdx_push(scan, CTX_MDX_RAW, b->last_line, ctx_blocks_text_len(b) - 1, b->line);
    return true;
}

static bool setext(struct ctx_blocks *b, const struct ctx_line *line)
{
    if (b->leaf != CTX_LEAF_PARAGRAPH || !ctx_line_is_underline(line))
        return false;
    size_t leaf = b->scan->n_tokens;
    ctx_blocks_close_leaf(b);
    if (leaf < b->scan->n_tokens)
        b->scan->tokens[leaf].flags |= CTX_MDX_SETEXT;
    ctx_blocks_append_rest(b, line);
    ctx_mdx_push(b->scan, CTX_MDX_RAW, b->last_line, ctx_blocks_text_len(b) - 1, b->line)->flags =
        CTX_MDX_SETEXT;
    ctx_mdx_note(b->scan, CTX_MDX_HAS_HEADING, 0);
    return true;
}

static bool esm(struct ctx_blocks *b, const struct ctx_line *line)
{
    if (b->depth > 0 || line->at != line->begin || b->leaf == CTX_LEAF_PARAGRAPH)
        return false;
    size_t len = ctx_mdx_esm(b->scan, line->begin);
    if (len == 0)
        return false;
    ctx_blocks_close_leaf(b);
    size_t begin = ctx_blocks_text_len(b);
    ctx_buffer_append(&b->scan->text, b->scan->source + line->begin, len);
    ctx_mdx_push(b->scan, CTX_MDX_ESM, begin, ctx_blocks_text_len(b), b->line);
    b->scan->is_mdx = true;
    b->line += (uint32_t)ctx_lines_count(b->scan->source + line->begin, len);
    b->at = line->begin + len;
    return true;
}

static void heading(struct ctx_blocks *b, const struct ctx_line *line, unsigned level)
{
    ctx_blocks_close_leaf(b);
    b->leaf_line = b->line;
    b->leaf_indented = false;
    ctx_blocks_append_rest(b, line);
    push_leaf(b, CTX_MDX_HEADING, b->last_line, ctx_blocks_text_len(b), level);
}

static void rule(struct ctx_blocks *b, const struct ctx_line *line)
{
    ctx_blocks_close_leaf(b);
    ctx_blocks_append_rest(b, line);
    ctx_mdx_push(b->scan, CTX_MDX_RAW, b->last_line, ctx_blocks_text_len(b) - 1, b->line);
    ctx_mdx_note(b->scan, CTX_MDX_HAS_RULE, 0);
}

/* Bytes that begin nothing but text. */
static const bool begins_text[256] = {
    ['A' ... 'Z'] = true, ['a' ... 'z'] = true, [0x80 ... 0xFF] = true,
    ['!'] = true,         ['"'] = true,         ['('] = true,
};

/* A line that is, or begins, something else than text. */
static bool block_line(struct ctx_blocks *b, struct ctx_line *line, unsigned indent)
{
    char first = b->scan->source[line->at];
    unsigned level;
    bool math =
        first == '$' && b->leaf != CTX_LEAF_TABLE && ctx_blocks_opens_math(b, line, &b->fence);
    if (math || ctx_line_opens_fence(line, &b->fence)) {
        open_leaf(b, CTX_LEAF_FENCE);
        b->fence.indent = indent;
        ctx_blocks_append_rest(b, line);
    } else if ((level = ctx_line_heading_level(line))) {
        heading(b, line, level);
    } else if (setext(b, line) || begin_table(b, line)) {
        ;
    } else if (ctx_line_is_rule(line)) {
        rule(b, line);
    } else {
        return false;
    }
    return true;
}

/* A line inside of the innermost container, which is not blank and no fence's content. */
static void leaf_line(struct ctx_blocks *b, struct ctx_line *line)
{
    unsigned indent = ctx_line_indent(line);
    ctx_line_skip_white(line);
    char first = b->scan->source[line->at];
    if ((first == '<' || first == '{') && ctx_blocks_flow(b, line))
        return;
    if ((first == 'i' || first == 'e') && esm(b, line))
        return;
    if (!begins_text[(unsigned char)first] && block_line(b, line, indent)) {
        ;
    } else if (b->leaf == CTX_LEAF_TABLE) {
        ctx_blocks_append_rest(b, line);
        push_row(b, b->last_line, ctx_blocks_text_len(b) - 1, b->line);
    } else {
        paragraph_line(b, line);
    }
    ctx_blocks_advance(b, line);
}

static void fence_line(struct ctx_blocks *b, struct ctx_line *line)
{
    if (ctx_line_closes_fence(line, &b->fence)) {
        ctx_line_skip_white(line);
        ctx_blocks_append_rest(b, line);
        ctx_blocks_close_leaf(b);
    } else {
        ctx_line_take_up_to(line, b->fence.indent);
        ctx_blocks_append_rest(b, line);
    }
    ctx_blocks_advance(b, line);
}

/*
 * Lines of a fence outside of containers, up to one that may close it. The last one, when no line
 * end ends it, is left as well.
 */
static void fence_lines(struct ctx_blocks *b)
{
    const char *s = b->scan->source;
    size_t at = b->at;
    const char *eol;
    for (; (eol = memchr(s + at, '\n', b->scan->len - at)); b->line++) {
        size_t first = at;
        while (s[first] == ' ' || s[first] == '\t')
            first++;
        if (s[first] == b->fence.byte || b->fence.in_text)
            break;
        at = (size_t)(eol - s) + 1;
    }
    ctx_buffer_append(&b->scan->text, s + b->at, at - b->at);
    b->at = at;
}

/*
 * Lines of a paragraph outside of containers that are seen to be by their first bytes; one may open
 * it. The last one, when no line end ends it, is left. `import` and `export` may be more than text.
 */
static void text_lines(struct ctx_blocks *b)
{
    const char *s = b->scan->source;
    size_t begin = b->at;
    if (!begins_text[(unsigned char)s[begin]] || b->leaf == CTX_LEAF_TABLE)
        return;
    if (b->leaf == CTX_LEAF_NONE) {
        if (s[begin] == 'i' || s[begin] == 'e')
            return;
        b->leaf_indented = false;
        open_leaf(b, CTX_LEAF_PARAGRAPH);
    }
    size_t last = begin;
    const char *eol;
    while (begins_text[(unsigned char)s[b->at]] &&
           (eol = memchr(s + b->at, '\n', b->scan->len - b->at))) {
        last = b->at;
        b->at = (size_t)(eol - s) + 1;
        b->line++;
    }
    b->last_line = ctx_blocks_text_len(b) + last - begin;
    ctx_buffer_append(&b->scan->text, s + begin, b->at - begin);
}

static void blank_line(struct ctx_blocks *b, const struct ctx_line *line, size_t matched)
{
    ctx_blocks_close_leaf(b);
    close_to(b, matched);
    ctx_mdx_push(b->scan, CTX_MDX_BLANK, 0, 0, b->line);
    ctx_blocks_advance(b, line);
}

/* Whether the line is nothing but tags and expressions, or looks as if more lines were: a block. */
static bool may_be_flow(const struct ctx_line *line)
{
    const char *s = line->source;
    ssize_t at = (ssize_t)line->at;
    while (at >= 0 && (size_t)at < line->end) {
        struct ctx_tag tag;
        if (s[at] == ' ' || s[at] == '\t')
            at++;
        else if (s[at] == '<')
            at = ctx_tag_read(s, line->end, (size_t)at, &tag);
        else if (s[at] == '{')
            at = ctx_js_braces(s, line->end, (size_t)at, CTX_JS_BRACES_CHILD);
        else
            return false;
    }
    char last = s[line->end - 1];
    return at >= 0 || (at == CTX_SCAN_MORE && (last == '>' || last == '}' || last == ' '));
}

/* A line that is outside of the containers of an open paragraph, but goes on with it. */
static bool is_lazy(const struct ctx_blocks *b, const struct ctx_line *line)
{
    if (b->leaf != CTX_LEAF_PARAGRAPH)
        return false;
    struct ctx_line probe = *line;
    struct ctx_marker marker;
    struct ctx_fence fence;
    ctx_line_skip_white(&probe);
    bool is_container = strncmp(b->scan->source + probe.at, ":::", 3) == 0; /* ends or begins one */
    if (is_container || may_be_flow(&probe))
        return false;
    return !ctx_line_take_marker(&probe, false, &marker) && !ctx_line_opens_fence(&probe, &fence) &&
           !ctx_line_heading_level(&probe) && !ctx_line_is_rule(&probe);
}

static void one_line(struct ctx_blocks *b)
{
    if (b->leaf == CTX_LEAF_FENCE && b->depth == 0 && b->fence.indent == 0) {
        fence_lines(b);
        if (b->at == b->scan->len)
            return;
    } else if (b->leaf != CTX_LEAF_FENCE && b->depth == 0) {
        text_lines(b);
        if (b->at == b->scan->len)
            return;
    }
    struct ctx_line line = ctx_blocks_next_line(b);
    size_t matched = ctx_blocks_match(b, &line);
    if (b->leaf == CTX_LEAF_FENCE && matched == b->depth) {
        fence_line(b, &line);
        return;
    }
    if (ctx_line_is_blank(&line)) {
        blank_line(b, &line, matched);
        return;
    }
    if (matched < b->depth && is_lazy(b, &line)) {
        paragraph_line(b, &line);
        ctx_blocks_advance(b, &line);
        return;
    }
    close_to(b, matched);
    if (b->depth > 0)
        b->stack[b->depth - 1].empty = false;
    if (!ctx_line_may_have_marker(&line)) {
        leaf_line(b, &line);
        return;
    }
    if (b->line >= b->tag_end && !ctx_line_is_rule(&line))
        enter_all(b, &line);
    if (ctx_line_is_blank(&line))
        ctx_blocks_advance(b, &line);
    else
        leaf_line(b, &line);
}

int ctx_mdx_scan(struct ctx_mdx_scan *scan, const char *source, size_t len, bool strict)
{
    *scan = (struct ctx_mdx_scan){ .source = source, .len = len, .strict = strict };
    scan->budget = 8 * len + 4096;
    ctx_buffer_init(&scan->text, SIZE_MAX / 2);
    ctx_buffer_reserve(&scan->text, len + len / 8);
    scan->open = reallocarray(NULL, CTX_LIMIT_NESTING, sizeof(*scan->open));
    struct ctx_blocks *b = malloc(sizeof(*b));
    if (!scan->open || !b) {
        free(b);
        return -ENOMEM;
    }
    memset(b, 0, offsetof(struct ctx_blocks, stack));
    b->scan = scan;
    while (b->at < len && !scan->failed && !scan->status)
        one_line(b);
    if (!scan->failed && !scan->status) {
        ctx_blocks_close_leaf(b);
        close_to(b, 0);
        ctx_mdx_scope_end(scan, 0);
    }
    free(b);
    return scan->status ? scan->status : ctx_buffer_status(&scan->text);
}

void ctx_mdx_scan_deinit(struct ctx_mdx_scan *scan)
{
    ctx_buffer_deinit(&scan->text);
    free(scan->tokens);
    free(scan->open);
}
