/* Metrics: the JSON's names, the Prometheus text line by line, and promtool's own opinion of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/metrics.h"
#include "report/run_report.h"

static void fill(struct ctx_metrics *metrics)
{
    *metrics = (struct ctx_metrics){ 0 };
    for (unsigned i = 0; i < CTX_METRIC_COUNT; i++)
        metrics->values[i] = i + 1;
    ctx_histogram_add(&metrics->histograms[CTX_HISTOGRAM_LOAD], 75);
    ctx_histogram_add(&metrics->histograms[CTX_HISTOGRAM_LOAD], 1500000);
}

static void metrics_json_holds_every_row(void **state)
{
    (void)state;
    struct ctx_metrics metrics;
    fill(&metrics);
    json_t *json = ctx_metrics_to_json(&metrics);
    assert_int_equal(json_object_size(json), CTX_METRIC_COUNT + CTX_HISTOGRAM_COUNT);
    assert_int_equal(json_integer_value(json_object_get(json, "written_total")),
                     CTX_METRIC_WRITTEN + 1);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(json, "load_seconds"), "count")), 2);
    json_decref(json);
}

static void metrics_prometheus_text(void **state)
{
    (void)state;
    struct ctx_metrics metrics;
    fill(&metrics);
    metrics.values[CTX_METRIC_OVERFLOW] = UINT64_MAX;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, 1 << 20);
    assert_int_equal(ctx_metrics_to_prometheus(&metrics, &text), 0);
    static const char *const lines[] = {
        "# HELP contextor_overflow_total Overflows of the kernel's event queue\n",
        "# TYPE contextor_overflow_total counter\ncontextor_overflow_total 18446744073709551615\n",
        "# TYPE contextor_documents gauge\n",
        "# TYPE contextor_load_seconds histogram\n",
        "contextor_load_seconds_bucket{le=\"0.000050\"} 0\n",
        "contextor_load_seconds_bucket{le=\"0.000100\"} 1\n",
        "contextor_load_seconds_bucket{le=\"838.860800\"} 2\n",
        "contextor_load_seconds_bucket{le=\"+Inf\"} 2\n",
        "contextor_load_seconds_sum 1.500075\ncontextor_load_seconds_count 2\n",
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(lines); i++) {
        if (!strstr(ctx_buffer_str(&text), lines[i]))
            fail_msg("no line: %s", lines[i]);
    }
}

static void metrics_promtool_accepts_the_text(void **state)
{
    (void)state;
    if (system("command -v promtool >/dev/null") != 0) {
        print_message("promtool (package prometheus) is not installed\n");
        skip();
    }
    struct ctx_metrics metrics;
    fill(&metrics);
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, 1 << 20);
    assert_int_equal(ctx_metrics_to_prometheus(&metrics, &text), 0);
    const struct ctx_run_report run = { .wall_us = 1 };
    assert_int_equal(ctx_run_report_to_prometheus(&run, &text), 0);
    FILE *promtool = popen("promtool check metrics", "w");
    assert_non_null(promtool);
    assert_int_equal(fwrite(text.data, 1, text.len, promtool), text.len);
    assert_int_equal(pclose(promtool), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_json_holds_every_row),
        cmocka_unit_test(metrics_prometheus_text),
        cmocka_unit_test(metrics_promtool_accepts_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
