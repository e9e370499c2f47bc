/* The mirror's three views, and a random walk against the rule of who has which slug. */
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

static struct ctx_known *add(struct ctx_mirror *mirror, const char *path)
{
    struct ctx_known *known;
    assert_int_equal(ctx_mirror_add(mirror, path, &known), 0);
    return known;
}

/* Whom alone the latest addition or removal moved; NULL: nobody. */
static struct ctx_known *moved(const struct ctx_mirror *mirror)
{
    size_t n;
    struct ctx_known *const *all = ctx_mirror_moved(mirror, &n);
    assert_true(n <= 1);
    return n ? all[0] : NULL;
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
    struct ctx_known *known = add(mirror, "a/b.md");
    assert_ptr_equal(ctx_mirror_find(mirror, "a/b.md"), known);
    assert_null(ctx_mirror_find(mirror, "a"));
    assert_int_equal(ctx_mirror_count(mirror), 1);
    struct ctx_known *again;
    assert_int_equal(ctx_mirror_add(mirror, "a/b.md", &again), -17);
    ctx_mirror_remove(mirror, known);
    assert_null(ctx_mirror_find(mirror, "a/b.md"));
    assert_int_equal(ctx_mirror_count(mirror), 0);
    ctx_mirror_free(mirror);
}

static void mirror_gives_the_plain_slug_to_the_smallest_path(void **state)
{
    (void)state;
    struct ctx_mirror *mirror = new_mirror();
    struct ctx_known *nested = add(mirror, "a__b.md");
    assert_null(moved(mirror));
    assert_slug(mirror, nested, "repo__a__b");
    struct ctx_known *flat = add(mirror, "a/b.md");
    assert_ptr_equal(moved(mirror), nested);
    assert_slug(mirror, flat, "repo__a__b");
    char other[CTX_SLUG_SIZE];
    ctx_slug_in_form("owner/repo", "a__b.md", CTX_SLUG_SHORT, other);
    assert_slug(mirror, nested, other);
    assert_ptr_equal(ctx_mirror_owner(mirror, nested, CTX_SLUG_PLAIN), flat);
    assert_ptr_equal(ctx_mirror_owner(mirror, nested, CTX_SLUG_SHORT), nested);
    assert_null(ctx_mirror_owner(mirror, nested, CTX_SLUG_LONG));
    ctx_mirror_remove(mirror, flat);
    assert_ptr_equal(moved(mirror), nested);
    assert_slug(mirror, nested, "repo__a__b");
    ctx_mirror_free(mirror);
}

/* A document may really be named as another's slug with its digits. */
static void mirror_short_slug_yields_to_a_document_named_so(void **state)
{
    (void)state;
    struct ctx_mirror *mirror = new_mirror();
    char slug[CTX_SLUG_SIZE], path[CTX_SLUG_SIZE + 4];
    add(mirror, "x.md");
    struct ctx_known *other = add(mirror, "x.mdx");
    ctx_mirror_slug(mirror, other, slug);
    snprintf(path, sizeof(path), "%s.md", slug + strlen("repo__"));
    struct ctx_known *named = add(mirror, path);
    assert_slug(mirror, named, slug);
    assert_ptr_equal(moved(mirror), other);
    assert_ptr_equal(ctx_mirror_owner(mirror, other, CTX_SLUG_SHORT), named);
    char longer[CTX_SLUG_SIZE];
    ctx_slug_in_form("owner/repo", "x.mdx", CTX_SLUG_LONG, longer);
    assert_slug(mirror, other, longer);
    ctx_mirror_remove(mirror, named);
    assert_ptr_equal(moved(mirror), other);
    assert_slug(mirror, other, slug);
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
    add(mirror, "foo/a.md");
    add(mirror, "foo/deep/er/b.md");
    add(mirror, "foobar/c.md");
    add(mirror, "d.md");
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
    struct ctx_known *seen = add(mirror, "seen.md");
    struct ctx_known *gone = add(mirror, "gone.md");
    ctx_mirror_scan_begin(mirror);
    ctx_mirror_seen(mirror, seen);
    struct ctx_known *new = add(mirror, "new.md");
    assert_true(ctx_mirror_was_seen(mirror, seen));
    assert_true(ctx_mirror_was_seen(mirror, new));
    assert_false(ctx_mirror_was_seen(mirror, gone));
    ctx_mirror_free(mirror);
}

