/*
 * Sources come and go: a source's output, catalogue and mirror are opened together and closed
 * together, and nothing of it is begun, told or written once it is closed. The engine's thread.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "engine/state.h"

void ctx_engine_close_source(struct ctx_engine *engine, struct ctx_source_state *source)
{
    if (!engine->options.dry_run)
        ctx_recorder_remove_source(engine->recorder, source->number);
    ctx_mirror_free(source->mirror);
    ctx_output_close(source->output);
    engine->sources[source->number] = NULL;
    free(source);
}

static int open_source(struct ctx_engine *engine, struct ctx_source_state *source, bool adopt,
                       struct ctx_error *error)
{
    const struct ctx_source *config = source->config;
    struct ctx_output_options output = {
        .path = config->output,
        .source_name = config->name,
        .source_root = config->root,
        .repo = config->repo,
        .adopt = adopt,
        .dry_run = engine->options.dry_run,
    };
    int r = ctx_output_open(&output, &source->output, error);
    if (r < 0)
        return r;
    r = ctx_mirror_new(config->repo, &source->mirror);
    if (r < 0)
        return ctx_error_set(error, r, "%s: out of memory", config->name);
    if (engine->options.dry_run)
        return 0;
    return ctx_recorder_add_source(engine->recorder, source->number, source->output,
                                   config->fingerprint, source->mirror, &source->sequence, error);
}

static int free_number(struct ctx_engine *engine, uint32_t *ret_number)
{
    for (uint32_t i = 0; i < engine->n_sources; i++)
        if (!engine->sources[i]) {
            *ret_number = i;
            return 0;
        }
    void *sources = reallocarray(engine->sources, engine->n_sources + 1, sizeof(*engine->sources));
    if (!sources)
        return -ENOMEM;
    engine->sources = sources;
    engine->sources[engine->n_sources] = NULL;
    *ret_number = engine->n_sources++;
    return 0;
}

int ctx_engine_add_source(struct ctx_engine *engine, const struct ctx_source *config, bool adopt,
                          uint32_t *ret_number, struct ctx_error *error)
{
    uint32_t number;
    struct ctx_source_state *source = calloc(1, sizeof(*source));
    if (!source || free_number(engine, &number) < 0) {
        free(source);
        return ctx_error_set(error, -ENOMEM, "%s: out of memory", config->name);
    }
    source->number = number;
    source->config = config;
    int r = open_source(engine, source, adopt, error);
    if (r < 0) {
        ctx_mirror_free(source->mirror);
        ctx_output_close(source->output);
        free(source);
        return r;
    }
    engine->sources[number] = source;
    *ret_number = number;
    return 0;
}

void ctx_engine_remove_source(struct ctx_engine *engine, uint32_t number)
{
    struct ctx_source_state *source = engine->sources[number];
    source->leaving = true; /* before its changes are dropped, so that none comes after */
    ctx_queue_drop_source(engine->queue, number);
    source->waiting = 0;
    while (source->in_flight > 0) {
        ctx_pool_wait(engine->pool, -1);
        ctx_engine_dispatch(engine, ctx_clock_monotonic_us());
    }
    ctx_engine_close_source(engine, source);
}
