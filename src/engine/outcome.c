/*
 * What came of a task: the mirror is brought up to date, the recorder gets its record, the owner
 * its event. Slugs that change hands are settled here (base/slug.h has the rule): a page that
 * was written under a slug which meanwhile belongs to another document makes that one be emitted
 * again, so that the last writer is always the one that owns the name.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/state.h"

/* A file changed so shortly before it was read may change again within the same time stamp. */
enum { RACY_NS = 20 * 1000 * 1000 };

static int64_t wall_us(void)
{
    return (int64_t)ctx_clock_us(CLOCK_REALTIME);
}

void ctx_engine_vanish(struct ctx_engine *engine, struct ctx_source_state *source, const char *path,
                       uint64_t epoch)
{
    const struct ctx_engine_options *options = &engine->options;
    if (source->leaving)
        return;
    if (options->vanished) {
        options->vanished(options->data, source->number, path);
        return;
    }
    struct ctx_engine_change change = {
        .source = source->number, .path = path, .gone = true, .priority = CTX_PRIORITY_BULK
    };
    ctx_engine_change_since(engine, &change, epoch, ctx_clock_monotonic_us());
}

static void try_again(struct ctx_engine *engine, struct ctx_source_state *source,
                      const struct ctx_change *from)
{
    const struct ctx_engine_options *options = &engine->options;
    if (source->leaving)
        return;
    if (options->unsettled) {
        options->unsettled(options->data, source->number, from->path);
        return;
    }
    struct ctx_engine_change change = { .source = source->number,
                                        .path = from->path,
                                        .priority = CTX_PRIORITY_BULK };
    ctx_engine_change_since(engine, &change, from->epoch, ctx_clock_monotonic_us());
}

/* It needs more memory than was reserved for it: it waits for that. */
static void take_again(struct ctx_engine *engine, const struct ctx_task *task,
                       struct ctx_known *known)
{
    const struct ctx_change *from = task->change;
    const struct ctx_engine_change change = {
        .source = from->source, .path = from->path, .priority = from->priority, .force = from->force
    };
    known->density = (uint8_t)(task->density + 1);
    ctx_engine_change_since(engine, &change, from->epoch, from->enqueued_us);
}

static void emit_event(struct ctx_engine *engine, const struct ctx_task *task,
                       const struct ctx_source_state *source, enum ctx_event_kind kind)
{
    const struct ctx_event event = {
        .kind = kind,
        .source = source->number,
        .path = task->change->path,
        .slug = task->slug,
        .error = kind == CTX_EVENT_FAILED ? task->error.text : NULL,
        .sequence = source->sequence,
        .duration_us = task->load_us + task->transform_us + task->emit_us,
        .latency_us = task->done_us - task->change->enqueued_us,
    };
    if (engine->options.event)
        engine->options.event(engine->options.data, &event);
}

/* The slug of a record: of the page there is, which a document that failed may have elsewhere. */
static char *recorded_slug(const struct ctx_source_state *source, const struct ctx_task *task,
                           const struct ctx_known *known)
{
    char slug[CTX_SLUG_SIZE] = "";
    if (!known)
        return strdup(task->slug);
    if (known->has_page)
        ctx_mirror_page_slug(source->mirror, known, slug);
    return strdup(slug);
}

/* The strings that a record points into. Takes those of the task. False: memory is out. */
static bool fill_outcome(struct ctx_outcome *outcome, const struct ctx_source_state *source,
                         struct ctx_task *task, const struct ctx_known *known, bool failed)
{
    outcome->source = source->number;
    outcome->path = strdup(task->change->path);
    outcome->slug = recorded_slug(source, task, known);
    outcome->error = strdup(failed ? task->error.text : "");
    if (task->page.entry.len > 0)
        outcome->entry = ctx_buffer_detach(&task->page.entry, NULL);
    outcome->report = task->report_json;
    task->report_json = NULL;
    return outcome->path && outcome->slug && outcome->error;
}

