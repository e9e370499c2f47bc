#ifndef CTX_REPORT_METRICS_H
#define CTX_REPORT_METRICS_H

#include <jansson.h>

#include "contextor/buffer.h"
#include "report/histogram.h"

/*
 * The metrics, by a table: to add one, add a row here, and count where it happens. Names are those
 * of `metrics`; in Prometheus text each has the prefix "contextor_". One thread owns a registry.
 */

enum ctx_metric_type { CTX_METRIC_COUNTER, CTX_METRIC_GAUGE };

/* X(identifier, name, type, help) */
#define CTX_METRICS(X)                                                                             \
    X(BATCHES, "batches_total", COUNTER, "Batches of documents run")                               \
    X(BYTES_IN, "bytes_in_total", COUNTER, "Bytes of source documents read")                       \
    X(BYTES_OUT, "bytes_out_total", COUNTER, "Bytes of pages written")                             \
    X(CLIENTS, "clients", GAUGE, "Clients connected to the control socket")                        \
    X(CLIENTS_DROPPED, "clients_dropped_total", COUNTER, "Clients dropped for breaking a limit")   \
    X(DOCUMENTS, "documents", GAUGE, "Documents known")                                            \
    X(DOCUMENTS_FAILED, "documents_failed", GAUGE, "Documents whose last attempt failed")          \
    X(ERRORS, "errors_total", COUNTER, "Attempts at a document that failed")                       \
    X(EVENTS, "events_total", COUNTER, "inotify events read")                                      \
    X(IN_FLIGHT, "in_flight", GAUGE, "Documents being worked on")                                  \
    X(INDEX_WRITES, "index_writes_total", COUNTER, "Times an index.jsonl was replaced")            \
    X(ISOLATE_CRASHES, "isolate_crashes_total", COUNTER, "Worker processes that crashed")          \
    X(ISOLATE_TIMEOUTS, "isolate_timeouts_total", COUNTER, "Worker processes ended for time")      \
    X(MEMORY_IN_FLIGHT, "memory_in_flight_bytes", GAUGE, "Bytes reserved by work in flight")       \
    X(OVERFLOW, "overflow_total", COUNTER, "Overflows of the kernel's event queue")                \
    X(POLLED_DIRECTORIES, "polled_directories", GAUGE, "Directories polled for want of a watch")   \
    X(PROCESSED, "processed_total", COUNTER, "Documents transformed")                              \
    X(QUEUE_WAITING, "queue_waiting", GAUGE, "Changes waiting for a worker")                       \
    X(RECONCILES, "reconciles_total", COUNTER, "Reconciling scans")                                \
    X(REMOVED, "removed_total", COUNTER, "Pages removed")                                          \
    X(REQUESTS, "requests_total", COUNTER, "Requests answered on the control socket")              \
    X(RESIDENT, "resident_bytes", GAUGE, "Resident memory of the daemon")                          \
    X(SKIPPED_UNCHANGED, "skipped_unchanged_total", COUNTER, "Documents read and found unchanged") \
    X(SOURCES, "sources", GAUGE, "Sources configured")                                             \
    X(SYNCS, "syncs_total", COUNTER, "sync requests answered")                                     \
    X(TOKENS_IN, "tokens_in_total", COUNTER, "Estimated tokens of source documents")               \
    X(TOKENS_OUT, "tokens_out_total", COUNTER, "Estimated tokens of pages made")                   \
    X(UPTIME, "uptime_seconds", GAUGE, "Seconds since the daemon started")                         \
    X(WATCHES, "watches", GAUGE, "inotify watches held")                                           \
    X(WORKERS, "workers", GAUGE, "Worker threads")                                                 \
    X(WRITTEN, "written_total", COUNTER, "Pages written")

enum ctx_metric {
#define X(identifier, name, type, help) CTX_METRIC_##identifier,
    CTX_METRICS(X)
#undef X
        CTX_METRIC_COUNT
};

/* X(identifier, name, help) */
#define CTX_HISTOGRAMS(X)                                                                          \
    X(EMIT, "emit_seconds", "Comparing, writing and renaming a page")                              \
    X(LOAD, "load_seconds", "Reading a source document")                                           \
    X(QUEUE_WAIT, "queue_wait_seconds", "From a change's arrival to its start")                    \
    X(SAVE_LATENCY, "save_latency_seconds", "From a save's event to its renamed page")             \
    X(TRANSFORM, "transform_seconds", "Transforming and rendering a page")

enum ctx_histogram_id {
#define X(identifier, name, help) CTX_HISTOGRAM_##identifier,
    CTX_HISTOGRAMS(X)
#undef X
        CTX_HISTOGRAM_COUNT
};

struct ctx_metrics {
    uint64_t values[CTX_METRIC_COUNT];
    struct ctx_histogram histograms[CTX_HISTOGRAM_COUNT];
};

/* {"written_total": 3, …, "load_seconds": {"count", "sum", "max", "p50", "p90", "p99", "buckets"}}; new reference. */
json_t *ctx_metrics_to_json(const struct ctx_metrics *metrics);
/* Prometheus text exposition format 0.0.4, appended. 0, -ENOMEM, -EFBIG. */
int ctx_metrics_to_prometheus(const struct ctx_metrics *metrics, struct ctx_buffer *buffer);

#endif
