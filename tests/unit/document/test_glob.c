/* Patterns: shapes, classes, what could match below a directory, and hostile ones in bounded time. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "document/glob.h"

static bool matches(const char *pattern, const char *path)
{
    struct ctx_glob glob;
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    int r = ctx_glob_init(&glob, pattern, strlen(pattern));
    assert_true(r == 0 || r == -EINVAL);
    bool match = ctx_glob_match(&glob, name, strlen(name), path, strlen(path));
    assert_false(r == -EINVAL && match);
    ctx_glob_deinit(&glob);
    return match;
}

struct example {
    const char *pattern, *path;
    bool expected;
};

static const struct example matching[] = {
    /* at any depth, and anchored */
    { "a", "a", true },
    { "a", "b/a", true },
    { "a", "ab", false },
    { "/a", "a", true },
    { "/a", "b/a", false },
    { "b/a", "b/a", true },
    { "b/a", "c/b/a", false },
    /* the ancestor's bug 24 */
    { "**/*.md", "a.md", true },
    { "**/*.md", "a/b/c.md", true },
    { "docs/**/*.md", "docs/a.md", true },
    { "docs/**/*.md", "docs/a/b/c.md", true },
    { "docs/**/*.md", "xdocs/a.md", false },
    { "docs/**/*.md", "a/docs/a.md", false },
    { "archive/**", "archive/x/y.md", true },
    { "archive/**", "archive/x", true },
    { "archive/**", "archive", false },
    { "archive/**", "archives/x", false },
    /* stars */
    { "*.md", "a/.md", true },
    { "a*c", "abbbc", true },
    { "a*c", "abbbcd", false },
    { "*a*b*", "xxaxxbxx", true },
    { "a/*", "a/b", true },
    { "a/*", "a/b/c", false },
    { "a/*/c", "a/b/c", true },
    { "a/*/c", "a/c", false },
    { "a/**/c", "a/c", true },
    { "a/**/c", "a/b/b/c", true },
    { "a/**/b/**/c", "a/x/b/y/b/z/c", true },
    { "a/**/b/*/c", "a/b/x/b/y/c", true },
    { "**/a/b", "a/a/b", true },
    { "a**/b", "ab/b", true },
    { "a**/b", "ax/y/b", false },
    { "**a/b", "xa/b", true },
    { "a/**b", "a/xb", true },
    { "a/**b", "a/x/b", false },
    { "**", "a/b", true },
    { "/**", "a/b", true },
    { "**/**", "a", true },
    { "a/***/b", "a/x/y/b", true },
    { "?", "/", false },
    { "a?b", "a/b", false },
    { "a/?", "a/b", true },
    /* classes */
    { "[ab]", "b", true },
    { "[!ab]", "b", false },
    { "[^ab]", "c", true },
    { "[a-c]x", "bx", true },
    { "[c-a]x", "bx", false },
    { "[]]", "]", true },
    { "[!]]", "]", false },
    { "[]-a]", "]", true },
    { "[]-a]", "^", true },
    { "[a-]", "-", true },
    { "[\\]]", "]", true },
    { "[\\-a]", "-", true },
    { "[[:digit:]]x", "7x", true },
    { "[[:digit:]x]", "x", true },
    { "[[:digit:]", "7", false },
    { "[[:nope:]]", "n", false },
    { "[[:]", ":", true },
    { "[[.a]", ".", true },
    { "[a", "a", false },
    { "[", "[", false },
    { "x/[!a]", "x//", false },
    { "a[/]b", "a/b", false },
    { "[\x80-\xff]", "\xc3", true },
    /* escapes */
    { "\\*", "*", true },
    { "\\*", "a", false },
    { "\\a", "a", true },
    { "\\!a", "!a", true },
    { "a\\", "a\\", false },
    { "a\\\\", "a\\", true },
    { "a\\/b", "a/b", true },
    { "a/**\\/b", "a/x/b", true },
    { "a/**\\/b", "a/b", false },
    /* nothing */
    { "", "a", false },
    { "/", "a", false },
    { "a//b", "a/b", false },
    { "//a", "a", false },
};

