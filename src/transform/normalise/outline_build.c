/* The outline of a normalised text: the parsed leaves, moved to where the edits put them. */
#include <errno.h>
#include <string.h>

#include "transform/link_syntax.h"
#include "transform/normalise/normaliser.h"

static const enum ctx_block_kind kinds[] = {
    [CTX_NODE_PARAGRAPH] = CTX_BLOCK_PARAGRAPH, [CTX_NODE_HEADING] = CTX_BLOCK_HEADING,
    [CTX_NODE_FENCE] = CTX_BLOCK_FENCE,         [CTX_NODE_INDENTED_CODE] = CTX_BLOCK_INDENTED_CODE,
    [CTX_NODE_HTML] = CTX_BLOCK_HTML,           [CTX_NODE_TABLE] = CTX_BLOCK_TABLE,
    [CTX_NODE_RULE] = CTX_BLOCK_RULE,
};

/* What a leaf is: in a formula, a part of that, whatever it looks like; code stays code. */
static enum ctx_block_kind kind_of(const struct ctx_normaliser *normaliser,
                                   const struct ctx_node *leaf)
{
    bool math = ctx_normalise_is_math(normaliser, leaf->first) &&
                ctx_normalise_is_math(normaliser, leaf->last);
    return math && leaf->kind != CTX_NODE_FENCE ? CTX_BLOCK_MATH : kinds[leaf->kind];
}

struct builder {
    struct ctx_outline *outline;
    const struct ctx_normaliser *normaliser;
    const struct ctx_buffer *text;
    struct ctx_edits_map map;
};

static void find_info(const struct builder *builder, struct ctx_block *block)
{
    const char *text = builder->text->data;
    size_t at = block->content;
    while (text[at] == '`' || text[at] == '~')
        at++;
    block->info = at;
    block->info_len = (size_t)(strchrnul(text + at, '\n') - (text + at));
}

static void place(const struct builder *builder, const struct ctx_node *node,
                  struct ctx_block *block)
{
    const struct ctx_tree *tree = &builder->normaliser->tree;
    const char *text = builder->text->data;
    for (uint32_t at = node->parent; at != 0; at = tree->nodes[at].parent) {
        block->in_item |= tree->nodes[at].kind == CTX_NODE_ITEM;
        block->in_quote |= tree->nodes[at].kind == CTX_NODE_QUOTE;
    }
    block->depth = node->depth;
    block->level = node->level;
    block->content = block->begin + (node->depth ? node->column : 0);
    if (block->content > block->end)
        block->content = block->end;
    while (block->content < block->end && node->kind != CTX_NODE_INDENTED_CODE &&
           (text[block->content] == ' ' || text[block->content] == '\t'))
        block->content++;
    if (block->kind == CTX_BLOCK_FENCE)
        find_info(builder, block);
}

static struct ctx_block *add(struct builder *builder, enum ctx_block_kind kind, uint32_t first,
                             uint32_t last)
{
    const uint32_t *lines = builder->normaliser->tree.lines;
    struct ctx_block *block = ctx_outline_append(builder->outline);
    if (!block)
        return NULL;
    block->kind = kind;
    block->begin = ctx_edits_map_begin(&builder->map, lines[first]);
    block->end = ctx_edits_map_end(&builder->map, lines[last + 1]);
    if (last + 1 == builder->normaliser->tree.n_lines)
        block->end = builder->text->len; /* with a fence's closing line that was added */
    block->content = block->begin;
    return block;
}

/* Past the definitions that stand at `at`, each on lines of its own; `at` when there are none. */
static size_t past_definitions(const char *text, size_t at, const struct ctx_block *block)
{
    struct ctx_definition definition;
    for (size_t past = at;
         ctx_next_definition(text, &past, block->end, block->in_quote, &definition); at = past) {
        size_t begin = at + strspn(text + at, " \t>");
        if (definition.label.begin != begin + 1)
            break;
    }
    return at;
}

/* The parser lets a paragraph begin with the definitions above it: they become a block. */
static int part_definitions(struct builder *builder)
{
    struct ctx_outline *outline = builder->outline;
    const char *text = builder->text->data;
    struct ctx_block *block = &outline->blocks[outline->n_blocks - 1];
    if (block->kind != CTX_BLOCK_PARAGRAPH || text[block->content] != '[')
        return 0;
    size_t past = past_definitions(text, block->content, block);
    if (past == block->content || past >= block->end)
        return 0;
    struct ctx_block paragraph = *block;
    paragraph.begin = past;
    paragraph.content = past + strspn(text + past, " \t>");
    block->kind = CTX_BLOCK_DEFINITIONS;
    block->end = past;
    block = ctx_outline_append(outline);
    if (!block)
        return -ENOMEM;
    *block = paragraph;
    return 0;
}

/* Lines of a gap that hold a link reference definition: "[label]:" past prefixes. */
static bool is_definition(const struct ctx_normaliser *normaliser, uint32_t index)
{
    struct ctx_line line = ctx_normalise_line(normaliser, index);
    return line.len > 0 && memchr(line.bytes, '[', line.len) &&
           memmem(line.bytes, line.len, "]:", 2);
}

static bool is_empty(const struct ctx_normaliser *normaliser, uint32_t index)
{
    struct ctx_line line = ctx_normalise_line(normaliser, index);
    for (size_t i = 0; i < line.len; i++)
        if (!strchr(" \t>", line.bytes[i]))
            return false;
    return true;
}

/* Lines that no leaf covers; those of definitions make blocks. */
static int add_definitions(struct builder *builder, uint32_t from, uint32_t to)
{
    const struct ctx_normaliser *normaliser = builder->normaliser;
    for (uint32_t i = from; i < to;) {
        if (!is_definition(normaliser, i)) {
            i++;
            continue;
        }
        uint32_t end = i + 1;
        while (end < to && !is_empty(normaliser, end))
            end++;
        if (!add(builder, CTX_BLOCK_DEFINITIONS, i, end - 1))
            return -ENOMEM;
        i = end;
    }
    return 0;
}

int ctx_outline_build(struct ctx_outline *outline, const struct ctx_normaliser *normaliser,
                      const struct ctx_buffer *text)
{
    const struct ctx_tree *tree = &normaliser->tree;
    struct builder builder = { outline, normaliser, text, { .edits = &normaliser->edits } };
    uint32_t next = 0; /* the first line that is not in the outline yet */
    outline->n_blocks = 0;
    for (uint32_t i = 0; i < tree->n_leaves; i++) {
        const struct ctx_node *leaf = &tree->nodes[tree->leaves[i]];
        if (leaf->first < next)
            continue;
        if (add_definitions(&builder, next, leaf->first) < 0)
            return -ENOMEM;
        struct ctx_block *block = add(&builder, kind_of(normaliser, leaf), leaf->first, leaf->last);
        if (!block)
            return -ENOMEM;
        place(&builder, leaf, block);
        if (part_definitions(&builder) < 0)
            return -ENOMEM;
        next = leaf->last + 1;
    }
    return add_definitions(&builder, next, tree->n_lines);
}
