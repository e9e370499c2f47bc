/*
 * The per-thread bump allocator. Invariant: `next` and `end` bound the free part of the newest
 * chunk, whose bytes below `dirty` may hold an earlier document's; each allocation is preceded by
 * its size. Owned by its thread alone, through a pthread key whose destructor gives it back.
 */
#include "transform/arena.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"

enum {
    ALIGNMENT = 8,         /* what the parser's structs (pointers, integers) need */
    CHECK_EVERY = 32,      /* allocations between two looks at the clock: 1 % of the parse */
    CHUNK_GROWTH_SHIFT = 1 /* a new chunk holds half of what the earlier ones do, or more */
};

static const size_t first_chunk = CTX_ARENA_STANDING;

struct chunk {
    struct chunk *previous;
    size_t size; /* of the whole allocation */
    char *dirty; /* bytes from here on are zero still */
    size_t reserved;
};

struct ctx_arena {
    struct chunk *chunk; /* the newest */
    char *next, *end;
    char *newest; /* the newest allocation, which can grow in place */
    size_t used, limit;
    uint64_t cpu_deadline; /* CLOCK_THREAD_CPUTIME_ID, ns; 0: none */
    uint64_t next_look;    /* CLOCK_MONOTONIC, ns: the deadline cannot have passed before */
    unsigned until_check;
    jmp_buf *bail;
};

static pthread_key_t key;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static int key_status;

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static uint64_t now_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC_COARSE);
}

static void free_chunks(struct chunk *chunk)
{
    while (chunk) {
        struct chunk *previous = chunk->previous;
        free(chunk);
        chunk = previous;
    }
}

static void free_arena(void *pointer)
{
    struct ctx_arena *arena = pointer;
    free_chunks(arena->chunk);
    free(arena);
}

static void make_key(void)
{
    key_status = pthread_key_create(&key, free_arena);
}

struct ctx_arena *ctx_arena_of_thread(void)
{
    static _Thread_local struct ctx_arena *mine;
    if (mine)
        return mine;
    pthread_once(&key_once, make_key);
    if (key_status != 0)
        return NULL;
    struct ctx_arena *arena = calloc(1, sizeof(*arena));
    if (!arena || pthread_setspecific(key, arena) != 0) {
        free(arena);
        return NULL;
    }
    mine = arena;
    return mine;
}

static char *first_byte(struct chunk *chunk)
{
    return (char *)(chunk + 1);
}

static void use_chunk(struct ctx_arena *arena, struct chunk *chunk)
{
    arena->chunk = chunk;
    arena->next = first_byte(chunk);
    arena->end = (char *)chunk + chunk->size;
    arena->newest = NULL;
}

/* Lets the oldest chunk stay, when it is of the first size, and all others go. */
static void keep_first(struct ctx_arena *arena)
{
    struct chunk *chunk = arena->chunk;
    if (!chunk)
        return;
    if (chunk->dirty < arena->next)
        chunk->dirty = arena->next;
    while (chunk->previous) {
        struct chunk *previous = chunk->previous;
        free(chunk);
        chunk = previous;
    }
    if (chunk->size > first_chunk) {
        free(chunk);
        arena->chunk = NULL;
        arena->next = arena->end = arena->newest = NULL;
        return;
    }
    use_chunk(arena, chunk);
}

void ctx_arena_reset(struct ctx_arena *arena, size_t limit, uint64_t deadline_ms)
{
    keep_first(arena);
    arena->used = arena->chunk ? arena->chunk->size : 0;
    arena->limit = limit;
    arena->cpu_deadline = arena->next_look = 0;
    if (deadline_ms) {
        arena->cpu_deadline = clock_ns(CLOCK_THREAD_CPUTIME_ID) + deadline_ms * 1000000U;
        arena->next_look = now_ns() + deadline_ms * 1000000U;
    }
    arena->until_check = CHECK_EVERY;
    arena->bail = NULL;
}

