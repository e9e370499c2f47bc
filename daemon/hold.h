#ifndef CTX_DAEMON_HOLD_H
#define CTX_DAEMON_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Holds: who asked for a pause. A client's own hold ends with it; the kept one stays until it is
 * ended. Paused while there is any. One thread.
 */
struct ctx_holds {
    uint64_t *clients; /* each once */
    size_t n, capacity;
    bool kept;
};

void ctx_holds_init(struct ctx_holds *holds);
void ctx_holds_deinit(struct ctx_holds *holds);

/* Adds the client's hold, or the kept one. 0; CTX_UNCHANGED: it was there; -ENOMEM. */
int ctx_holds_add(struct ctx_holds *holds, uint64_t client, bool keep);
/* Ends the client's hold. */
void ctx_holds_end_client(struct ctx_holds *holds, uint64_t client);
/* Ends the kept one; with `all`, every client's, too. */
void ctx_holds_end_kept(struct ctx_holds *holds, bool all);
/* How many there are. */
size_t ctx_holds_count(const struct ctx_holds *holds);

#endif
