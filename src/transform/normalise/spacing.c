/*
 * Between blocks: one blank line, where it does not make a tight list loose; none at the text's
 * beginning and end. Lines that no block covers (link reference definitions, empty containers,
 * footnotes that nothing refers to) stay. A part of the normalise stage.
 */
#include <string.h>

#include "transform/normalise/normaliser.h"

enum { CODE_INDENT = 4 };

/* Lines of a gap: `from` up to, not including, `to`. */
struct gap {
    uint32_t from, to;
    bool opens;  /* the text begins with it */
    bool closes; /* the text ends with it */
};

static const char blanks_and_marks[] = " \t>";

static bool is_only(const struct ctx_line *line, const char *bytes)
{
    for (size_t i = 0; i < line->len; i++)
        if (line->bytes[i] == '\0' || !strchr(bytes, line->bytes[i]))
            return false;
    return true;
}

/* Marks of quotes at the line's beginning. */
static size_t count_marks(const struct ctx_line *line)
{
    size_t n = 0;
    for (size_t i = 0; i < line->len && strchr(blanks_and_marks, line->bytes[i]); i++)
        n += line->bytes[i] == '>';
    return n;
}

/*
 * Whether a line of marks may be no blank line of a quote, but the destination of the definition
 * that the line above began.
 */
static bool may_define(const struct ctx_normaliser *normaliser, uint32_t from, uint32_t index)
{
    if (index == from)
        return false;
    struct ctx_line above = ctx_normalise_line(normaliser, index - 1);
    struct ctx_line line = ctx_normalise_line(normaliser, index);
    size_t indent = ctx_normalise_indent(&line);
    if (is_only(&above, blanks_and_marks) || indent == line.len)
        return false;
    return count_marks(&line) > count_marks(&above) || indent >= CODE_INDENT ||
           memchr(line.bytes, '\t', indent);
}

/* Blank, in quotes or not, in a gap that begins at `from`. */
static bool is_blank_line(const struct ctx_normaliser *normaliser, uint32_t from, uint32_t index)
{
    if (normaliser->tree.begins && normaliser->tree.begins[index])
        return false;
    struct ctx_line line = ctx_normalise_line(normaliser, index);
    return is_only(&line, blanks_and_marks) && !may_define(normaliser, from, index);
}

bool ctx_normalise_is_last(const struct ctx_normaliser *normaliser, const struct ctx_node *block)
{
    const struct ctx_tree *tree = &normaliser->tree;
    if (block != &tree->nodes[tree->leaves[tree->n_leaves - 1]])
        return false;
    uint32_t line = block->last + 1;
    while (line < tree->n_lines && is_blank_line(normaliser, block->last + 1, line))
        line++;
    return line >= tree->n_lines;
}

/* Leaves one of the blank lines: that which is in the fewest quotes. */
static void shrink_run(struct ctx_normaliser *normaliser, uint32_t from, uint32_t to)
{
    struct ctx_line kept = ctx_normalise_line(normaliser, from);
    for (uint32_t i = from + 1; i < to; i++) {
        struct ctx_line line = ctx_normalise_line(normaliser, i);
        if (count_marks(&line) < count_marks(&kept))
            kept = line;
    }
    size_t begin = normaliser->tree.lines[from];
    size_t end = normaliser->tree.lines[to];
    ctx_normalise_replace(normaliser, begin, end - 1 - begin, kept.bytes,
                          ctx_normalise_trimmed(&kept));
}

static void remove_lines(struct ctx_normaliser *normaliser, uint32_t from, uint32_t to)
{
    size_t begin = normaliser->tree.lines[from];
    ctx_edits_add(&normaliser->edits, begin, normaliser->tree.lines[to] - begin, "", 0);
}

/* Whether a footnote may begin on the line, in containers or not. */
static bool defines_footnote(const struct ctx_normaliser *normaliser, uint32_t index)
{
    struct ctx_line line = ctx_normalise_line(normaliser, index);
    const char *label = memmem(line.bytes, line.len, "[^", 2);
    for (const char *at = line.bytes; label && at < label; at++)
        if (*at == '\0' || !strchr(" \t>-+*.)0123456789", *at))
            return false;
    return label && memmem(label, (size_t)(line.bytes + line.len - label), "]:", 2);
}

