/*
 * The methods of the control socket: the table, and those that are a call or two of the daemon.
 * contextor-control(7) is their specification. The loop's thread.
 */
#include "daemon/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "contextor/version.h"
#include "control/message.h"
#include "daemon/parameter.h"

enum { PROTOCOL = 1 };

static const struct {
    int code;
    int rpc_code;
    const char *text; /* when the daemon gave none */
} failures[] = {
    { -EBUSY, CTX_RPC_PAUSED, "paused; resume first" },
    { -ECANCELED, CTX_RPC_STOPPING, "the daemon is stopping" },
    { -ENOENT, CTX_RPC_NOT_FOUND, "no such source or path" },
    { -ETIMEDOUT, CTX_RPC_TIMEOUT, "not done in time; the work goes on" },
};

void ctx_command_fail(struct ctx_request *request, int code, const char *text)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(failures); i++) {
        if (failures[i].code == code) {
            ctx_request_fail(request, failures[i].rpc_code, text && *text ? text : failures[i].text,
                             NULL);
            return;
        }
    }
    ctx_request_fail(request, CTX_RPC_INTERNAL, text && *text ? text : ctx_error_name(code), NULL);
}

static void run_version(void *data, struct ctx_request *request, const json_t *params)
{
    (void)data;
    (void)params;
    size_t n;
    const struct ctx_command *commands = ctx_commands(&n);
    json_t *methods = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(methods, json_string(commands[i].method));
    ctx_request_reply(request,
                      json_pack("{s:s, s:i, s:i, s:o}", "version", ctx_version(), "protocol",
                                PROTOCOL, "pid", (int)getpid(), "methods", methods));
}

static void run_status(void *data, struct ctx_request *request, const json_t *params)
{
    (void)params;
    struct ctx_control *control = data;
    ctx_request_reply(request, ctx_daemon_status(control->daemon));
}

static void run_metrics(void *data, struct ctx_request *request, const json_t *params)
{
    struct ctx_control *control = data;
    const struct ctx_metrics *metrics = ctx_daemon_metrics(control->daemon);
    const struct ctx_run_report *run = ctx_daemon_last_run(control->daemon);
    const char *format = json_string_value(json_object_get(params, "format"));
    if (!format || format[0] == 'j') {
        json_t *object = ctx_metrics_to_json(metrics);
        json_object_set_new(object, "last_run", run ? ctx_run_report_to_json(run) : json_null());
        ctx_request_reply(request, object);
        return;
    }
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, CTX_LIMIT_CLIENT_OUTPUT);
    int status = ctx_metrics_to_prometheus(metrics, &text);
    if (status == 0 && run)
        status = ctx_run_report_to_prometheus(run, &text);
    if (status)
        ctx_command_fail(request, status, NULL);
    else
        ctx_request_reply(request, json_pack("{s:s, s:s}", "content_type",
                                             "text/plain; version=0.0.4; charset=utf-8", "text",
                                             ctx_buffer_str(&text)));
}

struct sync_call {
    struct ctx_control *control;
    struct ctx_request *request;
    int64_t began_us;
};

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void sync_abandoned(void *data)
{
    struct sync_call *call = data;
    ctx_daemon_cancel(call->control->daemon, call);
    free(call);
}

static void sync_fail(struct sync_call *call, int code, const struct ctx_error *error)
{
    if (code == -EBUSY) {
        json_t *holds =
            json_pack("{s:I}", "holds", (json_int_t)ctx_holds_count(&call->control->holds));
        ctx_request_fail(call->request, CTX_RPC_PAUSED, "paused; resume first", holds);
    } else if (error && error->text[0]) {
        ctx_request_fail(call->request, CTX_RPC_INTERNAL, error->text, NULL);
    } else {
        ctx_command_fail(call->request, code, NULL);
    }
}

static void sync_done(void *data, int code, json_t *failed, const struct ctx_error *error)
{
    CTX_AUTO_FREE struct sync_call *call = data;
    if (code) {
        sync_fail(call, code, error);
        return;
    }
    ctx_request_reply(call->request,
                      json_pack("{s:O, s:O, s:I}", "failed", json_object_get(failed, "failures"),
                                "failed_total", json_object_get(failed, "total"), "duration_us",
                                (json_int_t)(now_us() - call->began_us)));
    json_decref(failed);
}

