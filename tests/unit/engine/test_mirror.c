/* The mirror's three views, and a random walk against a plain model of who holds which slug. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "engine/mirror.h"

static struct ctx_mirror *new_mirror(void)
{
    struct ctx_mirror *mirror;
    assert_int_equal(ctx_mirror_new("owner/repo", &mirror), 0);
    return mirror;
}

static struct ctx_known *add(struct ctx_mirror *mirror, const char *path,
                             struct ctx_known **ret_displaced)
{
    struct ctx_known *known, *displaced;
    assert_int_equal(ctx_mirror_add(mirror, path, &known, &displaced), 0);
    if (ret_displaced)
        *ret_displaced = displaced;
    return known;
}

static void assert_slug(const struct ctx_mirror *mirror, const struct ctx_known *known,
                        const char *expected)
{
    char slug[CTX_SLUG_SIZE];
    ctx_mirror_slug(mirror, known, slug);
    assert_string_equal(slug, expected);
}

static void mirror_finds_what_was_added(void **state)
{
    (void)state;
    struct ctx_mirror *mirror = new_mirror();
    struct ctx_known *known = add(mirror, "a/b.md", NULL);
    assert_ptr_equal(ctx_mirror_find(mirror, "a/b.md"), known);
    assert_null(ctx_mirror_find(mirror, "a"));
    assert_int_equal(ctx_mirror_count(mirror), 1);
    struct ctx_known *again, *displaced;
    assert_int_equal(ctx_mirror_add(mirror, "a/b.md", &again, &displaced), -17);
    ctx_mirror_remove(mirror, known);
    assert_null(ctx_mirror_find(mirror, "a/b.md"));
    assert_int_equal(ctx_mirror_count(mirror), 0);
    ctx_mirror_free(mirror);
}

static void mirror_gives_the_plain_slug_to_the_smallest_path(void **state)
{
    (void)state;
    struct ctx_mirror *mirror = new_mirror();
    struct ctx_known *displaced;
    struct ctx_known *nested = add(mirror, "a__b.md", &displaced);
    assert_null(displaced);
    assert_slug(mirror, nested, "repo__a__b");
    struct ctx_known *flat = add(mirror, "a/b.md", &displaced);
    assert_ptr_equal(displaced, nested);
    assert_slug(mirror, flat, "repo__a__b");
    char other[CTX_SLUG_SIZE];
    ctx_slug_disambiguate("owner/repo", "a__b.md", other);
    assert_slug(mirror, nested, other);
    assert_ptr_equal(ctx_mirror_holder(mirror, nested), flat);
    assert_ptr_equal(ctx_mirror_remove(mirror, flat), nested);
    assert_slug(mirror, nested, "repo__a__b");
    ctx_mirror_free(mirror);
}

static void count_one(void *data, struct ctx_known *known)
{
    (void)known;
    ++*(int *)data;
}

static int count_below(const struct ctx_mirror *mirror, const char *path)
{
    int n = 0;
    ctx_mirror_each_below(mirror, path, count_one, &n);
    return n;
}

static void mirror_walks_a_folder_and_not_its_namesakes(void **state)
{
    (void)state;
    struct ctx_mirror *mirror = new_mirror();
    add(mirror, "foo/a.md", NULL);
    add(mirror, "foo/deep/er/b.md", NULL);
    add(mirror, "foobar/c.md", NULL);
    add(mirror, "d.md", NULL);
    assert_int_equal(count_below(mirror, "foo"), 2);
    assert_int_equal(count_below(mirror, "foo/deep"), 1);
    assert_int_equal(count_below(mirror, "foo/deep/er"), 1);
    assert_int_equal(count_below(mirror, "foobar"), 1);
    assert_int_equal(count_below(mirror, "nothing"), 0);
    assert_int_equal(count_below(mirror, ""), 4);
    ctx_mirror_remove(mirror, ctx_mirror_find(mirror, "foo/deep/er/b.md"));
    assert_int_equal(count_below(mirror, "foo/deep"), 0);
    assert_int_equal(count_below(mirror, ""), 3);
    ctx_mirror_free(mirror);
}

static void mirror_tells_what_a_scan_did_not_see(void **state)
{
    (void)state;
    struct ctx_mirror *mirror = new_mirror();
    struct ctx_known *seen = add(mirror, "seen.md", NULL);
    struct ctx_known *gone = add(mirror, "gone.md", NULL);
    ctx_mirror_scan_begin(mirror);
    ctx_mirror_seen(mirror, seen);
    struct ctx_known *new = add(mirror, "new.md", NULL);
    assert_true(ctx_mirror_was_seen(mirror, seen));
    assert_true(ctx_mirror_was_seen(mirror, new));
    assert_false(ctx_mirror_was_seen(mirror, gone));
    ctx_mirror_free(mirror);
}

static void mirror_counts_failures_once(void **state)
{
    (void)state;
    struct ctx_mirror *mirror = new_mirror();
    struct ctx_known *known = add(mirror, "a.md", NULL);
    ctx_mirror_set_error(mirror, known, "one", true);
    assert_int_equal(ctx_mirror_stuck(mirror), 1);
    ctx_mirror_set_error(mirror, known, "two", false);
    assert_int_equal(ctx_mirror_stuck(mirror), 0);
    ctx_mirror_set_error(mirror, known, "two", true);
    assert_int_equal(ctx_mirror_failed(mirror), 1);
    assert_int_equal(ctx_mirror_stuck(mirror), 1);
    assert_string_equal(known->error, "two");
    ctx_mirror_remove(mirror, known);
    assert_int_equal(ctx_mirror_failed(mirror), 0);
    assert_int_equal(ctx_mirror_stuck(mirror), 0);
    ctx_mirror_free(mirror);
}

/* A few names whose slugs collide in three groups. */
static const char *const names[] = { "a/b.md", "a__b.md", "A/B.md", "a/b.mdx", "x.md",
                                     "X.md",   "x.mdx",   "c+.md",  "c#.md",   "c.md" };
