/*
 * The backlog: a list in the order of sequences. An outcome that supersedes its path's earlier one
 * inherits from it what the catalogue would have kept (document/catalogue.h: NULL leaves what is there).
 */
#include "engine/backlog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

void ctx_outcome_free(struct ctx_outcome *outcome)
{
    if (!outcome)
        return;
    free(outcome->path);
    free(outcome->slug);
    free(outcome->error);
    free(outcome->entry);
    free(outcome->report);
    free(outcome->stale_slug);
    free(outcome);
}

void ctx_backlog_init(struct ctx_backlog *backlog)
{
    *backlog = (struct ctx_backlog){ .end = &backlog->first };
}

void ctx_backlog_deinit(struct ctx_backlog *backlog)
{
    while (backlog->first) {
        struct ctx_outcome *next = backlog->first->next;
        ctx_outcome_free(backlog->first);
        backlog->first = next;
    }
    ctx_backlog_init(backlog);
}

void ctx_backlog_take(struct ctx_backlog *backlog, struct ctx_outcome *list)
{
    *backlog->end = list;
    for (; list; list = list->next) {
        backlog->n++;
        backlog->journaled += list->journaled;
        backlog->end = &list->next;
    }
}

/* What the later one of a path leaves as it is, it gets as the earlier one had it. */
static void inherit(struct ctx_outcome *later, struct ctx_outcome *earlier)
{
    struct ctx_record *record = &later->record, *before = &earlier->record;
    bool removed = before->result == CTX_RESULT_REMOVED;
    if (!record->entry) {
        record->entry = removed ? "" : before->entry;
        record->entry_len = removed ? 0 : before->entry_len;
        later->entry = earlier->entry;
        earlier->entry = NULL;
    }
    if (!record->report) {
        record->report = removed ? "" : before->report;
        record->tokens_in = before->tokens_in;
        record->tokens_out = before->tokens_out;
        later->report = earlier->report;
        earlier->report = NULL;
    }
}

/* Frees the earlier one; a tombstone leaves nothing as it is. */
static void supersede(struct ctx_outcome *later, struct ctx_outcome *earlier)
{
    if (later->record.result != CTX_RESULT_REMOVED)
        inherit(later, earlier);
    ctx_outcome_free(earlier);
}

static int by_sequence(const void *a, const void *b)
{
    const struct ctx_outcome *const *x = a, *const *y = b;
    uint64_t left = (*x)->record.sequence, right = (*y)->record.sequence;
    return (left > right) - (left < right);
}

static int by_path(const void *a, const void *b)
{
    const struct ctx_outcome *const *x = a, *const *y = b;
    int order = strcmp((*x)->path, (*y)->path);
    return order ? order : by_sequence(a, b);
}

static void link_all(struct ctx_backlog *backlog, struct ctx_outcome **outcomes, size_t n)
{
    backlog->end = &backlog->first;
    for (size_t i = 0; i < n; i++) {
        *backlog->end = outcomes[i];
        backlog->end = &outcomes[i]->next;
    }
    *backlog->end = NULL;
    backlog->n = n;
}

/* Without memory for it, all are kept until the next time. */
static void coalesce(struct ctx_backlog *backlog)
{
    size_t i = 0, kept = 0;
    CTX_AUTO_FREE struct ctx_outcome **outcomes = calloc(backlog->n, sizeof(struct ctx_outcome *));
    if (!outcomes)
        return;
    for (struct ctx_outcome *outcome = backlog->first; outcome; outcome = outcome->next)
        outcomes[i++] = outcome;
    qsort(outcomes, backlog->n, sizeof(struct ctx_outcome *), by_path);
    for (i = 1; i < backlog->n; i++) {
        if (strcmp(outcomes[kept]->path, outcomes[i]->path) == 0)
            supersede(outcomes[i], outcomes[kept]);
        else
            kept++;
        outcomes[kept] = outcomes[i];
    }
    qsort(outcomes, kept + 1, sizeof(struct ctx_outcome *), by_sequence);
    link_all(backlog, outcomes, kept + 1);
}

static int put_all(const struct ctx_backlog *backlog, struct ctx_catalogue *catalogue,
                   struct ctx_error *error)
{
    size_t n = 0;
    CTX_AUTO_FREE struct ctx_record *records = calloc(backlog->n, sizeof(*records));
    if (!records)
        return ctx_error_set(error, -ENOMEM, "catalogue: out of memory");
    for (const struct ctx_outcome *outcome = backlog->first; outcome; outcome = outcome->next)
        records[n++] = outcome->record;
    return ctx_catalogue_put(catalogue, records, n, error);
}

int ctx_backlog_put(struct ctx_backlog *backlog, struct ctx_catalogue *catalogue,
                    size_t *ret_journaled, struct ctx_error *error)
{
    size_t journaled = backlog->journaled;
    int r = backlog->n == 0 ? 0 : put_all(backlog, catalogue, error);
    if (r < 0) {
        coalesce(backlog);
        return r;
    }
    ctx_backlog_deinit(backlog);
    *ret_journaled = journaled;
    return 0;
}
