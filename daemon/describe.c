/* Records to JSON, by contextor-control(7). Pure. */
#include "daemon/describe.h"

#include "control/text.h"

static const char *const event_names[] = {
    [CTX_EVENT_WRITTEN] = "written", [CTX_EVENT_UNCHANGED] = "unchanged",
    [CTX_EVENT_REMOVED] = "removed", [CTX_EVENT_FAILED] = "failed",
    [CTX_EVENT_BATCH] = "batch",
};

static const char *const result_names[] = {
    [CTX_RESULT_WRITTEN] = "written",
    [CTX_RESULT_UNCHANGED] = "unchanged",
    [CTX_RESULT_FAILED] = "failed",
    [CTX_RESULT_REMOVED] = "removed",
};

const char *ctx_event_name(enum ctx_event_kind kind)
{
    return event_names[kind];
}

const char *ctx_result_name(enum ctx_result result)
{
    return result_names[result];
}

/* Sets text and numbers; a member that memory is out for is left out, and `why` not. */
static void set_text(json_t *object, const char *key, const char *text)
{
    if (text && *text)
        json_object_set_new(object, key, ctx_json_text(text));
}

static void set_number(json_t *object, const char *key, uint64_t number)
{
    json_object_set_new(object, key, json_integer((json_int_t)number));
}

json_t *ctx_describe_event(const char *source, const struct ctx_event *event)
{
    json_t *object = json_object();
    if (!object)
        return NULL;
    set_text(object, "event", event_names[event->kind]);
    set_text(object, "source", source);
    if (event->kind == CTX_EVENT_BATCH) {
        set_number(object, "documents", event->batch_documents);
        set_number(object, "duration_us", event->duration_us);
        return object;
    }
    ctx_json_set_path(object, "path", event->path);
    set_text(object, "slug", event->slug);
    set_number(object, "sequence", event->sequence);
    if (event->kind != CTX_EVENT_REMOVED)
        set_number(object, "duration_us", event->duration_us);
    if (event->kind == CTX_EVENT_WRITTEN || event->kind == CTX_EVENT_UNCHANGED)
        set_number(object, "latency_us", event->latency_us);
    set_text(object, "error", event->error);
    return object;
}

json_t *ctx_describe_record(const char *source, const struct ctx_record *record)
{
    json_t *object = json_object();
    if (!object)
        return NULL;
    set_text(object, "source", source);
    ctx_json_set_path(object, "path", record->path);
    json_object_set_new(object, "slug", ctx_json_text(record->slug ? record->slug : ""));
    /* The last attempt may have changed nothing; one before it, after the clock, may have. */
    set_text(
        object, "result",
        result_names[record->result == CTX_RESULT_UNCHANGED ? CTX_RESULT_WRITTEN : record->result]);
    set_number(object, "sequence", record->sequence);
    json_object_set_new(object, "time", ctx_json_time(record->when_us));
    set_text(object, "error", record->error);
    return object;
}

json_t *ctx_describe_last(const struct ctx_record *record)
{
    json_t *object = json_object();
    if (!object)
        return NULL;
    set_text(object, "result", result_names[record->result]);
    json_object_set_new(object, "time", ctx_json_time(record->when_us));
    set_number(object, "duration_us", record->duration_us);
    set_number(object, "sequence", record->sequence);
    set_number(object, "tokens_in", record->tokens_in);
    set_number(object, "tokens_out", record->tokens_out);
    set_text(object, "error", record->error);
    return object;
}

json_t *ctx_describe_failure(const char *source, const char *path, const char *error)
{
    json_t *object = json_object();
    if (!object)
        return NULL;
    set_text(object, "source", source);
    ctx_json_set_path(object, "path", path);
    set_text(object, "error", error);
    return object;
}
