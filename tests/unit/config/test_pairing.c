/* Which roots and outputs go together. */
#include <unistd.h>

#include "config_fixture.h"

/* Loads sources given as "root output" pairs, a line each. */
static int load_pairs(struct fixture *f, const char *const (*pairs)[2], size_t n)
{
    char text[4096] = "{\"sources\": [";
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof(text) - len,
                 "%s\n{\"name\": \"s%zu\", \"root\": \"%s\", \"output\": \"%s\"}", i ? "," : "", i,
                 pairs[i][0], pairs[i][1]);
    }
    strncat(text, "]}", sizeof(text) - strlen(text) - 1);
    return fixture_load(f, text);
}

#define PAIRS(...) ((const char *const[][2]){ __VA_ARGS__ })

static void assert_refused(struct fixture *f, const char *const (*pairs)[2], size_t n,
                           const char *place, const char *format, const char *path)
{
    char says[PATH_MAX * 2], end[PATH_MAX + 256];
    assert_int_equal(load_pairs(f, pairs, n), -EINVAL);
    snprintf(end, sizeof(end), "%s/%s%s", f->folder, path, format);
    snprintf(says, sizeof(says), "%s%s", place, end);
    assert_true(fixture_says(f, says));
    assert_int_equal(f->diagnostics.n_errors, 1);
}

static void pairing_refuses_a_root_as_output(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "a");
    assert_refused(f, PAIRS({ "a", "./a/" }), 1,
                   "c.json:2: sources[0].root: root and output are both ",
                   "; choose another output", "a");
}

static void pairing_refuses_one_output_for_two(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "a");
    fixture_folder(f, "b");
    assert_refused(f, PAIRS({ "a", "o" }, { "b", "x/../o" }), 2, "c.json:3: sources[1].output: ",
                   " is the output of source \"s0\" too; give each source an output of its own",
                   "o");
}

static void pairing_refuses_a_source_inside_an_output(void **state)
{
    struct fixture *f = *state;
    char says[PATH_MAX * 3];
    fixture_folder(f, "a");
    fixture_folder(f, "o/b/c");
    assert_int_equal(load_pairs(f, PAIRS({ "a", "o" }, { "o/b", "p" }), 2), -EINVAL);
    snprintf(says, sizeof(says),
             "c.json:3: sources[1].root: %s/o/b lies inside %s/o, the output of source \"s0\"; "
             "choose another output",
             f->folder, f->folder);
    assert_true(fixture_says(f, says));
    assert_int_equal(load_pairs(f, PAIRS({ "o/b", "o" }), 1), -EINVAL);
    assert_int_equal(load_pairs(f, PAIRS({ "a", "o" }, { "o", "p" }), 2), -EINVAL);
}

static void pairing_sees_through_symlinks(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "real/docs");
    char *target = strdup(fixture_path(f, "real"));
    assert_int_equal(symlink(target, fixture_path(f, "link")), 0);
    assert_int_equal(load_pairs(f, PAIRS({ "real/docs", "link/docs" }), 1), -EINVAL);
    assert_int_equal(
        load_pairs(f, PAIRS({ "real/docs", "link/new" }, { "link/docs", "real/new" }), 2), -EINVAL);
    assert_int_equal(load_pairs(f, PAIRS({ "link/docs", "real" }), 1), -EINVAL);
    free(target);
}

static void pairing_allows_what_is_fine(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "a/sub");
    fixture_folder(f, "ab");
    assert_int_equal(load_pairs(f, PAIRS({ "a", "a/out" }), 1), 0);
    assert_int_equal(load_pairs(f, PAIRS({ "a", "o1" }, { "a", "o2" }), 2), 0);
    assert_int_equal(load_pairs(f, PAIRS({ "ab", "o" }, { "a/sub", "a" }), 2), -EINVAL);
    assert_int_equal(load_pairs(f, PAIRS({ "ab", "a/out" }, { "a", "p" }), 2), 0);
    assert_int_equal(load_pairs(f, PAIRS({ "ab", "b" }), 1), 0);
    assert_int_equal(f->diagnostics.n, 0);
}

static void pairing_refuses_a_name_twice(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "a/docs");
    fixture_folder(f, "b/docs");
    assert_int_equal(fixture_load(f, "{\"sources\": [{\"root\": \"a/docs\", \"output\": \"x\"},\n"
                                     "{\"name\": \"docs\", \"root\": \"b\", \"output\": \"y\"}]}"),
                     -EINVAL);
    assert_true(fixture_says(f, "c.json:2: sources[1].name: \"docs\" is the name of sources[0] "
                                "too; give each source a name of its own"));
}

/* A default that collides has no line of its own: the source's is given. */
static void pairing_names_the_source_of_a_default(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "a/docs");
    fixture_folder(f, "b/docs");
    assert_int_equal(fixture_load(f, "{\"sources\": [{\"root\": \"a/docs\", \"output\": \"x\"},\n"
                                     "{\"root\": \"b/docs\", \"output\": \"y\"}]}"),
                     -EINVAL);
    assert_true(fixture_says(f, "c.json:2: sources[1].name: \"docs\" is the name of sources[0] "
                                "too; give each source a name of its own"));
}

static void pairing_refuses_a_file_as_output(void **state)
{
    struct fixture *f = *state;
    fixture_folder(f, "a");
    fixture_write(f, "file", "x");
    assert_refused(f, PAIRS({ "a", "file" }), 1, "c.json:2: sources[0].output: ",
                   " is no folder; name one, or one that is to be made", "file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(pairing_refuses_a_root_as_output),
        FIXTURE_TEST(pairing_refuses_one_output_for_two),
        FIXTURE_TEST(pairing_refuses_a_source_inside_an_output),
        FIXTURE_TEST(pairing_sees_through_symlinks),
        FIXTURE_TEST(pairing_allows_what_is_fine),
        FIXTURE_TEST(pairing_refuses_a_name_twice),
        FIXTURE_TEST(pairing_names_the_source_of_a_default),
        FIXTURE_TEST(pairing_refuses_a_file_as_output),
    };
    return cmocka_run_group_tests(tests, fixture_setup_group, NULL);
}
