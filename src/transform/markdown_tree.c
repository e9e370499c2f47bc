/*
 * The tree of cmark-gfm (0.29.0.gfm.6), read into ours. First lines and columns of blocks hold, with the
 * exceptions mended below; the ends of leaves are counted from their literals; footnotes stand at the
 * end of the tree, and those without a reference are gone, as are link reference definitions. Any
 * thread; the arena jumps out when memory is out.
 */
#include "transform/markdown_tree.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <string.h>

/* Nodes on the longest way down among plain blocks. */
enum { PLAIN_DEPTH = 3 };

/* The tree while it is being copied. */
struct copy {
    struct ctx_arena *arena;
    struct ctx_tree *tree;
    const uint32_t *sources;
    const struct ctx_node *plain;
    uint32_t capacity;
    uint32_t deepest; /* nodes on the longest way down */
    uint32_t way;     /* nodes on the way to where we are */
};

static const enum ctx_node_kind no_kind = (enum ctx_node_kind) - 1;

static enum ctx_node_kind kind_of(cmark_node *node)
{
    static const struct {
        cmark_node_type type;
        enum ctx_node_kind kind;
    } kinds[] = {
        { CMARK_NODE_PARAGRAPH, CTX_NODE_PARAGRAPH },
        { CMARK_NODE_ITEM, CTX_NODE_ITEM },
        { CMARK_NODE_LIST, CTX_NODE_LIST },
        { CMARK_NODE_HEADING, CTX_NODE_HEADING },
        { CMARK_NODE_CODE_BLOCK, CTX_NODE_FENCE },
        { CMARK_NODE_HTML_BLOCK, CTX_NODE_HTML },
        { CMARK_NODE_BLOCK_QUOTE, CTX_NODE_QUOTE },
        { CMARK_NODE_THEMATIC_BREAK, CTX_NODE_RULE },
        { CMARK_NODE_FOOTNOTE_DEFINITION, CTX_NODE_FOOTNOTE },
    };
    cmark_node_type type = cmark_node_get_type(node);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].type == type)
            return kinds[i].kind;
    /* The types of extensions are numbered when they register. */
    if (cmark_gfm_extensions_get_table_columns(node) > 0)
        return CTX_NODE_TABLE;
    return no_kind;
}

static uint32_t count_lines(const char *literal)
{
    uint32_t n = 0;
    for (const char *at = literal; (at = strchr(at, '\n')); at++)
        n++;
    return n;
}

static uint32_t line_number(const struct copy *copy, int line)
{
    return line > 0 ? copy->sources[line - 1] : 0;
}

static uint32_t column_number(int column)
{
    return column > 0 ? (uint32_t)column - 1 : 0;
}

static void read_list(struct ctx_node *list, const struct ctx_tree *tree, cmark_node *handle)
{
    list->tight = cmark_node_get_list_tight(handle) != 0;
    if (cmark_node_get_list_type(handle) == CMARK_BULLET_LIST)
        list->mark = list->out_mark = tree->text[tree->lines[list->first] + list->column];
    cmark_node *previous = cmark_node_previous(handle);
    if (previous && cmark_node_get_type(previous) == CMARK_NODE_LIST)
        list->previous = (uint32_t)(uintptr_t)cmark_node_get_user_data(previous);
    cmark_node_set_user_data(handle, (void *)(uintptr_t)(list - tree->nodes));
}

static void read_code(struct ctx_node *code, cmark_node *handle)
{
    int length, offset;
    char mark;
    bool fenced = cmark_node_get_fenced(handle, &length, &offset, &mark) != 0;
    code->rows = count_lines(cmark_node_get_literal(handle));
    if (fenced) {
        code->last = code->first + code->rows;
    } else {
        code->kind = CTX_NODE_INDENTED_CODE;
        code->last = code->first + (code->rows ? code->rows - 1 : 0);
    }
}

static void read_html(struct ctx_node *html, cmark_node *handle)
{
    html->rows = count_lines(cmark_node_get_literal(handle));
    html->last = html->first + (html->rows ? html->rows - 1 : 0);
}

/*
 * A table's own first line is that of the paragraph its header was taken from; a paragraph that
 * was split off it has no position at all. The rows below the delimiter row have one that holds.
 */
static void read_table(const struct copy *copy, struct ctx_node *table, cmark_node *handle)
{
    cmark_node *header = cmark_node_first_child(handle);
    for (cmark_node *row = header ? cmark_node_next(header) : NULL; row; row = cmark_node_next(row))
        table->rows++;
    table->columns = cmark_gfm_extensions_get_table_columns(handle);
    cmark_node *previous = cmark_node_previous(handle);
    uint32_t start = table->first;
    if (table->rows > 0)
        table->first = line_number(copy, cmark_node_get_start_line(cmark_node_next(header))) - 2;
    else if (previous && cmark_node_get_start_line(previous) == 0)
        table->first = line_number(copy, cmark_node_get_end_line(handle)) - 1;
    table->last = table->first + 1 + table->rows;
    table->merged = table->first != start;
}

