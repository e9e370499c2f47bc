/*
 * Sources come and go: a source's output, catalogue and mirror are opened together and closed
 * together, on the recorder's thread, since disks are slow. One that leaves first loses what waits,
 * then what is in flight ends; nothing of it is begun or told meanwhile. Its number is not given
 * away before it is closed. The engine's thread.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "engine/ledger.h"
#include "engine/state.h"

struct ctx_arrival {
    struct ctx_errand errand; /* first */
    struct ctx_arrival *next;
    struct ctx_engine *engine;
    struct ctx_source_state *source;
    bool adopt;
    unsigned char verdict[CTX_DIGEST_SIZE];
    int code;
    struct ctx_error error;
    ctx_source_opened_fn opened;
    void *data;
};

struct ctx_departure {
    struct ctx_errand errand; /* first */
    struct ctx_engine *engine;
    struct ctx_source_state *source;
};

/* What is open of a source. Any thread, when no other uses it. */
static void shut(struct ctx_source_state *source)
{
    ctx_ledger_close(source->ledger);
    ctx_mirror_free(source->mirror);
    ctx_output_close(source->output);
    source->ledger = NULL;
    source->mirror = NULL;
    source->output = NULL;
}

static int open_source(struct ctx_arrival *arrival, struct ctx_recorder *recorder)
{
    struct ctx_source_state *source = arrival->source;
    const struct ctx_source *config = source->config;
    bool dry_run = arrival->engine->options.dry_run;
    struct ctx_output_options output = {
        .path = config->output,
        .source_name = config->name,
        .source_root = config->root,
        .repo = config->repo,
        .adopt = arrival->adopt,
        .dry_run = dry_run,
    };
    int r = ctx_output_open(&output, &source->output, &arrival->error);
    if (r < 0)
        return r;
    r = ctx_mirror_new(config->repo, &source->mirror);
    if (r < 0)
        return ctx_error_set(&arrival->error, r, "%s: out of memory", config->name);
    if (dry_run)
        return 0;
    bool keep = arrival->engine->options.keep_failures;
    r = ctx_ledger_open(source->number, source->output, config->fingerprint,
                        keep ? arrival->verdict : NULL, source->mirror, &source->ledger,
                        &arrival->error);
    if (r < 0)
        return r;
    source->sequence = ctx_catalogue_sequence(ctx_ledger_catalogue(source->ledger));
    r = ctx_recorder_admit(recorder, source->ledger);
    return r < 0 ? ctx_error_set(&arrival->error, r, "%s: there are too many sources", config->name)
                 : 0;
}

static void run_arrival(struct ctx_errand *errand, struct ctx_recorder *recorder)
{
    struct ctx_arrival *arrival = (struct ctx_arrival *)errand;
    arrival->code = open_source(arrival, recorder);
    if (arrival->code < 0)
        shut(arrival->source);
}

static void end_arrival(struct ctx_errand *errand)
{
    CTX_AUTO_FREE struct ctx_arrival *arrival = (struct ctx_arrival *)errand;
    struct ctx_engine *engine = arrival->engine;
    struct ctx_arrival **link = &engine->arrivals;
    while (*link != arrival)
        link = &(*link)->next;
    *link = arrival->next;
    uint32_t number = arrival->source->number;
    if (arrival->code < 0) {
        free(arrival->source->departure);
        free(arrival->source);
    } else {
        engine->sources[number] = arrival->source;
    }
    arrival->opened(arrival->data, arrival->code, number, &arrival->error);
}

static void run_departure(struct ctx_errand *errand, struct ctx_recorder *recorder)
{
    struct ctx_source_state *source = ((struct ctx_departure *)errand)->source;
    if (source->ledger)
        ctx_recorder_dismiss(recorder, CTX_TAKE(source->ledger));
    shut(source);
}

static void end_departure(struct ctx_errand *errand)
{
    CTX_AUTO_FREE struct ctx_departure *departure = (struct ctx_departure *)errand;
    CTX_AUTO_FREE struct ctx_source_state *source = departure->source;
    departure->engine->sources[source->number] = NULL;
    if (source->left)
        source->left(source->left_data);
}

void ctx_engine_depart(struct ctx_engine *engine, struct ctx_source_state *source)
{
    struct ctx_departure *departure = CTX_TAKE(source->departure);
    departure->errand = (struct ctx_errand){ .run = run_departure, .done = end_departure };
    departure->engine = engine;
    departure->source = source;
    ctx_recorder_run(engine->recorder, &departure->errand);
}

