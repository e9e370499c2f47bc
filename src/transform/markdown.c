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
 * Most of its work is spared: of consecutive plain blocks (plain_blocks.h) it is fed but the first
 * line, and inlines are parsed only where someone asks for their line breaks, or where footnotes may
 * be referred to.
 * Any thread after setup.
 */
#include "transform/markdown.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "contextor/transform.h"
#include "transform/normalise/plain_blocks.h"

enum {
    LINES_PER_FEED = 64,
    PLAIN_DEPTH = 3, /* nodes on the longest way down among plain blocks */
};

static const int options = CMARK_OPT_FULL_INFO_STRING | CMARK_OPT_UNSAFE;

static const char *const extensions[] = { "table", "tasklist" };

static _Thread_local struct ctx_arena *current;

static void *allocate(size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        bytes = SIZE_MAX;
    return ctx_arena_must_alloc(current, bytes);
}

/* The parser reads the first byte of a string before it has one: hence zeroed. */
static void *reallocate(void *pointer, size_t size)
{
    if (!pointer)
        return ctx_arena_must_alloc(current, size);
    return ctx_arena_must_grow(current, pointer, size);
}

static void release(void *pointer)
{
    (void)pointer;
}

static cmark_mem memory = { allocate, reallocate, release };

/*
 * An extension of our own that opens no block: with it attached, the parser shows the tree that it
 * is building; a leaf that is given it is not parsed for inlines.
 */
static cmark_syntax_extension *blocks_only;

static _Thread_local cmark_node *document; /* of the tree being built; NULL: not seen yet */

static cmark_node *see_root(cmark_syntax_extension *extension, int indented, cmark_parser *parser,
                            cmark_node *parent, unsigned char *input, int len)
{
    (void)extension, (void)indented, (void)parser, (void)input, (void)len;
    if (!document)
        for (document = parent; cmark_node_parent(document);)
            document = cmark_node_parent(document);
    return NULL;
}

static int contains_no_inlines(cmark_syntax_extension *extension, cmark_node *node)
{
    (void)extension, (void)node;
    return 0;
}

int ctx_transform_setup(void)
{
    cmark_gfm_core_extensions_ensure_registered();
    if (!blocks_only) {
        blocks_only = cmark_syntax_extension_new("blocks only");
        cmark_syntax_extension_set_open_block_func(blocks_only, see_root);
        cmark_syntax_extension_set_contains_inlines_func(blocks_only, contains_no_inlines);
    }
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
        if (!cmark_find_syntax_extension(extensions[i]))
            return -ENOPKG;
    return 0;
}

/* Consecutive plain blocks, of which the parser sees the first one's first line alone. */
struct run {
    uint32_t begin, end; /* among the nodes of plain blocks */
};

