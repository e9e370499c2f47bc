/* Histograms as JSON, for `metrics` and for run reports. Pure; any thread. */
#include "report/histogram_json.h"

static json_t *seconds(uint64_t us)
{
    return json_real((double)us / 1e6);
}

static json_t *buckets_to_json(const struct ctx_histogram *histogram)
{
    json_t *buckets = json_array();
    for (unsigned i = 0; i < CTX_HISTOGRAM_BUCKETS; i++) {
        if (histogram->counts[i] == 0)
            continue;
        uint64_t bound = ctx_histogram_bound_us(i);
        json_t *pair = json_pack("[o, I]", bound == UINT64_MAX ? json_null() : seconds(bound),
                                 (json_int_t)histogram->counts[i]);
        if (json_array_append_new(buckets, pair) < 0) {
            json_decref(buckets);
            return NULL;
        }
    }
    return buckets;
}

json_t *ctx_histogram_to_json(const struct ctx_histogram *histogram)
{
    return json_pack(
        "{s: I, s: o, s: o, s: o, s: o, s: o, s: o}", "count", (json_int_t)histogram->total, "sum",
        seconds(histogram->sum_us), "max", seconds(histogram->max_us), "p50",
        seconds(ctx_histogram_quantile_us(histogram, 0.5)), "p90",
        seconds(ctx_histogram_quantile_us(histogram, 0.9)), "p99",
        seconds(ctx_histogram_quantile_us(histogram, 0.99)), "buckets", buckets_to_json(histogram));
}
