/*
 * Container prefixes: where a line's own content begins below quotes, list items and footnotes.
 * This follows CommonMark 0.29, 5.1 and 5.2, for lines whose containers are known already. Pure.
 */
#include "transform/normalise/tree.h"

enum { TAB_STOP = 4, CODE_INDENT = 4, LONGEST_PADDING = 5 };

struct line {
    const char *bytes;
    uint32_t len; /* without the newline */
};

static struct line line_at(const struct ctx_tree *tree, uint32_t line)
{
    uint32_t begin = tree->lines[line];
    uint32_t end = tree->lines[line + 1];
    if (end > begin && tree->text[end - 1] == '\n')
        end--;
    return (struct line){ tree->text + begin, end - begin };
}

static bool is_blank_at(const struct line *line, uint32_t at)
{
    return at < line->len && (line->bytes[at] == ' ' || line->bytes[at] == '\t');
}

static uint32_t tab_width(const struct ctx_place *place)
{
    return TAB_STOP - place->column % TAB_STOP;
}

/* Moves over up to `columns` columns of blanks; a tab may be used up in part. */
static void advance_columns(const struct line *line, struct ctx_place *place, uint32_t columns)
{
    while (columns > 0 && is_blank_at(line, place->byte)) {
        uint32_t width = line->bytes[place->byte] == '\t' ? tab_width(place) : 1;
        uint32_t step = width < columns ? width : columns;
        place->column += step;
        columns -= step;
        if (step == width) {
            place->byte++;
            place->inside = 0;
        } else {
            place->inside += step;
        }
    }
}

static void advance_byte(struct ctx_place *place)
{
    place->byte++;
    place->column++;
    place->inside = 0;
}

static struct ctx_place past_blanks(const struct line *line, struct ctx_place place)
{
    advance_columns(line, &place, UINT32_MAX);
    return place;
}

void ctx_place_skip_blanks(const struct ctx_tree *tree, uint32_t line, struct ctx_place *place)
{
    struct line bytes = line_at(tree, line);
    *place = past_blanks(&bytes, *place);
}

/* Past a quote's ">" and the one blank that belongs to it. */
static void pass_quote_mark(const struct line *line, struct ctx_place *place)
{
    advance_byte(place);
    advance_columns(line, place, 1);
}

static bool continue_quote(const struct line *line, struct ctx_place *place)
{
    struct ctx_place mark = *place;
    advance_columns(line, &mark, CODE_INDENT - 1);
    if (mark.byte >= line->len || line->bytes[mark.byte] != '>')
        return false;
    pass_quote_mark(line, &mark);
    *place = mark;
    return true;
}

/* A line of blanks alone goes on, however few they are. */
static bool continue_indented(const struct line *line, struct ctx_place *place, uint32_t indent)
{
    struct ctx_place next = *place;
    advance_columns(line, &next, indent);
    if (next.column - place->column < indent && next.byte < line->len)
        return false;
    *place = next;
    return true;
}

static bool continue_container(const struct ctx_node *node, const struct line *line,
                               struct ctx_place *place)
{
    switch (node->kind) {
    case CTX_NODE_QUOTE:
        return continue_quote(line, place);
    case CTX_NODE_ITEM:
        return continue_indented(line, place, node->indent);
    case CTX_NODE_FOOTNOTE:
        return continue_indented(line, place, CODE_INDENT);
    default:
        return true;
    }
}

bool ctx_tree_place(const struct ctx_tree *tree, uint32_t container, uint32_t line,
                    struct ctx_place *ret_place)
{
    uint32_t n = 0;
    *ret_place = (struct ctx_place){ 0 };
    for (uint32_t at = container; at != 0; at = tree->nodes[at].parent) {
        const struct ctx_node *node = &tree->nodes[at];
        if (node->kind == CTX_NODE_LIST)
            continue;
        if (node->first == line) {
            *ret_place = node->content;
            break;
        }
        tree->chain[n++] = at;
    }
    struct line bytes = line_at(tree, line);
    while (n > 0)
        if (!continue_container(&tree->nodes[tree->chain[--n]], &bytes, ret_place))
            return false;
    return true;
}

static uint32_t marker_length(const struct line *line, uint32_t at)
{
    uint32_t end = at;
    while (end < line->len && line->bytes[end] >= '0' && line->bytes[end] <= '9')
        end++;
    return end - at + 1;
}

static void measure_item(struct ctx_node *item, const struct line *line, struct ctx_place base)
{
    struct ctx_place place = past_blanks(line, base);
    uint32_t length = marker_length(line, place.byte);
    item->indent = place.column - base.column + length;
    for (uint32_t i = 0; i < length; i++)
        advance_byte(&place);
    struct ctx_place next = place;
    advance_columns(line, &next, LONGEST_PADDING);
    uint32_t padding = next.column - place.column;
    if (padding >= LONGEST_PADDING || padding == 0 || next.byte >= line->len)
        padding = 1;
    item->indent += padding;
    advance_columns(line, &place, padding);
    item->content = place;
}

void ctx_tree_measure(const struct ctx_tree *tree, uint32_t container)
{
    struct ctx_node *node = &tree->nodes[container];
    struct line line = line_at(tree, node->first);
    struct ctx_place base;
    ctx_tree_place(tree, node->parent, node->first, &base);
    if (node->kind == CTX_NODE_ITEM) {
        measure_item(node, &line, base);
    } else if (node->kind == CTX_NODE_QUOTE) {
        struct ctx_place place = past_blanks(&line, base);
        pass_quote_mark(&line, &place);
        node->content = place;
    } else if (node->kind == CTX_NODE_FOOTNOTE) {
        struct ctx_place place = past_blanks(&line, base);
        while (place.byte < node->column && place.byte < line.len)
            advance_byte(&place);
        node->content = place;
    }
}