static bool is_arriving(const struct ctx_engine *engine, uint32_t number)
{
    for (const struct ctx_arrival *arrival = engine->arrivals; arrival; arrival = arrival->next)
        if (arrival->source->number == number)
            return true;
    return false;
}

static int free_number(struct ctx_engine *engine, uint32_t *ret_number)
{
    for (uint32_t i = 0; i < engine->n_sources; i++)
        if (!engine->sources[i] && !is_arriving(engine, i)) {
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

int ctx_engine_open_source(struct ctx_engine *engine, const struct ctx_source *config, bool adopt,
                           ctx_source_opened_fn opened, void *data)
{
    CTX_AUTO_FREE struct ctx_arrival *arrival = calloc(1, sizeof(*arrival));
    CTX_AUTO_FREE struct ctx_source_state *source = calloc(1, sizeof(*source));
    CTX_AUTO_FREE struct ctx_departure *departure = calloc(1, sizeof(*departure));
    if (!arrival || !source || !departure || free_number(engine, &source->number) < 0)
        return -ENOMEM;
    source->config = config;
    source->departure = CTX_TAKE(departure);
    *arrival = (struct ctx_arrival){
        .errand = { .run = run_arrival, .done = end_arrival },
        .next = engine->arrivals,
        .engine = engine,
        .source = CTX_TAKE(source),
        .adopt = adopt,
        .opened = opened,
        .data = data,
    };
    ctx_engine_verdict(engine, config, arrival->verdict);
    engine->arrivals = arrival;
    ctx_recorder_run(engine->recorder, &CTX_TAKE(arrival)->errand);
    return 0;
}

void ctx_engine_close_source(struct ctx_engine *engine, uint32_t number, void (*left)(void *data),
                             void *data)
{
    struct ctx_source_state *source = engine->sources[number];
    source->left = left;
    source->left_data = data;
    source->leaving = true; /* before its changes are dropped, so that none comes after */
    ctx_queue_drop_source(engine->queue, number);
    source->waiting = 0;
    if (source->in_flight == 0)
        ctx_engine_depart(engine, source);
}

void ctx_engine_close_sources(struct ctx_engine *engine)
{
    while (engine->arrivals) {
        ctx_engine_wait(engine, -1);
        ctx_recorder_dispatch(engine->recorder);
    }
    for (uint32_t i = 0; i < engine->n_sources; i++) {
        if (engine->sources[i] && !engine->sources[i]->leaving)
            ctx_engine_close_source(engine, i, NULL, NULL);
    }
}

/* The end of a call that blocks. */
struct ending {
    bool ended;
    int code;
    uint32_t number;
    struct ctx_error *error;
};

static void note_opened(void *data, int code, uint32_t number, const struct ctx_error *error)
{
    struct ending *ending = data;
    *ending = (struct ending){ true, code, number, ending->error };
    if (code < 0)
        *ending->error = *error;
}

static void note_left(void *data)
{
    struct ending *ending = data;
    ending->ended = true;
}

static void wait_for(struct ctx_engine *engine, const struct ending *ending)
{
    while (!ending->ended) {
        ctx_engine_wait(engine, -1);
        ctx_engine_dispatch(engine, ctx_clock_monotonic_us());
    }
}

int ctx_engine_add_source(struct ctx_engine *engine, const struct ctx_source *config, bool adopt,
                          uint32_t *ret_number, struct ctx_error *error)
{
    struct ending ending = { .error = error };
    if (ctx_engine_open_source(engine, config, adopt, note_opened, &ending) < 0)
        return ctx_error_set(error, -ENOMEM, "%s: out of memory", config->name);
    wait_for(engine, &ending);
    if (ending.code == 0)
        *ret_number = ending.number;
    return ending.code;
}

void ctx_engine_remove_source(struct ctx_engine *engine, uint32_t number)
{
    struct ending ending = { 0 };
    ctx_engine_close_source(engine, number, note_left, &ending);
    wait_for(engine, &ending);
}

/* The majority's vote, in one pass. */
struct vote {
    uint64_t device;
    size_t lead;
};

static void count_vote(void *data, struct ctx_known *known)
{
    struct vote *vote = data;
    uint64_t device = known->source.dev;
    if (device == 0)
        return;
    if (vote->lead == 0)
        vote->device = device;
    if (device == vote->device)
        vote->lead++;
    else
        vote->lead--;
}

uint64_t ctx_engine_source_device(const struct ctx_engine *engine, uint32_t number)
{
    struct vote vote = { 0 };
    ctx_mirror_each_below(engine->sources[number]->mirror, "", count_vote, &vote);
    return vote.device;
}
