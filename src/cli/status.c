/* `contextor status`, once or, with --watch, again and again on one connection. The main thread. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/print.h"
#include "cli/remote.h"

struct values {
    struct ctx_remote_options remote;
    bool watch;
    int interval;
};

static const struct ctx_option options[] = {
    { "watch", 'w', CTX_OPTION_FLAG, offsetof(struct values, watch), NULL,
      "show it again and again" },
    { "interval", 'i', CTX_OPTION_UNSIGNED, offsetof(struct values, interval), "SECONDS",
      "time between, with --watch (2)", 1, 3600 },
    CTX_REMOTE_OPTIONS(struct values),
};

static const struct ctx_usage usage = {
    .command = "status",
    .summary = "Shows the daemon's state: its sources, its queue, what is degraded",
    .options = options,
    .n_options = CTX_ARRAY_LEN(options),
};

/* On a terminal each table takes the place of the one before: home, and clear what is below. */
static void begin_screen(const struct values *values)
{
    if (values->watch && !values->remote.json && isatty(STDOUT_FILENO))
        fputs("\033[H\033[J", stdout);
}

static int show(struct ctx_client *client, const struct values *values)
{
    json_t *result;
    int status = ctx_remote_call_on(client, "status", NULL, &result);
    if (status)
        return status;
    if (values->remote.json)
        ctx_print_json(result);
    else {
        begin_screen(values);
        ctx_print_status(result);
    }
    json_decref(result);
    return fflush(stdout) ? CTX_EXIT_FAILED : CTX_EXIT_OK;
}

/* Goes on when the daemon is started anew. Ends when nobody reads it. */
static int watch(struct ctx_client **client, const struct values *values)
{
    int status = CTX_EXIT_OK;
    while (status != CTX_EXIT_USAGE && !ferror(stdout)) {
        nanosleep(&(struct timespec){ .tv_sec = values->interval }, NULL);
        if (!*client) {
            begin_screen(values);
            fflush(stdout);
            status = ctx_remote_connect(&values->remote, client);
        }
        if (*client)
            status = show(*client, values);
        if (*client && status != CTX_EXIT_OK)
            ctx_client_free(CTX_TAKE(*client));
    }
    return status;
}

int ctx_cli_status(int argc, char **argv)
{
    struct values values = { .interval = 2 };
    struct ctx_client *client;
    int arguments;
    int status = ctx_options_parse(&usage, argc, argv, &values, &arguments);
    if (status)
        return status < 0 ? CTX_EXIT_USAGE : CTX_EXIT_OK;
    status = ctx_remote_connect(&values.remote, &client);
    if (status)
        return status;
    status = show(client, &values);
    if (values.watch && status == CTX_EXIT_OK)
        status = watch(&client, &values);
    ctx_client_free(client);
    return status;
}
