/* `contextor follow`: subscribes, and prints an event a line until the daemon or a signal ends it. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/print.h"
#include "cli/remote.h"

struct values {
    struct ctx_remote_options remote;
    const char *events, *source, *path;
    int count;
};

static const struct ctx_option options[] = {
    { "events", 'e', CTX_OPTION_STRING, offsetof(struct values, events), "A,B",
      "of written, unchanged, removed, failed, batch, state (all but unchanged and batch)" },
    { "source", 's', CTX_OPTION_STRING, offsetof(struct values, source), "A,B",
      "of these sources (all)" },
    { "path", 'p', CTX_OPTION_STRING, offsetof(struct values, path), "PATTERN",
      "of paths below the root that match, such as 'guides/**' (all)" },
    { "count", 'n', CTX_OPTION_UNSIGNED, offsetof(struct values, count), "N",
      "end after so many events", 1, 0 },
    CTX_REMOTE_OPTIONS(struct values),
};

static const struct ctx_usage usage = {
    .command = "follow",
    .summary = "Prints an event a line, as they happen",
    .detail = "With --json each line is the event's params of contextor-control(7).",
    .options = options,
    .n_options = CTX_ARRAY_LEN(options),
};

/* "a,b" to ["a", "b"]; NULL stays NULL. */
static json_t *split(const char *list)
{
    json_t *array = list ? json_array() : NULL;
    while (array && *list) {
        size_t len = strcspn(list, ",");
        json_array_append_new(array, json_stringn(list, len));
        list += len + (list[len] == ',');
    }
    return array;
}

/* One line of JSON always: what reads it reads lines. */
static void print(const struct values *values, const json_t *params)
{
    if (values->remote.json) {
        json_dumpf(params, stdout, JSON_COMPACT);
        putchar('\n');
    } else {
        ctx_print_event(params);
    }
}

static int follow(struct ctx_client *client, const struct values *values)
{
    struct ctx_error error;
    for (int n = 0; !values->count || n < values->count; n++) {
        json_t *params;
        if (ctx_client_next_event(client, -1, &params, &error)) {
            ctx_cli_fail("follow: %s", error.text);
            return CTX_EXIT_FAILED;
        }
        print(values, params);
        json_decref(params);
        if (fflush(stdout))
            return CTX_EXIT_FAILED;
    }
    return CTX_EXIT_OK;
}

int ctx_cli_follow(int argc, char **argv)
{
    struct values values = { .events = "written,removed,failed,state" };
    struct ctx_client *client;
    json_t *result;
    int arguments;
    int status = ctx_options_parse(&usage, argc, argv, &values, &arguments);
    if (status)
        return status < 0 ? CTX_EXIT_USAGE : CTX_EXIT_OK;
    status = ctx_remote_connect(&values.remote, &client);
    if (status)
        return status;
    json_t *params = json_pack("{s:o*, s:o*, s:o*}", "events", split(values.events), "sources",
                               split(values.source), "paths",
                               values.path ? json_pack("[s]", values.path) : NULL);
    status = ctx_remote_call_on(client, "subscribe", params, &result);
    if (status == CTX_EXIT_OK) {
        json_decref(result);
        status = follow(client, &values);
    }
    ctx_client_free(client);
    return status;
}
