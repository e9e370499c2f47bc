/*
 * The priority batch queue. One node a key in one uthash table, so that every step is one lookup
 * at most; a node is either waiting (in its priority's list) or in flight (in none). What is
 * pushed while a node is in flight is its `rerun`, which takes the node over when that is done:
 * moving on never allocates. Invariant: a node's change has its epoch counted in `epochs`, a rerun
 * too; cost_in_flight is the sum over nodes in flight. Pure; one thread owns it.
 */
#include "work/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An allocation that fails inside uthash undoes the addition and leaves hh.tbl NULL. */
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) ((void)(element))
#include <uthash.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "contextor/error.h"
#include "work/epochs.h"

/* A change's source and path, as uthash compares keys: contiguous bytes. */
struct key {
    uint32_t source;
    char path[];
};

struct node {
    struct ctx_change change; /* must be first: done() gets its address */
    union {
        struct {
            struct node *prev, *next; /* of the priority's list, while waiting */
        };
        struct ctx_change *rerun; /* pushed while in flight; NULL: none */
    };
    UT_hash_handle hh;
    bool in_flight;
    struct key key; /* its path, NUL-terminated, ends the node */
};

struct ctx_queue {
    struct ctx_queue_limits limits;
    struct node *nodes;                     /* all, by key */
    struct node *lists[CTX_PRIORITY_COUNT]; /* waiting, oldest first */
    size_t waiting[CTX_PRIORITY_COUNT];     /* reruns included */
    unsigned passed[CTX_PRIORITY_COUNT];    /* batches that overtook this waiting list in a row */
    size_t in_flight;
    uint64_t cost_in_flight;
    struct ctx_epochs epochs;
    struct key *lookup; /* room to build the key of a lookup in */
    size_t lookup_capacity;
};

int ctx_queue_new(const struct ctx_queue_limits *limits, struct ctx_queue **ret_queue)
{
    struct ctx_queue *queue = calloc(1, sizeof(*queue));
    if (!queue)
        return -ENOMEM;
    ctx_queue_set_limits(queue, limits);
    *ret_queue = queue;
    return 0;
}

static void node_free(struct node *node)
{
    if (node->in_flight)
        free(node->rerun);
    free(node);
}

void ctx_queue_free(struct ctx_queue *queue)
{
    if (!queue)
        return;
    struct node *node, *next;
    HASH_ITER (hh, queue->nodes, node, next) {
        HASH_DELETE(hh, queue->nodes, node);
        node_free(node);
    }
    ctx_epochs_deinit(&queue->epochs);
    free(queue->lookup);
    free(queue);
}

void ctx_queue_set_limits(struct ctx_queue *queue, const struct ctx_queue_limits *limits)
{
    queue->limits = *limits;
    if (queue->limits.batch_size == 0)
        queue->limits.batch_size = 1;
    if (queue->limits.bulk_share == 0)
        queue->limits.bulk_share = 1;
}

static size_t key_len(size_t path_len)
{
    return offsetof(struct key, path) + path_len;
}

/* Makes the room that find() needs for a path; done at push, so that no later lookup fails. */
static int make_lookup_room(struct ctx_queue *queue, const char *path)
{
    size_t need = key_len(strlen(path));
    if (need <= queue->lookup_capacity)
        return 0;
    struct key *lookup = realloc(queue->lookup, need * 2);
    if (!lookup)
        return -ENOMEM;
    queue->lookup = lookup;
    queue->lookup_capacity = need * 2;
    return 0;
}

/* The node of a key; NULL when there is none. A path longer than any that was pushed has none. */
static struct node *find(const struct ctx_queue *queue, uint32_t source, const char *path)
{
    size_t path_len = strlen(path);
    struct node *node = NULL;
    if (key_len(path_len) > queue->lookup_capacity)
        return NULL;
    queue->lookup->source = source;
    memcpy(queue->lookup->path, path, path_len);
    HASH_FIND(hh, queue->nodes, queue->lookup, key_len(path_len), node);
    return node;
}

static void list_append(struct ctx_queue *queue, struct node *node)
{
    DL_APPEND(queue->lists[node->change.priority], node);
}

static int push_new(struct ctx_queue *queue, const struct ctx_change *change)
{
    size_t path_len = strlen(change->path);
    CTX_AUTO_FREE struct node *node = malloc(sizeof(*node) + path_len + 1);
    if (!node)
        return -ENOMEM;
    node->change = *change;
    node->in_flight = false;
    node->key.source = change->source;
    memcpy(node->key.path, change->path, path_len + 1);
    node->change.path = node->key.path;
    HASH_ADD_KEYPTR(hh, queue->nodes, &node->key, key_len(path_len), node);
    if (!node->hh.tbl)
        return -ENOMEM;
    if (ctx_epochs_add(&queue->epochs, change->epoch) < 0) {
        HASH_DELETE(hh, queue->nodes, node);
        return -ENOMEM;
    }
    list_append(queue, node);
    queue->waiting[change->priority]++;
    node = NULL;
    return 0;
}