static void mirror_counts_failures_once(void **state)
{
    (void)state;
    struct ctx_mirror *mirror = new_mirror();
    struct ctx_known *known = add(mirror, "a.md");
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

/* Names that collide in every way: made so that short slugs are other documents' plain ones. */
enum { NAMES = 24, NAME_SIZE = 128, MANY = 200000 };

struct names {
    char paths[NAMES][NAME_SIZE];
    int n;
};

static void put_name(struct names *names, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    assert_true(names->n < NAMES);
    vsnprintf(names->paths[names->n++], NAME_SIZE, format, args);
    va_end(args);
}

/* "c", and signs that slugs leave out, by the digits of a number. */
static void name_with_signs(unsigned number, char ret_path[NAME_SIZE])
{
    size_t len = (size_t)sprintf(ret_path, "c");
    for (; number; number /= 4)
        ret_path[len++] = "+#!%"[number % 4];
    strcpy(ret_path + len, ".md");
}

struct numbered {
    uint32_t digits;
    unsigned number;
};

static int by_digits(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    return x->digits < y->digits ? -1 : x->digits > y->digits;
}

/* Two paths of one plain slug, and of one short one. */
static void put_twins(struct names *names)
{
    struct numbered *all = calloc(MANY, sizeof(*all));
    char path[NAME_SIZE];
    for (unsigned i = 0; i < MANY; i++) {
        name_with_signs(i + 1, path);
        all[i] = (struct numbered){ ctx_slug_digits(path), i + 1 };
    }
    qsort(all, MANY, sizeof(*all), by_digits);
    for (size_t i = 1; i < MANY && names->n < 4; i++) {
        if (all[i].digits != all[i - 1].digits)
            continue;
        for (size_t j = i - 1; j <= i; j++) {
            name_with_signs(all[j].number, path);
            put_name(names, "%s", path);
        }
    }
    free(all);
    assert_int_equal(names->n, 4);
}

static void make_names(struct names *names)
{
    static const char *const plain[] = { "a/b.md", "a__b.md", "A/B.md", "a/b.mdx", "x.md",
                                         "X.md",   "x.mdx",   "c+.md",  "c#.md",   "c.md" };
    char slug[CTX_SLUG_SIZE];
    put_twins(names);
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        put_name(names, "%s", plain[i]);
    for (int i = 0; i < 9; i++) { /* what is called as the short slugs of others, and theirs */
        ctx_slug_in_form("owner/repo", names->paths[i + 3 + (i > 4)], CTX_SLUG_SHORT, slug);
        put_name(names, "%s.md", slug + strlen("repo__"));
    }
    ctx_slug_in_form("owner/repo", names->paths[NAMES - 2], CTX_SLUG_SHORT, slug);
    put_name(names, "%s.mdx", slug + strlen("repo__"));
    assert_int_equal(names->n, NAMES);
}

static bool same_slug(const char *one, const char *other, enum ctx_slug_form form)
{
    char a[CTX_SLUG_SIZE], b[CTX_SLUG_SIZE];
    ctx_slug(("owner/repo"), one, a);
    ctx_slug_in_form("owner/repo", other, form, b);
    return strcmp(a, b) == 0;
}

/* The rule of base/slug.h, written down plainly. */
static enum ctx_slug_form expected_form(const struct names *names, const bool *present, int name)
{
    const char *path = names->paths[name];
    bool smallest = true, alone = true;
    for (int i = 0; i < NAMES; i++) {
        const char *other = names->paths[i];
        if (!present[i] || i == name)
            continue;
        bool equal = same_slug(other, path, CTX_SLUG_PLAIN);
        smallest = smallest && !(equal && strcmp(other, path) < 0);
        alone = alone && !(equal && ctx_slug_digits(other) == ctx_slug_digits(path)) &&
                !same_slug(other, path, CTX_SLUG_SHORT);
    }
    return smallest ? CTX_SLUG_PLAIN : alone ? CTX_SLUG_SHORT : CTX_SLUG_LONG;
}

static bool is_moved(const struct ctx_mirror *mirror, const struct ctx_known *known)
{
    size_t n;
    struct ctx_known *const *all = ctx_mirror_moved(mirror, &n);
    for (size_t i = 0; i < n; i++)
        if (all[i] == known)
            return true;
    return false;
}

/* All names are different, each is what the rule says, and whoever has another now was told. */
static void check_names(const struct ctx_mirror *mirror, const struct names *names,
                        const bool *present, int changed, uint8_t *forms)
{
    char slugs[NAMES][CTX_SLUG_SIZE];
    int n = 0;
    for (int i = 0; i < NAMES; i++) {
        struct ctx_known *known = ctx_mirror_find(mirror, names->paths[i]);
        assert_int_equal(known != NULL, present[i]);
        if (!known)
            continue;
        assert_int_equal(known->form, expected_form(names, present, i));
        assert_ptr_equal(ctx_mirror_owner(mirror, known, (enum ctx_slug_form)known->form), known);
        if (i != changed)
            assert_int_equal(is_moved(mirror, known), known->form != forms[i]);
        forms[i] = known->form;
        ctx_mirror_slug(mirror, known, slugs[n]);
        for (int j = 0; j < n; j++)
            assert_string_not_equal(slugs[j], slugs[n]);
        n++;
    }
}

static void mirror_bug_18_names_of_every_set_are_those_of_the_rule(void **state)
{
    (void)state;
    struct ctx_mirror *mirror = new_mirror();
    struct names names = { .n = 0 };
    bool present[NAMES] = { false };
    uint8_t forms[NAMES] = { 0 };
    unsigned seed = 1;
    unsigned seen[CTX_SLUG_FORMS] = { 0 };
    make_names(&names);
    for (int step = 0; step < 3000; step++) {
        int name = rand_r(&seed) % NAMES;
        if (present[name])
            ctx_mirror_remove(mirror, ctx_mirror_find(mirror, names.paths[name]));
        else
            add(mirror, names.paths[name]);
        present[name] = !present[name];
        check_names(mirror, &names, present, name, forms);
        for (int i = 0; i < NAMES; i++)
            seen[forms[i]] += present[i];
    }
    for (int form = 0; form < CTX_SLUG_FORMS; form++)
        assert_true(seen[form] > 100);
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
        cmocka_unit_test(mirror_short_slug_yields_to_a_document_named_so),
        cmocka_unit_test(mirror_bug_18_names_of_every_set_are_those_of_the_rule),
    };
    ctx_digest_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
