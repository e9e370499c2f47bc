/*
 * The methods that take a path: `why` and `rebuild`. An absolute path may lie in several sources;
 * `why` asks the daemon about one after the other. The loop's thread.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "control/message.h"
#include "control/text.h"
#include "daemon/command.h"
#include "daemon/locate.h"

/*
 * Reads "path" (CTX_GONE when there is none) and checks that its source, if named, exists. Answers the
 * request itself and returns a negative errno when something is wrong.
 */
static int read_target(struct ctx_control *control, struct ctx_request *request,
                       const json_t *params, char **ret_path, const char **ret_source)
{
    struct ctx_error error = { "" };
    const char *source = json_string_value(json_object_get(params, "source"));
    if (source && !ctx_config_source(ctx_daemon_config(control->daemon), source)) {
        ctx_request_fail(request, CTX_RPC_NOT_FOUND, "no such source", NULL);
        return -ENOENT;
    }
    int status = ctx_json_get_path(params, "path", ret_path, &error);
    if (status == -EINVAL)
        ctx_request_fail(request, CTX_RPC_INVALID_PARAMS, error.text, NULL);
    else if (status < 0)
        ctx_command_fail(request, status, NULL);
    else if (status == 0 && (*ret_path)[0] != '/' && !source) {
        ctx_request_fail(request, CTX_RPC_INVALID_PARAMS,
                         "path: must be absolute when no source is given", NULL);
        CTX_AUTO_FREE char *unused = CTX_TAKE(*ret_path);
        return -EINVAL;
    }
    *ret_source = source;
    return status;
}

static void fail_nowhere(struct ctx_request *request)
{
    ctx_request_fail(request, CTX_RPC_NOT_FOUND,
                     "the path is not below the root of any source; `contextor status` lists them",
                     NULL);
}

/* Queues one document in every source it lies in. */
static void rebuild_path(struct ctx_control *control, struct ctx_request *request,
                         const char *source, const char *path)
{
    const struct ctx_config *config = ctx_daemon_config(control->daemon);
    const struct ctx_source *found;
    const char *rest;
    size_t iterator = 0;
    json_int_t queued = 0;
    int failed = 0;
    struct ctx_error error = { "" };
    bool any = false;
    while ((found = ctx_locate(config, source, path, &iterator, &rest))) {
        any = true;
        int n = ctx_daemon_rebuild(control->daemon, found->name, *rest ? rest : NULL, &error);
        if (n < 0)
            failed = n;
        else
            queued += n;
    }
    if (!any)
        fail_nowhere(request);
    else if (failed && queued == 0)
        ctx_command_fail(request, failed, error.text);
    else
        ctx_request_reply(request, json_pack("{s:I}", "queued", queued));
}

void ctx_command_rebuild(void *data, struct ctx_request *request, const json_t *params)
{
    struct ctx_control *control = data;
    CTX_AUTO_FREE char *path = NULL;
    const char *source;
    struct ctx_error error = { "" };
    int status = read_target(control, request, params, &path, &source);
    if (status < 0)
        return;
    if (status == 0) {
        rebuild_path(control, request, source, path);
        return;
    }
    int n = ctx_daemon_rebuild(control->daemon, source, NULL, &error);
    if (n < 0)
        ctx_command_fail(request, n, error.text);
    else
        ctx_request_reply(request, json_pack("{s:i}", "queued", n));
}

/* A `why` under way. */
struct why_call {
    struct ctx_control *control;
    struct ctx_request *request;
    char *path, *source; /* source NULL: every one */
    json_t *results;
    size_t iterator; /* through the sources */
    bool calling;    /* inside ctx_daemon_why() */
    bool answered;   /* by a callback while calling */
};

static void why_free(struct why_call *call)
{
    free(call->path);
    free(call->source);
    json_decref(call->results);
    free(call);
}

static void why_abandoned(void *data)
{
    struct why_call *call = data;
    ctx_daemon_cancel(call->control->daemon, call);
    why_free(call);
}

static void why_fail(struct why_call *call, int code, const char *text)
{
    ctx_command_fail(call->request, code, text);
    why_free(call);
}

static void why_done(void *data, int code, json_t *result, const struct ctx_error *error);

/* Asks about one source after the other; returns when an answer is awaited. */
static void why_step(struct why_call *call)
{
    const struct ctx_source *source;
    const char *rest;
    const struct ctx_config *config = ctx_daemon_config(call->control->daemon);
    while ((source = ctx_locate(config, call->source, call->path, &call->iterator, &rest))) {
        struct ctx_error error = { "" };
        call->calling = true;
        call->answered = false;
        int status =
            ctx_daemon_why(call->control->daemon, source->name, rest, why_done, call, &error);
        call->calling = false;
        if (status < 0) {
            why_fail(call, status, error.text);
            return;
        }
        if (!call->answered)
            return;
    }
    if (json_array_size(call->results) == 0)
        fail_nowhere(call->request);
    else
        ctx_request_reply(call->request, json_pack("{s:O}", "results", call->results));
    why_free(call);
}

static void why_done(void *data, int code, json_t *result, const struct ctx_error *error)
{
    (void)error;
    struct why_call *call = data;
    /* What failed for one source is told in its place, so that the others are still answered. */
    json_array_append_new(call->results,
                          code ? json_pack("{s:s}", "error", ctx_error_name(code)) : result);
    call->answered = true;
    if (!call->calling)
        why_step(call);
}

void ctx_command_why(void *data, struct ctx_request *request, const json_t *params)
{
    CTX_AUTO_FREE char *path = NULL;
    const char *source;
    if (read_target(data, request, params, &path, &source))
        return;
    struct why_call *call = calloc(1, sizeof(*call));
    if (!call) {
        ctx_command_fail(request, -ENOMEM, NULL);
        return;
    }
    call->control = data;
    call->request = request;
    call->path = CTX_TAKE(path);
    call->source = source ? strdup(source) : NULL;
    call->results = json_array();
    if ((source && !call->source) || !call->results) {
        why_fail(call, -ENOMEM, NULL);
        return;
    }
    ctx_request_on_abandoned(request, why_abandoned, call);
    why_step(call);
}