/* Hands an outcome to the recorder. `known` is NULL for a document that is no more. */
static void record(struct ctx_engine *engine, struct ctx_source_state *source,
                   struct ctx_task *task, const struct ctx_known *known, enum ctx_result result,
                   char *stale_slug)
{
    struct ctx_outcome *outcome = engine->options.dry_run ? NULL : calloc(1, sizeof(*outcome));
    size_t entry_len = task->page.entry.len;
    bool failed = result == CTX_RESULT_FAILED;
    source->sequence++;
    if (!outcome || !fill_outcome(outcome, source, task, known, failed)) {
        ctx_outcome_free(outcome);
        free(stale_slug);
        return;
    }
    outcome->stale_slug = stale_slug;
    outcome->journaled = task->journaled;
    outcome->record = (struct ctx_record){
        .path = outcome->path,
        .slug = outcome->slug,
        .result = result,
        .when_us = wall_us(),
        .sequence = source->sequence,
        .duration_us = task->load_us + task->transform_us + task->emit_us,
        .tokens_in = ctx_tokens_estimate(task->page.words_in),
        .tokens_out = ctx_tokens_estimate(task->page.stats.words),
        .error = outcome->error,
        .entry = known && !known->has_page ? "" : outcome->entry,
        .entry_len = entry_len,
        .report = task->skipped || failed ? NULL : (outcome->report ? outcome->report : ""),
    };
    if (failed)
        ctx_engine_verdict(engine, source->config, outcome->record.fingerprint);
    else
        memcpy(outcome->record.fingerprint, source->config->fingerprint, CTX_DIGEST_SIZE);
    memcpy(outcome->record.digest, task->digest, CTX_DIGEST_SIZE);
    if (known && !known->has_page)
        outcome->record.entry_len = 0;
    if (known)
        outcome->record.source = known->source;
    if (known && known->has_page) {
        outcome->record.output.ino = known->output.ino;
        outcome->record.output.size = known->output.size;
        outcome->record.output.mtime_ns = known->output.mtime_ns;
    }
    ctx_recorder_put(engine->recorder, outcome);
}

/* What was read; without its ctime, so that it is read again, when it was still warm. */
static struct ctx_file_stamp settled(const struct ctx_file_stamp *stamp)
{
    struct ctx_file_stamp result = *stamp;
    if (wall_us() * 1000 - stamp->ctime_ns < RACY_NS)
        result.ctime_ns = 0;
    return result;
}

/* Whether a slug is another document's by now, and its page is there. */
static bool is_taken(const struct ctx_known *known, const struct ctx_known *owner)
{
    return owner && owner != known && owner->has_page && owner->paged_form == owner->form;
}

/*
 * The page moved from the slug it had to the task's, which saw to the files. Returns the slug whose
 * index line goes (malloc'ed), or NULL when that is another document's by now.
 */
static char *leave_slug(const struct ctx_source_state *source, const struct ctx_known *known,
                        enum ctx_slug_form form)
{
    char slug[CTX_SLUG_SIZE];
    if (is_taken(known, ctx_mirror_owner(source->mirror, known, form)))
        return NULL;
    ctx_slug_in_form(source->config->repo, known->path, form, slug);
    return strdup(slug);
}

/* What a page was written for, and when. */
struct eviction {
    struct ctx_engine *engine;
    struct ctx_source_state *source;
    const struct ctx_task *task;
    uint64_t now_us;
};

static void evict(void *data, struct ctx_known *other)
{
    const struct eviction *eviction = data;
    other->has_page = false;
    if (!ctx_queue_has(eviction->engine->queue, eviction->source->number, other->path))
        ctx_engine_emit_again(eviction->engine, eviction->source, other,
                              eviction->task->change->epoch, eviction->now_us);
}

/*
 * What is under the slug is its owner's now, or nobody's: the others that had their page there have
 * none, until they are emitted under a slug of their own.
 */
static void evict_others(struct ctx_engine *engine, struct ctx_source_state *source,
                         const struct ctx_task *task, const struct ctx_known *owner,
                         uint64_t now_us)
{
    struct eviction eviction = { engine, source, task, now_us };
    ctx_mirror_each_paged(source->mirror, owner, task->form, evict, &eviction);
}

/* Who owns a slug that this task wrote or took away, but for its own document, is emitted again. */
static void restore_owner(struct ctx_engine *engine, struct ctx_source_state *source,
                          const struct ctx_task *task, const struct ctx_known *known,
                          enum ctx_slug_form form, uint64_t now_us)
{
    const struct ctx_known *owner = ctx_mirror_owner(source->mirror, known, form);
    if (owner && owner != known)
        ctx_engine_emit_again(engine, source, owner, task->change->epoch, now_us);
}

static void take_page(struct ctx_engine *engine, struct ctx_source_state *source,
                      struct ctx_task *task, struct ctx_known *known, uint64_t now_us)
{
    bool had_page = known->has_page;
    enum ctx_slug_form before = (enum ctx_slug_form)known->paged_form;
    bool unchanged = task->code == CTX_UNCHANGED;
    known->has_page = true;
    known->paged_form = (uint8_t)task->form;
    known->output.ino = task->written.ino;
    known->output.size = task->written.size;
    known->output.mtime_ns = task->written.mtime_ns;
    char *stale = NULL;
    if (had_page && before != task->form)
        stale = leave_slug(source, known, before);
    if (task->leaves[0])
        restore_owner(engine, source, task, known, before, now_us);
    if (ctx_mirror_owner(source->mirror, known, task->form) == known)
        evict_others(engine, source, task, known, now_us);
    else
        restore_owner(engine, source, task, known, task->form, now_us);
    record(engine, source, task, known, unchanged ? CTX_RESULT_UNCHANGED : CTX_RESULT_WRITTEN,
           stale);
    emit_event(engine, task, source, unchanged ? CTX_EVENT_UNCHANGED : CTX_EVENT_WRITTEN);
}

