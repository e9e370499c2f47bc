/* Queries of the catalogue. Made and answered on the owner's thread, run on the recorder's. */
#include "engine/query.h"

#include <stdlib.h>
#include <string.h>

static struct ctx_query *new_query(const struct ctx_asker *asker, const char *text)
{
    struct ctx_query *query = calloc(1, sizeof(*query));
    if (!query)
        return NULL;
    query->source = asker->source;
    query->describe = asker->describe;
    query->answer = asker->answer;
    query->data = asker->data;
    query->name = strdup(asker->name);
    query->text = strdup(text);
    if (query->name && query->text)
        return query;
    ctx_query_free_all(query);
    return NULL;
}

struct gathering {
    const struct ctx_query *query;
    json_t *changes;
    bool fresh;
    uint64_t last;
    bool more;
};

static int gather(void *data, const struct ctx_record *record)
{
    struct gathering *gathering = data;
    const struct ctx_query *query = gathering->query;
    if (json_array_size(gathering->changes) == query->most) {
        gathering->more = true;
        return 1;
    }
    gathering->last = record->sequence;
    if (gathering->fresh && record->result == CTX_RESULT_REMOVED)
        return 0;
    return json_array_append_new(gathering->changes, query->describe(query->name, record));
}

static bool clock_known(const struct ctx_query *query, struct ctx_catalogue *catalogue)
{
    return strcmp(query->text, ctx_catalogue_id(catalogue)) == 0 &&
           query->since <= ctx_catalogue_sequence(catalogue) &&
           query->since >= ctx_catalogue_oldest(catalogue);
}

static json_t *run_changes(const struct ctx_query *query, struct ctx_ledger *ledger)
{
    struct ctx_catalogue *catalogue = ctx_ledger_catalogue(ledger);
    bool known = clock_known(query, catalogue);
    uint64_t since = known ? query->since : 0;
    struct gathering gathering = { query, json_array(), !known, since, false };
    int r = ctx_catalogue_changes(catalogue, since, SIZE_MAX, gather, &gathering);
    if (r < 0) {
        json_decref(gathering.changes);
        return NULL;
    }
    uint64_t clock = gathering.more ? gathering.last : ctx_catalogue_sequence(catalogue);
    return json_pack("{s:{s:s, s:I}, s:b, s:b, s:o}", "clock", "catalogue",
                     ctx_catalogue_id(catalogue), "sequence", (json_int_t)clock, "fresh", !known,
                     "more", gathering.more, "changes", gathering.changes);
}

static json_t *run_document(const struct ctx_query *query, struct ctx_ledger *ledger)
{
    struct ctx_record record;
    if (ctx_catalogue_get(ctx_ledger_catalogue(ledger), query->text, &record) != 0)
        return NULL;
    json_t *losses = record.report && record.report[0] ? json_loads(record.report, 0, NULL) : NULL;
    return json_pack("{s:o, s:o}", "last", query->describe(query->name, &record), "losses",
                     losses ? losses : json_array());
}

struct ctx_query *ctx_query_changes_new(const struct ctx_asker *asker, const char *catalogue,
                                        uint64_t since, size_t most)
{
    struct ctx_query *query = new_query(asker, catalogue);
    if (!query)
        return NULL;
    query->run = run_changes;
    query->since = since;
    query->most = most;
    return query;
}

struct ctx_query *ctx_query_document_new(const struct ctx_asker *asker, const char *path)
{
    struct ctx_query *query = new_query(asker, path);
    if (query)
        query->run = run_document;
    return query;
}

static json_t *run_pages(const struct ctx_query *query, struct ctx_ledger *ledger)
{
    struct ctx_catalogue *catalogue = ctx_ledger_catalogue(ledger);
    return ctx_catalogue_pages(catalogue, query->reports, query->each, query->data) == 0
               ? json_true()
               : NULL;
}

struct ctx_query *ctx_query_pages_new(const struct ctx_asker *asker, bool reports,
                                      int (*each)(void *data, const struct ctx_page_figures *page))
{
    struct ctx_query *query = new_query(asker, "");
    if (!query)
        return NULL;
    query->run = run_pages;
    query->reports = reports;
    query->each = each;
    return query;
}

void ctx_query_run(struct ctx_query *query, struct ctx_ledger *ledger)
{
    query->result = ledger ? query->run(query, ledger) : NULL;
}

void ctx_query_free_all(struct ctx_query *list)
{
    while (list) {
        struct ctx_query *next = list->next;
        json_decref(list->result);
        free(list->name);
        free(list->text);
        free(list);
        list = next;
    }
}
