/*
 * Histograms of durations. Invariant: the counts add up to `total`. Plain record; one thread owns
 * each.
 */
#include "report/histogram.h"

enum { FIRST_BOUND_US = 50 };

uint64_t ctx_histogram_bound_us(unsigned bucket)
{
    if (bucket >= CTX_HISTOGRAM_BUCKETS - 1)
        return UINT64_MAX;
    return (uint64_t)FIRST_BOUND_US << bucket;
}

/* The first bucket whose bound is not below `us`. */
static unsigned bucket_of(uint64_t us)
{
    unsigned bucket = 0;
    while (ctx_histogram_bound_us(bucket) < us)
        bucket++;
    return bucket;
}

void ctx_histogram_add(struct ctx_histogram *histogram, uint64_t us)
{
    histogram->counts[bucket_of(us)]++;
    histogram->total++;
    histogram->sum_us += us;
    if (us > histogram->max_us)
        histogram->max_us = us;
}

void ctx_histogram_merge(struct ctx_histogram *into, const struct ctx_histogram *from)
{
    for (unsigned i = 0; i < CTX_HISTOGRAM_BUCKETS; i++)
        into->counts[i] += from->counts[i];
    into->total += from->total;
    into->sum_us += from->sum_us;
    if (from->max_us > into->max_us)
        into->max_us = from->max_us;
}

uint64_t ctx_histogram_quantile_us(const struct ctx_histogram *histogram, double q)
{
    if (histogram->total == 0)
        return 0;
    /* The rank of the value asked for, 1-based: the smallest that covers the share q. */
    double share = q < 0 ? 0 : q > 1 ? 1 : q;
    uint64_t rank = (uint64_t)(share * (double)histogram->total);
    if ((double)rank < share * (double)histogram->total || rank == 0)
        rank++;
    uint64_t seen = 0;
    for (unsigned i = 0; i < CTX_HISTOGRAM_BUCKETS; i++) {
        seen += histogram->counts[i];
        if (seen >= rank && ctx_histogram_bound_us(i) < histogram->max_us)
            return ctx_histogram_bound_us(i);
        if (seen >= rank)
            break;
    }
    return histogram->max_us;
}
