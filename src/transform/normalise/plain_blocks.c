/*
 * Plain blocks. They follow the parser's order of trial (CommonMark 0.29, appendix A) where it cannot
 * matter: a line that may begin or go on with anything else is not plain. Pure, but for the nodes.
 */
#include "transform/normalise/plain_blocks.h"

#include <string.h>

#include "base/bytes.h"
#include "transform/normalise/cells.h"
#include "transform/normalise/normaliser.h"
#include "transform/normalise/plain_lines.h"

static const char *line_at(const struct ctx_tree *tree, uint32_t line)
{
    return tree->text + tree->lines[line];
}

/* Where the line ends: at its newline. */
static const char *line_end(const struct ctx_tree *tree, uint32_t line)
{
    return tree->text + tree->lines[line + 1] - 1;
}

static bool is_blank_line(const struct ctx_tree *tree, uint32_t line)
{
    return *ctx_plain_past_blanks(line_at(tree, line)) == '\n';
}

uint32_t ctx_plain_skip_blank(const struct ctx_tree *tree, uint32_t line)
{
    while (line < tree->n_lines && is_blank_line(tree, line))
        line++;
    return line;
}

static uint32_t take_fence(const struct ctx_tree *tree, uint32_t line, size_t length,
                           struct ctx_node *block)
{
    char mark = *line_at(tree, line);
    uint32_t end = line + 1;
    while (end < tree->n_lines && !ctx_plain_closes_fence(line_at(tree, end), mark, length))
        end++;
    block->kind = CTX_NODE_FENCE;
    block->rows = end - line - 1;
    block->last = end - 1;
    return end < tree->n_lines ? end + 1 : end;
}

/* Rows begin with a pipe, behind which there is something; a blank line ends them. */
static uint32_t take_table(const struct ctx_tree *tree, uint32_t line, struct ctx_node *block)
{
    uint32_t columns =
        line + 1 < tree->n_lines ? ctx_plain_delimiter_columns(line_at(tree, line + 1)) : 0;
    if (columns == 0 || ctx_plain_row_columns(line_at(tree, line), line_end(tree, line)) != columns)
        return line;
    uint32_t end = line + 2;
    for (; end < tree->n_lines && *line_at(tree, end) == '|'; end++)
        if (ctx_cell_first(line_at(tree, end), line_end(tree, end)) == line_end(tree, end))
            return line;
    if (end < tree->n_lines && !is_blank_line(tree, end))
        return line;
    block->kind = CTX_NODE_TABLE;
    block->columns = columns;
    block->rows = end - line - 2;
    block->last = end - 1;
    return end;
}

/* A comment that ends at all. */
static uint32_t take_comment(const struct ctx_tree *tree, uint32_t line, struct ctx_node *block)
{
    for (uint32_t end = line; end < tree->n_lines; end++) {
        const char *at = line_at(tree, end);
        if (!ctx_bytes_find(at, (size_t)(line_end(tree, end) - at), "-->"))
            continue;
        block->kind = CTX_NODE_HTML;
        block->rows = end + 1 - line;
        block->last = end;
        return end + 1;
    }
    return line;
}

/* What may stand right below a paragraph's text and end it: a blank line, a heading, a fence. */
static bool ends_paragraph(const struct ctx_tree *tree, uint32_t line)
{
    if (line >= tree->n_lines)
        return true;
    const char *at = line_at(tree, line);
    return *ctx_plain_past_blanks(at) == '\n' || ctx_plain_heading_level(at) > 0 ||
           ctx_plain_fence_length(at, line_end(tree, line)) > 0;
}

/*
 * Past a paragraph whose text begins at `at` on `line`; `line`: it is not plain. That is one that may
 * define a link, or has a blank at the end of an inner line: ctx_markdown_breaks() is asked of it.
 * Further lines begin with `prefix`, unless that is 0, then with any blanks.
 */
static uint32_t past_text(const struct ctx_tree *tree, uint32_t line, const char *at, char prefix)
{
    uint32_t end = line + 1;
    for (; end < tree->n_lines; end++) {
        const char *next = line_at(tree, end);
        if ((prefix && *next++ != prefix) || !ctx_plain_is_text(ctx_plain_past_blanks(next)))
            break;
        if (ctx_plain_is_blank(line_end(tree, end - 1)[-1]))
            return line;
    }
    size_t len = (size_t)(line_end(tree, end - 1) - at);
    return ctx_normalise_may_be_definition(at, len) ? line : end;
}

static uint32_t add(struct ctx_plain_blocks *blocks, const struct ctx_node *node)
{
    if (blocks->n == blocks->capacity) {
        blocks->capacity = blocks->capacity ? 2 * blocks->capacity : 64;
        blocks->nodes =
            ctx_arena_must_grow(blocks->arena, blocks->nodes, blocks->capacity * sizeof(*node));
    }
    blocks->nodes[blocks->n++] = *node;
    return blocks->n;
}

/* Whether an item begins there whose list may stand right below a paragraph's text. */
static bool interrupts(const char *at)
{
    size_t len = 0;
    char mark = ctx_plain_item_mark(at, &len);
    bool first = mark && (len == 1 || (len == 2 && *at == '1'));
    return first && ctx_plain_item_column(at, mark) > 0;
}

static uint32_t take_paragraph(const struct ctx_tree *tree, uint32_t line, struct ctx_node *block)
{
    uint32_t end = past_text(tree, line, line_at(tree, line), '\0');
    block->kind = CTX_NODE_PARAGRAPH;
    block->last = end - 1;
    return ends_paragraph(tree, end) || interrupts(line_at(tree, end)) ? end : line;
}

