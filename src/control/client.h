#ifndef CTX_CONTROL_CLIENT_H
#define CTX_CONTROL_CLIENT_H

#include <jansson.h>

#include "contextor/error.h"

/*
 * The control socket's client: blocking, one request at a time, events between. One thread uses
 * one. Sends never raise SIGPIPE.
 */

struct ctx_client;

/* 0; -ENOENT or -ECONNREFUSED: no daemon listens; else errno. All with an error that names the path. */
int ctx_client_connect(const char *path, struct ctx_client **ret_client, struct ctx_error *error);
void ctx_client_free(struct ctx_client *client);

/*
 * Sends a request and waits for its answer; events that come meanwhile are kept for
 * ctx_client_next_event(). `params` is taken, and may be NULL. Milliseconds; -1 waits for ever.
 * 0 and a new reference; -EREMOTEIO when the answer is an error: error is its message, ret_code (else
 * 0) its code; -ETIMEDOUT; -ECONNRESET when the daemon went away; -EPROTO for what is no answer.
 */
int ctx_client_call(struct ctx_client *client, const char *method, json_t *params, int timeout_ms,
                    json_t **ret_result, int *ret_code, struct ctx_error *error);

/* The params of the next event; new reference. 0, -ETIMEDOUT, -ECONNRESET, -EPROTO. */
int ctx_client_next_event(struct ctx_client *client, int timeout_ms, json_t **ret_params,
                          struct ctx_error *error);

#endif
