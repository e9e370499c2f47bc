/* The engine's figures: batches, counters, histograms. The engine's thread. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/resident.h"
#include "engine/ledger.h"
#include "engine/state.h"

/* A batch is timed by the clock: in sequential work its jobs run within one dispatch. */
struct ctx_batch_run *ctx_batch_run_new(struct ctx_engine *engine, const struct ctx_batch *batch)
{
    struct ctx_batch_run *run = calloc(1, sizeof(*run));
    engine->report.total_batches++;
    engine->metrics.values[CTX_METRIC_BATCHES]++;
    if (batch->cost > engine->report.memory_peak_batch)
        engine->report.memory_peak_batch = batch->cost;
    if (run)
        *run = (struct ctx_batch_run){ .left = batch->n,
                                       .documents = batch->n,
                                       .began_us = ctx_clock_monotonic_us(),
                                       .cost = batch->cost };
    return run;
}

void ctx_batch_run_done(struct ctx_engine *engine, struct ctx_batch_run *run)
{
    if (!run || --run->left > 0)
        return;
    uint64_t duration_us = ctx_clock_monotonic_us() - run->began_us;
    const struct ctx_event event = { .kind = CTX_EVENT_BATCH,
                                     .duration_us = duration_us,
                                     .batch_documents = run->documents };
    engine->report.batch_time_us += duration_us;
    if (engine->options.event)
        engine->options.event(engine->options.data, &event);
    free(run);
}

static void count_durations(struct ctx_engine *engine, const struct ctx_task *task)
{
    struct ctx_run_report *report = &engine->report;
    struct ctx_histogram *histograms = engine->metrics.histograms;
    uint64_t wait_us = task->job.started_us > task->change->enqueued_us
                           ? task->job.started_us - task->change->enqueued_us
                           : 0;
    ctx_histogram_add(&report->queue_wait, wait_us);
    ctx_histogram_add(&histograms[CTX_HISTOGRAM_QUEUE_WAIT], wait_us);
    ctx_histogram_add(&report->load, task->load_us);
    ctx_histogram_add(&histograms[CTX_HISTOGRAM_LOAD], task->load_us);
    if (task->code < 0 || task->skipped)
        return;
    ctx_histogram_add(&report->transform, task->transform_us);
    ctx_histogram_add(&histograms[CTX_HISTOGRAM_TRANSFORM], task->transform_us);
    ctx_histogram_add(&report->emit, task->emit_us);
    ctx_histogram_add(&histograms[CTX_HISTOGRAM_EMIT], task->emit_us);
    if (task->change->priority == CTX_PRIORITY_SAVE)
        ctx_histogram_add(&histograms[CTX_HISTOGRAM_SAVE_LATENCY],
                          task->done_us - task->change->enqueued_us);
}

static void count_processed(struct ctx_engine *engine, const struct ctx_task *task)
{
    struct ctx_run_report *report = &engine->report;
    uint64_t *values = engine->metrics.values;
    uint64_t tokens_in = ctx_tokens_estimate(task->page.words_in);
    uint64_t tokens_out = ctx_tokens_estimate(task->page.stats.words);
    report->processed++;
    report->tokens_in += tokens_in;
    report->tokens_out += tokens_out;
    values[CTX_METRIC_PROCESSED]++;
    values[CTX_METRIC_TOKENS_IN] += tokens_in;
    values[CTX_METRIC_TOKENS_OUT] += tokens_out;
    if (task->code == CTX_UNCHANGED) {
        report->skipped++;
        return;
    }
    report->written++;
    report->bytes_out += task->page_bytes;
    values[CTX_METRIC_WRITTEN]++;
    values[CTX_METRIC_BYTES_OUT] += task->page_bytes;
}

void ctx_engine_count(struct ctx_engine *engine, const struct ctx_task *task)
{
    struct ctx_run_report *report = &engine->report;
    uint64_t *values = engine->metrics.values;
    report->work_cpu_us += task->job.cpu_us;
    if (task->code == CTX_GONE || task->code == CTX_CHANGED)
        return;
    if (task->code < 0 && task->change->retry)
        return; /* it was counted when it failed first */
    if (task->code < 0) {
        report->errors++;
        values[CTX_METRIC_ERRORS]++;
        return;
    }
    if (task->change->kind == CTX_CHANGE_REMOVE) {
        report->removed++;
        values[CTX_METRIC_REMOVED]++;
        return;
    }
    report->bytes_in += task->bytes_in;
    values[CTX_METRIC_BYTES_IN] += task->bytes_in;
    count_durations(engine, task);
    if (task->skipped) {
        report->skipped++;
        values[CTX_METRIC_SKIPPED_UNCHANGED]++;
        return;
    }
    count_processed(engine, task);
}

void ctx_engine_load(const struct ctx_engine *engine, struct ctx_engine_load *ret_load)
{
    for (int priority = 0; priority < CTX_PRIORITY_COUNT; priority++)
        ret_load->waiting[priority] = ctx_queue_waiting(engine->queue, (enum ctx_priority)priority);
    ret_load->in_flight = engine->tasks_in_flight;
    ret_load->memory = ctx_queue_cost_in_flight(engine->queue);
}

