/*
 * Run reports as JSON: the derived figures (averages, ratios) are made here and nowhere else.
 * Pure; any thread.
 */
#include "report/run_report.h"

#include <stddef.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "report/histogram_json.h"

static double ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

double ctx_run_report_avg_batch_seconds(const struct ctx_run_report *report)
{
    return ratio((double)report->batch_time_us / 1e6, (double)report->total_batches);
}

double ctx_run_report_cpu_utilization(const struct ctx_run_report *report)
{
    unsigned cores = report->cores ? report->cores : report->max_workers;
    double share = ratio((double)report->cpu_us, (double)report->wall_us * (cores ? cores : 1));
    return share > 1 ? 1 : share;
}

double ctx_run_report_speedup_factor(const struct ctx_run_report *report)
{
    return ratio((double)report->work_cpu_us, (double)report->wall_us);
}

static const struct {
    const char *name;
    size_t offset;
} COUNTS[] = {
    { "processed", offsetof(struct ctx_run_report, processed) },
    { "written", offsetof(struct ctx_run_report, written) },
    { "skipped", offsetof(struct ctx_run_report, skipped) },
    { "removed", offsetof(struct ctx_run_report, removed) },
    { "errors", offsetof(struct ctx_run_report, errors) },
    { "total_batches", offsetof(struct ctx_run_report, total_batches) },
    { "bytes_in", offsetof(struct ctx_run_report, bytes_in) },
    { "bytes_out", offsetof(struct ctx_run_report, bytes_out) },
    { "tokens_in", offsetof(struct ctx_run_report, tokens_in) },
    { "tokens_out", offsetof(struct ctx_run_report, tokens_out) },
};

static const struct {
    const char *name;
    size_t offset;
} HISTOGRAMS[] = {
    { "queue_wait_seconds", offsetof(struct ctx_run_report, queue_wait) },
    { "load_seconds", offsetof(struct ctx_run_report, load) },
    { "transform_seconds", offsetof(struct ctx_run_report, transform) },
    { "emit_seconds", offsetof(struct ctx_run_report, emit) },
};

json_t *ctx_run_report_to_json(const struct ctx_run_report *report)
{
    const char *base = (const char *)report;
    json_t *object = json_pack(
        "{s: b, s: i, s: i, s: f, s: f, s: f, s: f, s: f, s: f, s: f}", "parallel_enabled",
        report->parallel_enabled, "max_workers", (int)report->max_workers, "batch_size",
        (int)report->batch_size, "avg_batch_time", ctx_run_report_avg_batch_seconds(report),
        "wall_time", (double)report->wall_us / 1e6, "cpu_time", (double)report->cpu_us / 1e6,
        "cpu_utilization", ctx_run_report_cpu_utilization(report), "memory_peak_mb",
        (double)report->memory_peak_resident / CTX_MIB, "memory_peak_batch_mb",
        (double)report->memory_peak_batch / CTX_MIB, "speedup_factor",
        ctx_run_report_speedup_factor(report));
    int failed = 0;
    for (size_t i = 0; i < CTX_ARRAY_LEN(COUNTS); i++) {
        const uint64_t *count = (const uint64_t *)(base + COUNTS[i].offset);
        failed |= json_object_set_new(object, COUNTS[i].name, json_integer((json_int_t)*count));
    }
    for (size_t i = 0; i < CTX_ARRAY_LEN(HISTOGRAMS); i++) {
        const struct ctx_histogram *histogram =
            (const struct ctx_histogram *)(base + HISTOGRAMS[i].offset);
        failed |= json_object_set_new(object, HISTOGRAMS[i].name, ctx_histogram_to_json(histogram));
    }
    if (!failed)
        return object;
    json_decref(object);
    return NULL;
}
