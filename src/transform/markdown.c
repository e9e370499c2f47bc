/*
 * cmark-gfm, which this file alone runs. Its hazards (0.29.0.gfm.6, Debian 12):
 * - extensions with inline syntax (strikethrough, autolink) write tables that all threads share;
 *   only table and tasklist are attached, which have none;
 * - the registry of extensions has no lock: ctx_transform_setup() fills it before threads start;
 * - its arena is one for the process and is reset by table parsing: never used; memory comes from
 *   the thread's own arena, and cmark_mem has no context, hence the thread-local one;
 * - it aborts when memory is out: the allocator jumps out instead, so nothing here owns heap;
 * - several inputs cost quadratic time, some of it without an allocation while blocks are read:
 *   the text is fed some lines at a time, with a look at the clock between;
 * - positions do not all hold: see markdown_tree.c.
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
#include "transform/markdown_tree.h"
#include "transform/normalise/plain_blocks.h"

enum { LINES_PER_FEED = 64 };

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
    struct ctx_plain_run *run = ctx_arena_must_alloc(feed->arena, sizeof(*run));
    *run = (struct ctx_plain_run){ begin, feed->plain.n };
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
    const struct ctx_markdown_result result = { .root = parse(&feed, len),
                                                .sources = feed.sources,
                                                .plain = feed.plain.nodes };
    ctx_tree_finish(arena, &tree, ctx_markdown_copy(arena, &result, &tree));
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
