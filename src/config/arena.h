#ifndef CTX_CONFIG_ARENA_H
#define CTX_CONFIG_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

/*
 * The memory of one configuration: many small things that live and die together. Running out
 * sticks, as in a ctx_buffer: functions then give NULL or leave things as they were, callers carry
 * on with what they have, and whoever owns the arena asks `failed` once, at the end. One thread.
 */
struct ctx_config_arena {
    struct ctx_config_arena_block *blocks;
    bool failed;
};

void ctx_config_arena_deinit(struct ctx_config_arena *arena);

/* Zeroed memory; NULL when there is none. */
void *ctx_config_arena_alloc(struct ctx_config_arena *arena, size_t size);

/* Copies; "" when memory is out, so that the result is always a string. Never written to then. */
char *ctx_config_arena_string(struct ctx_config_arena *arena, const char *string);
char *ctx_config_arena_bytes(struct ctx_config_arena *arena, const char *bytes, size_t len);
char *ctx_config_arena_printf(struct ctx_config_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends a string, which is borrowed, to a list whose array is the arena's. */
void ctx_config_arena_append(struct ctx_config_arena *arena, struct ctx_string_list *list,
                             char *string);

#endif