/* Past the last line that is not blank, when the lines from `from` on may be a footnote's. */
static uint32_t past_text(const struct ctx_normaliser *normaliser, struct gap gap)
{
    while (gap.to > gap.from && is_blank_line(normaliser, normaliser->gap, gap.to - 1))
        gap.to--;
    return gap.to;
}

static uint32_t past_blank(const struct ctx_normaliser *normaliser, uint32_t from, uint32_t to)
{
    while (from < to && is_blank_line(normaliser, normaliser->gap, from))
        from++;
    return from;
}

static void trim_lines(struct ctx_normaliser *normaliser, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        struct ctx_line line = ctx_normalise_line(normaliser, i);
        if (!ctx_normalise_is_empty_task(&line))
            ctx_normalise_trim(normaliser, &line);
    }
}

static bool begins_footnote(const struct ctx_line *line)
{
    return line->len > 2 && line->bytes[0] == '[' && line->bytes[1] == '^';
}

/* Whether a footnote in the first column is all on its line, and no code. */
static bool is_short_footnote(const struct ctx_normaliser *normaliser, uint32_t index, uint32_t to)
{
    struct ctx_line line = ctx_normalise_line(normaliser, index);
    const char *colon = begins_footnote(&line) ? memmem(line.bytes, line.len, "]:", 2) : NULL;
    if (!colon)
        return false;
    size_t at = (size_t)(colon - line.bytes) + 2;
    struct ctx_line content = { line.bytes + at, line.len - at, 0 };
    size_t indent = ctx_normalise_indent(&content);
    if (indent == content.len || indent >= CODE_INDENT || strchr("`~", content.bytes[indent]))
        return false;
    struct ctx_line next = { 0 };
    if (index + 1 < to)
        next = ctx_normalise_line(normaliser, index + 1);
    return next.len == 0 || begins_footnote(&next);
}

/* Footnotes that nothing refers to are not in the tree: only blanks behind short ones go. */
static void trim_footnotes(struct ctx_normaliser *normaliser, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        if (is_short_footnote(normaliser, i, to))
            trim_lines(normaliser, i, i + 1);
}

/*
 * A list item that holds nothing, or only definitions, ends at some blank line and not at another
 * (their number counts, and their width), so below a line on which a container begins they stay.
 */
static void clean_gap(struct ctx_normaliser *normaliser, struct gap gap)
{
    bool begun = false;
    if (gap.opens) {
        uint32_t end = past_blank(normaliser, gap.from, gap.to);
        if (end > gap.from)
            remove_lines(normaliser, gap.from, end);
        gap.from = end;
    }
    for (uint32_t i = gap.from; i < gap.to;) {
        uint32_t end = past_blank(normaliser, i, gap.to);
        if (end == i) {
            end = i + 1;
            if (defines_footnote(normaliser, i)) {
                end = past_text(normaliser, (struct gap){ end, gap.to, false, false });
                trim_footnotes(normaliser, i, end);
            } else {
                trim_lines(normaliser, i, end);
            }
            for (; i < end; i++)
                begun |= normaliser->tree.begins && normaliser->tree.begins[i];
            continue;
        }
        if (gap.closes && end == gap.to)
            remove_lines(normaliser, i, end);
        else if (!begun)
            shrink_run(normaliser, i, end);
        i = end;
    }
}

static const struct ctx_node *parent_of(const struct ctx_tree *tree, const struct ctx_node *node)
{
    return &tree->nodes[node->parent];
}

/* Nodes above it, lists included; the document has none. */
static uint32_t height_of(const struct ctx_tree *tree, const struct ctx_node *node)
{
    uint32_t height = 0;
    for (; node->kind != CTX_NODE_DOCUMENT; node = parent_of(tree, node))
        height++;
    return height;
}

