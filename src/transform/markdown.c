/*
 * cmark-gfm, the only file that includes it. Its hazards (0.29.0.gfm.6, Debian 12):
 * - extensions with inline syntax (strikethrough, autolink) write tables that all threads share;
 *   only table and tasklist are attached, which have none;
 * - the registry of extensions has no lock: ctx_transform_setup() fills it before threads start;
 * - its arena is one for the process and is reset by table parsing: never used; memory comes from
 *   the thread's own arena, and cmark_mem has no context, hence the thread-local one;
 * - it aborts when memory is out: the allocator jumps out instead, so nothing here owns heap;
 * - several inputs cost quadratic time, some of it without an allocation while blocks are read:
 *   the text is fed some lines at a time, with a look at the clock between;
 * - positions: first lines and columns of blocks hold, with the exceptions mended below; the ends
 *   of leaves are counted from their literals; footnotes stand at the end of the tree, and those
 *   without a reference are gone, as are link reference definitions.
 * Any thread after setup.
 */
#include "transform/markdown.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "contextor/transform.h"

enum { LINES_PER_FEED = 64 };

static const int options = CMARK_OPT_FOOTNOTES | CMARK_OPT_FULL_INFO_STRING | CMARK_OPT_UNSAFE;

static const char *const extensions[] = { "table", "tasklist" };

static _Thread_local struct ctx_arena *current;

static void *allocate(size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        bytes = SIZE_MAX;
    return ctx_arena_must_alloc(current, bytes);
}

static void *reallocate(void *pointer, size_t size)
{
    return ctx_arena_must_grow(current, pointer, size);
}

static void release(void *pointer)
{
    (void)pointer;
}

static cmark_mem memory = { allocate, reallocate, release };

int ctx_transform_setup(void)
{
    cmark_gfm_core_extensions_ensure_registered();
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
        if (!cmark_find_syntax_extension(extensions[i]))
            return -ENOPKG;
    return 0;
}

