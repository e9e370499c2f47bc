#ifndef CTX_DAEMON_SUBSCRIPTION_H
#define CTX_DAEMON_SUBSCRIPTION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Subscriptions: which client wants which events, by kind, source and path. They know nothing of
 * sockets: what matches is handed to `deliver`. One thread.
 */

struct ctx_subscriptions;

typedef void (*ctx_deliver_fn)(void *data, uint64_t client, const json_t *params);

int ctx_subscriptions_new(ctx_deliver_fn deliver, void *data,
                          struct ctx_subscriptions **ret_subscriptions);
void ctx_subscriptions_free(struct ctx_subscriptions *subscriptions);

/* The kinds of events, NULL-terminated, as the protocol spells them. */
extern const char *const ctx_event_names[];

/*
 * Adds a subscription with the filters of checked params {"events", "sources", "paths"}; numbers
 * are a client's own, from 1. -EDQUOT: the client has its most; -EINVAL: a pattern that can never match; -ENOMEM.
 */
int ctx_subscriptions_add(struct ctx_subscriptions *subscriptions, uint64_t client,
                          const json_t *params, unsigned *ret_number);
/* 0, or -ENOENT: the client has no such subscription. */
int ctx_subscriptions_remove(struct ctx_subscriptions *subscriptions, uint64_t client,
                             unsigned number);
void ctx_subscriptions_remove_client(struct ctx_subscriptions *subscriptions, uint64_t client);
bool ctx_subscriptions_has_client(const struct ctx_subscriptions *subscriptions, uint64_t client);

/* Whether anybody wants events at all: when not, there is no need to describe one. */
bool ctx_subscriptions_any(const struct ctx_subscriptions *subscriptions);

/*
 * Hands an event to all whose filters it passes. `params` (taken; NULL is fine) get the member
 * "subscription"; source and path may be NULL: then no filter of that kind stops it.
 */
void ctx_subscriptions_publish(struct ctx_subscriptions *subscriptions, const char *event,
                               const char *source, const char *path, json_t *params);

#endif