/* The innermost node that holds both; `ret_child` is that below it which holds `b`. */
static const struct ctx_node *common(const struct ctx_tree *tree, const struct ctx_node *a,
                                     const struct ctx_node *b, const struct ctx_node **ret_child)
{
    uint32_t height_a = height_of(tree, a);
    uint32_t height_b = height_of(tree, b);
    while (a != b) {
        bool up_a = height_a >= height_b;
        bool up_b = height_b >= height_a;
        if (up_b) {
            *ret_child = b;
            b = parent_of(tree, b);
            height_b--;
        }
        if (up_a) {
            a = parent_of(tree, a);
            height_a--;
        }
    }
    return a;
}

static bool is_loose(const struct ctx_tree *tree, const struct ctx_node *node)
{
    if (node->kind == CTX_NODE_ITEM)
        node = parent_of(tree, node);
    return node->kind == CTX_NODE_LIST ? !node->tight : node->kind != CTX_NODE_FOOTNOTE;
}

/* Code or HTML that only its container's end has ended. */
static bool is_open(const struct ctx_normaliser *normaliser, const struct ctx_node *block)
{
    if (block->depth == 0)
        return false;
    if (block->kind == CTX_NODE_FENCE)
        return block->last == block->first + block->rows;
    return block->kind == CTX_NODE_HTML && ctx_normalise_html_is_open(normaliser, block);
}

/* Whether a blank line of `outer`, right below the block, would still be the block's. */
static bool would_take_blank(const struct ctx_normaliser *normaliser, const struct ctx_node *block,
                             const struct ctx_node *outer)
{
    const struct ctx_tree *tree = &normaliser->tree;
    if (!is_open(normaliser, block))
        return false;
    for (const struct ctx_node *at = parent_of(tree, block); at != outer; at = parent_of(tree, at))
        if (at->kind == CTX_NODE_QUOTE)
            return false; /* the blank line is not in the quote, and ends it */
    return true;
}

static const struct ctx_node *footnote_of(const struct ctx_tree *tree, const struct ctx_node *node)
{
    if (!tree->footnotes)
        return NULL;
    while (node->kind != CTX_NODE_DOCUMENT && node->kind != CTX_NODE_FOOTNOTE)
        node = parent_of(tree, node);
    return node->kind == CTX_NODE_FOOTNOTE ? node : NULL;
}

bool ctx_normalise_is_in_moved_footnote(const struct ctx_normaliser *normaliser,
                                        const struct ctx_node *block)
{
    const struct ctx_node *footnote = footnote_of(&normaliser->tree, block);
    if (!footnote)
        return false;
    struct ctx_line line = ctx_normalise_line(normaliser, footnote->first);
    return line.len == 0 || line.bytes[0] != '[' || footnote->column > line.len ||
           memmem(line.bytes + 1, footnote->column - 1, "[^", 2);
}

/*
 * Whether a paragraph right below a table looks like more of its rows. A line of one lone pipe ends a
 * table for cmark-gfm and is a row for other parsers: they go on reading as they would have.
 */
static bool may_be_rows(const struct ctx_normaliser *normaliser, const struct ctx_node *above,
                        const struct ctx_node *below)
{
    struct ctx_line line = ctx_normalise_line(normaliser, below->first);
    return above->kind == CTX_NODE_TABLE && below->kind == CTX_NODE_PARAGRAPH &&
           below->column < line.len && line.bytes[below->column] == '|';
}

/*
 * Whether a paragraph of plain Markdown begins as an import or export of MDX does. A blank line
 * below would end it, and all of the document might parse as MDX.
 */
static bool may_be_esm(const struct ctx_normaliser *normaliser, const struct ctx_node *above)
{
    struct ctx_line line = ctx_normalise_line(normaliser, above->first);
    size_t len = strlen("import ");
    return !normaliser->mdx && above->kind == CTX_NODE_PARAGRAPH && above->depth == 0 &&
           line.len >= len &&
           (memcmp(line.bytes, "import ", len) == 0 || memcmp(line.bytes, "export ", len) == 0);
}