/* The tree while it is being copied. */
struct copy {
    struct ctx_arena *arena;
    struct ctx_tree *tree;
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

static uint32_t line_number(int line)
{
    return line > 0 ? (uint32_t)line - 1 : 0;
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
static void read_table(struct ctx_node *table, cmark_node *handle)
{
    cmark_node *header = cmark_node_first_child(handle);
    for (cmark_node *row = header ? cmark_node_next(header) : NULL; row; row = cmark_node_next(row))
        table->rows++;
    table->columns = cmark_gfm_extensions_get_table_columns(handle);
    cmark_node *previous = cmark_node_previous(handle);
    uint32_t start = table->first;
    if (table->rows > 0)
        table->first = line_number(cmark_node_get_start_line(cmark_node_next(header))) - 2;
    else if (previous && cmark_node_get_start_line(previous) == 0)
        table->first = line_number(cmark_node_get_end_line(handle)) - 1;
    table->last = table->first + 1 + table->rows;
    table->merged = table->first != start;
}

static void read_paragraph(struct ctx_node *paragraph, cmark_node *handle)
{
    cmark_node *next = cmark_node_next(handle);
    if (cmark_node_get_start_line(handle) > 0 || !next)
        return;
    struct ctx_node table = { .first = line_number(cmark_node_get_start_line(next)) };
    paragraph->first = table.first;
    paragraph->column = line_number(cmark_node_get_start_column(next));
    read_table(&table, next);
    paragraph->last = table.first - 1;
    paragraph->merged = true;
}

static void read_node(struct copy *copy, uint32_t index)
{
    struct ctx_node *node = &copy->tree->nodes[index];
    cmark_node *handle = node->handle;
    node->first = line_number(cmark_node_get_start_line(handle));
    node->last = line_number(cmark_node_get_end_line(handle));
    node->column = line_number(cmark_node_get_start_column(handle));
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
        read_table(node, handle);
        break;
    case CTX_NODE_PARAGRAPH:
        read_paragraph(node, handle);
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

static uint32_t add_node(struct copy *copy, cmark_node *handle, uint32_t parent,
                         enum ctx_node_kind kind)
{
    struct ctx_tree *tree = copy->tree;
    if (tree->n_nodes == copy->capacity) {
        copy->capacity = copy->capacity ? 2 * copy->capacity : 256;
        tree->nodes =
            ctx_arena_must_grow(copy->arena, tree->nodes, copy->capacity * sizeof(*tree->nodes));
    }
    const struct ctx_node *above = &tree->nodes[parent];
    bool counts =
        tree->n_nodes > 0 && above->kind != CTX_NODE_DOCUMENT && above->kind != CTX_NODE_LIST;
    uint32_t index = tree->n_nodes++;
    tree->nodes[index] = (struct ctx_node){ .kind = kind, .parent = parent, .handle = handle };
    tree->nodes[index].depth = index ? above->depth + counts : 0;
    return index;
}

/* Enters a block; its index when it holds blocks of its own, else 0. */
static uint32_t enter(struct copy *copy, cmark_node *handle, uint32_t parent)
{
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

static int by_line(const void *a, const void *b, void *context)
{
    const struct ctx_node *nodes = context;
    const struct ctx_node *x = &nodes[*(const uint32_t *)a];
    const struct ctx_node *y = &nodes[*(const uint32_t *)b];
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return (x->column > y->column) - (x->column < y->column);
}

static void list_leaves(struct copy *copy)
{
    struct ctx_tree *tree = copy->tree;
    tree->leaves = ctx_arena_must_alloc(copy->arena, (tree->n_leaves + 1) * sizeof(uint32_t));
    uint32_t n = 0;
    bool sorted = true;
    for (uint32_t i = 1; i < tree->n_nodes; i++) {
        if (!ctx_node_is_leaf(&tree->nodes[i]))
            continue;
        tree->leaves[n] = i;
        sorted &= n == 0 || by_line(&tree->leaves[n - 1], &i, tree->nodes) < 0;
        n++;
    }
    if (!sorted)
        qsort_r(tree->leaves, n, sizeof(*tree->leaves), by_line, tree->nodes);
}

static void measure_containers(struct copy *copy)
{
    struct ctx_tree *tree = copy->tree;
    tree->chain = ctx_arena_must_alloc(copy->arena, (copy->deepest + 2) * sizeof(uint32_t));
    if (tree->n_nodes == tree->n_leaves + 1)
        return;
    tree->begins = ctx_arena_must_alloc(copy->arena, tree->n_lines + 1);
    for (uint32_t i = 1; i < tree->n_nodes; i++) {
        struct ctx_node *node = &tree->nodes[i];
        if (ctx_node_is_leaf(node))
            continue;
        tree->begins[node->first] = 1;
        ctx_tree_measure(tree, i);
    }
}

static void index_lines(struct ctx_arena *arena, struct ctx_tree *tree, size_t len)
{
    uint32_t capacity = (uint32_t)(len / 32) + 16;
    uint32_t *lines = ctx_arena_must_alloc(arena, capacity * sizeof(*lines));
    uint32_t n = 0;
    size_t at = 0;
    while (at < len) {
        if (n + 2 > capacity) {
            capacity *= 2;
            lines = ctx_arena_must_grow(arena, lines, capacity * sizeof(*lines));
        }
        lines[n++] = (uint32_t)at;
        const char *newline = memchr(tree->text + at, '\n', len - at);
        at = newline ? (size_t)(newline - tree->text) + 1 : len;
    }
    lines[n] = (uint32_t)len;
    tree->lines = lines;
    tree->n_lines = n;
}

static cmark_node *parse(struct ctx_arena *arena, const struct ctx_tree *tree)
{
    cmark_parser *parser = cmark_parser_new_with_mem(options, &memory);
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
        cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension(extensions[i]));
    for (uint32_t line = 0; line < tree->n_lines; line += LINES_PER_FEED) {
        uint32_t end =
            tree->n_lines - line > LINES_PER_FEED ? line + LINES_PER_FEED : tree->n_lines;
        cmark_parser_feed(parser, tree->text + tree->lines[line],
                          tree->lines[end] - tree->lines[line]);
        ctx_arena_must_be_in_time(arena);
    }
    return cmark_parser_finish(parser);
}

int ctx_markdown_parse(struct ctx_arena *arena, const char *text, size_t len,
                       struct ctx_tree *ret_tree)
{
    jmp_buf bail;
    current = arena;
    ctx_arena_set_bail(arena, &bail);
    int code = setjmp(bail);
    if (code != 0) {
        ctx_arena_set_bail(arena, NULL);
        return code;
    }
    struct ctx_tree tree = { .text = text };
    struct copy copy = { .arena = arena, .tree = &tree };
    index_lines(arena, &tree, len);
    copy_tree(&copy, parse(arena, &tree));
    list_leaves(&copy);
    measure_containers(&copy);
    ctx_arena_set_bail(arena, NULL);
    *ret_tree = tree;
    return 0;
}

struct ctx_breaks ctx_markdown_breaks(const struct ctx_node *node)
{
    struct ctx_breaks breaks = { 0 };
    cmark_node *root = node->handle;
    cmark_node *at = cmark_node_first_child(root);
    while (at) {
        cmark_node_type type = cmark_node_get_type(at);
        breaks.soft += type == CMARK_NODE_SOFTBREAK;
        breaks.hard += type == CMARK_NODE_LINEBREAK;
        cmark_node *next = cmark_node_first_child(at);
        while (!next && at != root) {
            next = cmark_node_next(at);
            at = cmark_node_parent(at);
        }
        at = next;
    }
    return breaks;
}

/* The text that a document of one reference renders as; NULL: the reference itself. */
static const char *reference_text(struct ctx_arena *arena, const char *reference, size_t len)
{
    jmp_buf bail;
    current = arena;
    ctx_arena_set_bail(arena, &bail);
    if (setjmp(bail) != 0) {
        ctx_arena_set_bail(arena, NULL);
        return NULL;
    }
    cmark_parser *parser = cmark_parser_new_with_mem(options, &memory);
    cmark_parser_feed(parser, reference, len);
    cmark_node *paragraph = cmark_node_first_child(cmark_parser_finish(parser));
    cmark_node *inside = paragraph ? cmark_node_first_child(paragraph) : NULL;
    bool is_text = inside && cmark_node_get_type(inside) == CMARK_NODE_TEXT;
    const char *text = is_text && !cmark_node_next(inside) ? cmark_node_get_literal(inside) : "";
    ctx_arena_set_bail(arena, NULL);
    return *text && strncmp(text, reference, len) != 0 ? text : NULL;
}

bool ctx_markdown_decode(const char *reference, size_t len, struct ctx_buffer *out)
{
    struct ctx_arena *arena = ctx_arena_of_thread();
    if (!arena)
        return false;
    ctx_arena_reset(arena, CTX_LIMIT_PARSE_MEMORY(len), 0);
    const char *text = reference_text(arena, reference, len);
    int r = text ? ctx_buffer_puts(out, text) : -ENOENT;
    ctx_arena_reset(arena, 0, 0);
    return r == 0;
}
