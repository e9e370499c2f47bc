#ifndef CTX_REPORT_RUN_REPORT_H
#define CTX_REPORT_RUN_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "contextor/buffer.h"
#include "report/histogram.h"

/*
 * The figures of one run (a one-shot build, or what the daemon worked on between two rests): what design.md's "Each run
 * reports" names. Filled by the engine; plain record.
 */
struct ctx_run_report {
    bool parallel_enabled;
    unsigned max_workers;
    unsigned cores; /* the process may run on; 0: max_workers is taken */
    unsigned batch_size;
    uint64_t total_batches;
    uint64_t batch_time_us;        /* sum over batches, submission to last result */
    uint64_t wall_us;              /* of the run */
    uint64_t work_cpu_us;          /* CPU time of the documents' work, worker processes included */
    uint64_t cpu_us;               /* CPU time of the process and its children, user + system */
    uint64_t memory_peak_batch;    /* bytes accounted, the dearest batch */
    uint64_t memory_peak_resident; /* bytes, with children */
    uint64_t processed, written, skipped, removed, errors;
    uint64_t bytes_in, bytes_out, tokens_in, tokens_out;
    struct ctx_histogram queue_wait, load, transform, emit;
};

/* Derived figures; 0 when nothing was measured. The utilization is CPU time over wall time and
 * cores, 0 to 1; the speed-up is work_cpu_us / wall_us. */
double ctx_run_report_avg_batch_seconds(const struct ctx_run_report *report);
double ctx_run_report_cpu_utilization(const struct ctx_run_report *report);
double ctx_run_report_speedup_factor(const struct ctx_run_report *report);

/*
 * {"parallel_enabled", "max_workers", "batch_size", "total_batches", "avg_batch_time" (s),
 * "wall_time" (s), "cpu_time" (s), "cpu_utilization", "memory_peak_mb" (resident, MiB),
 * "memory_peak_batch_mb" (accounted), "speedup_factor", counts, bytes, tokens, histograms}; new
 * reference, NULL when there is no memory.
 */
json_t *ctx_run_report_to_json(const struct ctx_run_report *report);

/*
 * The same figures as Prometheus text (exposition format 0.0.4), appended: gauges named
 * contextor_last_run_…, in seconds, bytes and ratios. 0, -ENOMEM, -EFBIG.
 */
int ctx_run_report_to_prometheus(const struct ctx_run_report *report, struct ctx_buffer *text);

/*
 * For people, appended: "3 processed, …, 0 errors in 0.01 s"; how it was done (batches, workers,
 * use of the processors, memory); "tokens: 30 in, 20 out". No newline. 0, -ENOMEM, -EFBIG.
 */
int ctx_run_report_counts(const struct ctx_run_report *report, struct ctx_buffer *text);
int ctx_run_report_effort(const struct ctx_run_report *report, struct ctx_buffer *text);
int ctx_run_report_tokens(const struct ctx_run_report *report, struct ctx_buffer *text);

#endif
