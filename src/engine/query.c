/* Queries of the catalogue. Made and answered on the owner's thread, run on the recorder's. */
#include "engine/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/path_json.h"

static const char *const results[] = {
    [CTX_RESULT_WRITTEN] = "written",
    [CTX_RESULT_UNCHANGED] = "unchanged",
    [CTX_RESULT_FAILED] = "failed",
    [CTX_RESULT_REMOVED] = "removed",
};

static struct ctx_query *new_query(uint32_t source, const char *text,
                                   void (*answer)(void *data, json_t *result), void *data)
{
    struct ctx_query *query = calloc(1, sizeof(*query));
    if (!query)
        return NULL;
    query->source = source;
    query->answer = answer;
    query->data = data;
    query->text = strdup(text);
    if (query->text)
        return query;
    free(query);
    return NULL;
}

/* "YYYY-MM-DDTHH:MM:SS.ffffffZ" of microseconds since the epoch. */
static json_t *time_json(int64_t when_us)
{
    char text[40];
    struct tm tm;
    time_t seconds = (time_t)(when_us / 1000000);
    if (!gmtime_r(&seconds, &tm))
        return json_null();
    size_t len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(text + len, sizeof(text) - len, ".%06dZ", (int)(when_us % 1000000));
    return json_string(text);
}

static void set_result(json_t *object, const struct ctx_record *record)
{
    json_object_set_new(object, "result", json_string(results[record->result]));
    json_object_set_new(object, "sequence", json_integer((json_int_t)record->sequence));
    json_object_set_new(object, "time", time_json(record->when_us));
    if (record->error && record->error[0])
        json_object_set_new(object, "error", json_string(record->error));
}

static json_t *change_json(const struct ctx_record *record)
{
    json_t *object = json_object();
    ctx_path_json_set(object, record->path);
    json_object_set_new(object, "slug", json_string(record->slug));
    set_result(object, record);
    return object;
}

struct gathering {
    json_t *changes;
    size_t most;
    uint64_t last;
    bool more;
};

static int gather(void *data, const struct ctx_record *record)
{
    struct gathering *gathering = data;
    if (json_array_size(gathering->changes) == gathering->most) {
        gathering->more = true;
        return 1;
    }
    gathering->last = record->sequence;
    return json_array_append_new(gathering->changes, change_json(record));
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
    struct gathering gathering = { json_array(), query->most, since, false };
    int r = ctx_catalogue_changes(catalogue, since, query->most + 1, gather, &gathering);
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
    json_t *last = json_object();
    set_result(last, &record);
    json_object_set_new(last, "duration_us", json_integer((json_int_t)record.duration_us));
    json_object_set_new(last, "tokens_in", json_integer((json_int_t)record.tokens_in));
    json_object_set_new(last, "tokens_out", json_integer((json_int_t)record.tokens_out));
    json_t *losses = record.report && record.report[0] ? json_loads(record.report, 0, NULL) : NULL;
    return json_pack("{s:o, s:o}", "last", last, "losses", losses ? losses : json_array());
}

struct ctx_query *ctx_query_changes_new(uint32_t source, const char *catalogue, uint64_t since,
                                        size_t most, void (*answer)(void *data, json_t *result),
                                        void *data)
{
    struct ctx_query *query = new_query(source, catalogue, answer, data);
    if (!query)
        return NULL;
    query->run = run_changes;
    query->since = since;
    query->most = most;
    return query;
}

struct ctx_query *ctx_query_document_new(uint32_t source, const char *path,
                                         void (*answer)(void *data, json_t *result), void *data)
{
    struct ctx_query *query = new_query(source, path, answer, data);
    if (query)
        query->run = run_document;
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
        free(list->text);
        free(list);
        list = next;
    }
}