/* The tree while it is being copied. */
struct copy {
    struct ctx_arena *arena;
    struct ctx_tree *tree;
    const uint32_t *sources;      /* by the parser's lines: the text's */
    const struct ctx_node *plain; /* plain blocks */
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

static void add_run(struct copy *copy, const struct run *run)
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
    const struct run *run = cmark_node_get_user_data(handle);
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

/* A parser while it is fed. */
struct feed {
    struct ctx_arena *arena;
    const struct ctx_tree *tree;
    cmark_parser *parser;
    bool footnotes;
    uint32_t *sources; /* by line that was fed: the text's */
    uint32_t n_fed;
    struct ctx_plain_blocks plain;
};

static void feed_lines(struct feed *feed, uint32_t from, uint32_t to)
{
    const struct ctx_tree *tree = feed->tree;
    for (uint32_t i = from; i < to; i++)
        feed->sources[feed->n_fed++] = i;
    while (from < to) {
        uint32_t end = to - from > LINES_PER_FEED ? from + LINES_PER_FEED : to;
        cmark_parser_feed(feed->parser, tree->text + tree->lines[from],
                          tree->lines[end] - tree->lines[from]);
        ctx_arena_must_be_in_time(feed->arena);
        from = end;
    }
}

static void feed_blank(struct feed *feed, uint32_t line)
{
    feed->sources[feed->n_fed++] = line;
    cmark_parser_feed(feed->parser, "\n", 1);
}

/* The block that the last line begins, outside of containers; NULL: it begins none there. */
static cmark_node *newest_block(const struct feed *feed)
{
    cmark_node *block = document ? cmark_node_last_child(document) : NULL;
    int line = cmark_parser_get_line_number(feed->parser);
    return block && cmark_node_get_start_line(block) == line ? block : NULL;
}

static bool may_be_plain(const struct feed *feed, uint32_t line)
{
    return feed->footnotes ? ctx_plain_begins_fence(feed->tree, line)
                           : ctx_plain_begins(feed->tree, line);
}

/* Takes plain blocks from `line` on; returns the line below them and the blank ones behind them. */
static uint32_t take_blocks(struct feed *feed, uint32_t line)
{
    const struct ctx_tree *tree = feed->tree;
    while (line < tree->n_lines && (!feed->footnotes || ctx_plain_begins_fence(tree, line))) {
        uint32_t end = ctx_plain_take(tree, line, &feed->plain);
        if (end == line)
            break;
        line = ctx_plain_skip_blank(tree, end);
    }
    return line;
}

/*
 * When the line before `line` began a block outside of containers: passes over the plain blocks from
 * there on, for which that block stands. Returns the line to go on with.
 */
static uint32_t pass_blocks(struct feed *feed, uint32_t line)
{
    cmark_node *stand_in = newest_block(feed);
    if (!stand_in)
        return line;
    uint32_t begin = feed->plain.n;
    uint32_t end = take_blocks(feed, line - 1);
    if (end <= line) {
        feed->plain.n = begin;
        return line;
    }
    struct run *run = ctx_arena_must_alloc(feed->arena, sizeof(*run));
    *run = (struct run){ begin, feed->plain.n };
    cmark_node_set_user_data(stand_in, run);
    const struct ctx_node *first = &feed->plain.nodes[begin];
    if (first->kind == CTX_NODE_FENCE && first->last + 1 < feed->tree->n_lines)
        feed_lines(feed, first->last + 1, first->last + 2);
    else if (end < feed->tree->n_lines)
        feed_blank(feed, end - 1);
    return end;
}

/*
 * Feeds the text but for its plain blocks. A first blank line shows the tree, but would make text of
 * a BOM: a line that begins with one is the parser's own.
 */
static void feed_text(struct feed *feed)
{
    const struct ctx_tree *tree = feed->tree;
    bool bom = strncmp(tree->text, "\xEF\xBB\xBF", 3) == 0;
    if (!bom)
        feed_blank(feed, 0);
    uint32_t from = 0;
    for (uint32_t line = bom; line < tree->n_lines;) {
        if (!may_be_plain(feed, line++))
            continue;
        feed_lines(feed, from, line);
        from = line = pass_blocks(feed, line);
    }
    feed_lines(feed, from, tree->n_lines);
}

/* Whether someone will ask for the line breaks: see ctx_markdown_breaks(). */
static bool wants_inlines(cmark_node *leaf)
{
    const char *content = cmark_node_get_string_content(leaf);
    bool heading = cmark_node_get_type(leaf) == CMARK_NODE_HEADING;
    for (const char *at = content; (at = strchr(at, '\n')) && at[1]; at++)
        if (heading || at == content || at[-1] == ' ' || at[-1] == '\t')
            return true;
    return false;
}

static void drop_cells(cmark_node *table)
{
    cmark_node *row = cmark_node_first_child(table);
    for (; row; row = cmark_node_next(row))
        for (cmark_node *cell = cmark_node_first_child(row); cell; cell = cmark_node_next(cell))
            cmark_node_set_syntax_extension(cell, blocks_only);
}

/* Inlines are a third of the parser's work, and few leaves are asked for theirs. */
static void drop_inlines(void)
{
    cmark_node *at = cmark_node_first_child(document);
    while (at) {
        cmark_node_type type = cmark_node_get_type(at);
        bool leaf = type == CMARK_NODE_PARAGRAPH || type == CMARK_NODE_HEADING;
        bool table = !leaf && cmark_gfm_extensions_get_table_columns(at) > 0;
        if (leaf && !wants_inlines(at))
            cmark_node_set_syntax_extension(at, blocks_only);
        else if (table)
            drop_cells(at);
        cmark_node *next = leaf || table ? NULL : cmark_node_first_child(at);
        while (!next && at != document) {
            next = cmark_node_next(at);
            at = cmark_node_parent(at);
        }
        at = next;
    }
}

static cmark_node *parse(struct feed *feed, size_t len)
{
    feed->footnotes = ctx_bytes_find(feed->tree->text, len, "[^") != NULL;
    feed->parser =
        cmark_parser_new_with_mem(options | (feed->footnotes ? CMARK_OPT_FOOTNOTES : 0), &memory);
    feed->sources =
        ctx_arena_must_grow(feed->arena, NULL, (feed->tree->n_lines + 1) * sizeof(*feed->sources));
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
        cmark_parser_attach_syntax_extension(feed->parser,
                                             cmark_find_syntax_extension(extensions[i]));
    cmark_parser_attach_syntax_extension(feed->parser, blocks_only);
    document = NULL;
    feed_text(feed);
    if (document && !feed->footnotes)
        drop_inlines();
    return cmark_parser_finish(feed->parser);
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
    ctx_tree_index_lines(arena, &tree, len);
    struct feed feed = { .arena = arena, .tree = &tree, .plain = { .arena = arena } };
    cmark_node *root = parse(&feed, len);
    struct copy copy = {
        .arena = arena, .tree = &tree, .sources = feed.sources, .plain = feed.plain.nodes
    };
    copy_tree(&copy, root);
    ctx_tree_finish(arena, &tree, copy.deepest);
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
