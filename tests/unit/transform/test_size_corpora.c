/*
 * The size stage on real pages: those of ../shared/corpora, when it is there. What balanced and
 * compact make of a page is compared with what lossless does: only code differs, no code is over its
 * threshold, JSON stays JSON, the words that rules saved are those that are gone, and a second pass
 * changes nothing. compact's dropping rules are off where blocks are compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the headers above. */
#include <cmocka.h>

#include "corpora.h"
#include "size_oracle.h"

static unsigned n_wrong;

static const char *const all_rules[] = { "badges", "decorative_images", "ornament_lines" };

static const struct {
    const char *name;
    struct ctx_transform_options options;
    size_t most, most_json;
    bool same_blocks;
} profiles[] = {
    { "balanced", { .profile = CTX_PROFILE_BALANCED }, 25, 20, true },
    { "balanced, 12 lines",
      { .profile = CTX_PROFILE_BALANCED, .code = { .max_lines = 12 } },
      12,
      12,
      true },
    { "balanced, 1 line",
      { .profile = CTX_PROFILE_BALANCED, .code = { .max_lines = 1 } },
      1,
      1,
      true },
    { "compact without rules",
      { .profile = CTX_PROFILE_COMPACT,
        .rules_off = all_rules,
        .n_rules_off = CTX_ARRAY_LEN(all_rules) },
      15,
      10,
      true },
    { "compact", { .profile = CTX_PROFILE_COMPACT }, 15, 10, false },
};

static void check_page(const char *path, const struct ctx_buffer *text)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(profiles); i++) {
        const char *verdict = size_verdict(path, text, &profiles[i].options, profiles[i].most,
                                           profiles[i].most_json, profiles[i].same_blocks);
        if (!verdict)
            continue;
        n_wrong++;
        print_error("%s: %s: %s\n", path, profiles[i].name, verdict);
    }
}

static void size_corpora(void **state)
{
    (void)state;
    unsigned n = corpora_each(check_page);
    if (n == 0) {
        print_message("skipped: no corpora in %s/../shared/corpora\n", CTX_TEST_ROOT);
        skip();
    }
    print_message("%u pages, %u blocks shortened, %u of them JSON, %u wrong\n", n, size_n_shortened,
                  size_n_json, n_wrong);
    assert_int_equal(n_wrong, 0);
    assert_int_equal(size_n_whole, 0);
}

static int set_up(void **state)
{
    (void)state;
    return ctx_transform_setup();
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(size_corpora) };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