static void glob_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < CTX_ARRAY_LEN(matching); i++)
        if (matches(matching[i].pattern, matching[i].path) != matching[i].expected)
            fail_msg("\"%s\" and \"%s\"", matching[i].pattern, matching[i].path);
}

static void glob_directory_only_is_told(void **state)
{
    struct ctx_glob glob;
    (void)state;
    assert_int_equal(ctx_glob_init(&glob, "a/", 2), 0);
    assert_true(glob.dir_only);
    assert_false(glob.needs_path);
    assert_true(ctx_glob_match(&glob, "a", 1, "b/a", 3));
    ctx_glob_deinit(&glob);
}

static const struct example below[] = {
    { "*.md", "a/b/", true },
    { "**/*.md", "a/", true },
    { "docs/**/*.md", "docs/", true },
    { "docs/**/*.md", "docs/a/b/", true },
    { "docs/**/*.md", "src/", false },
    { "docs/*.md", "docs/", true },
    { "docs/*.md", "docs/a/", false },
    { "docs/*/x.md", "docs/a/", true },
    { "docs/*/x.md", "docs/a/b/", false },
    { "*/x/*.md", "a/", true },
    { "*/x/*.md", "a/x/", true },
    { "*/x/*.md", "a/y/", false },
    { "docs/a.md", "docs/", true },
    { "docs/a.md", "docs/a.md/", false },
    { "docs/a.md", "doc/", false },
    { "/a.md", "docs/", false },
    { "a/**", "a/b/c/", true },
    { "a/**", "b/", false },
    { "[ab]/x", "b/", true },
    { "[ab]/x", "c/", false },
    { "[", "a/", false },
};

static void glob_what_could_match_below(void **state)
{
    (void)state;
    for (size_t i = 0; i < CTX_ARRAY_LEN(below); i++) {
        struct ctx_glob glob;
        const struct example *example = &below[i];
        assert_int_not_equal(ctx_glob_init(&glob, example->pattern, strlen(example->pattern)),
                             -ENOMEM);
        if (ctx_glob_could_match_below(&glob, example->path, strlen(example->path)) !=
            example->expected)
            fail_msg("\"%s\" and \"%s\"", example->pattern, example->path);
        ctx_glob_deinit(&glob);
    }
}

/* What makes backtracking matchers take exponential time. */
static void glob_hostile_patterns_take_bounded_time(void **state)
{
    char pattern[4096] = "", path[4096], name[256];
    struct timespec begin, end;
    (void)state;
    for (int i = 0; i < 60; i++)
        strcat(pattern, "*a");
    strcat(pattern, "b");
    memset(name, 'a', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    assert_false(matches(pattern, name));
    pattern[0] = '\0';
    for (int i = 0; i < 100; i++)
        strcat(pattern, "**/*a*/");
    strcat(pattern, "b");
    for (size_t i = 0; i < sizeof(path) - 1; i++)
        path[i] = i % 2 ? '/' : 'a';
    path[sizeof(path) - 1] = '\0';
    path[sizeof(path) - 2] = 'a';
    assert_false(matches(pattern, path));
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    assert_true(end.tv_sec - begin.tv_sec <= 2);
}

static void glob_long_literals_and_classes(void **state)
{
    char pattern[2000], path[2000];
    (void)state;
    memset(pattern, 'x', sizeof(pattern));
    memcpy(pattern + 1000, "/*[q]", 5);
    pattern[sizeof(pattern) - 1] = '\0';
    memset(path, 'x', sizeof(path));
    path[1000] = '/';
    path[1003] = 'q';
    path[sizeof(path) - 1] = '\0';
    pattern[sizeof(pattern) - 2] = '\0';
    path[sizeof(path) - 3] = '\0';
    assert_true(matches(pattern, path));
    path[1500] = 'y';
    assert_false(matches(pattern, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(glob_examples),
        cmocka_unit_test(glob_directory_only_is_told),
        cmocka_unit_test(glob_what_could_match_below),
        cmocka_unit_test(glob_hostile_patterns_take_bounded_time),
        cmocka_unit_test(glob_long_literals_and_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
