/* Error lines: one line of text, whatever the names in it are. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "contextor/error.h"

static void error_is_one_line_of_text(void **state)
{
    struct ctx_error error;
    (void)state;
    assert_int_equal(ctx_error_set(&error, -EACCES, "%s: no", "a\nb\t\xff\xc3\xa9\x7f"), -EACCES);
    assert_string_equal(error.text, "a?b??\xc3\xa9?: no");
    assert_int_equal(ctx_error_set(NULL, -EACCES, "%s", "x"), -EACCES);
}

static void error_is_cut_between_characters(void **state)
{
    struct ctx_error error;
    char text[2 * CTX_ERROR_TEXT_MAX + 1];
    (void)state;
    for (size_t i = 0; i + 1 < sizeof(text); i += 2)
        memcpy(text + i, "\xc3\xa9", 3);
    ctx_error_set(&error, -EIO, "%s", text);
    assert_int_equal(strlen(error.text), CTX_ERROR_TEXT_MAX - 1);
    assert_string_equal(error.text + CTX_ERROR_TEXT_MAX - 4, "\xc3\xa9?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_is_one_line_of_text),
        cmocka_unit_test(error_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
