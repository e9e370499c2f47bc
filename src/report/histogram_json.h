#ifndef CTX_REPORT_HISTOGRAM_JSON_H
#define CTX_REPORT_HISTOGRAM_JSON_H

#include <jansson.h>

#include "report/histogram.h"

/*
 * {"count", "sum", "max", "p50", "p90", "p99", "buckets": [[le, count], …]}: seconds; the buckets
 * that are not empty, each with its own count, `le` null for the last. New reference, NULL when
 * there is no memory.
 */
json_t *ctx_histogram_to_json(const struct ctx_histogram *histogram);

#endif