static int push_rerun(struct ctx_queue *queue, struct node *node, const struct ctx_change *change)
{
    CTX_AUTO_FREE struct ctx_change *rerun = malloc(sizeof(*rerun));
    if (!rerun || ctx_epochs_add(&queue->epochs, change->epoch) < 0)
        return -ENOMEM;
    *rerun = *change;
    rerun->path = node->change.path;
    node->rerun = CTX_TAKE(rerun);
    queue->waiting[change->priority]++;
    return 0;
}

/* Merges into a change that waits. Its priority and epoch are the caller's to move. */
static void merge(struct ctx_change *into, const struct ctx_change *change)
{
    into->kind = change->kind;
    into->force |= change->force;
    into->retry &= change->retry;
    into->size = change->size;
    into->cost = change->cost;
    if (change->enqueued_us < into->enqueued_us)
        into->enqueued_us = change->enqueued_us;
}

static int push_merge(struct ctx_queue *queue, struct node *node, const struct ctx_change *change)
{
    struct ctx_change *into = node->in_flight ? node->rerun : &node->change;
    if (change->epoch < into->epoch) {
        int r = ctx_epochs_add(&queue->epochs, change->epoch);
        if (r < 0)
            return r;
        ctx_epochs_remove(&queue->epochs, into->epoch);
        into->epoch = change->epoch;
    }
    merge(into, change);
    if (change->priority < into->priority) {
        queue->waiting[into->priority]--;
        queue->waiting[change->priority]++;
        if (!node->in_flight)
            DL_DELETE(queue->lists[into->priority], node);
        into->priority = change->priority;
        if (!node->in_flight)
            list_append(queue, node);
    }
    return CTX_UNCHANGED;
}

int ctx_queue_push(struct ctx_queue *queue, const struct ctx_change *change)
{
    int r = make_lookup_room(queue, change->path);
    if (r < 0)
        return r;
    struct node *node = find(queue, change->source, change->path);
    if (!node)
        return push_new(queue, change);
    if (node->in_flight && !node->rerun)
        return push_rerun(queue, node, change);
    return push_merge(queue, node, change);
}

/* Whether a change may join `batch`, over what is in flight already. */
static bool fits(const struct ctx_queue *queue, const struct ctx_batch *batch, uint64_t bytes,
                 const struct ctx_change *change)
{
    if (batch->n == 0 && queue->in_flight == 0)
        return true;
    if (batch->n > 0 &&
        (batch->n >= queue->limits.batch_size || bytes > queue->limits.batch_bytes ||
         change->size > queue->limits.batch_bytes - bytes))
        return false;
    uint64_t used = queue->cost_in_flight + batch->cost;
    return used <= queue->limits.memory && change->cost <= queue->limits.memory - used;
}

static bool head_fits(const struct ctx_queue *queue, enum ctx_priority priority)
{
    const struct ctx_batch none = { 0 };
    return fits(queue, &none, 0, &queue->lists[priority]->change);
}

/*
 * Which list is next: one that was overtaken bulk_share - 1 times in a row is due, the lowest
 * first; else the highest. A due one whose head wants more memory than is left lets others pass
 * as often again, then the queue holds back until it fits. CTX_PRIORITY_COUNT: none.
 */
static enum ctx_priority choose(const struct ctx_queue *queue, bool urgent_only)
{
    const unsigned share = queue->limits.bulk_share;
    for (int p = CTX_PRIORITY_BULK; p > CTX_PRIORITY_SAVE; p--) {
        if (!queue->lists[p] || queue->passed[p] + 1 < share ||
            (urgent_only && p == CTX_PRIORITY_BULK))
            continue;
        if (head_fits(queue, (enum ctx_priority)p))
            return (enum ctx_priority)p;
        if (queue->passed[p] >= 2 * share)
            return CTX_PRIORITY_COUNT;
    }
    for (int p = CTX_PRIORITY_SAVE; p < CTX_PRIORITY_COUNT; p++) {
        if (!queue->lists[p] || (urgent_only && p == CTX_PRIORITY_BULK))
            continue;
        return head_fits(queue, (enum ctx_priority)p) ? (enum ctx_priority)p : CTX_PRIORITY_COUNT;
    }
    return CTX_PRIORITY_COUNT;
}

