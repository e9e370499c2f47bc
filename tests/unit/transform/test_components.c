#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "transform/components.h"

static struct ctx_span span(const char *name)
{
    return (struct ctx_span){ name, strlen(name) };
}

static void components_are_sorted(void **state)
{
    (void)state;
    size_t count;
    const struct ctx_component *rows = ctx_component_table(&count);
    for (size_t i = 1; i < count; i++)
        if (strcmp(rows[i - 1].name, rows[i].name) >= 0)
            fail_msg("%s stands before %s", rows[i - 1].name, rows[i].name);
}

static void components_are_found_by_name(void **state)
{
    (void)state;
    assert_int_equal(ctx_component_find(NULL, span("Card"))->form, CTX_FORM_CARD);
    assert_int_equal(ctx_component_find(NULL, span("a"))->form, CTX_FORM_LINK);
    assert_null(ctx_component_find(NULL, span("Cardx")));
    assert_null(ctx_component_find(NULL, span("")));
}

static void components_are_overridden_by_options(void **state)
{
    (void)state;
    static const struct ctx_component_rule rules[] = {
        { "Card", "unwrap" },
        { "Mine", "quote" },
        { "Odd", "no such form" },
    };
    struct ctx_transform_options options = { .components = rules, .n_components = 3 };
    assert_int_equal(ctx_component_find(&options, span("Card"))->form, CTX_FORM_UNWRAP);
    assert_int_equal(ctx_component_find(&options, span("Mine"))->form, CTX_FORM_QUOTE);
    assert_int_equal(ctx_component_find(&options, span("Step"))->form, CTX_FORM_STEP);
    assert_null(ctx_component_find(&options, span("Odd")));
}

static void components_keep_their_row_when_the_rule_says_the_same(void **state)
{
    (void)state;
    static const struct ctx_component_rule rules[] = { { "Note", "quote" } };
    struct ctx_transform_options options = { .components = rules, .n_components = 1 };
    assert_string_equal(ctx_component_find(&options, span("Note"))->kind, "Note");
}

static void components_name_every_form(void **state)
{
    (void)state;
    size_t count;
    const char *const *names = ctx_component_form_names(&count);
    assert_int_equal(count, CTX_FORM_COUNT);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(names[i]);
        assert_true(ctx_component_form_exists(names[i]));
    }
    assert_false(ctx_component_form_exists("sandwich"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(components_are_sorted),
        cmocka_unit_test(components_are_found_by_name),
        cmocka_unit_test(components_are_overridden_by_options),
        cmocka_unit_test(components_keep_their_row_when_the_rule_says_the_same),
        cmocka_unit_test(components_name_every_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
