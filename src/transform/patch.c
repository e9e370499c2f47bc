/* A batch of changes to a draft's text. Invariant while it is applied: edits ascend. One thread. */
#include "transform/patch.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "transform/text_count.h"

struct ctx_patch_edit {
    size_t at, removed;
    size_t bytes, len; /* in the patch's bytes */
};

/* Where offsets went; asked in ascending order. */
struct map {
    const struct ctx_patch *patch;
    size_t next;
    ptrdiff_t delta;
};

void ctx_patch_init(struct ctx_patch *patch)
{
    *patch = (struct ctx_patch){ 0 };
    ctx_buffer_init(&patch->bytes, SIZE_MAX / 2);
}

void ctx_patch_deinit(struct ctx_patch *patch)
{
    free(patch->edits);
    ctx_buffer_deinit(&patch->bytes);
    ctx_patch_init(patch);
}

void ctx_patch_add(struct ctx_patch *patch, size_t at, size_t removed, const void *bytes,
                   size_t len)
{
    if (patch->n_edits == patch->capacity) {
        size_t capacity = patch->capacity ? 2 * patch->capacity : 64;
        void *grown = reallocarray(patch->edits, capacity, sizeof(*patch->edits));
        if (!grown) {
            patch->status = -ENOMEM;
            return;
        }
        patch->edits = grown;
        patch->capacity = capacity;
    }
    patch->edits[patch->n_edits++] = (struct ctx_patch_edit){ at, removed, patch->bytes.len, len };
    int r = ctx_buffer_append(&patch->bytes, bytes, len);
    if (r < 0)
        patch->status = r;
}

struct ctx_saving ctx_patch_saving(const struct ctx_patch *patch, const struct ctx_buffer *text)
{
    if (patch->status < 0 || patch->n_edits == 0)
        return (struct ctx_saving){ 0 };
    const struct ctx_patch_edit *edit = &patch->edits[patch->n_edits - 1];
    int64_t more = ctx_text_words_change(ctx_buffer_str(text), text->len, edit->at, edit->removed,
                                         ctx_buffer_str(&patch->bytes) + edit->bytes, edit->len);
    return (struct ctx_saving){ (int64_t)edit->removed - (int64_t)edit->len, -more };
}

void ctx_patch_undo(struct ctx_patch *patch)
{
    if (patch->n_edits > 0)
        ctx_buffer_truncate(&patch->bytes, patch->edits[--patch->n_edits].bytes);
}

static int compare_edits(const void *a, const void *b)
{
    const struct ctx_patch_edit *x = a;
    const struct ctx_patch_edit *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->bytes < y->bytes ? -1 : x->bytes > y->bytes;
}

static size_t map_offset(struct map *map, size_t offset)
{
    const struct ctx_patch *patch = map->patch;
    while (map->next < patch->n_edits) {
        const struct ctx_patch_edit *edit = &patch->edits[map->next];
        if (edit->at + edit->removed > offset || (edit->at >= offset && edit->removed == 0))
            break;
        map->delta += (ptrdiff_t)edit->len - (ptrdiff_t)edit->removed;
        map->next++;
    }
    if (map->next < patch->n_edits && patch->edits[map->next].at < offset)
        offset = patch->edits[map->next].at;
    return (size_t)((ptrdiff_t)offset + map->delta);
}

static void move_outline(const struct ctx_patch *patch, struct ctx_outline *outline)
{
    struct map map = { .patch = patch };
    size_t kept = 0;
    for (size_t i = 0; i < outline->n_blocks; i++) {
        struct ctx_block block = outline->blocks[i];
        block.begin = map_offset(&map, block.begin);
        block.content = map_offset(&map, block.content);
        if (block.kind == CTX_BLOCK_FENCE)
            block.info = map_offset(&map, block.info);
        block.end = map_offset(&map, block.end);
        if (block.end > block.begin)
            outline->blocks[kept++] = block;
    }
    outline->n_blocks = kept;
}

static int write_text(const struct ctx_patch *patch, const struct ctx_buffer *text,
                      struct ctx_buffer *out)
{
    size_t from = 0;
    ctx_buffer_reserve(out, text->len);
    for (size_t i = 0; i < patch->n_edits; i++) {
        const struct ctx_patch_edit *edit = &patch->edits[i];
        ctx_buffer_append(out, ctx_buffer_str(text) + from, edit->at - from);
        ctx_buffer_append(out, ctx_buffer_str(&patch->bytes) + edit->bytes, edit->len);
        from = edit->at + edit->removed;
    }
    return ctx_buffer_append(out, ctx_buffer_str(text) + from, text->len - from);
}

int ctx_patch_apply(struct ctx_patch *patch, struct ctx_draft *draft)
{
    if (patch->status < 0 || patch->n_edits == 0)
        return patch->status;
    qsort(patch->edits, patch->n_edits, sizeof(*patch->edits), compare_edits);
    CTX_AUTO_BUFFER struct ctx_buffer out;
    ctx_buffer_init(&out, draft->text.limit);
    int r = write_text(patch, &draft->text, &out);
    if (r < 0)
        return r;
    move_outline(patch, &draft->outline);
    ctx_buffer_swap(&draft->text, &out);
    patch->n_edits = 0;
    ctx_buffer_clear(&patch->bytes);
    return 0;
}
