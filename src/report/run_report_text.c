/* Run reports for people: the summary of `optimize` and the daemon's log. Pure; any thread. */
#include <inttypes.h>

#include "base/limits.h"
#include "report/run_report.h"

int ctx_run_report_counts(const struct ctx_run_report *report, struct ctx_buffer *text)
{
    ctx_buffer_printf(text,
                      "%" PRIu64 " processed, %" PRIu64 " written, %" PRIu64 " skipped, %" PRIu64
                      " removed, %" PRIu64 " errors in %.2f s",
                      report->processed, report->written, report->skipped, report->removed,
                      report->errors, (double)report->wall_us / 1e6);
    return ctx_buffer_status(text);
}

int ctx_run_report_effort(const struct ctx_run_report *report, struct ctx_buffer *text)
{
    double seconds = (double)report->wall_us / 1e6;
    ctx_buffer_printf(
        text,
        "%" PRIu64 " batch%s of at most %u, %.1f ms each; %u worker%s, CPU %.0f %%, "
        "speed-up %.2f, at most %.1f MiB; %.0f pages/s",
        report->total_batches, report->total_batches == 1 ? "" : "es", report->batch_size,
        ctx_run_report_avg_batch_seconds(report) * 1e3, report->max_workers,
        report->max_workers == 1 ? "" : "s", ctx_run_report_cpu_utilization(report) * 100,
        ctx_run_report_speedup_factor(report), (double)report->memory_peak_resident / CTX_MIB,
        seconds > 0 ? (double)report->processed / seconds : 0.0);
    return ctx_buffer_status(text);
}

int ctx_run_report_tokens(const struct ctx_run_report *report, struct ctx_buffer *text)
{
    ctx_buffer_printf(text, "tokens: %" PRIu64 " in, %" PRIu64 " out", report->tokens_in,
                      report->tokens_out);
    return ctx_buffer_status(text);
}
