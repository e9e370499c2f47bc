/*
 * Commands of one request and a few lines of answer, by a table: failures, metrics, rebuild, reload,
 * resume, sync, why; and pause and version, which are nearly so. The main thread.
 */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "cli/print.h"
#include "cli/remote.h"
#include "cli/target.h"
#include "contextor/version.h"

/* The options of all of them together; each command's table has its own. */
struct values {
    struct ctx_remote_options remote;
    bool pages, stay, all, daemon, prometheus;
    int timeout, limit;
    const char *source;
    const char *argument; /* the first; NULL: none */
};

#define AT(member) offsetof(struct values, member)

struct request {
    struct ctx_usage usage;
    const char *method;
    json_t *(*params)(const struct values *values); /* NULL: none */
    void (*print)(const json_t *result);            /* for a person */
    int (*status)(const json_t *result);            /* NULL: CTX_EXIT_OK */
};

/* True when parsing ended the command; then ret_exit is its status. */
static bool parse(const struct ctx_usage *usage, int argc, char **argv, struct values *values,
                  int *ret_exit)
{
    int arguments;
    *values = (struct values){ .timeout = CTX_SYNC_MS / 1000, .limit = CTX_LISTED };
    int status = ctx_options_parse(usage, argc, argv, values, &arguments);
    *ret_exit = status < 0 ? CTX_EXIT_USAGE : CTX_EXIT_OK;
    if (status == 0 && arguments)
        values->argument = argv[1];
    return status != 0;
}

static void print(const struct values *values, const struct request *request, const json_t *result)
{
    if (values->remote.json)
        ctx_print_json(result);
    else
        request->print(result);
}

static int run(const struct request *request, int argc, char **argv)
{
    struct values values;
    int status;
    if (parse(&request->usage, argc, argv, &values, &status))
        return status;
    json_t *params = NULL;
    if (request->params && !(params = request->params(&values))) {
        ctx_cli_fail("out of memory");
        return CTX_EXIT_FAILED;
    }
    json_t *result;
    status = ctx_remote_call(&values.remote, request->method, params, &result);
    if (status)
        return status;
    print(&values, request, result);
    status = request->status ? request->status(result) : CTX_EXIT_OK;
    json_decref(result);
    return status;
}

static const struct ctx_option remote_options[] = { CTX_REMOTE_OPTIONS(struct values) };

static json_t *failures_params(const struct values *values)
{
    return json_pack("{s:i, s:s*}", "limit", values->limit, "source", values->argument);
}

static int failures_status(const json_t *result)
{
    return ctx_json_number(result, "total") ? CTX_EXIT_FAILED : CTX_EXIT_OK;
}

int ctx_cli_failures(int argc, char **argv)
{
    static const struct ctx_option options[] = {
        { "limit", 'n', CTX_OPTION_UNSIGNED, AT(limit), "N", "list so many at most (1000)", 1,
          CTX_LIMIT_LISTED },
        CTX_REMOTE_OPTIONS(struct values),
    };
    static const struct request request = {
        .usage = { .command = "failures",
                   .arguments = "[SOURCE]",
                   .summary = "Lists the documents whose last attempt failed",
                   .detail = "Exit status 1 when there are any.",
                   .options = options,
                   .n_options = CTX_ARRAY_LEN(options),
                   .max_arguments = 1 },
        .method = "failures",
        .params = failures_params,
        .print = ctx_print_failures,
        .status = failures_status,
    };
    return run(&request, argc, argv);
}

static json_t *metrics_params(const struct values *values)
{
    return json_pack("{s:s}", "format", values->prometheus ? "prometheus" : "json");
}

int ctx_cli_metrics(int argc, char **argv)
{
    static const struct ctx_option options[] = {
        { "prometheus", 'p', CTX_OPTION_FLAG, AT(prometheus), NULL,
          "print Prometheus' text exposition format" },
        CTX_REMOTE_OPTIONS(struct values),
    };
    static const struct request request = {
        .usage = { .command = "metrics",
                   .summary = "Prints the daemon's counters, gauges and histograms",
                   .options = options,
                   .n_options = CTX_ARRAY_LEN(options) },
        .method = "metrics",
        .params = metrics_params,
        .print = ctx_print_metrics,
    };
    return run(&request, argc, argv);
}

static json_t *target_params(const struct values *values)
{
    return ctx_target_params(values->source, values->argument);
}

int ctx_cli_rebuild(int argc, char **argv)
{
    static const struct ctx_option options[] = {
        { "source", 's', CTX_OPTION_STRING, AT(source), "NAME",
          "this source; PATH is then relative to its root" },
        CTX_REMOTE_OPTIONS(struct values),
    };
    static const struct request request = {
        .usage = { .command = "rebuild",
                   .arguments = "[PATH]",
                   .summary = "Makes pages again, changed or not: one, a source's, or all",
                   .detail = "Does not wait for them; contextor sync does.",
                   .options = options,
                   .n_options = CTX_ARRAY_LEN(options),
                   .max_arguments = 1 },
        .method = "rebuild",
        .params = target_params,
        .print = ctx_print_queued,
    };
    return run(&request, argc, argv);
}

