/* Slugs: the ancestor's rule, its collisions, and the limits of a file name. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wctype.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/limits.h"
#include "base/slug.h"

static void slug_of_paths(void **state)
{
    (void)state;
    static const struct {
        const char *path, *slug;
    } cases[] = {
        { "index.md", "nextjs__index" },
        { "guides/First Steps.mdx", "nextjs__guides__first-steps" },
        { "a/b/c.md", "nextjs__a__b__c" },
        { "API.md", "nextjs__api" },
        { "v1.2.md", "nextjs__v12" },
        { "c++.md", "nextjs__c" },
        { "[slug].mdx", "nextjs__slug" },
        { "a/-b-.md", "nextjs__a__b" },
        { "a--b.md", "nextjs__a-b" },
        { "+.md", "nextjs__" },
        { ".hidden", "nextjs__hidden" },
        { "\xC3\x84rger/\xE6\x97\xA5\xE6\x9C\xAC.md",
          "nextjs__\xC3\xA4rger__\xE6\x97\xA5\xE6\x9C\xAC" },
        { "bad\xFFname.md", "nextjs__badname" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char slug[CTX_SLUG_SIZE];
        ctx_slug("vercel/next.js", cases[i].path, slug);
        assert_string_equal(slug, cases[i].slug);
    }
}

static void slug_of_colliding_paths_differs_by_eight_digits(void **state)
{
    (void)state;
    char plain[CTX_SLUG_SIZE], other[CTX_SLUG_SIZE];
    ctx_slug("o/r", "a__b.md", plain);
    ctx_slug_in_form("o/r", "a__b.md", CTX_SLUG_SHORT, other);
    assert_int_equal(strlen(other), strlen(plain) + 9);
    assert_memory_equal(other, plain, strlen(plain));
    assert_int_equal(other[strlen(plain)], '-');
}

static void slug_short_forms_are_told_by_their_digits(void **state)
{
    (void)state;
    char slug[CTX_SLUG_SIZE];
    size_t len;
    uint32_t digits;
    ctx_slug_in_form("o/r", "a.md", CTX_SLUG_SHORT, slug);
    assert_true(ctx_slug_split(slug, &len, &digits));
    assert_int_equal(len, strlen("r__a"));
    assert_int_equal(digits, ctx_slug_digits("a.md"));
    static const char *const others[] = { "",          "r__a",       "-12345678x", "12345678",
                                          "a1234567a", "a-1234567g", "a-1234567" };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_false(ctx_slug_split(others[i], &len, &digits));
}

static void slug_fits_a_file_name_and_stays_utf8(void **state)
{
    (void)state;
    char path[4000] = "", slug[CTX_SLUG_SIZE], other[CTX_SLUG_SIZE];
    for (int i = 0; i < 300; i++)
        strcat(path, "\xE6\x97\xA5");
    ctx_slug("o/r", path, slug);
    assert_true(strlen(slug) <= CTX_LIMIT_SLUG);
    assert_int_equal(slug[strlen(slug) - 13], '-');
    strcat(path, "x");
    ctx_slug("o/r", path, other);
    assert_string_not_equal(slug, other);
    ctx_slug_in_form("o/r", path, CTX_SLUG_SHORT, other);
    assert_true(strlen(other) + strlen(".mdc") <= 255);
    ctx_slug_in_form("o/r", path, CTX_SLUG_LONG, other);
    assert_true(strlen(other) + strlen(".mdc") <= 255);
    assert_true(strlen(other) < CTX_SLUG_SIZE);
}

/* ASCII is taken without the locale: to the same effect. */
static void slug_of_ascii_is_as_the_locale_has_it(void **state)
{
    (void)state;
    locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    assert_non_null(locale);
    for (wint_t byte = 1; byte < 0x80; byte++) {
        char slug[CTX_SLUG_SIZE], expected[] = "r__ab__c";
        const char path[] = { 'a', (char)byte, 'b', '/', 'c', '\0' };
        bool kept = byte == '_' || iswalnum_l(byte, locale);
        bool dash = byte == '-' || iswspace_l(byte, locale);
        if (byte == '/')
            continue;
        ctx_slug("o/r", path, slug);
        if (kept || dash)
            snprintf(expected, sizeof(expected), "r__a%lcb",
                     dash ? L'-' : towlower_l(byte, locale));
        slug[strlen(expected)] = '\0';
        assert_string_equal(slug, expected);
    }
    freelocale(locale);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slug_of_paths),
        cmocka_unit_test(slug_of_ascii_is_as_the_locale_has_it),
        cmocka_unit_test(slug_of_colliding_paths_differs_by_eight_digits),
        cmocka_unit_test(slug_short_forms_are_told_by_their_digits),
        cmocka_unit_test(slug_fits_a_file_name_and_stays_utf8),
    };
    ctx_digest_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
