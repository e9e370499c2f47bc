#ifndef CTX_REPORT_HISTOGRAM_H
#define CTX_REPORT_HISTOGRAM_H

#include <stdint.h>

/*
 * A histogram of durations in microseconds, in buckets whose bounds double from 50 µs to about 14
 * minutes, as Prometheus reads them (cumulative "le" bounds). One thread owns it.
 */
enum { CTX_HISTOGRAM_BUCKETS = 26 }; /* the last one is +Inf */

struct ctx_histogram {
    uint64_t counts[CTX_HISTOGRAM_BUCKETS];
    uint64_t total;
    uint64_t sum_us;
    uint64_t max_us;
};

void ctx_histogram_add(struct ctx_histogram *histogram, uint64_t us);
void ctx_histogram_merge(struct ctx_histogram *into, const struct ctx_histogram *from);
/* Upper bound of a bucket in microseconds; UINT64_MAX for the last. */
uint64_t ctx_histogram_bound_us(unsigned bucket);
/* The upper bound of the bucket that holds quantile q (0 to 1); 0 when empty; at most max_us. */
uint64_t ctx_histogram_quantile_us(const struct ctx_histogram *histogram, double q);

#endif
