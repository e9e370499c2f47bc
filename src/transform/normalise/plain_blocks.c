/*
 * Plain blocks. They follow the parser's order of trial (CommonMark 0.29, appendix A) where it cannot
 * matter: a line that may begin or go on with anything else is not plain. Pure.
 */
#include "transform/normalise/plain_blocks.h"

#include <string.h>

#include "transform/normalise/cells.h"
#include "transform/normalise/normaliser.h"

enum {
    FENCE_MIN = 3,
    FENCE_MAX = 255, /* cmark-gfm keeps a fence's length in a byte */
    INDENT_MAX = 3,  /* of a closing fence */
    HEADING_MAX = 6,
    COLUMNS_MAX = 1000, /* cmark-gfm has a limit of its own, far beyond */
};

/* What the first byte of a line's text may mean. */
enum { TEXT, OTHER, INLINE, NUMBER };

static const unsigned char meanings[256] = {
    [0 ... ' '] = OTHER, ['#'] = OTHER,  ['+'] = OTHER,  ['-'] = OTHER,          [':'] = OTHER,
    ['<'] = OTHER,       ['='] = OTHER,  ['>'] = OTHER,  ['|'] = OTHER,          ['~'] = OTHER,
    ['*'] = INLINE,      ['_'] = INLINE, ['`'] = INLINE, ['0' ... '9'] = NUMBER,
};

static const char *line_at(const struct ctx_tree *tree, uint32_t line)
{
    return tree->text + tree->lines[line];
}

