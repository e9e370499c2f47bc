/* Paths as configuration writes them. */
#include "config/paths.h"

#include <unistd.h>

#include "config_fixture.h"

static void assert_expands(const char *path, const char *expected)
{
    char *expanded = ctx_path_expand(path, "/etc/contextor", "/home/u");
    assert_string_equal(expanded, expected);
    free(expanded);
}

static void paths_expand(void **state)
{
    (void)state;
    assert_expands("/a/b", "/a/b");
    assert_expands("/a//b/./c/", "/a/b/c");
    assert_expands("/a/../../b", "/b");
    assert_expands("/..", "/");
    assert_expands("~", "/home/u");
    assert_expands("~/docs/", "/home/u/docs");
    assert_expands("~docs", "/etc/contextor/~docs");
    assert_expands("docs", "/etc/contextor/docs");
    assert_expands("../docs", "/etc/docs");
    assert_expands(".", "/etc/contextor");
}

static void paths_resolve_as_far_as_they_exist(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "real/inner");
    char *target = strdup(fixture_path(f, "real"));
    assert_int_equal(symlink(target, fixture_path(f, "link")), 0);
    char *resolved = ctx_path_resolve(fixture_path(f, "link/inner/new/deep"));
    assert_string_equal(resolved, fixture_path(f, "real/inner/new/deep"));
    free(resolved);
    resolved = ctx_path_resolve(fixture_path(f, "link"));
    assert_string_equal(resolved, fixture_path(f, "real"));
    free(resolved);
    resolved = ctx_path_resolve("/");
    assert_string_equal(resolved, "/");
    free(resolved);
    resolved = ctx_path_resolve("/no such folder/x");
    assert_string_equal(resolved, "/no such folder/x");
    free(resolved);
    free(target);
}

static void paths_know_what_lies_below(void **state)
{
    (void)state;
    assert_true(ctx_path_is_below("/a/b", "/a"));
    assert_true(ctx_path_is_below("/a", "/a"));
    assert_true(ctx_path_is_below("/a", "/"));
    assert_false(ctx_path_is_below("/ab", "/a"));
    assert_false(ctx_path_is_below("/a", "/a/b"));
    assert_string_equal(ctx_path_inside("/a/b/c", "/a"), "b/c");
    assert_string_equal(ctx_path_inside("/a", "/a"), "");
    assert_string_equal(ctx_path_inside("/a", "/"), "a");
    assert_string_equal(ctx_path_name("/a/b"), "b");
    assert_string_equal(ctx_path_name("/"), "/");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_expand),
        FIXTURE_TEST(paths_resolve_as_far_as_they_exist),
        cmocka_unit_test(paths_know_what_lies_below),
    };
    return cmocka_run_group_tests(tests, fixture_setup_group, NULL);
}
