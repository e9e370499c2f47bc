/*
 * The method `changes`: one source after the other, until the limit is met; each answer's clock says
 * where that source goes on. The loop's thread.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "control/message.h"
#include "daemon/command.h"

struct changes_call {
    struct ctx_control *control;
    struct ctx_request *request;
    json_t *since;   /* as asked */
    json_t *sources; /* names */
    size_t at;       /* the source that is asked, or next */
    size_t left;     /* changes that still fit */
    json_t *fresh, *clock, *changes;
    bool more;
    int code;      /* the first source that failed */
    bool calling;  /* inside ctx_daemon_changes() */
    bool answered; /* by a callback while calling */
};

static void call_free(struct changes_call *call)
{
    json_decref(call->since);
    json_decref(call->sources);
    json_decref(call->fresh);
    json_decref(call->clock);
    json_decref(call->changes);
    free(call);
}

static void abandoned(void *data)
{
    struct changes_call *call = data;
    ctx_daemon_cancel(call->control->daemon, call);
    call_free(call);
}

static const char *source_at(const struct changes_call *call)
{
    return json_string_value(json_array_get(call->sources, call->at));
}

static void reply(struct changes_call *call)
{
    ctx_request_reply(call->request, json_pack("{s:b, s:O, s:O, s:O, s:b}", "fresh",
                                               json_array_size(call->fresh) > 0, "fresh_sources",
                                               call->fresh, "clock", call->clock, "changes",
                                               call->changes, "more", call->more));
    call_free(call);
}

/* Adds one source's part. */
static void take(struct changes_call *call, const json_t *part)
{
    const char *source = source_at(call);
    json_t *changes = json_object_get(part, "changes");
    json_array_extend(call->changes, changes);
    json_object_set(call->clock, source, json_object_get(part, "clock"));
    if (json_is_true(json_object_get(part, "fresh")))
        json_array_append_new(call->fresh, json_string(source));
    if (json_is_true(json_object_get(part, "more")))
        call->more = true;
    size_t n = json_array_size(changes);
    call->left -= n < call->left ? n : call->left;
    call->at++;
}

/* Sources that the limit left no room for keep the clock they came with. */
static void skip_rest(struct changes_call *call)
{
    for (; call->at < json_array_size(call->sources); call->at++) {
        json_t *since = json_object_get(call->since, source_at(call));
        if (since)
            json_object_set(call->clock, source_at(call), since);
        call->more = true;
    }
}

static void done(void *data, int code, json_t *result, const struct ctx_error *error);

static void step(struct changes_call *call)
{
    while (!call->code && call->at < json_array_size(call->sources) && call->left) {
        const json_t *since = json_object_get(call->since, source_at(call));
        const char *catalogue = json_string_value(json_object_get(since, "catalogue"));
        json_int_t sequence = json_integer_value(json_object_get(since, "sequence"));
        const struct ctx_clock clock = { .catalogue = catalogue ? catalogue : "",
                                         .sequence = sequence > 0 ? (uint64_t)sequence : 0 };
        call->calling = true;
        call->answered = false;
        int status = ctx_daemon_changes(call->control->daemon, source_at(call), &clock, call->left,
                                        done, call);
        call->calling = false;
        if (status < 0)
            call->code = status;
        else if (!call->answered)
            return;
    }
    if (call->code) {
        ctx_command_fail(call->request, call->code, NULL);
        call_free(call);
        return;
    }
    skip_rest(call);
    reply(call);
}

static void done(void *data, int code, json_t *result, const struct ctx_error *error)
{
    (void)error;
    struct changes_call *call = data;
    if (code)
        call->code = code;
    else
        take(call, result);
    json_decref(result);
    call->answered = true;
    if (!call->calling)
        step(call);
}

/* The names asked for, or all there are. NULL after the request was answered: one is not there. */
static json_t *choose_sources(struct ctx_control *control, struct ctx_request *request,
                              const json_t *asked)
{
    const struct ctx_config *config = ctx_daemon_config(control->daemon);
    size_t i;
    json_t *name;
    json_array_foreach(asked, i, name)
    {
        if (!ctx_config_source(config, json_string_value(name))) {
            ctx_request_fail(request, CTX_RPC_NOT_FOUND, "no such source", NULL);
            return NULL;
        }
    }
    if (asked)
        return json_copy((json_t *)asked);
    json_t *all = json_array();
    for (i = 0; i < config->n_sources; i++)
        json_array_append_new(all, json_string(config->sources[i].name));
    return all;
}

void ctx_command_changes(void *data, struct ctx_request *request, const json_t *params)
{
    json_t *sources = choose_sources(data, request, json_object_get(params, "sources"));
    if (!sources)
        return;
    struct changes_call *call = calloc(1, sizeof(*call));
    if (!call) {
        json_decref(sources);
        ctx_command_fail(request, -ENOMEM, NULL);
        return;
    }
    const json_t *limit = json_object_get(params, "limit");
    *call = (struct changes_call){
        .control = data,
        .request = request,
        .since = json_incref(json_object_get(params, "since")),
        .sources = sources,
        .left = limit ? (size_t)json_integer_value(limit) : CTX_LISTED,
        .fresh = json_array(),
        .clock = json_object(),
        .changes = json_array(),
    };
    ctx_request_on_abandoned(request, abandoned, call);
    step(call);
}
