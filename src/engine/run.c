/*
 * Runs: what is worked on from one rest to the next is reported together. A run begins with the first
 * change that is handed out, or the first document that a scan finds as it was, after the owner
 * ended the one before. Its time ends with its last outcome. The engine's thread.
 */
#include <sys/resource.h>

#include "base/clock.h"
#include "base/resident.h"
#include "engine/state.h"

static uint64_t own_cpu_us(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* What worker processes have used, those still running too. */
static struct ctx_isolate_stats isolated(struct ctx_engine *engine)
{
    struct ctx_isolate_stats stats = { 0 };
    if (engine->isolation)
        ctx_isolation_stats(engine->isolation, &stats);
    return stats;
}

static struct ctx_moment now(struct ctx_engine *engine)
{
    return (struct ctx_moment){ .wall_us = ctx_clock_monotonic_us(),
                                .cpu_us = own_cpu_us(),
                                .isolated_us = isolated(engine).cpu_us };
}

void ctx_run_begin(struct ctx_engine *engine)
{
    engine->report = (struct ctx_run_report){ 0 };
    engine->run_began = engine->run_seen = now(engine);
    engine->resting = false;
}

void ctx_run_wake(struct ctx_engine *engine)
{
    if (engine->resting)
        ctx_run_begin(engine);
}

void ctx_run_see(struct ctx_engine *engine)
{
    if (engine->tasks_in_flight == 0)
        engine->run_seen = now(engine);
}

static void fill(struct ctx_engine *engine, const struct ctx_moment *end,
                 struct ctx_run_report *ret_report)
{
    const struct ctx_moment *began = &engine->run_began;
    unsigned threads = ctx_pool_threads(engine->pool);
    uint64_t isolated_us = end->isolated_us - began->isolated_us;
    *ret_report = engine->report;
    ret_report->parallel_enabled = threads > 1;
    ret_report->max_workers = threads ? threads : 1;
    ret_report->cores = ctx_pool_cores();
    ret_report->batch_size = engine->performance.batch_size;
    ret_report->wall_us = end->wall_us - began->wall_us;
    ret_report->work_cpu_us += isolated_us;
    ret_report->cpu_us = end->cpu_us - began->cpu_us + isolated_us;
    ret_report->memory_peak_resident = ctx_resident_peak(0) + isolated(engine).resident_peak;
}

void ctx_engine_run_report(struct ctx_engine *engine, struct ctx_run_report *ret_report)
{
    struct ctx_moment end = engine->resting ? engine->run_seen : now(engine);
    fill(engine, &end, ret_report);
}

bool ctx_engine_run_end(struct ctx_engine *engine, struct ctx_run_report *ret_report)
{
    const struct ctx_run_report *report = &engine->report;
    bool nothing = report->total_batches == 0 && report->skipped == 0;
    bool working = engine->tasks_in_flight > 0;
    for (int i = 0; i < CTX_PRIORITY_COUNT; i++)
        working |= ctx_queue_waiting(engine->queue, (enum ctx_priority)i) > 0;
    if (engine->resting || working || nothing)
        return false;
    if (report->total_batches == 0)
        engine->run_seen = now(engine);
    fill(engine, &engine->run_seen, ret_report);
    ctx_resident_restart_peak();
    engine->resting = true;
    return true;
}
