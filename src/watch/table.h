#ifndef CTX_WATCH_TABLE_H
#define CTX_WATCH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A hash table of borrowed pointers: open addressing, 16 bytes a slot, at most three quarters
 * full, giving memory back as it empties. The caller supplies the hash and says what matches, so
 * that an item carries its keys in whatever form it has them. All zero is an empty table.
 */
struct ctx_table {
    struct ctx_table_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t used;
};

typedef bool (*ctx_table_match)(const void *item, const void *key);

void ctx_table_deinit(struct ctx_table *table);

/* The first item of that hash which matches; NULL. */
void *ctx_table_find(const struct ctx_table *table, uint32_t hash, ctx_table_match match,
                     const void *key);
/* Adds an item, which must not be in the table yet. 0 or -ENOMEM. */
int ctx_table_insert(struct ctx_table *table, uint32_t hash, void *item);
/* Takes an item out, found by its address; nothing happens when it is not there. */
void ctx_table_remove(struct ctx_table *table, uint32_t hash, const void *item);
/* Each item in turn: `*cursor` begins at 0; NULL at the end. No changes to the table meanwhile. */
void *ctx_table_next(const struct ctx_table *table, size_t *cursor);

/* Mixes 64 bits into a hash (the finaliser of MurmurHash3). */
static inline uint32_t ctx_table_mix(uint64_t bits)
{
    bits ^= bits >> 33;
    bits *= 0xff51afd7ed558ccdULL;
    bits ^= bits >> 33;
    bits *= 0xc4ceb9fe1a85ec53ULL;
    return (uint32_t)(bits ^ bits >> 33);
}

#endif
