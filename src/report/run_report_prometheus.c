/*
 * A run report as Prometheus text: gauges, since each run's figures replace those of the one before.
 * Its histograms are left out: one that does not grow is none to Prometheus. Pure; any thread.
 */
#include <inttypes.h>

#include "base/cleanup.h"
#include "report/prometheus.h"
#include "report/run_report.h"

enum unit { WHOLE, MILLIONTHS };

struct figure {
    const char *name;
    enum unit unit;
    uint64_t value;
    const char *help;
};

static uint64_t millionths(double number)
{
    return (uint64_t)(number * 1e6 + 0.5);
}

static void put_figure(struct ctx_buffer *text, const struct figure *figure)
{
    char name[64];
    snprintf(name, sizeof(name), "last_run_%s", figure->name);
    ctx_prometheus_head(text, name, "gauge", figure->help);
    ctx_buffer_printf(text, "contextor_%s ", name);
    if (figure->unit == WHOLE)
        ctx_buffer_printf(text, "%" PRIu64, figure->value);
    else
        ctx_prometheus_millionths(text, figure->value);
    ctx_buffer_putc(text, '\n');
}

static void put_work(struct ctx_buffer *text, const struct ctx_run_report *run)
{
    const struct figure figures[] = {
        { "bytes_in", WHOLE, run->bytes_in, "Bytes of source documents read in the last run" },
        { "bytes_out", WHOLE, run->bytes_out, "Bytes of pages made in the last run" },
        { "errors", WHOLE, run->errors, "Attempts at a document that failed in the last run" },
        { "processed", WHOLE, run->processed, "Documents transformed in the last run" },
        { "removed", WHOLE, run->removed, "Pages removed in the last run" },
        { "skipped", WHOLE, run->skipped, "Documents found as they were in the last run" },
        { "tokens_in", WHOLE, run->tokens_in, "Estimated tokens read in the last run" },
        { "tokens_out", WHOLE, run->tokens_out, "Estimated tokens of pages made in the last run" },
        { "written", WHOLE, run->written, "Pages written in the last run" },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(figures); i++)
        put_figure(text, &figures[i]);
}

static void put_effort(struct ctx_buffer *text, const struct ctx_run_report *run)
{
    const struct figure figures[] = {
        { "avg_batch_seconds", MILLIONTHS, millionths(ctx_run_report_avg_batch_seconds(run)),
          "Average time of a batch in the last run" },
        { "batch_size", WHOLE, run->batch_size, "Documents a batch held at most" },
        { "batches", WHOLE, run->total_batches, "Batches of the last run" },
        { "cpu_seconds", MILLIONTHS, run->cpu_us, "Processor time of the last run" },
        { "cpu_utilization_ratio", MILLIONTHS, millionths(ctx_run_report_cpu_utilization(run)),
          "Processor time of the last run by what all processors had" },
        { "max_workers", WHOLE, run->max_workers, "Threads that worked on the last run" },
        { "memory_peak_batch_bytes", WHOLE, run->memory_peak_batch,
          "Bytes that the dearest batch of the last run was reckoned to hold" },
        { "memory_peak_bytes", WHOLE, run->memory_peak_resident,
          "Most resident memory in the last run, worker processes included" },
        { "parallel_enabled", WHOLE, run->parallel_enabled,
          "Whether more than one thread worked on the last run" },
        { "speedup_ratio", MILLIONTHS, millionths(ctx_run_report_speedup_factor(run)),
          "Processor time of the last run's documents by its wall time" },
        { "wall_seconds", MILLIONTHS, run->wall_us, "Duration of the last run" },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(figures); i++)
        put_figure(text, &figures[i]);
}

int ctx_run_report_to_prometheus(const struct ctx_run_report *report, struct ctx_buffer *text)
{
    put_work(text, report);
    put_effort(text, report);
    return ctx_buffer_status(text);
}
