/*
 * The labels of link reference definitions: a hash table over folded text. Owned by the stage that
 * made it; one thread.
 */
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "transform/inlines.h"

struct label {
    UT_hash_handle hh;
    bool image;
    struct ctx_span destination;
    size_t len;
    char folded[];
};

struct ctx_labels {
    struct label *table;
    struct ctx_buffer folded; /* the label being looked up */
};

static bool fold(struct ctx_labels *labels, const char *text, struct ctx_span span)
{
    ctx_buffer_clear(&labels->folded);
    return ctx_link_label_fold(&labels->folded, text, span) == 0 && labels->folded.len > 0;
}

static struct label *find(struct ctx_labels *labels, const char *text, struct ctx_span span)
{
    struct label *found = NULL;
    if (labels && labels->table && fold(labels, text, span))
        HASH_FIND(hh, labels->table, labels->folded.data, labels->folded.len, found);
    return found;
}

static bool add(struct ctx_labels *labels, const char *text,
                const struct ctx_definition *definition)
{
    if (find(labels, text, definition->label) || !fold(labels, text, definition->label))
        return labels->folded.status == 0;
    struct label *label = calloc(1, sizeof(*label) + labels->folded.len);
    if (!label)
        return false;
    label->len = labels->folded.len;
    label->destination = definition->destination;
    memcpy(label->folded, labels->folded.data, label->len);
    HASH_ADD(hh, labels->table, folded, label->len, label);
    return true;
}

struct ctx_labels *ctx_labels_new(const char *text, const struct ctx_outline *outline)
{
    struct ctx_labels *labels = calloc(1, sizeof(*labels));
    if (!labels)
        return NULL;
    ctx_buffer_init(&labels->folded, SIZE_MAX / 2);
    for (size_t i = 0; i < outline->n_blocks; i++) {
        const struct ctx_block *block = &outline->blocks[i];
        struct ctx_definition definition;
        size_t at = block->begin;
        while (block->kind == CTX_BLOCK_DEFINITIONS &&
               ctx_next_definition(text, &at, block->end, true, &definition)) {
            if (!add(labels, text, &definition)) {
                ctx_labels_free(labels);
                return NULL;
            }
        }
    }
    return labels;
}

void ctx_labels_free(struct ctx_labels *labels)
{
    if (!labels)
        return;
    struct label *label;
    struct label *next;
    HASH_ITER (hh, labels->table, label, next) {
        HASH_DEL(labels->table, label);
        free(label);
    }
    ctx_buffer_deinit(&labels->folded);
    free(labels);
}

bool ctx_labels_has(struct ctx_labels *labels, const char *text, struct ctx_span label)
{
    return find(labels, text, label) != NULL;
}

void ctx_labels_note_image(struct ctx_labels *labels, const char *text, struct ctx_span label)
{
    struct label *found = find(labels, text, label);
    if (found)
        found->image = true;
}

bool ctx_labels_is_image(struct ctx_labels *labels, const char *text, struct ctx_span label)
{
    const struct label *found = find(labels, text, label);
    return found && found->image;
}

struct ctx_span ctx_labels_destination(struct ctx_labels *labels, const char *text,
                                       struct ctx_span label)
{
    const struct label *found = find(labels, text, label);
    return found ? found->destination : (struct ctx_span){ 0, 0 };
}
