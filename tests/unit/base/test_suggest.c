#include "base/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"

static const char *const names[] = { "status", "sync", "subscribe", "why" };

static const char *suggest(const char *given)
{
    return ctx_suggest(given, names, CTX_ARRAY_LEN(names), sizeof(names[0]));
}

static void suggest_finds_the_nearest_name(void **state)
{
    (void)state;
    assert_string_equal(suggest("stauts"), "status");
    assert_string_equal(suggest("statu"), "status");
    assert_string_equal(suggest("snyc"), "sync");
    assert_string_equal(suggest("subscrib"), "subscribe");
    assert_string_equal(suggest("wyh"), "why");
}

static void suggest_is_silent_when_nothing_is_near(void **state)
{
    (void)state;
    assert_null(suggest("optimize"));
    assert_null(suggest(""));
    assert_null(suggest("a name that is much longer than any name in any table of this program"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(suggest_finds_the_nearest_name),
        cmocka_unit_test(suggest_is_silent_when_nothing_is_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