enum { NAMES = sizeof(names) / sizeof(names[0]) };

static const char *expected_holder(const bool *present, int name)
{
    char wanted[CTX_SLUG_SIZE], slug[CTX_SLUG_SIZE];
    const char *holder = NULL;
    ctx_slug("owner/repo", names[name], wanted);
    for (int i = 0; i < NAMES; i++) {
        ctx_slug("owner/repo", names[i], slug);
        if (present[i] && strcmp(slug, wanted) == 0 && (!holder || strcmp(names[i], holder) < 0))
            holder = names[i];
    }
    return holder;
}

static void mirror_agrees_with_a_plain_model(void **state)
{
    (void)state;
    struct ctx_mirror *mirror = new_mirror();
    bool present[NAMES] = { false };
    unsigned seed = 1;
    for (int step = 0; step < 20000; step++) {
        int name = rand_r(&seed) % NAMES;
        if (present[name])
            ctx_mirror_remove(mirror, ctx_mirror_find(mirror, names[name]));
        else
            add(mirror, names[name], NULL);
        present[name] = !present[name];
        for (int i = 0; i < NAMES; i++) {
            const struct ctx_known *known = ctx_mirror_find(mirror, names[i]);
            assert_int_equal(known != NULL, present[i]);
            if (!known)
                continue;
            const char *holder = expected_holder(present, i);
            assert_string_equal(ctx_mirror_holder(mirror, known)->path, holder);
            assert_int_equal(known->holder, strcmp(names[i], holder) == 0);
        }
    }
    ctx_mirror_free(mirror);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mirror_finds_what_was_added),
        cmocka_unit_test(mirror_gives_the_plain_slug_to_the_smallest_path),
        cmocka_unit_test(mirror_walks_a_folder_and_not_its_namesakes),
        cmocka_unit_test(mirror_tells_what_a_scan_did_not_see),
        cmocka_unit_test(mirror_counts_failures_once),
        cmocka_unit_test(mirror_agrees_with_a_plain_model),
    };
    ctx_digest_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
