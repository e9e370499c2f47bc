/*
 * `contextor follow`: subscribes, and prints an event a line until the daemon or a signal ends it;
 * with --reconnect not even the daemon does. The main thread.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "cli/print.h"
#include "cli/remote.h"

enum { RETRY_S = 1 }; /* between attempts to connect, with --reconnect */

struct values {
    struct ctx_remote_options remote;
    const char *events, *source, *path;
    int count;
    int left; /* of `count`; without one it stays as it is */
    bool reconnect;
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
    { "reconnect", 'r', CTX_OPTION_FLAG, offsetof(struct values, reconnect), NULL,
      "wait for the daemon when there is none, and go on when it is started anew" },
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

/* Prints what comes until all did, 0; nobody reads it, -EPIPE; or none will come, with an error. */
static int print_events(struct ctx_client *client, struct values *values, struct ctx_error *error)
{
    while (values->left > 0) {
        json_t *params;
        int r = ctx_client_next_event(client, -1, &params, error);
        if (r < 0)
            return r;
        print(values, params);
        json_decref(params);
        if (fflush(stdout))
            return -EPIPE;
        values->left -= values->count > 0;
    }
    return 0;
}

static int subscribe(struct ctx_client *client, const struct values *values)
{
    json_t *result;
    json_t *params = json_pack("{s:o*, s:o*, s:o*}", "events", split(values->events), "sources",
                               split(values->source), "paths",
                               values->path ? json_pack("[s]", values->path) : NULL);
    int status = ctx_remote_call_on(client, "subscribe", params, &result);
    if (status == CTX_EXIT_OK)
        json_decref(result);
    return status;
}

static void wait_a_moment(void)
{
    nanosleep(&(struct timespec){ .tv_sec = RETRY_S }, NULL);
}

/* With --reconnect until there is one: why it has to wait is said once. */
static int connect_to_daemon(struct values *values, struct ctx_client **ret_client)
{
    int status;
    while ((status = ctx_remote_connect(&values->remote, ret_client)) == CTX_EXIT_FAILED &&
           values->reconnect) {
        values->remote.quiet = true;
        wait_a_moment();
    }
    return status;
}

/* The connection ended, or speaks another language. Whether to go on with the next one. */
static bool is_over(const struct values *values, int code, const char *why)
{
    bool again = code == -ECONNRESET && values->reconnect;
    const char *hint = again                 ? "; waiting for it"
                       : code == -ECONNRESET ? "; --reconnect would wait for it"
                                             : "";
    if (code < 0 && code != -EPIPE)
        ctx_cli_fail("follow: %s%s", why, hint);
    return !again;
}

/* One connection. Whether it was the last; then its exit status. */
static bool follow(struct values *values, int *ret_status)
{
    struct ctx_client *client;
    struct ctx_error error;
    *ret_status = connect_to_daemon(values, &client);
    if (*ret_status)
        return true;
    values->remote.quiet = true; /* the next time */
    *ret_status = subscribe(client, values);
    int code = *ret_status ? 0 : print_events(client, values, &error);
    ctx_client_free(client);
    if (*ret_status == CTX_EXIT_FAILED && values->reconnect) {
        wait_a_moment(); /* it was just ending, or has no room */
        return false;
    }
    if (code < 0)
        *ret_status = CTX_EXIT_FAILED;
    return *ret_status == CTX_EXIT_USAGE || is_over(values, code, error.text);
}

int ctx_cli_follow(int argc, char **argv)
{
    struct values values = { .events = "written,removed,failed,state", .left = 1 };
    int arguments;
    int status = ctx_options_parse(&usage, argc, argv, &values, &arguments);
    if (status)
        return status < 0 ? CTX_EXIT_USAGE : CTX_EXIT_OK;
    if (values.count)
        values.left = values.count;
    while (!follow(&values, &status))
        ;
    return status;
}
