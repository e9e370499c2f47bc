/* The growable buffer: growth, its ceiling, errors that stick. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "contextor/buffer.h"

static void buffer_appends_and_stays_terminated(void **state)
{
    (void)state;
    struct ctx_buffer buffer;
    ctx_buffer_init(&buffer, 1000);
    assert_string_equal(ctx_buffer_str(&buffer), "");
    assert_int_equal(ctx_buffer_puts(&buffer, "one"), 0);
    assert_int_equal(ctx_buffer_putc(&buffer, ' '), 0);
    assert_int_equal(ctx_buffer_printf(&buffer, "%d", 42), 0);
    assert_int_equal(ctx_buffer_fill(&buffer, '!', 3), 0);
    assert_string_equal(buffer.data, "one 42!!!");
    assert_int_equal(buffer.len, 9);
    ctx_buffer_deinit(&buffer);
    assert_null(buffer.data);
}

static void buffer_puts_numbers(void **state)
{
    (void)state;
    struct ctx_buffer buffer;
    ctx_buffer_init(&buffer, 1000);
    static const int64_t numbers[] = { 0, 7, -10, INT64_MAX, INT64_MIN };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        ctx_buffer_put_number(&buffer, numbers[i]);
        ctx_buffer_putc(&buffer, ' ');
    }
    assert_string_equal(buffer.data, "0 7 -10 9223372036854775807 -9223372036854775808 ");
    ctx_buffer_deinit(&buffer);
}

static void buffer_refuses_to_pass_its_limit_and_remembers(void **state)
{
    (void)state;
    struct ctx_buffer buffer;
    ctx_buffer_init(&buffer, 4);
    assert_int_equal(ctx_buffer_puts(&buffer, "abcd"), 0);
    assert_int_equal(ctx_buffer_putc(&buffer, 'e'), -EFBIG);
    assert_int_equal(ctx_buffer_append(&buffer, "", 0), -EFBIG);
    assert_int_equal(ctx_buffer_status(&buffer), -EFBIG);
    assert_string_equal(buffer.data, "abcd");
    ctx_buffer_clear(&buffer);
    assert_int_equal(ctx_buffer_puts(&buffer, "xy"), 0);
    assert_string_equal(buffer.data, "xy");
    ctx_buffer_deinit(&buffer);
}

static void buffer_splices_in_both_directions(void **state)
{
    (void)state;
    struct ctx_buffer buffer;
    ctx_buffer_init(&buffer, 100);
    ctx_buffer_puts(&buffer, "0123456789");
    assert_int_equal(ctx_buffer_splice(&buffer, 2, 3, "abcdef", 6), 0);
    assert_string_equal(buffer.data, "01abcdef56789");
    assert_int_equal(ctx_buffer_splice(&buffer, 2, 6, "", 0), 0);
    assert_string_equal(buffer.data, "0156789");
    assert_int_equal(ctx_buffer_splice(&buffer, 6, 2, "", 0), -EINVAL);
    ctx_buffer_deinit(&buffer);
}

static void buffer_gives_its_bytes_away(void **state)
{
    (void)state;
    struct ctx_buffer a, b;
    size_t len;
    ctx_buffer_init(&a, 100);
    ctx_buffer_init(&b, 7);
    ctx_buffer_append(&a, "x\0y", 3);
    ctx_buffer_swap(&a, &b);
    assert_int_equal(a.limit, 7);
    char *bytes = ctx_buffer_detach(&b, &len);
    assert_int_equal(len, 3);
    assert_memory_equal(bytes, "x\0y", 4);
    assert_int_equal(b.len, 0);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffer_appends_and_stays_terminated),
        cmocka_unit_test(buffer_puts_numbers),
        cmocka_unit_test(buffer_refuses_to_pass_its_limit_and_remembers),
        cmocka_unit_test(buffer_splices_in_both_directions),
        cmocka_unit_test(buffer_gives_its_bytes_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