/* How many of a list go into the next batch; fills its priority, n and cost. */
static void measure(const struct ctx_queue *queue, enum ctx_priority priority,
                    struct ctx_batch *ret_batch)
{
    uint64_t bytes = 0;
    *ret_batch = (struct ctx_batch){ .priority = priority };
    const struct node *node;
    DL_FOREACH (queue->lists[priority], node) {
        if (!fits(queue, ret_batch, bytes, &node->change))
            break;
        ret_batch->n++;
        ret_batch->cost += node->change.cost;
        bytes += node->change.size;
    }
}

static void count_passed(struct ctx_queue *queue, enum ctx_priority taken)
{
    queue->passed[taken] = 0;
    for (int p = CTX_PRIORITY_SAVE; p < CTX_PRIORITY_COUNT; p++) {
        if (!queue->lists[p])
            queue->passed[p] = 0;
        else if (p > (int)taken)
            queue->passed[p]++;
    }
}

int ctx_queue_next(struct ctx_queue *queue, bool urgent_only, struct ctx_batch *ret_batch)
{
    enum ctx_priority priority = choose(queue, urgent_only);
    if (priority == CTX_PRIORITY_COUNT)
        return CTX_UNCHANGED;
    struct ctx_batch batch;
    measure(queue, priority, &batch);
    batch.changes = malloc(batch.n * sizeof(struct ctx_change *));
    if (!batch.changes)
        return -ENOMEM;
    for (size_t i = 0; i < batch.n; i++) {
        struct node *node = queue->lists[priority];
        DL_DELETE(queue->lists[priority], node);
        node->in_flight = true;
        node->rerun = NULL;
        batch.changes[i] = &node->change;
    }
    queue->waiting[priority] -= batch.n;
    queue->in_flight += batch.n;
    queue->cost_in_flight += batch.cost;
    count_passed(queue, priority);
    *ret_batch = batch;
    return 0;
}

void ctx_batch_deinit(struct ctx_batch *batch)
{
    free(batch->changes);
    *batch = (struct ctx_batch){ 0 };
}

void ctx_queue_done(struct ctx_queue *queue, const struct ctx_change *change)
{
    struct node *node = (struct node *)change; /* the first member of its node */
    ctx_epochs_remove(&queue->epochs, change->epoch);
    queue->cost_in_flight -= change->cost;
    queue->in_flight--;
    CTX_AUTO_FREE struct ctx_change *rerun = node->rerun;
    if (!rerun) {
        HASH_DELETE(hh, queue->nodes, node);
        free(node);
        return;
    }
    node->change = *rerun;
    node->in_flight = false;
    list_append(queue, node);
}

/* Takes what waits of a node away. */
static void drop(struct ctx_queue *queue, struct node *node)
{
    const struct ctx_change *change = node->in_flight ? node->rerun : &node->change;
    ctx_epochs_remove(&queue->epochs, change->epoch);
    queue->waiting[change->priority]--;
    if (node->in_flight) {
        free(node->rerun);
        node->rerun = NULL;
        return;
    }
    DL_DELETE(queue->lists[change->priority], node);
    HASH_DELETE(hh, queue->nodes, node);
    free(node);
}

size_t ctx_queue_drop_source(struct ctx_queue *queue, uint32_t source)
{
    size_t dropped = 0;
    struct node *node, *next;
    HASH_ITER (hh, queue->nodes, node, next) {
        if (node->change.source != source || (node->in_flight && !node->rerun))
            continue;
        drop(queue, node);
        dropped++;
    }
    return dropped;
}

size_t ctx_queue_waiting(const struct ctx_queue *queue, enum ctx_priority priority)
{
    return queue->waiting[priority];
}

size_t ctx_queue_in_flight(const struct ctx_queue *queue)
{
    return queue->in_flight;
}

uint64_t ctx_queue_cost_in_flight(const struct ctx_queue *queue)
{
    return queue->cost_in_flight;
}

bool ctx_queue_has(const struct ctx_queue *queue, uint32_t source, const char *path)
{
    return find(queue, source, path) != NULL;
}

bool ctx_queue_removes(const struct ctx_queue *queue, uint32_t source, const char *path)
{
    const struct node *node = find(queue, source, path);
    if (!node)
        return false;
    const struct ctx_change *last = node->rerun ? node->rerun : &node->change;
    return last->kind == CTX_CHANGE_REMOVE;
}

uint64_t ctx_queue_oldest_epoch(const struct ctx_queue *queue)
{
    return ctx_epochs_oldest(&queue->epochs);
}
