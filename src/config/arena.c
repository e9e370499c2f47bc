/*
 * A list of malloc'ed blocks, one an allocation: configurations are small, and so the sanitizers
 * see every overrun. Owned by whoever holds the struct; one thread.
 */
#include "config/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ctx_config_arena_block {
    struct ctx_config_arena_block *next;
    max_align_t data[];
};

static char nothing[1]; /* what a string is when memory is out */

void ctx_config_arena_deinit(struct ctx_config_arena *arena)
{
    while (arena->blocks) {
        struct ctx_config_arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    arena->failed = false;
}

void *ctx_config_arena_alloc(struct ctx_config_arena *arena, size_t size)
{
    if (size > SIZE_MAX - sizeof(struct ctx_config_arena_block)) {
        arena->failed = true;
        return NULL;
    }
    struct ctx_config_arena_block *block = calloc(1, sizeof(*block) + size);
    if (!block) {
        arena->failed = true;
        return NULL;
    }
    block->next = arena->blocks;
    arena->blocks = block;
    return block->data;
}

char *ctx_config_arena_bytes(struct ctx_config_arena *arena, const char *bytes, size_t len)
{
    char *copy = ctx_config_arena_alloc(arena, len + 1);
    if (!copy)
        return nothing;
    if (len > 0)
        memcpy(copy, bytes, len);
    return copy;
}

char *ctx_config_arena_string(struct ctx_config_arena *arena, const char *string)
{
    return ctx_config_arena_bytes(arena, string, strlen(string));
}

char *ctx_config_arena_printf(struct ctx_config_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = NULL;
    int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0) {
        arena->failed = true;
        return nothing;
    }
    char *copy = ctx_config_arena_bytes(arena, text, (size_t)len);
    free(text);
    return copy;
}

/* Whether an array of n is full: it grows at 0, 1, 2, 4, 8… */
static bool at_capacity(size_t n)
{
    return (n & (n - 1)) == 0;
}

void ctx_config_arena_append(struct ctx_config_arena *arena, struct ctx_string_list *list,
                             char *string)
{
    if (list->n == 0 || at_capacity(list->n)) {
        size_t capacity = list->n ? list->n * 2 : 1;
        char **items = ctx_config_arena_alloc(arena, capacity * sizeof(*items));
        if (!items)
            return;
        if (list->n > 0)
            memcpy(items, list->items, list->n * sizeof(*items));
        list->items = items;
    }
    list->items[list->n++] = string;
}
