/*
 * The metrics as JSON and as Prometheus text (exposition format 0.0.4), both from the one table in
 * metrics.h. Pure.
 */
#include "report/metrics.h"

#include <inttypes.h>

#include "report/histogram_json.h"
#include "report/prometheus.h"

struct row {
    const char *name, *help;
    enum ctx_metric_type type;
};

static const struct row METRICS[CTX_METRIC_COUNT] = {
#define X(identifier, metric_name, metric_type, metric_help)                                       \
    [CTX_METRIC_##identifier] = { .name = (metric_name),                                           \
                                  .help = (metric_help),                                           \
                                  .type = CTX_METRIC_##metric_type },
    CTX_METRICS(X)
#undef X
};

static const struct row HISTOGRAMS[CTX_HISTOGRAM_COUNT] = {
#define X(identifier, metric_name, metric_help)                                                    \
    [CTX_HISTOGRAM_##identifier] = { .name = (metric_name), .help = (metric_help) },
    CTX_HISTOGRAMS(X)
#undef X
};

json_t *ctx_metrics_to_json(const struct ctx_metrics *metrics)
{
    json_t *object = json_object();
    int failed = 0;
    for (unsigned i = 0; i < CTX_METRIC_COUNT; i++)
        failed |= json_object_set_new(object, METRICS[i].name,
                                      json_integer((json_int_t)metrics->values[i]));
    for (unsigned i = 0; i < CTX_HISTOGRAM_COUNT; i++)
        failed |= json_object_set_new(object, HISTOGRAMS[i].name,
                                      ctx_histogram_to_json(&metrics->histograms[i]));
    if (!failed)
        return object;
    json_decref(object);
    return NULL;
}

static void put_histogram(struct ctx_buffer *buffer, const struct row *row,
                          const struct ctx_histogram *histogram)
{
    ctx_prometheus_head(buffer, row->name, "histogram", row->help);
    uint64_t below = 0;
    for (unsigned i = 0; i < CTX_HISTOGRAM_BUCKETS; i++) {
        uint64_t bound = ctx_histogram_bound_us(i);
        below += histogram->counts[i];
        ctx_buffer_printf(buffer, "contextor_%s_bucket{le=\"", row->name);
        if (bound == UINT64_MAX)
            ctx_buffer_puts(buffer, "+Inf");
        else
            ctx_prometheus_millionths(buffer, bound);
        ctx_buffer_printf(buffer, "\"} %" PRIu64 "\n", below);
    }
    ctx_buffer_printf(buffer, "contextor_%s_sum ", row->name);
    ctx_prometheus_millionths(buffer, histogram->sum_us);
    ctx_buffer_printf(buffer, "\ncontextor_%s_count %" PRIu64 "\n", row->name, histogram->total);
}

int ctx_metrics_to_prometheus(const struct ctx_metrics *metrics, struct ctx_buffer *buffer)
{
    for (unsigned i = 0; i < CTX_METRIC_COUNT; i++) {
        const char *type = METRICS[i].type == CTX_METRIC_COUNTER ? "counter" : "gauge";
        ctx_prometheus_head(buffer, METRICS[i].name, type, METRICS[i].help);
        ctx_buffer_printf(buffer, "contextor_%s %" PRIu64 "\n", METRICS[i].name,
                          metrics->values[i]);
    }
    for (unsigned i = 0; i < CTX_HISTOGRAM_COUNT; i++)
        put_histogram(buffer, &HISTOGRAMS[i], &metrics->histograms[i]);
    return ctx_buffer_status(buffer);
}
