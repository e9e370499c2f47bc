/*
 * Open addressing with linear probing. A removal shifts the run behind it back, so there are no
 * tombstones and a table that is filled and emptied a million times stays as quick as a new one.
 */
#include "watch/table.h"

#include <errno.h>
#include <stdlib.h>

struct ctx_table_slot {
    uint32_t hash;
    void *item; /* NULL: free */
};

enum { SMALLEST = 16 };

void ctx_table_deinit(struct ctx_table *table)
{
    free(table->slots);
    *table = (struct ctx_table){ 0 };
}

void *ctx_table_find(const struct ctx_table *table, uint32_t hash, ctx_table_match match,
                     const void *key)
{
    if (!table->capacity)
        return NULL;
    size_t mask = table->capacity - 1;
    for (size_t i = hash & mask; table->slots[i].item; i = (i + 1) & mask) {
        if (table->slots[i].hash == hash && match(table->slots[i].item, key))
            return table->slots[i].item;
    }
    return NULL;
}

static void put(struct ctx_table *table, uint32_t hash, void *item)
{
    size_t mask = table->capacity - 1;
    size_t i = hash & mask;
    while (table->slots[i].item)
        i = (i + 1) & mask;
    table->slots[i] = (struct ctx_table_slot){ hash, item };
}

static int resize(struct ctx_table *table, size_t capacity)
{
    struct ctx_table bigger = { .capacity = capacity, .used = table->used };
    bigger.slots = calloc(capacity, sizeof(*bigger.slots));
    if (!bigger.slots)
        return -ENOMEM;
    for (size_t i = 0; i < table->capacity; i++) {
        if (table->slots[i].item)
            put(&bigger, table->slots[i].hash, table->slots[i].item);
    }
    free(table->slots);
    *table = bigger;
    return 0;
}

int ctx_table_insert(struct ctx_table *table, uint32_t hash, void *item)
{
    if ((table->used + 1) * 4 > table->capacity * 3) {
        int r = resize(table, table->capacity ? table->capacity * 2 : SMALLEST);
        if (r < 0)
            return r;
    }
    put(table, hash, item);
    table->used++;
    return 0;
}

/* Closes the gap at `hole`: whatever probed past it moves back. */
static void close_gap(struct ctx_table *table, size_t hole)
{
    size_t mask = table->capacity - 1;
    for (size_t i = (hole + 1) & mask; table->slots[i].item; i = (i + 1) & mask) {
        size_t home = table->slots[i].hash & mask;
        if (((i - home) & mask) < ((i - hole) & mask))
            continue;
        table->slots[hole] = table->slots[i];
        hole = i;
    }
    table->slots[hole].item = NULL;
}

void ctx_table_remove(struct ctx_table *table, uint32_t hash, const void *item)
{
    if (!table->capacity)
        return;
    size_t mask = table->capacity - 1;
    size_t i = hash & mask;
    while (table->slots[i].item && table->slots[i].item != item)
        i = (i + 1) & mask;
    if (!table->slots[i].item)
        return;
    close_gap(table, i);
    table->used--;
    /* Failing to shrink costs memory, nothing else. */
    if (table->capacity > SMALLEST && table->used * 8 < table->capacity)
        (void)resize(table, table->capacity / 2);
}

void *ctx_table_next(const struct ctx_table *table, size_t *cursor)
{
    while (*cursor < table->capacity) {
        void *item = table->slots[(*cursor)++].item;
        if (item)
            return item;
    }
    return NULL;
}
