/* The thread's bump allocator. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/limits.h"
#include "transform/arena.h"

static void arena_gives_zeroed_memory_again(void **state)
{
    (void)state;
    struct ctx_arena *arena = ctx_arena_of_thread();
    for (int round = 0; round < 3; round++) {
        ctx_arena_reset(arena, 64 * CTX_MIB, 0);
        for (size_t size = 1; size < 100000; size = size * 3 + 1) {
            unsigned char *bytes = ctx_arena_alloc(arena, size);
            assert_non_null(bytes);
            assert_int_equal((uintptr_t)bytes % sizeof(void *), 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(bytes[i], 0);
            memset(bytes, 0xAA, size);
        }
    }
}

static void arena_grows_in_place_and_by_copy(void **state)
{
    (void)state;
    struct ctx_arena *arena = ctx_arena_of_thread();
    ctx_arena_reset(arena, 64 * CTX_MIB, 0);
    char *a = ctx_arena_grow(arena, NULL, 8);
    memcpy(a, "1234567", 8);
    assert_ptr_equal(ctx_arena_grow(arena, a, 100), a);
    char *b = ctx_arena_alloc(arena, 1);
    char *moved = ctx_arena_grow(arena, a, 200);
    assert_ptr_not_equal(moved, a);
    assert_ptr_not_equal(moved, b);
    assert_string_equal(moved, "1234567");
    assert_ptr_equal(ctx_arena_grow(arena, moved, 10), moved);
}

static void arena_keeps_its_limit(void **state)
{
    (void)state;
    struct ctx_arena *arena = ctx_arena_of_thread();
    ctx_arena_reset(arena, 8 * CTX_MIB, 0);
    size_t given = 0;
    while (ctx_arena_alloc(arena, 64 * CTX_KIB))
        given += 64 * CTX_KIB;
    assert_true(given > 6 * CTX_MIB);
    assert_true(ctx_arena_used(arena) <= 8 * CTX_MIB);
    assert_null(ctx_arena_alloc(arena, SIZE_MAX));
    ctx_arena_reset(arena, 8 * CTX_MIB, 0);
    assert_true(ctx_arena_used(arena) <= 2 * CTX_MIB);
    assert_non_null(ctx_arena_alloc(arena, CTX_MIB));
}

static void arena_jumps_out_when_memory_is_out(void **state)
{
    (void)state;
    struct ctx_arena *arena = ctx_arena_of_thread();
    ctx_arena_reset(arena, 4 * CTX_MIB, 0);
    jmp_buf bail;
    ctx_arena_set_bail(arena, &bail);
    int code = setjmp(bail);
    if (code == 0)
        for (;;)
            ctx_arena_must_alloc(arena, 1000);
    assert_int_equal(code, -ENOMEM);
}

static void arena_jumps_out_when_time_is_up(void **state)
{
    (void)state;
    struct ctx_arena *arena = ctx_arena_of_thread();
    ctx_arena_reset(arena, SIZE_MAX, 1);
    jmp_buf bail;
    ctx_arena_set_bail(arena, &bail);
    int code = setjmp(bail);
    if (code == 0)
        for (;;)
            ctx_arena_must_grow(arena, NULL, 1);
    assert_int_equal(code, -ETIME);
    assert_int_equal(ctx_arena_overdue(arena), -ETIME);
    ctx_arena_reset(arena, SIZE_MAX, 0);
    assert_int_equal(ctx_arena_overdue(arena), 0);
}

static void arena_counts_no_time_that_others_use(void **state)
{
    (void)state;
    struct ctx_arena *arena = ctx_arena_of_thread();
    ctx_arena_reset(arena, SIZE_MAX, 20);
    const struct timespec twice = { .tv_nsec = 40 * 1000 * 1000 };
    nanosleep(&twice, NULL); /* as a thread does that gets no processor */
    assert_int_equal(ctx_arena_overdue(arena), 0);
}

static void *take_arena(void *ret_arena)
{
    struct ctx_arena *arena = ctx_arena_of_thread();
    ctx_arena_reset(arena, CTX_MIB * 4, 0);
    ctx_arena_alloc(arena, 100);
    *(struct ctx_arena **)ret_arena = arena;
    return NULL;
}

/* What a thread had goes with it: the leak checker looks. */
static void arena_is_one_a_thread(void **state)
{
    (void)state;
    struct ctx_arena *other = NULL;
    struct ctx_arena *mine = ctx_arena_of_thread();
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, take_arena, &other), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_non_null(other);
    assert_ptr_not_equal(mine, other);
    assert_ptr_equal(ctx_arena_of_thread(), mine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_zeroed_memory_again),
        cmocka_unit_test(arena_grows_in_place_and_by_copy),
        cmocka_unit_test(arena_keeps_its_limit),
        cmocka_unit_test(arena_jumps_out_when_memory_is_out),
        cmocka_unit_test(arena_counts_no_time_that_others_use),
        cmocka_unit_test(arena_jumps_out_when_time_is_up),
        cmocka_unit_test(arena_is_one_a_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
