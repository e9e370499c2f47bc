/*
 * The documents whose last attempt failed, for `failures` and `sync`: sorted by source and path, and
 * turned into JSON only as far as they are listed, since a full disk fails all there are. The loop's
 * thread.
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

json_t *ctx_daemon_failures(struct ctx_daemon *daemon, const char *source, size_t most)
{
    struct failures failures = { 0 };
    for (size_t i = 0; i < daemon->n_mounts; i++) {
        const struct ctx_mount *mount = daemon->mounts[i];
        failures.source = mount->source->name;
        if (mount->stage == CTX_MOUNT_UP && (!source || strcmp(source, failures.source) == 0))
            ctx_engine_each_failure(daemon->engine, mount->number, add, &failures);
    }
    if (failures.n > 0)
        qsort(failures.items, failures.n, sizeof(struct failure), compare);
    json_t *array = json_array();
    for (size_t i = 0; i < failures.n && i < most; i++)
        json_array_append_new(array,
                              ctx_describe_failure(failures.items[i].source, failures.items[i].path,
                                                   failures.items[i].error));
    free(failures.items);
    return json_pack("{s:o, s:I}", "failures", array, "total", (json_int_t)failures.total);
}
