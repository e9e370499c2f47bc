#ifndef CTX_ENGINE_QUERY_H
#define CTX_ENGINE_QUERY_H

#include <jansson.h>
#include <stdint.h>

#include "engine/ledger.h"

/*
 * Questions to a catalogue, which the recorder's thread answers: what changed since a clock, what is
 * recorded of one document, and of every page.
 */

/* One record as JSON, in the words of whoever asks; a new reference. Any thread. */
typedef json_t *(*ctx_describe_fn)(const char *source, const struct ctx_record *record);

struct ctx_query {
    struct ctx_query *next;
    uint32_t source;
    json_t *(*run)(const struct ctx_query *query, struct ctx_ledger *ledger);
    ctx_describe_fn describe;
    void (*answer)(void *data, json_t *result); /* owner's thread; a new reference, or NULL */
    void *data;
    char *name; /* the source's; owned */
    char *text; /* a path, or a catalogue's id; owned */
    uint64_t since;
    size_t most;
    bool reports;
    int (*each)(void *data, const struct ctx_page_figures *page);
    json_t *result;
};

/* Whom to answer, and how. */
struct ctx_asker {
    uint32_t source;
    const char *name; /* the source's, for `describe`; copied */
    ctx_describe_fn describe;
    void (*answer)(void *data, json_t *result);
    void *data;
};

/*
 * changes {since}: {"clock": {"catalogue", "sequence"}, "fresh", "more", "changes": [described]}. A
 * clock of another catalogue, or one older than its tombstones reach, is answered from the
 * beginning with "fresh": true and without tombstones. NULL when memory is out.
 */
struct ctx_query *ctx_query_changes_new(const struct ctx_asker *asker, const char *catalogue,
                                        uint64_t since, size_t most);

/* The record of one path: {"last": described, "losses": […]}; the answer is NULL when there is none. */
struct ctx_query *ctx_query_document_new(const struct ctx_asker *asker, const char *path);

/*
 * Calls `each` with the asker's data for every page there is, by path, on the recorder's thread: the
 * asker leaves the data alone until the answer, which is true, or NULL when the catalogue could not
 * be read. Needs no `describe`. NULL when memory is out.
 */
struct ctx_query *ctx_query_pages_new(const struct ctx_asker *asker, bool reports,
                                      int (*each)(void *data, const struct ctx_page_figures *page));

/* Runs a query on its ledger (NULL: there is none) and keeps the result. Recorder's thread. */
void ctx_query_run(struct ctx_query *query, struct ctx_ledger *ledger);
void ctx_query_free_all(struct ctx_query *list);

#endif
