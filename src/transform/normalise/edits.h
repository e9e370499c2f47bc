#ifndef CTX_TRANSFORM_NORMALISE_EDITS_H
#define CTX_TRANSFORM_NORMALISE_EDITS_H

#include "contextor/buffer.h"
#include "transform/arena.h"

/*
 * Edits of a text: what goes at an offset, and what comes in its place. They are added in the
 * text's order and never overlap; one that would is left out. They live in the arena.
 */
struct ctx_edit {
    size_t at, removed;
    const char *bytes;
    size_t len;
};

struct ctx_edits {
    struct ctx_arena *arena;
    struct ctx_edit *edits;
    size_t n_edits, capacity;
    int status; /* the first failure: -ENOMEM */
};

/* Room for `len` bytes that are to be inserted; NULL when memory is out (status tells). */
char *ctx_edits_room(struct ctx_edits *edits, size_t len);

/* Replaces `removed` bytes at `at`. `bytes` must live as long as the edits do. */
void ctx_edits_add(struct ctx_edits *edits, size_t at, size_t removed, const char *bytes,
                   size_t len);

/* Appends the edited text to `out`. 0 or the buffer's error. */
int ctx_edits_apply(const struct ctx_edits *edits, const char *text, size_t len,
                    struct ctx_buffer *out);

/* Tells where offsets of the old text are in the new one; asked in ascending order. */
struct ctx_edits_map {
    const struct ctx_edits *edits;
    size_t next;
    ptrdiff_t delta;
};

/* Of a line's beginning, past what is inserted before the line. */
size_t ctx_edits_map_begin(struct ctx_edits_map *map, size_t offset);
/* Of the end of a block, before what is inserted for the next one. */
size_t ctx_edits_map_end(struct ctx_edits_map *map, size_t offset);

#endif
