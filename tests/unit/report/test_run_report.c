/* Run reports: the derived figures, their bounds, and the names in the JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "report/run_report.h"

static const struct ctx_run_report sample = {
    .parallel_enabled = true,
    .max_workers = 2,
    .cores = 2,
    .batch_size = 50,
    .total_batches = 4,
    .batch_time_us = 2000000,
    .wall_us = 1000000,
    .work_cpu_us = 1700000,
    .cpu_us = 1800000,
    .memory_peak_resident = 48 * CTX_MIB,
    .memory_peak_batch = 6 * CTX_MIB,
    .processed = 200,
    .written = 190,
    .skipped = 7,
    .removed = 2,
    .errors = 1,
    .tokens_in = 1000,
    .tokens_out = 900,
};

static void run_report_derives_its_figures(void **state)
{
    (void)state;
    json_t *json = ctx_run_report_to_json(&sample);
    int parallel, workers, batch_size, batches, processed, errors;
    double average, utilization, peak, peak_batch, speedup;
    assert_int_equal(json_unpack(json, "{s:b, s:i, s:i, s:i, s:f, s:f, s:f, s:f, s:f, s:i, s:i}",
                                 "parallel_enabled", &parallel, "max_workers", &workers,
                                 "batch_size", &batch_size, "total_batches", &batches,
                                 "avg_batch_time", &average, "cpu_utilization", &utilization,
                                 "memory_peak_mb", &peak, "memory_peak_batch_mb", &peak_batch,
                                 "speedup_factor", &speedup, "processed", &processed, "errors",
                                 &errors),
                     0);
    assert_true(parallel && workers == 2 && batch_size == 50 && batches == 4);
    assert_true(average == 0.5 && utilization == 0.9 && speedup == 1.7);
    assert_true(peak == 48 && peak_batch == 6 && processed == 200 && errors == 1);
    static const char *const others[] = { "written",   "skipped",      "removed",
                                          "tokens_in", "tokens_out",   "load_seconds",
                                          "bytes_in",  "emit_seconds", "queue_wait_seconds" };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_non_null(json_object_get(json, others[i]));
    json_decref(json);
}

static void run_report_as_prometheus_text(void **state)
{
    (void)state;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, 1 << 20);
    assert_int_equal(ctx_run_report_to_prometheus(&sample, &text), 0);
    static const char *const lines[] = {
        "# HELP contextor_last_run_processed Documents transformed in the last run\n"
        "# TYPE contextor_last_run_processed gauge\ncontextor_last_run_processed 200\n",
        "\ncontextor_last_run_avg_batch_seconds 0.500000\n",
        "\ncontextor_last_run_cpu_seconds 1.800000\n",
        "\ncontextor_last_run_cpu_utilization_ratio 0.900000\n",
        "\ncontextor_last_run_memory_peak_bytes 50331648\n",
        "\ncontextor_last_run_parallel_enabled 1\n",
        "\ncontextor_last_run_speedup_ratio 1.700000\n",
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(lines); i++) {
        if (!strstr(ctx_buffer_str(&text), lines[i]))
            fail_msg("no line: %s", lines[i]);
    }
}

static void run_report_of_nothing_divides_by_nothing(void **state)
{
    (void)state;
    const struct ctx_run_report report = { 0 };
    assert_true(ctx_run_report_avg_batch_seconds(&report) == 0);
    assert_true(ctx_run_report_cpu_utilization(&report) == 0);
    assert_true(ctx_run_report_speedup_factor(&report) == 0);
}

static void run_report_utilization_is_at_most_one(void **state)
{
    (void)state;
    const struct ctx_run_report report = { .cores = 1, .wall_us = 100, .cpu_us = 104 };
    assert_true(ctx_run_report_cpu_utilization(&report) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_report_derives_its_figures),
        cmocka_unit_test(run_report_as_prometheus_text),
        cmocka_unit_test(run_report_of_nothing_divides_by_nothing),
        cmocka_unit_test(run_report_utilization_is_at_most_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
