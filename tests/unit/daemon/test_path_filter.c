#include "daemon/path_filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

static const struct {
    const char *pattern, *path;
    bool match;
} cases[] = {
    { "a.md", "a.md", true },
    { "a.md", "b.md", false },
    { "*.md", "a.md", true },
    { "*.md", "d/a.md", false },
    { "?.md", "a.md", true },
    { "[ab].md", "b.md", true },
    { "[!ab].md", "b.md", false },
    { "**", "a.md", true },
    { "**", "d/e/a.md", true },
    { "**/*.md", "a.md", true },
    { "**/*.md", "d/e/a.md", true },
    { "**/*.md", "d/e/a.mdx", false },
    { "guides/**", "guides/a/b.md", true },
    { "guides/**", "guides.md", false },
    { "guides/**", "guides", false },
    { "d/**/a.md", "d/a.md", true },
    { "d/**/a.md", "d/x/y/a.md", true },
    { "d/**/a.md", "e/x/a.md", false },
    { "**/x/**/a.md", "x/x/y/x/a.md", true },
    { "**/x/*/a.md", "x/y/z/x/w/a.md", true },
    { "**/x/*/a.md", "x/y/z/a.md", false },
    { "a/b", "a", false },
    { "a", "a/b", false },
    { "bad\xff.md", "bad\xff.md", true },
};

static void path_filter_matches_part_by_part(void **state)
{
    (void)state;
    for (size_t i = 0; i < CTX_ARRAY_LEN(cases); i++)
        if (ctx_path_filter_match(cases[i].pattern, cases[i].path) != cases[i].match)
            fail_msg("%s against %s", cases[i].pattern, cases[i].path);
}

/* A backtracking matcher would not come to an end here. */
static void path_filter_is_never_exponential(void **state)
{
    (void)state;
    char pattern[400] = "";
    char path[1200] = "";
    for (int i = 0; i < 60; i++)
        strcat(pattern, "**/a/");
    strcat(pattern, "b");
    for (int i = 0; i < 500; i++)
        strcat(path, "a/");
    strcat(path, "c");
    assert_false(ctx_path_filter_match(pattern, path));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(path_filter_matches_part_by_part),
        cmocka_unit_test(path_filter_is_never_exponential),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