static void run_sync(void *data, struct ctx_request *request, const json_t *params)
{
    struct sync_call *call = calloc(1, sizeof(*call));
    if (!call) {
        ctx_command_fail(request, -ENOMEM, NULL);
        return;
    }
    *call = (struct sync_call){ .control = data, .request = request, .began_us = now_us() };
    const json_t *timeout = json_object_get(params, "timeout_ms");
    bool index = !json_is_false(json_object_get(params, "index"));
    ctx_request_on_abandoned(request, sync_abandoned, call);
    struct ctx_error error = { "" };
    int status = ctx_daemon_sync(call->control->daemon, index,
                                 timeout ? (unsigned)json_integer_value(timeout) : CTX_SYNC_MS,
                                 sync_done, call, &error);
    if (status < 0) {
        sync_fail(call, status, &error);
        free(call);
    }
}

/* Where every source's history stands, out of the status. */
static json_t *clocks(struct ctx_control *control)
{
    json_t *result = json_object();
    json_t *status = ctx_daemon_status(control->daemon);
    size_t i;
    json_t *source;
    json_array_foreach(json_object_get(status, "sources"), i, source)
    {
        const char *name = json_string_value(json_object_get(source, "name"));
        json_t *clock = json_object_get(source, "clock");
        if (name && clock)
            json_object_set(result, name, clock);
    }
    json_decref(status);
    return result;
}

static void run_subscribe(void *data, struct ctx_request *request, const json_t *params)
{
    struct ctx_control *control = data;
    uint64_t client = ctx_request_client(request);
    unsigned number;
    int status = ctx_subscriptions_add(control->subscriptions, client, params, &number);
    if (status == -EDQUOT) {
        ctx_request_fail(request, CTX_RPC_TOO_BUSY, "a connection has 16 subscriptions at most",
                         NULL);
        return;
    }
    if (status == -EINVAL) {
        ctx_request_fail(request, CTX_RPC_INVALID_PARAMS, "paths: a pattern that can never match",
                         NULL);
        return;
    }
    if (status) {
        ctx_command_fail(request, status, NULL);
        return;
    }
    ctx_server_mark(control->server, client, CTX_CLIENT_STREAMING, true);
    ctx_request_reply(request, json_pack("{s:I, s:o}", "subscription", (json_int_t)number, "clock",
                                         clocks(control)));
}

static void run_unsubscribe(void *data, struct ctx_request *request, const json_t *params)
{
    struct ctx_control *control = data;
    uint64_t client = ctx_request_client(request);
    json_int_t number = json_integer_value(json_object_get(params, "subscription"));
    if (ctx_subscriptions_remove(control->subscriptions, client, (unsigned)number)) {
        ctx_request_fail(request, CTX_RPC_NOT_FOUND, "no such subscription on this connection",
                         NULL);
        return;
    }
    ctx_request_reply(request, json_pack("{s:I}", "subscription", number));
    if (!ctx_subscriptions_has_client(control->subscriptions, client))
        ctx_server_mark(control->server, client, CTX_CLIENT_STREAMING, false);
}

void ctx_holds_apply(struct ctx_control *control, size_t before)
{
    size_t after = ctx_holds_count(&control->holds);
    if (before == 0 && after > 0)
        ctx_daemon_pause(control->daemon);
    else if (before > 0 && after == 0)
        ctx_daemon_resume(control->daemon);
}

static json_t *describe_holds(const struct ctx_control *control)
{
    size_t n = ctx_holds_count(&control->holds);
    return json_pack("{s:b, s:I}", "paused", n > 0, "holds", (json_int_t)n);
}

static void run_pause(void *data, struct ctx_request *request, const json_t *params)
{
    struct ctx_control *control = data;
    uint64_t client = ctx_request_client(request);
    bool keep = json_is_true(json_object_get(params, "keep"));
    size_t before = ctx_holds_count(&control->holds);
    int status = ctx_holds_add(&control->holds, client, keep);
    if (status < 0) {
        ctx_command_fail(request, status, NULL);
        return;
    }
    if (!keep)
        ctx_server_mark(control->server, client, CTX_CLIENT_HOLDING, true);
    ctx_holds_apply(control, before);
    ctx_request_reply(request, describe_holds(control));
}

static void run_resume(void *data, struct ctx_request *request, const json_t *params)
{
    struct ctx_control *control = data;
    uint64_t client = ctx_request_client(request);
    bool all = json_is_true(json_object_get(params, "all"));
    size_t before = ctx_holds_count(&control->holds);
    for (size_t i = 0; all && i < control->holds.n; i++)
        ctx_server_mark(control->server, control->holds.clients[i], CTX_CLIENT_HOLDING, false);
    ctx_server_mark(control->server, client, CTX_CLIENT_HOLDING, false);
    ctx_holds_end_client(&control->holds, client);
    ctx_holds_end_kept(&control->holds, all);
    ctx_holds_apply(control, before);
    ctx_request_reply(request, describe_holds(control));
}