/* A paragraph in a list's item, or in a quote. */
static uint32_t add_paragraph(const struct ctx_tree *tree, uint32_t line, uint32_t column,
                              uint32_t parent, struct ctx_plain_blocks *blocks)
{
    char prefix = blocks->nodes[parent - 1].kind == CTX_NODE_QUOTE ? '>' : '\0';
    uint32_t end = past_text(tree, line, line_at(tree, line) + column, prefix);
    struct ctx_node paragraph = {
        .kind = CTX_NODE_PARAGRAPH,
        .parent = parent,
        .depth = 1,
        .first = line,
        .last = end - 1,
        .column = column,
    };
    add(blocks, &paragraph);
    return end;
}

/*
 * What may stand below a list's last line, or below a blank one there, and is not of the list. No
 * definition, which leaves no block between the list and another one.
 */
static bool ends_list(const struct ctx_tree *tree, uint32_t line)
{
    uint32_t next = ctx_plain_skip_blank(tree, line);
    if (next == line || next >= tree->n_lines)
        return ends_paragraph(tree, line);
    const char *at = line_at(tree, next);
    return *at != '[' && (ctx_plain_is_text(at) || ctx_plain_is_rule(at) || strchr("#<>|`~", *at));
}

/* A tight list of paragraphs. */
static uint32_t take_list(const struct ctx_tree *tree, uint32_t line, char mark,
                          struct ctx_plain_blocks *blocks)
{
    struct ctx_node list = { .kind = CTX_NODE_LIST, .first = line, .tight = true };
    if (mark != '.' && mark != ')')
        list.mark = list.out_mark = mark;
    uint32_t parent = add(blocks, &list);
    uint32_t end = line;
    uint32_t column;
    while (end < tree->n_lines && (column = ctx_plain_item_column(line_at(tree, end), mark)) > 0) {
        struct ctx_node item = { .kind = CTX_NODE_ITEM, .parent = parent, .first = end };
        uint32_t past = add_paragraph(tree, end, column, add(blocks, &item), blocks);
        if (past == end)
            return line;
        end = past;
    }
    return end > line && ends_list(tree, end) ? end : line;
}

/* A quote of paragraphs. */
static uint32_t take_quote(const struct ctx_tree *tree, uint32_t line,
                           struct ctx_plain_blocks *blocks)
{
    struct ctx_node quote = { .kind = CTX_NODE_QUOTE, .first = line };
    uint32_t parent = add(blocks, &quote);
    uint32_t end = line;
    while (end < tree->n_lines && *line_at(tree, end) == '>') {
        uint32_t past = end + 1;
        uint32_t column = ctx_plain_text_column(line_at(tree, end), 1);
        if (column > 0)
            past = add_paragraph(tree, end, column, parent, blocks);
        else if (end == line || *ctx_plain_past_blanks(line_at(tree, end) + 1) != '\n')
            return line;
        if (past == end)
            return line;
        end = past;
    }
    return ends_paragraph(tree, end) ? end : line;
}

/* Adds a block that holds no others. */
static uint32_t take_leaf(const struct ctx_tree *tree, uint32_t line,
                          struct ctx_plain_blocks *blocks)
{
    const char *at = line_at(tree, line);
    struct ctx_node block = { .first = line, .last = line };
    uint32_t end = line;
    size_t length = ctx_plain_fence_length(at, line_end(tree, line));
    unsigned level = ctx_plain_heading_level(at);
    if (length > 0) {
        end = take_fence(tree, line, length, &block);
    } else if (level > 0) {
        block.kind = CTX_NODE_HEADING;
        block.level = (uint8_t)level;
        end = line + 1;
    } else if (*at == '|') {
        end = take_table(tree, line, &block);
    } else if (strncmp(at, "<!--", 4) == 0) {
        end = take_comment(tree, line, &block);
    } else if (ctx_plain_is_rule(at)) {
        block.kind = CTX_NODE_RULE;
        end = line + 1;
    } else if (ctx_plain_is_text(at)) {
        end = take_paragraph(tree, line, &block);
    }
    if (end > line)
        add(blocks, &block);
    return end;
}

uint32_t ctx_plain_take(const struct ctx_tree *tree, uint32_t line, struct ctx_plain_blocks *blocks)
{
    const char *at = line_at(tree, line);
    uint32_t n = blocks->n;
    size_t len;
    char mark = ctx_plain_item_mark(at, &len);
    uint32_t end = line;
    if (mark && ctx_plain_item_column(at, mark) > 0)
        end = take_list(tree, line, mark, blocks);
    else if (*at == '>')
        end = take_quote(tree, line, blocks);
    else
        end = take_leaf(tree, line, blocks);
    if (end == line)
        blocks->n = n;
    return end;
}

bool ctx_plain_begins_fence(const struct ctx_tree *tree, uint32_t line)
{
    return ctx_plain_fence_length(line_at(tree, line), line_end(tree, line)) > 0;
}

bool ctx_plain_begins(const struct ctx_tree *tree, uint32_t line)
{
    const char *at = line_at(tree, line);
    if (ctx_plain_begins_fence(tree, line) || ctx_plain_heading_level(at) > 0)
        return true;
    return (line == 0 || is_blank_line(tree, line - 1)) &&
           (*at == '|' || ctx_plain_is_text(at) || ctx_plain_is_rule(at));
}