static void read_paragraph(const struct copy *copy, struct ctx_node *paragraph, cmark_node *handle)
{
    cmark_node *next = cmark_node_next(handle);
    if (cmark_node_get_start_line(handle) > 0 || !next)
        return;
    struct ctx_node table = { .first = line_number(copy, cmark_node_get_start_line(next)) };
    paragraph->first = table.first;
    paragraph->column = column_number(cmark_node_get_start_column(next));
    read_table(copy, &table, next);
    paragraph->last = table.first - 1;
    paragraph->merged = true;
}

static void read_node(struct copy *copy, uint32_t index)
{
    struct ctx_node *node = &copy->tree->nodes[index];
    cmark_node *handle = node->handle;
    node->first = line_number(copy, cmark_node_get_start_line(handle));
    node->last = line_number(copy, cmark_node_get_end_line(handle));
    node->column = column_number(cmark_node_get_start_column(handle));
    switch (node->kind) {
    case CTX_NODE_LIST:
        read_list(node, copy->tree, handle);
        break;
    case CTX_NODE_FENCE:
        read_code(node, handle);
        break;
    case CTX_NODE_HTML:
        read_html(node, handle);
        break;
    case CTX_NODE_TABLE:
        read_table(copy, node, handle);
        break;
    case CTX_NODE_PARAGRAPH:
        read_paragraph(copy, node, handle);
        break;
    case CTX_NODE_RULE:
        node->last = node->first;
        break;
    case CTX_NODE_HEADING:
        node->level = (uint8_t)cmark_node_get_heading_level(handle);
        break;
    default:
        break;
    }
}

/* Room for `n` more nodes. */
static void have_room(struct copy *copy, uint32_t n)
{
    struct ctx_tree *tree = copy->tree;
    uint32_t need = tree->n_nodes + n;
    if (need <= copy->capacity)
        return;
    copy->capacity = need > 2 * copy->capacity ? need + 256 : 2 * copy->capacity;
    tree->nodes =
        ctx_arena_must_grow(copy->arena, tree->nodes, copy->capacity * sizeof(*tree->nodes));
}

static uint32_t add_node(struct copy *copy, cmark_node *handle, uint32_t parent,
                         enum ctx_node_kind kind)
{
    have_room(copy, 1);
    struct ctx_tree *tree = copy->tree;
    const struct ctx_node *above = &tree->nodes[parent];
    bool counts =
        tree->n_nodes > 0 && above->kind != CTX_NODE_DOCUMENT && above->kind != CTX_NODE_LIST;
    uint32_t index = tree->n_nodes++;
    tree->nodes[index] = (struct ctx_node){ .kind = kind, .parent = parent, .handle = handle };
    tree->nodes[index].depth = index ? above->depth + counts : 0;
    return index;
}

static void add_run(struct copy *copy, const struct ctx_plain_run *run)
{
    struct ctx_tree *tree = copy->tree;
    uint32_t base = tree->n_nodes;
    have_room(copy, run->end - run->begin);
    for (uint32_t i = run->begin; i < run->end; i++) {
        struct ctx_node *node = &tree->nodes[tree->n_nodes++];
        *node = copy->plain[i];
        if (node->parent > 0)
            node->parent += base - run->begin - 1;
        tree->n_leaves += ctx_node_is_leaf(node);
    }
    if (copy->deepest < PLAIN_DEPTH)
        copy->deepest = PLAIN_DEPTH;
}

/* Enters a block; its index when it holds blocks of its own, else 0. */
static uint32_t enter(struct copy *copy, cmark_node *handle, uint32_t parent)
{
    const struct ctx_plain_run *run = cmark_node_get_user_data(handle);
    if (run) {
        add_run(copy, run);
        return 0;
    }
    enum ctx_node_kind kind = kind_of(handle);
    if (kind == no_kind)
        return 0;
    uint32_t index = add_node(copy, handle, parent, kind);
    struct ctx_node *node = &copy->tree->nodes[index];
    read_node(copy, index);
    if (ctx_node_is_leaf(node)) {
        copy->tree->n_leaves++;
        return 0;
    }
    copy->tree->footnotes |= kind == CTX_NODE_FOOTNOTE;
    return index;
}

static void copy_tree(struct copy *copy, cmark_node *root)
{
    add_node(copy, root, 0, CTX_NODE_DOCUMENT);
    cmark_node *at = cmark_node_first_child(root);
    uint32_t parent = 0;
    while (at) {
        uint32_t index = enter(copy, at, parent);
        cmark_node *child = index ? cmark_node_first_child(at) : NULL;
        if (child) {
            parent = index;
            if (++copy->way > copy->deepest)
                copy->deepest = copy->way;
            at = child;
            continue;
        }
        while (at && !cmark_node_next(at) && parent) {
            at = copy->tree->nodes[parent].handle;
            parent = copy->tree->nodes[parent].parent;
            copy->way--;
        }
        at = at ? cmark_node_next(at) : NULL;
    }
}

uint32_t ctx_markdown_copy(struct ctx_arena *arena, const struct ctx_markdown_result *result,
                           struct ctx_tree *tree)
{
    struct copy copy = {
        .arena = arena, .tree = tree, .sources = result->sources, .plain = result->plain
    };
    copy_tree(&copy, result->root);
    return copy.deepest;
}