/* Puts a blank line between two blocks that touch, unless that would change what they are. */
static void part(struct ctx_normaliser *normaliser, const struct ctx_node *above,
                 const struct ctx_node *below)
{
    const struct ctx_tree *tree = &normaliser->tree;
    const struct ctx_node *child = below;
    const struct ctx_node *outer = common(tree, above, below, &child);
    if (below->merged || !is_loose(tree, outer) || would_take_blank(normaliser, above, outer) ||
        ctx_normalise_is_in_moved_footnote(normaliser, above) ||
        may_be_rows(normaliser, above, below) || may_be_esm(normaliser, above))
        return;
    struct ctx_line line = ctx_normalise_line(normaliser, below->first);
    struct ctx_line prefix = { line.bytes, child->column < line.len ? child->column : line.len, 0 };
    for (size_t i = 0; i < prefix.len; i++)
        if (!strchr(" \t>", prefix.bytes[i]))
            return;
    prefix.len = ctx_normalise_trimmed(&prefix);
    char *room = ctx_edits_room(&normaliser->edits, prefix.len + 1);
    if (!room)
        return;
    memcpy(room, prefix.bytes, prefix.len);
    room[prefix.len] = '\n';
    ctx_edits_add(&normaliser->edits, line.at, 0, room, prefix.len + 1);
    normaliser->below_blank = true;
}

static bool is_indented(const struct ctx_normaliser *normaliser, uint32_t index)
{
    struct ctx_line line = ctx_normalise_line(normaliser, index);
    size_t indent = ctx_normalise_indent(&line);
    return indent >= CODE_INDENT || memchr(line.bytes, '\t', indent);
}

static bool has_footnote(const struct ctx_normaliser *normaliser, const struct gap *gap)
{
    for (uint32_t i = gap->from; i < gap->to; i++)
        if (!is_blank_line(normaliser, normaliser->gap, i) && defines_footnote(normaliser, i))
            return true;
    return false;
}

/*
 * Whether a line of blanks may tell a footnote's end: such a line ends it and an empty one does
 * not, which shows when what follows is indented, or when what the footnote holds is open.
 */
static bool ends_footnote(const struct ctx_normaliser *normaliser, const struct gap *gap,
                          const struct ctx_node *above, const struct ctx_node *below)
{
    uint32_t text = past_blank(normaliser, gap->from, gap->to);
    bool any = text < gap->to || below;
    if (any && above && footnote_of(&normaliser->tree, above) &&
        (is_open(normaliser, above) || is_indented(normaliser, text)))
        return true;
    return below && is_indented(normaliser, below->first) && has_footnote(normaliser, gap);
}

/* One empty line between two blocks, as it should be and mostly is. */
static bool is_settled(const struct ctx_normaliser *normaliser, const struct gap *gap)
{
    const struct ctx_tree *tree = &normaliser->tree;
    return !gap->opens && !gap->closes && gap->to - gap->from == 1 &&
           tree->text[tree->lines[gap->from]] == '\n' && !tree->footnotes;
}

void ctx_normalise_spacing(struct ctx_normaliser *normaliser, const struct ctx_node *above,
                           const struct ctx_node *below)
{
    struct gap gap = {
        .from = above ? above->last + 1 : 0,
        .to = below ? below->first : normaliser->tree.n_lines,
        .opens = !above,
        .closes = !below,
    };
    normaliser->gap = gap.from;
    if (is_settled(normaliser, &gap)) {
        normaliser->at_start = false;
        normaliser->above = NULL;
        normaliser->below_blank = true;
        return;
    }
    normaliser->at_start = !above && past_text(normaliser, gap) == gap.from;
    normaliser->above = gap.from >= gap.to ? above : NULL;
    normaliser->below_blank =
        gap.from < gap.to && is_blank_line(normaliser, normaliser->gap, gap.to - 1);
    if (above && below && ctx_normalise_is_math(normaliser, above->last) &&
        ctx_normalise_is_math(normaliser, below->first))
        return;
    if (ends_footnote(normaliser, &gap, above, below)) {
        if (gap.closes)
            gap.from = past_text(normaliser, gap);
        else
            gap.to = gap.opens ? past_blank(normaliser, gap.from, gap.to) : gap.from;
    }
    clean_gap(normaliser, gap);
    if (normaliser->above && below)
        part(normaliser, above, below);
}
