/* Holds: a small set of clients, and the kept one. One thread, the loop's. */
#include "daemon/hold.h"

#include <errno.h>
#include <stdlib.h>

#include "contextor/error.h"

void ctx_holds_init(struct ctx_holds *holds)
{
    *holds = (struct ctx_holds){ 0 };
}

void ctx_holds_deinit(struct ctx_holds *holds)
{
    free(holds->clients);
    ctx_holds_init(holds);
}

int ctx_holds_add(struct ctx_holds *holds, uint64_t client, bool keep)
{
    if (keep) {
        int status = holds->kept ? CTX_UNCHANGED : 0;
        holds->kept = true;
        return status;
    }
    for (size_t i = 0; i < holds->n; i++)
        if (holds->clients[i] == client)
            return CTX_UNCHANGED;
    if (holds->n == holds->capacity) {
        size_t capacity = holds->capacity ? 2 * holds->capacity : 4;
        uint64_t *clients = reallocarray(holds->clients, capacity, sizeof(*clients));
        if (!clients)
            return -ENOMEM;
        holds->clients = clients;
        holds->capacity = capacity;
    }
    holds->clients[holds->n++] = client;
    return 0;
}

void ctx_holds_end_client(struct ctx_holds *holds, uint64_t client)
{
    for (size_t i = 0; i < holds->n; i++) {
        if (holds->clients[i] == client) {
            holds->clients[i] = holds->clients[--holds->n];
            return;
        }
    }
}

void ctx_holds_end_kept(struct ctx_holds *holds, bool all)
{
    holds->kept = false;
    if (all)
        holds->n = 0;
}

size_t ctx_holds_count(const struct ctx_holds *holds)
{
    return holds->n + holds->kept;
}