int ctx_cli_reload(int argc, char **argv)
{
    static const struct request request = {
        .usage = { .command = "reload",
                   .summary = "Has the daemon read its configuration again",
                   .detail = "When it is not valid the running one stays, and the exit status is "
                             "1.",
                   .options = remote_options,
                   .n_options = CTX_ARRAY_LEN(remote_options) },
        .method = "reload",
        .print = ctx_print_reloaded,
    };
    return run(&request, argc, argv);
}

static json_t *resume_params(const struct values *values)
{
    return json_pack("{s:b}", "all", values->all);
}

int ctx_cli_resume(int argc, char **argv)
{
    static const struct ctx_option options[] = {
        { "all", 'a', CTX_OPTION_FLAG, AT(all), NULL, "end the holds of other clients, too" },
        CTX_REMOTE_OPTIONS(struct values),
    };
    static const struct request request = {
        .usage = { .command = "resume",
                   .summary = "Goes on after contextor pause",
                   .options = options,
                   .n_options = CTX_ARRAY_LEN(options) },
        .method = "resume",
        .params = resume_params,
        .print = ctx_print_holds,
    };
    return run(&request, argc, argv);
}

static json_t *sync_params(const struct values *values)
{
    return json_pack("{s:b, s:i}", "index", !values->pages, "timeout_ms", values->timeout * 1000);
}

static int sync_status(const json_t *result)
{
    return ctx_json_number(result, "failed_total") ? CTX_EXIT_FAILED : CTX_EXIT_OK;
}

int ctx_cli_sync(int argc, char **argv)
{
    static const struct ctx_option options[] = {
        { "pages", 0, CTX_OPTION_FLAG, AT(pages), NULL, "do not wait for the index" },
        { "timeout", 't', CTX_OPTION_UNSIGNED, AT(timeout), "SECONDS", "give up after this (60)", 1,
          CTX_LIMIT_SYNC_MS / 1000 },
        CTX_REMOTE_OPTIONS(struct values),
    };
    static const struct request request = {
        .usage = { .command = "sync",
                   .summary = "Waits until every save made so far is on disk",
                   .detail = "Prints the documents that failed; exit status 1 when there are any.",
                   .options = options,
                   .n_options = CTX_ARRAY_LEN(options) },
        .method = "sync",
        .params = sync_params,
        .print = ctx_print_failures,
        .status = sync_status,
    };
    return run(&request, argc, argv);
}

int ctx_cli_why(int argc, char **argv)
{
    static const struct ctx_option options[] = {
        { "source", 's', CTX_OPTION_STRING, AT(source), "NAME",
          "this source; PATH is then relative to its root" },
        CTX_REMOTE_OPTIONS(struct values),
    };
    static const struct request request = {
        .usage = { .command = "why",
                   .arguments = "PATH",
                   .summary = "Shows how the daemon sees one path, by which rule, and what came "
                              "of it",
                   .options = options,
                   .n_options = CTX_ARRAY_LEN(options),
                   .min_arguments = 1,
                   .max_arguments = 1 },
        .method = "why",
        .params = target_params,
        .print = ctx_print_why,
    };
    return run(&request, argc, argv);
}

/* Keeps the connection, and with it the hold, until a signal or the daemon ends it. */
static void wait_for_end(struct ctx_client *client)
{
    json_t *event;
    while (ctx_client_next_event(client, -1, &event, NULL) == 0)
        json_decref(event);
}

int ctx_cli_pause(int argc, char **argv)
{
    static const struct ctx_option options[] = {
        { "while-running", 'w', CTX_OPTION_FLAG, AT(stay), NULL,
          "stay, and end the pause with this command (Ctrl-C)" },
        CTX_REMOTE_OPTIONS(struct values),
    };
    static const struct request request = {
        .usage = { .command = "pause",
                   .summary = "Holds new work back until contextor resume",
                   .options = options,
                   .n_options = CTX_ARRAY_LEN(options) },
        .print = ctx_print_holds,
    };
    struct values values;
    struct ctx_client *client;
    json_t *result;
    int status;
    if (parse(&request.usage, argc, argv, &values, &status))
        return status;
    status = ctx_remote_connect(&values.remote, &client);
    if (status)
        return status;
    status = ctx_remote_call_on(client, "pause", json_pack("{s:b}", "keep", !values.stay), &result);
    if (status == CTX_EXIT_OK) {
        print(&values, &request, result);
        fflush(stdout);
        json_decref(result);
        if (values.stay)
            wait_for_end(client);
    }
    ctx_client_free(client);
    return status;
}

int ctx_cli_version(int argc, char **argv)
{
    static const struct ctx_option options[] = {
        { "daemon", 'd', CTX_OPTION_FLAG, AT(daemon), NULL, "the running daemon's instead" },
        CTX_REMOTE_OPTIONS(struct values),
    };
    static const struct request request = {
        .usage = { .command = "version",
                   .summary = "Prints this program's version, or the daemon's",
                   .options = options,
                   .n_options = CTX_ARRAY_LEN(options) },
        .print = ctx_print_version,
    };
    struct values values;
    json_t *result = NULL;
    int status;
    if (parse(&request.usage, argc, argv, &values, &status))
        return status;
    if (values.daemon || values.remote.socket)
        status = ctx_remote_call(&values.remote, "version", NULL, &result);
    else
        result = json_pack("{s:s}", "version", ctx_version());
    if (status)
        return status;
    print(&values, &request, result);
    json_decref(result);
    return CTX_EXIT_OK;
}
