/* Edits: an ordered list of splices, applied in one pass. Owned by the arena of its thread. */
#include "transform/normalise/edits.h"

#include <errno.h>

char *ctx_edits_room(struct ctx_edits *edits, size_t len)
{
    char *room = ctx_arena_alloc(edits->arena, len);
    if (!room && !edits->status)
        edits->status = -ENOMEM;
    return room;
}

void ctx_edits_add(struct ctx_edits *edits, size_t at, size_t removed, const char *bytes,
                   size_t len)
{
    if (edits->n_edits > 0) {
        const struct ctx_edit *last = &edits->edits[edits->n_edits - 1];
        if (at < last->at + last->removed)
            return;
    }
    if (edits->n_edits == edits->capacity) {
        size_t capacity = edits->capacity ? 2 * edits->capacity : 64;
        void *grown = ctx_arena_grow(edits->arena, edits->edits, capacity * sizeof(*edits->edits));
        if (!grown) {
            edits->status = -ENOMEM;
            return;
        }
        edits->edits = grown;
        edits->capacity = capacity;
    }
    edits->edits[edits->n_edits++] = (struct ctx_edit){ at, removed, bytes, len };
}

int ctx_edits_apply(const struct ctx_edits *edits, const char *text, size_t len,
                    struct ctx_buffer *out)
{
    size_t from = 0;
    for (size_t i = 0; i < edits->n_edits; i++) {
        const struct ctx_edit *edit = &edits->edits[i];
        ctx_buffer_append(out, text + from, edit->at - from);
        ctx_buffer_append(out, edit->bytes, edit->len);
        from = edit->at + edit->removed;
    }
    return ctx_buffer_append(out, text + from, len - from);
}

static void pass(struct ctx_edits_map *map)
{
    const struct ctx_edit *edit = &map->edits->edits[map->next++];
    map->delta += (ptrdiff_t)edit->len - (ptrdiff_t)edit->removed;
}

static size_t moved(const struct ctx_edits_map *map, size_t offset)
{
    return (size_t)((ptrdiff_t)offset + map->delta);
}

size_t ctx_edits_map_begin(struct ctx_edits_map *map, size_t offset)
{
    while (map->next < map->edits->n_edits) {
        const struct ctx_edit *edit = &map->edits->edits[map->next];
        if (edit->at + edit->removed > offset)
            break;
        pass(map);
    }
    return moved(map, offset);
}

size_t ctx_edits_map_end(struct ctx_edits_map *map, size_t offset)
{
    while (map->next < map->edits->n_edits && map->edits->edits[map->next].at < offset)
        pass(map);
    return moved(map, offset);
}
