/*
 * Talking to the daemon, for the commands. Which socket: the one given, else the user's when
 * there is one, else the system's. The main thread.
 */
#include "cli/remote.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "config/config.h"
#include "control/message.h"

/* The daemon itself ends a sync in time; this is for one that hangs. */
enum { ANSWER_MS = 3600000 + 10000 };

static int no_daemon(const char *path, bool chosen, int code, bool quiet)
{
    if (quiet)
        return CTX_EXIT_FAILED;
    if (code == -EACCES || code == -EPERM)
        ctx_cli_fail("%s: permission denied: the system's daemon is for the group contextor", path);
    else if (chosen)
        ctx_cli_fail("no daemon listens on %s; start one with: contextord --socket %s", path, path);
    else
        ctx_cli_fail("no daemon is running; start it with: systemctl --user start contextord");
    return CTX_EXIT_FAILED;
}

static bool is_socket(const char *path)
{
    struct stat st;
    return path && stat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

int ctx_remote_connect(const struct ctx_remote_options *options, struct ctx_client **ret_client)
{
    struct ctx_environment environment;
    struct ctx_error error;
    ctx_environment_init(&environment, getenv);
    CTX_AUTO_FREE char *user = ctx_config_default_socket(&environment, false);
    CTX_AUTO_FREE char *system = ctx_config_default_socket(&environment, true);
    const char *path = options->socket;
    if (!path)
        path = is_socket(user) || !is_socket(system) ? user : system;
    if (!path) {
        ctx_cli_fail("out of memory");
        return CTX_EXIT_FAILED;
    }
    int status = ctx_client_connect(path, ret_client, &error);
    if (status == -ECONNREFUSED && path == user && is_socket(system)) {
        path = system; /* what the user's daemon left behind does not hide the system's */
        status = ctx_client_connect(path, ret_client, &error);
    }
    if (status == 0)
        return CTX_EXIT_OK;
    if (status == -ENOENT || status == -ECONNREFUSED || status == -EACCES || status == -ENOTDIR)
        return no_daemon(path, options->socket != NULL, status, options->quiet);
    ctx_cli_fail("%s", error.text);
    return status == -ENAMETOOLONG ? CTX_EXIT_USAGE : CTX_EXIT_FAILED;
}

int ctx_remote_call_on(struct ctx_client *client, const char *method, json_t *params,
                       json_t **ret_result)
{
    int code;
    struct ctx_error error;
    int status = ctx_client_call(client, method, params, ANSWER_MS, ret_result, &code, &error);
    if (status == 0)
        return CTX_EXIT_OK;
    ctx_cli_fail("%s: %s", method, error.text);
    return code == CTX_RPC_INVALID_PARAMS || code == CTX_RPC_NOT_FOUND ? CTX_EXIT_USAGE
                                                                       : CTX_EXIT_FAILED;
}

int ctx_remote_call(const struct ctx_remote_options *options, const char *method, json_t *params,
                    json_t **ret_result)
{
    struct ctx_client *client;
    int status = ctx_remote_connect(options, &client);
    if (status) {
        json_decref(params);
        return status;
    }
    status = ctx_remote_call_on(client, method, params, ret_result);
    ctx_client_free(client);
    return status;
}
