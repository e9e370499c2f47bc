#ifndef CTX_TRANSFORM_PATCH_H
#define CTX_TRANSFORM_PATCH_H

#include "transform/stage.h"

/*
 * Changes to a draft's text that are collected while it is read and made at once, so that the
 * outline stays true and time stays linear. Added in any order; they must not overlap.
 */
struct ctx_patch {
    struct ctx_patch_edit *edits;
    size_t n_edits, capacity;
    struct ctx_buffer bytes; /* of all insertions */
    int status;              /* 0 or -ENOMEM */
};

void ctx_patch_init(struct ctx_patch *patch);
void ctx_patch_deinit(struct ctx_patch *patch);

/* Replaces `removed` bytes at `at` by `len` bytes, which are copied. */
void ctx_patch_add(struct ctx_patch *patch, size_t at, size_t removed, const void *bytes,
                   size_t len);

/* What the latest change saves, of a draft's text. */
struct ctx_saving ctx_patch_saving(const struct ctx_patch *patch, const struct ctx_buffer *text);

/* Takes the latest change back. */
void ctx_patch_undo(struct ctx_patch *patch);

/*
 * Makes the changes: the draft's text, and its outline, from which blocks that are gone are taken
 * out. The patch is empty afterwards. 0, -ENOMEM, -EFBIG.
 */
int ctx_patch_apply(struct ctx_patch *patch, struct ctx_draft *draft);

#endif
