/*
 * Settings: how much is done at once, and within what. Tasks in flight keep those they began with,
 * so that they may change at any time. The engine's thread.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "contextor/version.h"
#include "engine/cost.h"
#include "engine/state.h"

struct ctx_queue_limits ctx_engine_queue_limits(const struct ctx_engine *engine)
{
    return (struct ctx_queue_limits){
        .batch_size = engine->performance.batch_size,
        .batch_bytes = CTX_LIMIT_BATCH_BYTES,
        .memory = engine->memory_limit,
        .bulk_share = 8,
    };
}

int ctx_engine_renew_settings(struct ctx_engine *engine)
{
    const struct ctx_performance *performance = &engine->performance;
    struct ctx_process_settings *settings = calloc(1, sizeof(*settings));
    if (!settings)
        return -ENOMEM;
    *settings = (struct ctx_process_settings){
        .users = 1,
        .isolation = engine->isolation,
        .isolate_all = performance->use_process_pool,
        .isolate_threshold = performance->cpu_intensive_threshold,
        .memory_limit = engine->memory_limit,
        .document_limit = ctx_cost_document_limit(engine->memory_limit),
        .source_date_epoch = engine->options.source_date_epoch,
        .dry_run = engine->options.dry_run,
        .root_required = !engine->options.vanished, /* else the owner knows better */
        .one_at_a_time = performance->parallel_transforms ? NULL : &engine->turn,
    };
    ctx_settings_release(engine->settings);
    engine->settings = settings;
    return 0;
}

void ctx_settings_release(struct ctx_process_settings *settings)
{
    if (settings && --settings->users == 0)
        free(settings);
}

void ctx_engine_verdict(const struct ctx_engine *engine, const struct ctx_source *source,
                        unsigned char ret_verdict[CTX_DIGEST_SIZE])
{
    struct {
        unsigned char fingerprint[CTX_DIGEST_SIZE];
        char build[32];
        uint64_t memory, threshold, isolate_all;
    } under = {
        .memory = engine->memory_limit,
        .threshold = engine->performance.cpu_intensive_threshold,
        .isolate_all = engine->performance.use_process_pool,
    };
    memcpy(under.fingerprint, source->fingerprint, CTX_DIGEST_SIZE);
    snprintf(under.build, sizeof(under.build), "%s", ctx_build());
    ctx_digest(&under, sizeof(under), ret_verdict);
}

int ctx_engine_set_performance(struct ctx_engine *engine, const struct ctx_performance *performance)
{
    struct ctx_performance before = engine->performance;
    uint64_t memory_before = engine->memory_limit;
    engine->performance = *performance;
    engine->memory_limit = (uint64_t)performance->memory_limit_mb * CTX_MIB;
    if (ctx_engine_renew_settings(engine) < 0) {
        engine->performance = before;
        engine->memory_limit = memory_before;
        return -ENOMEM;
    }
    const struct ctx_queue_limits limits = ctx_engine_queue_limits(engine);
    ctx_queue_set_limits(engine->queue, &limits);
    if (engine->isolation)
        ctx_isolation_set_memory_limit(engine->isolation, engine->memory_limit);
    ctx_engine_size_pool(engine);
    return 0;
}
