/*
 * The normalise stage: one parse, then edits of the source at the blocks' positions, then the
 * outline of the new text for the stages after it. What each kind of block becomes stands in a
 * file of its own (headings, fences, tables…). Owns nothing; the thread's arena holds its work.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "transform/markdown.h"
#include "transform/math_lines.h"
#include "transform/normalise/normaliser.h"
#include "transform/stage.h"

enum { BLOCKS_PER_CHECK = 256 }; /* between two looks at the clock */

typedef void (*block_fn)(struct ctx_normaliser *normaliser, const struct ctx_node *block);

static const block_fn block_functions[] = {
    [CTX_NODE_PARAGRAPH] = ctx_normalise_paragraph, [CTX_NODE_HEADING] = ctx_normalise_heading,
    [CTX_NODE_FENCE] = ctx_normalise_fence,         [CTX_NODE_INDENTED_CODE] = NULL,
    [CTX_NODE_HTML] = ctx_normalise_html,           [CTX_NODE_TABLE] = ctx_normalise_table,
    [CTX_NODE_RULE] = ctx_normalise_rule,
};

static void find_ends(struct ctx_normaliser *normaliser)
{
    struct ctx_tree *tree = &normaliser->tree;
    for (uint32_t i = 0; i < tree->n_leaves; i++) {
        struct ctx_node *leaf = &tree->nodes[tree->leaves[i]];
        if (leaf->kind == CTX_NODE_FENCE)
            ctx_normalise_find_fence_end(normaliser, leaf);
        else if (leaf->kind == CTX_NODE_HEADING)
            ctx_normalise_find_heading_end(normaliser, leaf);
        if (leaf->first >= tree->n_lines)
            leaf->first = tree->n_lines - 1;
        if (leaf->last >= tree->n_lines)
            leaf->last = tree->n_lines - 1;
    }
}

/* Formulas are their author's: what the parser takes for lists and headings in them is none. */
static void find_math(struct ctx_normaliser *normaliser)
{
    if (!ctx_math_may_be(normaliser->text, normaliser->len))
        return;
    uint8_t *math = (uint8_t *)ctx_edits_room(&normaliser->edits, normaliser->tree.n_lines + 1);
    if (!math)
        return;
    memset(math, 0, normaliser->tree.n_lines + 1);
    ctx_math_mark(normaliser->text, normaliser->len, math);
    normaliser->math = math;
}

static bool is_edited(const struct ctx_normaliser *normaliser, const struct ctx_node *leaf)
{
    bool math =
        normaliser->math && memchr(normaliser->math + leaf->first, 1, leaf->last - leaf->first + 1);
    return block_functions[leaf->kind] && !math &&
           !ctx_normalise_is_in_moved_footnote(normaliser, leaf);
}

/* -ETIME or -ENOMEM when the bounds are met on the way. */
static int edit_blocks(struct ctx_normaliser *normaliser)
{
    struct ctx_tree *tree = &normaliser->tree;
    const struct ctx_node *above = NULL;
    for (uint32_t i = 0; i < tree->n_leaves; i++) {
        const struct ctx_node *leaf = &tree->nodes[tree->leaves[i]];
        ctx_normalise_spacing(normaliser, above, leaf);
        if (is_edited(normaliser, leaf))
            block_functions[leaf->kind](normaliser, leaf);
        above = leaf;
        if (normaliser->edits.status < 0)
            return normaliser->edits.status;
        if (i % BLOCKS_PER_CHECK == 0 && ctx_arena_overdue(normaliser->arena) < 0)
            return -ETIME;
    }
    ctx_normalise_spacing(normaliser, above, NULL);
    return normaliser->edits.status;
}

static int end_last_line(struct ctx_buffer *text)
{
    if (text->len > 0 && text->data[text->len - 1] != '\n')
        return ctx_buffer_putc(text, '\n');
    return 0;
}

/* Makes the edits, then the outline of what they made, which still needs the old text. */
static int apply(struct ctx_normaliser *normaliser, struct ctx_draft *draft)
{
    struct ctx_buffer *text = &draft->text;
    ctx_normalise_write_bullets(normaliser);
    if (normaliser->edits.n_edits == 0)
        return ctx_outline_build(&draft->outline, normaliser, text);
    CTX_AUTO_BUFFER struct ctx_buffer out;
    ctx_buffer_init(&out, text->limit);
    ctx_buffer_reserve(&out, text->len);
    int r = ctx_edits_apply(&normaliser->edits, text->data, text->len, &out);
    if (r == 0)
        r = ctx_outline_build(&draft->outline, normaliser, &out);
    if (r == 0)
        ctx_buffer_swap(text, &out);
    return r;
}

static size_t memory_limit(const struct ctx_draft *draft)
{
    size_t limit = draft->context ? draft->context->memory_limit : 0;
    return limit ? limit : CTX_LIMIT_PARSE_MEMORY(draft->text.len);
}

static uint64_t deadline(const struct ctx_draft *draft)
{
    uint64_t ms = draft->context ? draft->context->deadline_ms : 0;
    return ms ? ms : CTX_LIMIT_TRANSFORM_MS(draft->text.len);
}

static int normalise(struct ctx_draft *draft, struct ctx_arena *arena)
{
    struct ctx_normaliser normaliser = {
        .arena = arena,
        .edits = { .arena = arena },
        .text = draft->text.data,
        .len = draft->text.len,
        .mdx = draft->grammar == CTX_GRAMMAR_MDX,
    };
    int r = ctx_markdown_parse(arena, normaliser.text, normaliser.len, &normaliser.tree);
    if (r < 0)
        return r;
    find_ends(&normaliser);
    find_math(&normaliser);
    ctx_normalise_choose_bullets(&normaliser);
    r = edit_blocks(&normaliser);
    return r < 0 ? r : apply(&normaliser, draft);
}

static int report(const struct ctx_draft *draft, int code, struct ctx_error *error)
{
    size_t len = draft->text.len;
    if (code == -ETIME)
        return ctx_error_set(error, code,
                             "parsing %zu bytes of Markdown takes more than %llu ms: exclude the "
                             "file, or split it",
                             len, (unsigned long long)deadline(draft));
    if (code == -ENOMEM)
        return ctx_error_set(error, code,
                             "parsing %zu bytes of Markdown needs more than %zu MiB: exclude the "
                             "file, or split it",
                             len, memory_limit(draft) / CTX_MIB);
    return ctx_error_set(error, code, "normalising %zu bytes of Markdown: %s", len,
                         ctx_error_name(code));
}

int ctx_stage_normalise(struct ctx_draft *draft, struct ctx_error *error)
{
    if (end_last_line(&draft->text) < 0 || draft->text.len == 0)
        return 0; /* the pipeline looks at the buffer's status */
    struct ctx_arena *arena = ctx_arena_of_thread();
    if (!arena)
        return ctx_error_set(error, -ENOMEM, "no memory for parsing");
    ctx_arena_reset(arena, memory_limit(draft), deadline(draft));
    int r = normalise(draft, arena);
    ctx_arena_reset(arena, 0, 0);
    return r < 0 ? report(draft, r, error) : 0;
}