/*
 * A document that failed keeps the page it had. When it was tried again by itself, and failed for the
 * same reason, nothing is new.
 */
static void take_failure(struct ctx_engine *engine, struct ctx_source_state *source,
                         struct ctx_task *task, struct ctx_known *known, uint64_t now_us)
{
    bool known_of = task->change->retry && known->error && !task->cleared &&
                    strcmp(known->error, task->error.text) == 0;
    if (task->cleared && ctx_mirror_owner(source->mirror, known, task->form) == known)
        evict_others(engine, source, task, known, now_us);
    ctx_mirror_set_error(source->mirror, known, task->error.text, task->transient);
    if (known_of)
        return;
    record(engine, source, task, known, CTX_RESULT_FAILED,
           task->cleared ? strdup(task->slug) : NULL);
    emit_event(engine, task, source, CTX_EVENT_FAILED);
}

static void take_processed(struct ctx_engine *engine, struct ctx_source_state *source,
                           struct ctx_task *task, uint64_t now_us)
{
    struct ctx_known *known = ctx_mirror_find(source->mirror, task->change->path);
    if (!known)
        return;
    if (task->code == CTX_CHANGED && task->crowded) {
        take_again(engine, task, known);
        return;
    }
    if (task->code == CTX_CHANGED) {
        try_again(engine, source, task->change);
        return;
    }
    if (task->code == CTX_GONE) {
        ctx_engine_vanish(engine, source, task->change->path, task->change->epoch);
        return;
    }
    known->current = true;
    memcpy(known->digest, task->digest, CTX_DIGEST_SIZE);
    known->source =
        task->transient && task->code < 0 ? (struct ctx_file_stamp){ 0 } : settled(&task->stamp);
    if (engine->options.report && task->code >= 0 && !task->skipped)
        engine->options.report(engine->options.data, source->number, task->change->path,
                               &task->page.report);
    if (task->code < 0) {
        take_failure(engine, source, task, known, now_us);
        return;
    }
    if (task->failed && task->skipped) {
        ctx_error_set(&task->error, 0, "%s", known->error);
        emit_event(engine, task, source, CTX_EVENT_FAILED);
        return;
    }
    ctx_mirror_set_error(source->mirror, known, NULL, false);
    take_page(engine, source, task, known, now_us);
}

static void take_removed(struct ctx_engine *engine, struct ctx_source_state *source,
                         struct ctx_task *task, uint64_t now_us)
{
    struct ctx_known *known = ctx_mirror_find(source->mirror, task->change->path);
    if (!known)
        return;
    if (task->code < 0 && task->code != -EPERM) {
        ctx_mirror_set_error(source->mirror, known, task->error.text, true);
        emit_event(engine, task, source, CTX_EVENT_FAILED);
        return;
    }
    if (!task->has_page)
        task->slug[0] = '\0';
    /* Its page lay under a name that is another's: that one may have been taken away instead. */
    if (task->has_page)
        restore_owner(engine, source, task, known, (enum ctx_slug_form)known->paged_form, now_us);
    ctx_mirror_remove(source->mirror, known);
    record(engine, source, task, NULL, CTX_RESULT_REMOVED, NULL);
    ctx_engine_emit_moved(engine, source, task->change->epoch, now_us);
    emit_event(engine, task, source, CTX_EVENT_REMOVED);
}

void ctx_engine_take(struct ctx_engine *engine, struct ctx_task *task, uint64_t now_us)
{
    struct ctx_source_state *source = engine->sources[task->change->source];
    engine->tasks_in_flight--;
    engine->bulk_in_flight -= !task->job.urgent;
    source->in_flight--;
    ctx_engine_count(engine, task);
    if (task->change->kind == CTX_CHANGE_REMOVE)
        take_removed(engine, source, task, now_us);
    else
        take_processed(engine, source, task, now_us);
    ctx_queue_done(engine->queue, task->change);
    ctx_batch_run_done(engine, task->batch);
    ctx_settings_release(task->settings);
    ctx_task_deinit(task);
    free(task);
    if (source->leaving && source->in_flight == 0)
        ctx_engine_depart(engine, source);
}