static size_t waiting(const struct ctx_engine *engine)
{
    struct ctx_engine_load load;
    size_t n = 0;
    ctx_engine_load(engine, &load);
    for (int priority = 0; priority < CTX_PRIORITY_COUNT; priority++)
        n += load.waiting[priority];
    return n;
}

const struct ctx_metrics *ctx_engine_metrics(struct ctx_engine *engine)
{
    uint64_t *values = engine->metrics.values;
    struct ctx_recorder_progress progress;
    struct ctx_isolate_stats isolation = { 0 };
    if (engine->isolation)
        ctx_isolation_stats(engine->isolation, &isolation);
    ctx_recorder_progress(engine->recorder, &progress);
    values[CTX_METRIC_DOCUMENTS] = values[CTX_METRIC_DOCUMENTS_FAILED] = 0;
    values[CTX_METRIC_SOURCES] = 0;
    for (uint32_t i = 0; i < engine->n_sources; i++) {
        if (!engine->sources[i] || engine->sources[i]->leaving)
            continue;
        values[CTX_METRIC_SOURCES]++;
        values[CTX_METRIC_DOCUMENTS] += ctx_mirror_count(engine->sources[i]->mirror);
        values[CTX_METRIC_DOCUMENTS_FAILED] += ctx_mirror_failed(engine->sources[i]->mirror);
    }
    values[CTX_METRIC_IN_FLIGHT] = engine->tasks_in_flight;
    values[CTX_METRIC_INDEX_WRITES] = progress.index_writes;
    values[CTX_METRIC_ISOLATE_CRASHES] = isolation.crashed;
    values[CTX_METRIC_ISOLATE_TIMEOUTS] = isolation.timed_out;
    values[CTX_METRIC_MEMORY_IN_FLIGHT] = ctx_queue_cost_in_flight(engine->queue);
    values[CTX_METRIC_QUEUE_WAITING] = waiting(engine);
    values[CTX_METRIC_RESIDENT] = ctx_resident_now();
    values[CTX_METRIC_WORKERS] = ctx_pool_threads(engine->pool);
    return &engine->metrics;
}

unsigned ctx_engine_degraded(const struct ctx_engine *engine,
                             const char *ret_sentences[CTX_ENGINE_DEGRADED_MAX])
{
    const char *const all[CTX_ENGINE_DEGRADED_MAX] = {
        ctx_recorder_trouble(engine->recorder),
        engine->degraded.text[0] ? engine->degraded.text : NULL,
        engine->isolation ? ctx_isolation_trouble(engine->isolation) : NULL,
    };
    unsigned n = 0;
    for (size_t i = 0; i < CTX_ENGINE_DEGRADED_MAX; i++)
        if (all[i])
            ret_sentences[n++] = all[i];
    return n;
}

int ctx_engine_explain(const struct ctx_engine *engine, uint32_t number, const char *path,
                       struct ctx_document_info *ret_info)
{
    const struct ctx_source_state *source = engine->sources[number];
    const struct ctx_known *known = ctx_mirror_find(source->mirror, path);
    if (!known)
        return CTX_GONE;
    ret_info->error = known->error;
    ret_info->size = known->source.size;
    ret_info->has_page = known->has_page;
    ret_info->waiting = ctx_queue_has(engine->queue, number, path);
    ctx_mirror_page_slug(source->mirror, known, ret_info->slug);
    return 0;
}

struct failures {
    uint32_t source;
    void (*each)(void *data, uint32_t source, const char *path, const char *error);
    void *data;
};

static void each_failed(void *data, struct ctx_known *known)
{
    const struct failures *failures = data;
    if (known->error)
        failures->each(failures->data, failures->source, known->path, known->error);
}

void ctx_engine_each_failure(const struct ctx_engine *engine, uint32_t number,
                             void (*each)(void *data, uint32_t source, const char *path,
                                          const char *error),
                             void *data)
{
    struct failures failures = { number, each, data };
    const struct ctx_mirror *mirror = engine->sources[number]->mirror;
    if (ctx_mirror_failed(mirror) > 0)
        ctx_mirror_each_below(mirror, "", each_failed, &failures);
}

void ctx_engine_source_stats(const struct ctx_engine *engine, uint32_t number,
                             struct ctx_source_stats *ret_stats)
{
    const struct ctx_source_state *source = engine->sources[number];
    *ret_stats = (struct ctx_source_stats){
        .documents = ctx_mirror_count(source->mirror),
        .failed = ctx_mirror_failed(source->mirror),
        .stuck = ctx_mirror_stuck(source->mirror),
        .waiting = source->waiting,
        .in_flight = source->in_flight,
        .catalogue_id = source->ledger ? ctx_ledger_catalogue_id(source->ledger) : "",
        .sequence = source->sequence,
    };
}
