#ifndef CTX_CLI_REMOTE_H
#define CTX_CLI_REMOTE_H

#include <jansson.h>

#include "cli/cli.h"
#include "control/client.h"

/* Commands that ask the daemon: the socket, one request, its failure as a line and a status. */

/* The options that each of them has; embedded in the command's own struct. */
struct ctx_remote_options {
    const char *socket; /* --socket; NULL: the user's, else the system's */
    bool json;          /* --json */
    bool quiet;         /* no option: connecting in vain says nothing, since it was said */
};

/* Rows of an option table for a command's struct whose member `remote` is the above. */
#define CTX_REMOTE_OPTIONS(type)                                                                   \
    { "json", 0, CTX_OPTION_FLAG, offsetof(type, remote.json), NULL, "print JSON" },               \
    {                                                                                              \
        "socket", 0, CTX_OPTION_STRING, offsetof(type, remote.socket), "PATH",                     \
            "the daemon's control socket"                                                          \
    }

/* Connects, or says (unless `quiet`) that no daemon listens and how to start one: then an exit status. */
int ctx_remote_connect(const struct ctx_remote_options *options, struct ctx_client **ret_client);

/*
 * One request (`params` is taken; NULL: none) on a connection of its own, or on `client`. CTX_EXIT_OK and
 * a new reference; else the line was printed and this is the exit status.
 */
int ctx_remote_call(const struct ctx_remote_options *options, const char *method, json_t *params,
                    json_t **ret_result);
int ctx_remote_call_on(struct ctx_client *client, const char *method, json_t *params,
                       json_t **ret_result);

#endif
