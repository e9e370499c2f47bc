/*
 * What failed, for `failures` and `sync`: sorted by source and path, and turned into JSON only as far
 * as it is listed, since a full disk fails all there is. The loop's thread.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "daemon/describe.h"
#include "daemon/state.h"

/* All of it borrowed. */
struct failure {
    const char *source, *path, *error;
};

struct failures {
    const char *source; /* of those that are being added */
    struct failure *items;
    size_t n, capacity;
    size_t total; /* more than `n` when memory is out */
};

static void add(void *data, uint32_t number, const char *path, const char *error)
{
    (void)number;
    struct failures *failures = data;
    failures->total++;
    if (failures->n == failures->capacity) {
        size_t capacity = failures->capacity ? 2 * failures->capacity : 64;
        void *grown = reallocarray(failures->items, capacity, sizeof(struct failure));
        if (!grown)
            return;
        failures->items = grown;
        failures->capacity = capacity;
    }
    failures->items[failures->n++] = (struct failure){ failures->source, path, error };
}

static int compare(const void *a, const void *b)
{
    const struct failure *x = a, *y = b;
    int order = strcmp(x->source, y->source);
    return order ? order : strcmp(x->path, y->path);
}

static void add_source(struct ctx_daemon *daemon, const struct ctx_mount *mount,
                       struct failures *failures)
{
    failures->source = mount->source->name;
    if (mount->stage == CTX_MOUNT_UP)
        ctx_engine_each_failure(daemon->engine, mount->number, add, failures);
}

/* Sorts and lists; frees the items. */
static json_t *list(struct failures *failures, size_t most)
{
    if (failures->n > 0)
        qsort(failures->items, failures->n, sizeof(struct failure), compare);
    json_t *array = json_array();
    for (size_t i = 0; i < failures->n && i < most; i++) {
        const struct failure *item = &failures->items[i];
        json_array_append_new(array, ctx_describe_failure(item->source, item->path, item->error));
    }
    free(failures->items);
    return json_pack("{s:o, s:I}", "failures", array, "total", (json_int_t)failures->total);
}

json_t *ctx_daemon_failures(struct ctx_daemon *daemon, const char *source, size_t most)
{
    struct failures failures = { 0 };
    for (size_t i = 0; i < daemon->n_mounts; i++) {
        const struct ctx_mount *mount = daemon->mounts[i];
        if (!source || strcmp(source, mount->source->name) == 0)
            add_source(daemon, mount, &failures);
    }
    return list(&failures, most);
}

json_t *ctx_daemon_unsynced(struct ctx_daemon *daemon, size_t most)
{
    struct failures failures = { 0 };
    for (size_t i = 0; i < daemon->n_mounts; i++) {
        const struct ctx_mount *mount = daemon->mounts[i];
        add_source(daemon, mount, &failures);
        if (mount->stage == CTX_MOUNT_FAILED)
            add(&failures, 0, "", mount->detail.text);
    }
    return list(&failures, most);
}
