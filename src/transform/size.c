/*
 * The size stage: compact first drops what carries no words, then long code and data lose their
 * middle. Lossless passes. Prose is never shortened. Pure.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "transform/compact.h"
#include "transform/elide.h"
#include "transform/inlines.h"
#include "transform/stage.h"

/* Makes the changes; where blocks went, or fences may be shorter now, normalises again. */
static int finish(struct ctx_draft *draft, struct ctx_patch *patch, bool normalise,
                  struct ctx_error *error)
{
    int r = ctx_patch_apply(patch, draft);
    return r == 0 && normalise ? ctx_stage_normalise(draft, error) : r;
}

static int drop_wordless(struct ctx_draft *draft, struct ctx_inlines *inlines,
                         struct ctx_patch *patch, struct ctx_error *error)
{
    struct ctx_labels *labels = ctx_labels_new(ctx_buffer_str(&draft->text), &draft->outline);
    int r = labels ? 0 : -ENOMEM;
    bool dropped = false;
    for (size_t i = 0; i < draft->outline.n_blocks && r >= 0; i++) {
        r = ctx_inlines_scan(inlines, draft->text.data, &draft->outline.blocks[i], labels);
        if (r == 0)
            r = ctx_compact_drop(draft, i, inlines, labels, patch);
        dropped |= r > 0;
    }
    ctx_labels_free(labels);
    return r < 0 ? r : finish(draft, patch, dropped, error);
}

/* Code may have needed a longer fence for what went. */
static bool has_long_fence(const struct ctx_draft *draft, const struct ctx_block *block)
{
    return block->kind == CTX_BLOCK_FENCE &&
           strspn(draft->text.data + block->content, "`") > strlen("```");
}

static int elide_code(struct ctx_draft *draft, const struct ctx_elision *elision,
                      struct ctx_patch *patch, struct ctx_error *error)
{
    bool normalise = false;
    for (size_t i = 0; i < draft->outline.n_blocks; i++) {
        const struct ctx_block *block = &draft->outline.blocks[i];
        if (block->kind != CTX_BLOCK_FENCE && block->kind != CTX_BLOCK_INDENTED_CODE)
            continue;
        int r = ctx_elide(draft, i, elision, patch);
        if (r < 0)
            return r;
        normalise |= r > 0 && has_long_fence(draft, block);
    }
    return finish(draft, patch, normalise, error);
}

int ctx_stage_size(struct ctx_draft *draft, struct ctx_error *error)
{
    const struct ctx_transform_options *options = draft->context->options;
    if (options->profile == CTX_PROFILE_LOSSLESS)
        return 0;
    CTX_CLEANUP(ctx_patch_deinit) struct ctx_patch patch;
    CTX_CLEANUP(ctx_inlines_deinit) struct ctx_inlines inlines;
    ctx_patch_init(&patch);
    ctx_inlines_init(&inlines);
    struct ctx_elision elision = ctx_elision_of(options->profile, options->code.max_lines);
    int r = 0;
    if (options->profile == CTX_PROFILE_COMPACT)
        r = drop_wordless(draft, &inlines, &patch, error);
    return r < 0 ? r : elide_code(draft, &elision, &patch, error);
}