static void run_reload(void *data, struct ctx_request *request, const json_t *params)
{
    (void)params;
    struct ctx_control *control = data;
    struct ctx_error error = { "" };
    int status = ctx_daemon_reload(control->daemon, &error);
    if (status < 0) {
        ctx_request_fail(request, CTX_RPC_REFUSED,
                         *error.text ? error.text : ctx_error_name(status), NULL);
        return;
    }
    const struct ctx_config *config = ctx_daemon_config(control->daemon);
    ctx_request_reply(request, json_pack("{s:b, s:I}", "changed", status != CTX_UNCHANGED,
                                         "sources", (json_int_t)config->n_sources));
}

static void run_failures(void *data, struct ctx_request *request, const json_t *params)
{
    struct ctx_control *control = data;
    const char *source = json_string_value(json_object_get(params, "source"));
    const json_t *limit = json_object_get(params, "limit");
    if (source && !ctx_config_source(ctx_daemon_config(control->daemon), source)) {
        ctx_request_fail(request, CTX_RPC_NOT_FOUND, "no such source", NULL);
        return;
    }
    size_t most = limit ? (size_t)json_integer_value(limit) : CTX_LISTED;
    ctx_request_reply(request, ctx_daemon_failures(control->daemon, source, most));
}

static const char *const metric_formats[] = { "json", "prometheus", NULL };

static const struct ctx_parameter changes_parameters[] = {
    { "since", CTX_PARAMETER_OBJECT },
    { "sources", CTX_PARAMETER_STRINGS },
    { "limit", CTX_PARAMETER_NUMBER, .min = 1, .max = CTX_LIMIT_LISTED },
};
static const struct ctx_parameter failures_parameters[] = {
    { "source", CTX_PARAMETER_STRING },
    { "limit", CTX_PARAMETER_NUMBER, .min = 1, .max = CTX_LIMIT_LISTED },
};
static const struct ctx_parameter metrics_parameters[] = {
    { "format", CTX_PARAMETER_STRING, .values = metric_formats },
};
static const struct ctx_parameter pause_parameters[] = {
    { "keep", CTX_PARAMETER_BOOLEAN },
};
static const struct ctx_parameter rebuild_parameters[] = {
    { "path", CTX_PARAMETER_PATH },
    { "source", CTX_PARAMETER_STRING },
};
static const struct ctx_parameter resume_parameters[] = {
    { "all", CTX_PARAMETER_BOOLEAN },
};
static const struct ctx_parameter subscribe_parameters[] = {
    { "events", CTX_PARAMETER_STRINGS, .values = ctx_event_names },
    { "sources", CTX_PARAMETER_STRINGS },
    { "paths", CTX_PARAMETER_STRINGS },
};
static const struct ctx_parameter sync_parameters[] = {
    { "index", CTX_PARAMETER_BOOLEAN },
    { "timeout_ms", CTX_PARAMETER_NUMBER, .min = 1, .max = CTX_LIMIT_SYNC_MS },
};
static const struct ctx_parameter unsubscribe_parameters[] = {
    { "subscription", CTX_PARAMETER_NUMBER, .required = true, .min = 1, .max = 0xFFFFFFFF },
};
static const struct ctx_parameter why_parameters[] = {
    { "path", CTX_PARAMETER_PATH, .required = true },
    { "source", CTX_PARAMETER_STRING },
};

#define WITH(table) (table), CTX_ARRAY_LEN(table)

static const struct ctx_command commands[] = {
    { "changes", WITH(changes_parameters), ctx_command_changes, true },
    { "failures", WITH(failures_parameters), run_failures, true },
    { "metrics", WITH(metrics_parameters), run_metrics },
    { "pause", WITH(pause_parameters), run_pause },
    { "rebuild", WITH(rebuild_parameters), ctx_command_rebuild, true },
    { "reload", NULL, 0, run_reload },
    { "resume", WITH(resume_parameters), run_resume },
    { "status", NULL, 0, run_status },
    { "subscribe", WITH(subscribe_parameters), run_subscribe, true },
    { "sync", WITH(sync_parameters), run_sync },
    { "unsubscribe", WITH(unsubscribe_parameters), run_unsubscribe },
    { "version", NULL, 0, run_version },
    { "why", WITH(why_parameters), ctx_command_why, true },
};

const struct ctx_command *ctx_commands(size_t *ret_count)
{
    *ret_count = CTX_ARRAY_LEN(commands);
    return commands;
}
