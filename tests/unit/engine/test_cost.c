/* What documents are reckoned to hold in flight. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "engine/cost.h"

static const uint64_t sizes[] = { 0, 1, 1000, CTX_MIB, 20 * CTX_MIB, CTX_LIMIT_DOCUMENT };

static void cost_rises_with_density(void **state)
{
    (void)state;
    for (size_t i = 1; i < CTX_ARRAY_LEN(sizes); i++)
        for (unsigned density = 1; density < CTX_DENSITY_COUNT; density++)
            assert_true(ctx_cost(sizes[i], density) > ctx_cost(sizes[i], density - 1));
}

static void cost_leaves_the_densest_what_its_parse_may_take(void **state)
{
    (void)state;
    for (size_t i = 0; i < CTX_ARRAY_LEN(sizes); i++)
        assert_true(ctx_cost_of_parse(ctx_cost(sizes[i], CTX_DENSITY_COUNT - 1), sizes[i]) >=
                    CTX_LIMIT_PARSE_MEMORY(sizes[i]));
}

static void cost_leaves_a_parse_no_more_than_its_share(void **state)
{
    (void)state;
    for (size_t i = 0; i < CTX_ARRAY_LEN(sizes); i++)
        assert_true(ctx_cost_of_parse(ctx_cost(sizes[i], 0), sizes[i]) <=
                    ctx_cost(sizes[i], 0) + CTX_ARENA_STANDING);
    assert_int_equal(ctx_cost_of_parse(10, CTX_MIB), CTX_ARENA_STANDING);
}

static void cost_limit_is_the_largest_document_that_fits(void **state)
{
    (void)state;
    for (uint64_t memory = CTX_MIB; memory <= 1024 * CTX_MIB; memory *= 2) {
        uint64_t most = ctx_cost_document_limit(memory);
        assert_true(ctx_cost(most, 0) <= memory);
        assert_true(ctx_cost(most + 1, 0) > memory);
    }
    assert_int_equal(ctx_cost_document_limit(0), 0);
    assert_int_equal(ctx_cost_document_limit(UINT64_MAX / 2), CTX_LIMIT_DOCUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cost_leaves_a_parse_no_more_than_its_share),
        cmocka_unit_test(cost_leaves_the_densest_what_its_parse_may_take),
        cmocka_unit_test(cost_limit_is_the_largest_document_that_fits),
        cmocka_unit_test(cost_rises_with_density),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