static int add_chunk(struct ctx_arena *arena, size_t size)
{
    size_t wanted = arena->used >> CHUNK_GROWTH_SHIFT;
    if (wanted < first_chunk)
        wanted = first_chunk;
    if (wanted < size + sizeof(struct chunk))
        wanted = size + sizeof(struct chunk);
    if (arena->used >= arena->limit || wanted > arena->limit - arena->used)
        wanted = size + sizeof(struct chunk); /* the last bytes below the limit */
    if (arena->used > arena->limit || wanted > arena->limit - arena->used)
        return -ENOMEM;
    struct chunk *chunk = calloc(1, wanted);
    if (!chunk)
        return -ENOMEM;
    if (arena->chunk && arena->chunk->dirty < arena->next)
        arena->chunk->dirty = arena->next;
    chunk->previous = arena->chunk;
    chunk->size = wanted;
    chunk->dirty = first_byte(chunk);
    arena->used += wanted;
    use_chunk(arena, chunk);
    return 0;
}

static size_t rounded(size_t size)
{
    return (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

static size_t *size_of(void *pointer)
{
    return (size_t *)pointer - 1;
}

static void *take(struct ctx_arena *arena, size_t size)
{
    char *allocation = arena->next + sizeof(size_t);
    arena->next = allocation + rounded(size);
    arena->newest = allocation;
    *size_of(allocation) = size;
    return allocation;
}

static int have_room(struct ctx_arena *arena, size_t size)
{
    if (size > SIZE_MAX / 4)
        return -ENOMEM;
    size_t need = rounded(size) + sizeof(size_t);
    if ((size_t)(arena->end - arena->next) >= need)
        return 0;
    return add_chunk(arena, need);
}

static void zero(struct ctx_arena *arena, char *allocation, size_t size)
{
    char *dirty = arena->chunk->dirty;
    if (allocation >= dirty)
        return;
    size_t n = (size_t)(dirty - allocation);
    memset(allocation, 0, n < size ? n : size);
}

void *ctx_arena_alloc(struct ctx_arena *arena, size_t size)
{
    if (have_room(arena, size) < 0)
        return NULL;
    char *allocation = take(arena, size);
    zero(arena, allocation, size);
    return allocation;
}

void *ctx_arena_grow(struct ctx_arena *arena, void *pointer, size_t size)
{
    size_t old = pointer ? *size_of(pointer) : 0;
    if (pointer && size <= old)
        return pointer;
    if (pointer && pointer == arena->newest && size < SIZE_MAX / 4 &&
        rounded(size) <= (size_t)(arena->end - arena->newest)) {
        arena->next = arena->newest + rounded(size);
        *size_of(pointer) = size;
        return pointer;
    }
    if (have_room(arena, size) < 0)
        return NULL;
    void *allocation = take(arena, size);
    if (pointer)
        memcpy(allocation, pointer, old);
    return allocation;
}

size_t ctx_arena_used(const struct ctx_arena *arena)
{
    return arena->used;
}

size_t ctx_arena_limit(const struct ctx_arena *arena)
{
    return arena->limit;
}

/*
 * The deadline is CPU time, so that a busy machine fails no document that an idle one would not. Its
 * clock is a system call, so it is read only when as much time has passed as may be used at most.
 */
int ctx_arena_overdue(struct ctx_arena *arena)
{
    if (!arena->cpu_deadline || now_ns() <= arena->next_look)
        return 0;
    uint64_t used = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    if (used > arena->cpu_deadline)
        return -ETIME;
    arena->next_look = now_ns() + (arena->cpu_deadline - used);
    return 0;
}

void ctx_arena_set_bail(struct ctx_arena *arena, jmp_buf *bail)
{
    arena->bail = bail;
}

void ctx_arena_must_be_in_time(struct ctx_arena *arena)
{
    if (ctx_arena_overdue(arena) < 0)
        longjmp(*arena->bail, -ETIME);
}

static void look_at_clock(struct ctx_arena *arena)
{
    if (--arena->until_check > 0)
        return;
    arena->until_check = CHECK_EVERY;
    ctx_arena_must_be_in_time(arena);
}

void *ctx_arena_must_alloc(struct ctx_arena *arena, size_t size)
{
    look_at_clock(arena);
    void *allocation = ctx_arena_alloc(arena, size);
    if (!allocation)
        longjmp(*arena->bail, -ENOMEM);
    return allocation;
}

void *ctx_arena_must_grow(struct ctx_arena *arena, void *pointer, size_t size)
{
    look_at_clock(arena);
    void *allocation = ctx_arena_grow(arena, pointer, size);
    if (!allocation)
        longjmp(*arena->bail, -ENOMEM);
    return allocation;
}
