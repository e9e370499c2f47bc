#ifndef CTX_ENGINE_QUERY_H
#define CTX_ENGINE_QUERY_H

#include <jansson.h>
#include <stdint.h>

#include "engine/ledger.h"

/*
 * Questions to a catalogue, which the recorder's thread answers: what changed since a clock, and
 * what is recorded of one document.
 */

struct ctx_query {
    struct ctx_query *next;
    uint32_t source;
    json_t *(*run)(const struct ctx_query *query, struct ctx_ledger *ledger);
    void (*answer)(void *data, json_t *result); /* owner's thread; a new reference, or NULL */
    void *data;
    char *text; /* a path, or a catalogue's id; owned */
    uint64_t since;
    size_t most;
    json_t *result;
};

/*
 * changes {since}: {"clock": {"catalogue", "sequence"}, "fresh", "more", "changes": [{"path",
 * "slug", "result", "sequence", "time"}]}. A clock of another catalogue, or one older than its
 * tombstones reach, is answered from the beginning with "fresh": true. NULL when memory is out.
 */
struct ctx_query *ctx_query_changes_new(uint32_t source, const char *catalogue, uint64_t since,
                                        size_t most, void (*answer)(void *data, json_t *result),
                                        void *data);

/*
 * The record of one path: {"last": {"result", "error", "time", "sequence", "duration_us", "tokens_in",
 * "tokens_out"}, "losses": […]}; NULL when there is none.
 */
struct ctx_query *ctx_query_document_new(uint32_t source, const char *path,
                                         void (*answer)(void *data, json_t *result), void *data);

/* Runs a query on its ledger (NULL: there is none) and keeps the result. Recorder's thread. */
void ctx_query_run(struct ctx_query *query, struct ctx_ledger *ledger);
void ctx_query_free_all(struct ctx_query *list);

#endif
