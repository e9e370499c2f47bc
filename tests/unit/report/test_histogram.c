/* Histograms: bounds, counting at the bounds, quantiles, sums, the JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/histogram_json.h"

static void histogram_bounds_double(void **state)
{
    (void)state;
    assert_int_equal(ctx_histogram_bound_us(0), 50);
    for (unsigned i = 1; i < CTX_HISTOGRAM_BUCKETS - 1; i++)
        assert_int_equal(ctx_histogram_bound_us(i), 2 * ctx_histogram_bound_us(i - 1));
    assert_true(ctx_histogram_bound_us(CTX_HISTOGRAM_BUCKETS - 1) == UINT64_MAX);
}

static void histogram_counts_bounds_as_within(void **state)
{
    (void)state;
    struct ctx_histogram histogram = { 0 };
    ctx_histogram_add(&histogram, 0);
    ctx_histogram_add(&histogram, 50);
    ctx_histogram_add(&histogram, 51);
    ctx_histogram_add(&histogram, UINT64_C(10000000000));
    assert_int_equal(histogram.counts[0], 2);
    assert_int_equal(histogram.counts[1], 1);
    assert_int_equal(histogram.counts[CTX_HISTOGRAM_BUCKETS - 1], 1);
    assert_int_equal(histogram.total, 4);
    assert_int_equal(histogram.sum_us, 10000000101);
    assert_int_equal(histogram.max_us, 10000000000);
}

static void histogram_quantiles_bound_from_above(void **state)
{
    (void)state;
    struct ctx_histogram histogram = { 0 };
    assert_int_equal(ctx_histogram_quantile_us(&histogram, 0.5), 0);
    for (int i = 0; i < 98; i++)
        ctx_histogram_add(&histogram, 60);
    ctx_histogram_add(&histogram, 700);
    ctx_histogram_add(&histogram, 900);
    assert_int_equal(ctx_histogram_quantile_us(&histogram, 0), 100);
    assert_int_equal(ctx_histogram_quantile_us(&histogram, 0.5), 100);
    assert_int_equal(ctx_histogram_quantile_us(&histogram, 0.98), 100);
    assert_int_equal(ctx_histogram_quantile_us(&histogram, 0.99), 800);
    assert_int_equal(ctx_histogram_quantile_us(&histogram, 1), 900); /* not 1600: max is known */
}

static void histogram_merge_adds(void **state)
{
    (void)state;
    struct ctx_histogram a = { 0 }, b = { 0 };
    ctx_histogram_add(&a, 10);
    ctx_histogram_add(&b, 20);
    ctx_histogram_add(&b, 2000);
    ctx_histogram_merge(&a, &b);
    assert_int_equal(a.total, 3);
    assert_int_equal(a.sum_us, 2030);
    assert_int_equal(a.max_us, 2000);
    assert_int_equal(a.counts[0], 2);
}

static void histogram_json_is_in_seconds(void **state)
{
    (void)state;
    struct ctx_histogram histogram = { 0 };
    ctx_histogram_add(&histogram, 40);
    ctx_histogram_add(&histogram, UINT64_C(2000000000));
    json_t *json = ctx_histogram_to_json(&histogram);
    json_int_t count, first_count, last_count;
    double sum, max, first;
    json_t *last;
    assert_int_equal(json_unpack(json, "{s: I, s: f, s: f, s: [[f, I], [o, I]]}", "count", &count,
                                 "sum", &sum, "max", &max, "buckets", &first, &first_count, &last,
                                 &last_count),
                     0);
    assert_int_equal(count, 2);
    assert_true(sum > 2000.00003 && sum < 2000.00005 && max == 2000 && first == 0.00005);
    assert_int_equal(first_count, 1);
    assert_true(json_is_null(last));
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histogram_bounds_double),
        cmocka_unit_test(histogram_counts_bounds_as_within),
        cmocka_unit_test(histogram_quantiles_bound_from_above),
        cmocka_unit_test(histogram_merge_adds),
        cmocka_unit_test(histogram_json_is_in_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
