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

/* A step of the stage. 1 when it changed the page, 0, or a negative errno. */
typedef int (*step_fn)(struct ctx_draft *draft, const struct ctx_elision *elision,
                       struct ctx_patch *patch, struct ctx_error *error);

static int drop_wordless(struct ctx_draft *draft, const struct ctx_elision *elision,
                         struct ctx_patch *patch, struct ctx_error *error)
{
    (void)elision;
    CTX_CLEANUP(ctx_inlines_deinit) struct ctx_inlines inlines;
    ctx_inlines_init(&inlines);
    struct ctx_labels *labels = ctx_labels_new(ctx_buffer_str(&draft->text), &draft->outline);
    int r = labels ? 0 : -ENOMEM;
    bool dropped = false;
    for (size_t i = 0; i < draft->outline.n_blocks && r >= 0; i++) {
        r = ctx_inlines_scan(&inlines, draft->text.data, &draft->outline.blocks[i], labels);
        if (r == 0)
            r = ctx_compact_drop(draft, i, &inlines, labels, patch);
        dropped |= r > 0;
    }
    ctx_labels_free(labels);
    if (r >= 0)
        r = finish(draft, patch, dropped, error);
    return r < 0 ? r : dropped;
}

/* Code may have needed a longer fence for what went. */
static bool has_long_fence(const struct ctx_draft *draft, const struct ctx_block *block)
{
    return block->kind == CTX_BLOCK_FENCE &&
           strspn(draft->text.data + block->content, "`") > strlen("```");
}

/* What a draft was, to be that again. */
struct snapshot {
    struct ctx_buffer text;
    struct ctx_outline outline;
    struct ctx_report report;
};

static void deinit_snapshot(struct snapshot *snapshot)
{
    ctx_buffer_deinit(&snapshot->text);
    ctx_outline_deinit(&snapshot->outline);
    ctx_report_deinit(&snapshot->report);
}

static int take_snapshot(const struct ctx_draft *draft, struct snapshot *snapshot)
{
    ctx_buffer_init(&snapshot->text, draft->text.limit);
    int r = ctx_buffer_append(&snapshot->text, ctx_buffer_str(&draft->text), draft->text.len);
    if (r == 0)
        r = ctx_outline_copy(&snapshot->outline, &draft->outline);
    return r < 0 ? r : ctx_report_merge(&snapshot->report, &draft->document->report);
}

static void restore(struct ctx_draft *draft, struct snapshot *snapshot)
{
    struct ctx_outline outline = draft->outline;
    struct ctx_report report = draft->document->report;
    ctx_buffer_swap(&draft->text, &snapshot->text);
    draft->outline = snapshot->outline;
    draft->document->report = snapshot->report;
    snapshot->outline = outline;
    snapshot->report = report;
}

static int elide_code(struct ctx_draft *draft, const struct ctx_elision *elision,
                      struct ctx_patch *patch, struct ctx_error *error)
{
    bool normalise = false;
    bool any = false;
    for (size_t i = 0; i < draft->outline.n_blocks; i++) {
        int r = ctx_elide(draft, i, elision, patch);
        if (r < 0)
            return r;
        any |= r > 0;
        normalise |= r > 0 && has_long_fence(draft, &draft->outline.blocks[i]);
    }
    int r = finish(draft, patch, normalise, error);
    return r < 0 ? r : any;
}

enum outcome { NOTHING, CHANGED, TAKEN_BACK };

/*
 * What is code or a tag to plain Markdown alone may be why a page is no MDX. A step after which it
 * would parse as such is taken back: a second pass would read the page by another grammar. An enum
 * outcome, or a negative errno.
 */
static int take_step(struct ctx_draft *draft, step_fn step, const struct ctx_elision *elision,
                     struct ctx_patch *patch, struct ctx_error *error)
{
    CTX_CLEANUP(deinit_snapshot) struct snapshot snapshot = { 0 };
    bool guarded = ctx_mdx_may_become(draft);
    int r = guarded ? take_snapshot(draft, &snapshot) : 0;
    if (r == 0)
        r = step(draft, elision, patch, error);
    if (r <= 0)
        return r < 0 ? r : NOTHING;
    r = guarded ? ctx_mdx_is_mdx(draft) : 0;
    if (r == 1)
        restore(draft, &snapshot);
    return r < 0 ? r : r == 1 ? TAKEN_BACK : CHANGED;
}

/* A step that was taken back may be taken after another: so until nothing changes any more. */
static int take_steps(struct ctx_draft *draft, const struct ctx_elision *elision,
                      struct ctx_patch *patch, struct ctx_error *error)
{
    static const step_fn steps[] = { drop_wordless, elide_code };
    size_t first = draft->context->options->profile != CTX_PROFILE_COMPACT;
    bool seen[TAKEN_BACK + 1];
    do {
        memset(seen, 0, sizeof(seen));
        for (size_t i = first; i < CTX_ARRAY_LEN(steps); i++) {
            int r = take_step(draft, steps[i], elision, patch, error);
            if (r < 0)
                return r;
            seen[r] = true;
        }
    } while (seen[CHANGED] && seen[TAKEN_BACK]); /* what changed was shortened: this ends */
    return 0;
}

int ctx_stage_size(struct ctx_draft *draft, struct ctx_error *error)
{
    const struct ctx_transform_options *options = draft->context->options;
    if (options->profile == CTX_PROFILE_LOSSLESS)
        return 0;
    CTX_CLEANUP(ctx_patch_deinit) struct ctx_patch patch;
    ctx_patch_init(&patch);
    struct ctx_elision elision = ctx_elision_of(options->profile, options->code.max_lines);
    return take_steps(draft, &elision, &patch, error);
}