/* Where the line ends: at its newline. */
static const char *line_end(const struct ctx_tree *tree, uint32_t line)
{
    return tree->text + tree->lines[line + 1] - 1;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static const char *past_blanks(const char *at)
{
    while (is_blank(*at))
        at++;
    return at;
}

static size_t run_of(const char *at, char byte)
{
    size_t n = 0;
    while (at[n] == byte)
        n++;
    return n;
}

static bool is_blank_line(const struct ctx_tree *tree, uint32_t line)
{
    return *past_blanks(line_at(tree, line)) == '\n';
}

uint32_t ctx_plain_skip_blank(const struct ctx_tree *tree, uint32_t line)
{
    while (line < tree->n_lines && is_blank_line(tree, line))
        line++;
    return line;
}

/* Emphasis or a code span: no marker, rule or fence. */
static bool is_inline(const char *at)
{
    size_t n = run_of(at, *at);
    return *at == '`' ? n < FENCE_MIN : (unsigned char)at[n] > ' ';
}

/* A number that is no marker. */
static bool is_number(const char *at)
{
    while (*at >= '0' && *at <= '9')
        at++;
    return *at != '.' && *at != ')';
}

/* Whether what is left of a line is a paragraph's text, whatever the lines around it are. */
static bool is_text(const char *at)
{
    switch (meanings[(unsigned char)*at]) {
    case TEXT:
        return true;
    case INLINE:
        return is_inline(at);
    case NUMBER:
        return is_number(at);
    default:
        return false;
    }
}

static unsigned heading_level(const char *at)
{
    size_t n = run_of(at, '#');
    return n > 0 && n <= HEADING_MAX && (is_blank(at[n]) || at[n] == '\n') ? (unsigned)n : 0;
}

/* The length of the fence that opens a block; 0: none does. */
static size_t fence_length(const char *at, const char *end)
{
    size_t n = *at == '`' || *at == '~' ? run_of(at, *at) : 0;
    if (n < FENCE_MIN || (*at == '`' && memchr(at + n, '`', (size_t)(end - at) - n)))
        return 0;
    return n < FENCE_MAX ? n : FENCE_MAX;
}

static bool closes_fence(const char *at, char mark, size_t length)
{
    size_t indent = run_of(at, ' ');
    size_t n = run_of(at + indent, mark);
    return indent <= INDENT_MAX && n >= length && *past_blanks(at + indent + n) == '\n';
}

static uint32_t take_fence(const struct ctx_tree *tree, uint32_t line, size_t length,
                           struct ctx_node *block)
{
    char mark = *line_at(tree, line);
    uint32_t end = line + 1;
    while (end < tree->n_lines && !closes_fence(line_at(tree, end), mark, length))
        end++;
    block->kind = CTX_NODE_FENCE;
    block->rows = end - line - 1;
    block->last = end - 1;
    return end < tree->n_lines ? end + 1 : end;
}

/* Columns of a delimiter row in the first column; 0: the line is none. */
static uint32_t delimiter_columns(const char *at)
{
    uint32_t columns = 0;
    while (*at == '|') {
        at = past_blanks(at + 1);
        if (*at == '\n')
            break;
        at += *at == ':';
        size_t dashes = run_of(at, '-');
        if (dashes == 0)
            return 0;
        at += dashes;
        at = past_blanks(at + (at[0] == ':'));
        columns++;
    }
    return *at == '\n' ? columns : 0;
}

static uint32_t row_columns(const char *row, const char *end)
{
    uint32_t columns = 0;
    for (const char *at = ctx_cell_first(row, end); at < end; columns++)
        at = ctx_cell_next(ctx_cell_stop(at, end), end);
    return columns;
}

/* Rows begin with a pipe, behind which there is something; a blank line ends them. */
static uint32_t take_table(const struct ctx_tree *tree, uint32_t line, struct ctx_node *block)
{
    uint32_t columns = line + 1 < tree->n_lines ? delimiter_columns(line_at(tree, line + 1)) : 0;
    if (columns == 0 || columns > COLUMNS_MAX ||
        row_columns(line_at(tree, line), line_end(tree, line)) != columns)
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

/* What may stand right below a paragraph's text and end it: a blank line, a heading, a fence. */
static bool ends_paragraph(const struct ctx_tree *tree, uint32_t line)
{
    const char *at = line_at(tree, line);
    return *past_blanks(at) == '\n' || heading_level(at) > 0 ||
           fence_length(at, line_end(tree, line)) > 0;
}

/* Without blanks at the ends of inner lines, about which ctx_markdown_breaks() is asked. */
static uint32_t take_paragraph(const struct ctx_tree *tree, uint32_t line, struct ctx_node *block)
{
    const char *begin = line_at(tree, line);
    uint32_t end = line + 1;
    while (end < tree->n_lines && is_text(past_blanks(line_at(tree, end)))) {
        if (is_blank(line_end(tree, end - 1)[-1]))
            return line;
        end++;
    }
    if (end < tree->n_lines && !ends_paragraph(tree, end))
        return line;
    if (ctx_normalise_may_be_definition(begin, (size_t)(line_end(tree, end - 1) - begin)))
        return line;
    block->kind = CTX_NODE_PARAGRAPH;
    block->last = end - 1;
    return end;
}

uint32_t ctx_plain_block(const struct ctx_tree *tree, uint32_t line, struct ctx_node *ret_block)
{
    const char *at = line_at(tree, line);
    struct ctx_node block = { .first = line, .last = line };
    uint32_t end = line;
    size_t length = fence_length(at, line_end(tree, line));
    unsigned level = heading_level(at);
    if (length > 0) {
        end = take_fence(tree, line, length, &block);
    } else if (level > 0) {
        block.kind = CTX_NODE_HEADING;
        block.level = (uint8_t)level;
        end = line + 1;
    } else if (*at == '|') {
        end = take_table(tree, line, &block);
    } else if (is_text(at)) {
        end = take_paragraph(tree, line, &block);
    }
    if (end > line)
        *ret_block = block;
    return end;
}

bool ctx_plain_begins_fence(const struct ctx_tree *tree, uint32_t line)
{
    return fence_length(line_at(tree, line), line_end(tree, line)) > 0;
}

bool ctx_plain_begins(const struct ctx_tree *tree, uint32_t line)
{
    const char *at = line_at(tree, line);
    if (ctx_plain_begins_fence(tree, line) || heading_level(at) > 0)
        return true;
    return (line == 0 || is_blank_line(tree, line - 1)) && (*at == '|' || is_text(at));
}
