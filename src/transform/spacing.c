/*
 * Between blocks: one blank line, where it does not make a tight list loose; none at the text's
 * beginning and end. Lines that no block covers (link reference definitions, empty containers,
 * footnotes that nothing refers to) stay. A part of the normalise stage.
 */
#include <string.h>

#include "transform/normaliser.h"

enum { CODE_INDENT = 4 };

/* Lines of a gap: `from` up to, not including, `to`. */
struct gap {
    uint32_t from, to;
    bool opens;  /* the text begins with it */
    bool closes; /* the text ends with it */
};

static bool is_blank_line(const struct ctx_normaliser *normaliser, uint32_t index)
{
    if (normaliser->tree.begins && normaliser->tree.begins[index])
        return false;
    struct ctx_line line = ctx_normalise_line(normaliser, index);
    for (size_t i = 0; i < line.len; i++)
        if (!strchr(" \t>", line.bytes[i]))
            return false;
    return true;
}

static size_t count_marks(const struct ctx_line *line)
{
    size_t n = 0;
    for (size_t i = 0; i < line->len; i++)
        n += line->bytes[i] == '>';
    return n;
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

static bool defines_footnote(const struct ctx_normaliser *normaliser, uint32_t index)
{
    struct ctx_line line = ctx_normalise_line(normaliser, index);
    return memmem(line.bytes, line.len, "[^", 2) && memmem(line.bytes, line.len, "]:", 2);
}

/* Past the last line that is not blank, when the lines from `from` on may be a footnote's. */
static uint32_t past_text(const struct ctx_normaliser *normaliser, struct gap gap)
{
    while (gap.to > gap.from && is_blank_line(normaliser, gap.to - 1))
        gap.to--;
    return gap.to;
}

/* `- [ ]` and nothing else is a task only with a blank behind it. */
static bool ends_with_task(const struct ctx_line *line)
{
    size_t len = ctx_normalise_trimmed(line);
    const char *end = line->bytes + len;
    return len > 3 && end[-1] == ']' && strchr(" xX", end[-2]) && end[-3] == '[';
}

static void clean_gap(struct ctx_normaliser *normaliser, struct gap gap)
{
    bool opens = gap.opens;
    for (uint32_t i = gap.from; i < gap.to;) {
        if (!is_blank_line(normaliser, i)) {
            opens = false;
            if (defines_footnote(normaliser, i)) {
                i = past_text(normaliser, (struct gap){ i + 1, gap.to, false, false });
                continue;
            }
            struct ctx_line line = ctx_normalise_line(normaliser, i++);
            if (!ends_with_task(&line))
                ctx_normalise_trim(normaliser, &line);
            continue;
        }
        uint32_t end = i + 1;
        while (end < gap.to && is_blank_line(normaliser, end))
            end++;
        if (opens || (gap.closes && end == gap.to))
            remove_lines(normaliser, i, end);
        else
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

/* Puts a blank line between two blocks that touch, unless that would change what they are. */
static void part(struct ctx_normaliser *normaliser, const struct ctx_node *above,
                 const struct ctx_node *below)
{
    const struct ctx_tree *tree = &normaliser->tree;
    const struct ctx_node *child = below;
    if (below->merged || !is_loose(tree, common(tree, above, below, &child)))
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

/*
 * Whether a line of blanks may tell a footnote's end: such a line ends it and an empty one does
 * not, which shows when what follows is indented.
 */
static bool ends_footnote(const struct ctx_normaliser *normaliser, const struct gap *gap,
                          const struct ctx_node *below)
{
    if (!below || gap->from >= gap->to)
        return false;
    struct ctx_line line = ctx_normalise_line(normaliser, below->first);
    size_t indent = ctx_normalise_indent(&line);
    if (indent < CODE_INDENT && !memchr(line.bytes, '\t', indent))
        return false;
    if (normaliser->tree.footnotes)
        return true;
    for (uint32_t i = gap->from; i < gap->to; i++)
        if (!is_blank_line(normaliser, i) && defines_footnote(normaliser, i))
            return true;
    return false;
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
    normaliser->at_start = !above && past_text(normaliser, gap) == gap.from;
    normaliser->above = gap.from == gap.to ? above : NULL;
    normaliser->below_blank = gap.from < gap.to && is_blank_line(normaliser, gap.to - 1);
    if (!ends_footnote(normaliser, &gap, below))
        clean_gap(normaliser, gap);
    if (above && below && gap.from == gap.to)
        part(normaliser, above, below);
}
