/*
 * Subscriptions, in a list in the order of arrival. Names are kept as the checked JSON arrays they
 * came as, patterns compiled. One thread, the loop's.
 */
#include "daemon/subscription.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "document/glob.h"

const char *const ctx_event_names[] = { "batch",     "failed",  "removed", "state",
                                        "unchanged", "written", NULL };

struct subscription {
    uint64_t client;
    unsigned number;
    json_t *events, *sources; /* arrays; NULL: all */
    struct ctx_glob *paths;
    size_t n_paths; /* 0: all */
    struct subscription *prev, *next;
};

struct ctx_subscriptions {
    ctx_deliver_fn deliver;
    void *data;
    struct subscription *list;
};

int ctx_subscriptions_new(ctx_deliver_fn deliver, void *data,
                          struct ctx_subscriptions **ret_subscriptions)
{
    struct ctx_subscriptions *subscriptions = calloc(1, sizeof(*subscriptions));
    if (!subscriptions)
        return -ENOMEM;
    subscriptions->deliver = deliver;
    subscriptions->data = data;
    *ret_subscriptions = subscriptions;
    return 0;
}

static void release(struct subscription *subscription)
{
    json_decref(subscription->events);
    json_decref(subscription->sources);
    for (size_t i = 0; i < subscription->n_paths; i++)
        ctx_glob_deinit(&subscription->paths[i]);
    free(subscription->paths);
    free(subscription);
}

static void drop(struct ctx_subscriptions *subscriptions, struct subscription *subscription)
{
    DL_DELETE(subscriptions->list, subscription);
    release(subscription);
}

void ctx_subscriptions_free(struct ctx_subscriptions *subscriptions)
{
    if (!subscriptions)
        return;
    while (subscriptions->list)
        drop(subscriptions, subscriptions->list);
    free(subscriptions);
}

static int compile_paths(struct subscription *subscription, const json_t *patterns)
{
    size_t i;
    json_t *pattern;
    size_t n = json_array_size(patterns);
    if (n == 0)
        return 0;
    subscription->paths = calloc(n, sizeof(*subscription->paths));
    if (!subscription->paths)
        return -ENOMEM;
    json_array_foreach(patterns, i, pattern)
    {
        int status = ctx_glob_init(&subscription->paths[i], json_string_value(pattern),
                                   json_string_length(pattern));
        if (status == -ENOMEM)
            return status;
        subscription->n_paths = i + 1;
        if (status)
            return status;
    }
    return 0;
}

int ctx_subscriptions_add(struct ctx_subscriptions *subscriptions, uint64_t client,
                          const json_t *params, unsigned *ret_number)
{
    struct subscription *each;
    unsigned count = 0;
    unsigned last = 0;
    DL_FOREACH (subscriptions->list, each) {
        if (each->client == client) {
            count++;
            last = each->number;
        }
    }
    if (count >= CTX_LIMIT_SUBSCRIPTIONS)
        return -EDQUOT;
    struct subscription *subscription = calloc(1, sizeof(*subscription));
    if (!subscription)
        return -ENOMEM;
    subscription->client = client;
    subscription->number = last + 1;
    subscription->events = json_incref(json_object_get(params, "events"));
    subscription->sources = json_incref(json_object_get(params, "sources"));
    int status = compile_paths(subscription, json_object_get(params, "paths"));
    if (status) {
        release(subscription);
        return status;
    }
    DL_APPEND(subscriptions->list, subscription);
    *ret_number = subscription->number;
    return 0;
}

int ctx_subscriptions_remove(struct ctx_subscriptions *subscriptions, uint64_t client,
                             unsigned number)
{
    struct subscription *each;
    DL_FOREACH (subscriptions->list, each) {
        if (each->client == client && each->number == number) {
            drop(subscriptions, each);
            return 0;
        }
    }
    return -ENOENT;
}

void ctx_subscriptions_remove_client(struct ctx_subscriptions *subscriptions, uint64_t client)
{
    struct subscription *each;
    struct subscription *next;
    DL_FOREACH_SAFE(subscriptions->list, each, next)
    if (each->client == client)
        drop(subscriptions, each);
}

bool ctx_subscriptions_has_client(const struct ctx_subscriptions *subscriptions, uint64_t client)
{
    struct subscription *each;
    DL_FOREACH (subscriptions->list, each)
        if (each->client == client)
            return true;
    return false;
}

bool ctx_subscriptions_any(const struct ctx_subscriptions *subscriptions)
{
    return subscriptions->list != NULL;
}

static bool is_listed(const json_t *list, const char *text)
{
    size_t i;
    json_t *item;
    if (!list || !text)
        return true;
    json_array_foreach(list, i, item) if (strcmp(json_string_value(item), text) == 0) return true;
    return false;
}

static bool passes_paths(const struct subscription *subscription, const char *path)
{
    if (subscription->n_paths == 0 || !path)
        return true;
    size_t len = strlen(path);
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    for (size_t i = 0; i < subscription->n_paths; i++)
        if (!subscription->paths[i].dir_only &&
            ctx_glob_match(&subscription->paths[i], name, len - (size_t)(name - path), path, len))
            return true;
    return false;
}

void ctx_subscriptions_publish(struct ctx_subscriptions *subscriptions, const char *event,
                               const char *source, const char *path, json_t *params)
{
    struct subscription *each;
    DL_FOREACH (subscriptions->list, each) {
        if (!params || !is_listed(each->events, event) || !is_listed(each->sources, source) ||
            !passes_paths(each, path))
            continue;
        if (json_object_set_new(params, "subscription", json_integer(each->number)) == 0)
            subscriptions->deliver(subscriptions->data, each->client, params);
    }
    json_decref(params);
}
