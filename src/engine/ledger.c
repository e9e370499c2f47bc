/*
 * The ledger. The index changes that wait are kept by slug, the latest word for each; they are
 * merged into index.jsonl in one pass. When the index is not the one that was last written (lost,
 * edited by hand), it is written anew from the catalogue, which holds every line.
 * Owned by the recorder's thread.
 */
#include "engine/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "document/index.h"
#include "document/index_pages.h"
#include "document/intents.h"

/* The index follows after so much quiet, and at least so often under load (design). */
enum { QUIET_US = 100 * 1000, AT_LEAST_US = 1000 * 1000, RETRY_US = 1000 * 1000 };

struct index_line {
    UT_hash_handle hh;
    char *entry; /* NULL: the line goes */
    size_t entry_len;
    char slug[];
};

struct ctx_ledger {
    uint32_t source;
    struct ctx_output *output;
    struct ctx_catalogue *catalogue;
    struct index_line *lines;    /* by slug: what is to be merged */
    uint64_t first_us, last_us;  /* of the changes that wait; 0: none */
    uint64_t retry_us;           /* not before that, after a failure */
    bool rebuild;                /* write the index anew from the catalogue */
    bool fresh;                  /* the catalogue was made anew, and has no outcome yet */
    bool adopted;                /* the index there is to be gone on with, though the catalogue
                                    does not know it: it alone says which pages are ours */
    uint64_t indexed;            /* the sequence that the catalogue says the index is of */
    struct ctx_outcome *backlog; /* what the catalogue did not take */
    struct ctx_outcome **backlog_end;
};

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

static void free_lines(struct ctx_ledger *ledger)
{
    struct index_line *line, *next;
    HASH_ITER (hh, ledger->lines, line, next) {
        HASH_DEL(ledger->lines, line);
        free(line->entry);
        free(line);
    }
    ledger->first_us = ledger->last_us = 0;
}

/* Notes the line of a slug; `entry` is copied, NULL takes the line away. */
static int set_line(struct ctx_ledger *ledger, const char *slug, const char *entry, size_t len)
{
    struct index_line *line;
    size_t slug_len = strlen(slug);
    HASH_FIND(hh, ledger->lines, slug, slug_len, line);
    if (!line) {
        line = calloc(1, sizeof(*line) + slug_len + 1);
        if (!line)
            return -ENOMEM;
        memcpy(line->slug, slug, slug_len);
        HASH_ADD_KEYPTR(hh, ledger->lines, line->slug, slug_len, line);
    }
    free(line->entry);
    line->entry = entry ? strndup(entry, len) : NULL;
    line->entry_len = len;
    return entry && !line->entry ? -ENOMEM : 0;
}

static int note_index(struct ctx_ledger *ledger, const struct ctx_outcome *outcome, uint64_t now_us)
{
    const struct ctx_record *record = &outcome->record;
    bool removed = record->result == CTX_RESULT_REMOVED && record->slug[0] != '\0';
    int r = 0;
    if (outcome->stale_slug)
        r = set_line(ledger, outcome->stale_slug, NULL, 0);
    if (r == 0 && removed)
        r = set_line(ledger, record->slug, NULL, 0);
    else if (r == 0 && record->entry && record->entry_len > 0)
        r = set_line(ledger, record->slug, record->entry, record->entry_len);
    else if (!outcome->stale_slug)
        return r;
    ledger->last_us = now_us;
    if (ledger->first_us == 0)
        ledger->first_us = now_us;
    return r;
}

static void free_backlog(struct ctx_ledger *ledger)
{
    while (ledger->backlog) {
        struct ctx_outcome *next = ledger->backlog->next;
        ctx_outcome_free(ledger->backlog);
        ledger->backlog = next;
    }
    ledger->backlog_end = &ledger->backlog;
}

static int put_backlog(struct ctx_ledger *ledger, struct ctx_error *error)
{
    size_t n = 0;
    for (struct ctx_outcome *outcome = ledger->backlog; outcome; outcome = outcome->next)
        n++;
    if (n == 0)
        return 0;
    CTX_AUTO_FREE struct ctx_record *records = calloc(n, sizeof(*records));
    if (!records)
        return ctx_error_set(error, -ENOMEM, "catalogue: out of memory");
    n = 0;
    for (struct ctx_outcome *outcome = ledger->backlog; outcome; outcome = outcome->next)
        records[n++] = outcome->record;
    int r = ctx_catalogue_put(ledger->catalogue, records, n, error);
    if (r == 0)
        free_backlog(ledger);
    return r;
}

int ctx_ledger_record(struct ctx_ledger *ledger, struct ctx_outcome *list, uint64_t now_us,
                      struct ctx_error *error)
{
    for (struct ctx_outcome *outcome = list; outcome; outcome = outcome->next)
        if (note_index(ledger, outcome, now_us) < 0)
            ledger->rebuild = true;
    ledger->fresh = ledger->fresh && !list;
    *ledger->backlog_end = list;
    while (*ledger->backlog_end)
        ledger->backlog_end = &(*ledger->backlog_end)->next;
    return put_backlog(ledger, error);
}

uint64_t ctx_ledger_index_due_us(const struct ctx_ledger *ledger)
{
    if (ledger->first_us == 0)
        return ledger->rebuild && !ledger->fresh ? ledger->retry_us : UINT64_MAX;
    uint64_t quiet = ledger->last_us + QUIET_US;
    uint64_t most = ledger->first_us + AT_LEAST_US;
    uint64_t due = quiet < most ? quiet : most;
    return due > ledger->retry_us ? due : ledger->retry_us;
}

bool ctx_ledger_is_indexed(const struct ctx_ledger *ledger)
{
    return ledger->first_us == 0 && !ledger->rebuild;
}

static int by_slug(const void *a, const void *b)
{
    const struct ctx_index_change *x = a;
    const struct ctx_index_change *y = b;
    return strcmp(x->slug, y->slug);
}

static int merge_lines(struct ctx_ledger *ledger, struct ctx_file_stamp *ret_stamp,
                       struct ctx_error *error)
{
    size_t n = HASH_COUNT(ledger->lines);
    CTX_AUTO_FREE struct ctx_index_change *changes = calloc(n ? n : 1, sizeof(*changes));
    if (!changes)
        return ctx_error_set(error, -ENOMEM, "index.jsonl: out of memory");
    size_t i = 0;
    for (struct index_line *line = ledger->lines; line; line = line->hh.next)
        changes[i++] = (struct ctx_index_change){ line->slug, line->entry, line->entry_len };
    qsort(changes, n, sizeof(*changes), by_slug);
    return ctx_index_merge(ledger->output, changes, n, ret_stamp, error);
}

static int add_line(void *data, const char *slug, const char *entry, size_t len)
{
    (void)slug;
    return ctx_index_writer_add(data, entry, len);
}

static int write_anew(struct ctx_ledger *ledger, struct ctx_file_stamp *ret_stamp,
                      struct ctx_error *error)
{
    struct ctx_index_writer *writer;
    int r = put_backlog(ledger, error);
    if (r < 0)
        return r;
    r = ctx_index_writer_open(ledger->output, &writer, error);
    if (r < 0)
        return r;
    r = ctx_catalogue_entries(ledger->catalogue, add_line, writer);
    if (r < 0) {
        ctx_index_writer_abort(writer);
        return ctx_error_set(error, r, "index.jsonl: %s", ctx_error_name(r));
    }
    return ctx_index_writer_commit(writer, ret_stamp, error);
}

/* Whether index.jsonl is still what was last written. */
static bool index_intact(struct ctx_ledger *ledger)
{
    struct ctx_file_stamp now, known;
    return ctx_catalogue_get_index(ledger->catalogue, &known, &ledger->indexed) == 0 &&
           ctx_index_stat(ledger->output, &now) == 0 && now.ino == known.ino &&
           now.size == known.size && now.mtime_ns == known.mtime_ns;
}

/*
 * Notes what the index is of: so a restart knows an index that a crash left behind the catalogue.
 * Should it not be noted, the index is written anew then, which does no harm.
 */
static void note_indexed(struct ctx_ledger *ledger, const struct ctx_file_stamp *stamp)
{
    uint64_t sequence = ctx_catalogue_sequence(ledger->catalogue);
    if (ctx_catalogue_set_index(ledger->catalogue, stamp, sequence) == 0)
        ledger->indexed = sequence;
}

int ctx_ledger_write_index(struct ctx_ledger *ledger, uint64_t now_us, struct ctx_error *error)
{
    struct ctx_file_stamp stamp;
    if (ledger->first_us == 0 && !ledger->rebuild)
        return CTX_UNCHANGED;
    if (!ledger->adopted && !index_intact(ledger))
        ledger->rebuild = true;
    int r = ledger->rebuild ? -EBADMSG : merge_lines(ledger, &stamp, error);
    if (r == -EBADMSG)
        r = write_anew(ledger, &stamp, error);
    if (r < 0) {
        ledger->retry_us = now_us + RETRY_US;
        return r;
    }
    free_lines(ledger);
    ledger->rebuild = ledger->adopted = false;
    ledger->retry_us = 0;
    note_indexed(ledger, &stamp);
    return r;
}

void ctx_ledger_settle(struct ctx_ledger *ledger)
{
    (void)ctx_catalogue_settle(ledger->catalogue);
}

/* What loading works on. */
struct loading {
    struct ctx_ledger *ledger;
    struct ctx_mirror *mirror;
    const unsigned char *fingerprint, *verdict;
    char **orphans; /* documents whose page was removed, for the catalogue to forget it */
    size_t n_orphans, capacity;
};

static void free_orphans(struct loading *loading)
{
    for (size_t i = 0; i < loading->n_orphans; i++)
        free(loading->orphans[i]);
    free(loading->orphans);
}

static int add_orphan(struct loading *loading, const char *path)
{
    if (loading->n_orphans == loading->capacity) {
        size_t capacity = loading->capacity ? 2 * loading->capacity : 64;
        void *grown = reallocarray(loading->orphans, capacity, sizeof(char *));
        if (!grown)
            return -ENOMEM;
        loading->orphans = grown;
        loading->capacity = capacity;
    }
    char *copy = strdup(path);
    if (!copy)
        return -ENOMEM;
    loading->orphans[loading->n_orphans++] = copy;
    return 0;
}

/* A page under a slug that is not of this path any more: it is ours, and it goes. */
static int remove_orphan(struct loading *loading, const char *path, const char *slug)
{
    if (ctx_output_remove(loading->ledger->output, slug, NULL) >= 0)
        loading->ledger->rebuild = true;
    return add_orphan(loading, path);
}

/* A page of this path is in the output under `slug`. 0; CTX_GONE when slugs are others now. */
static int note_page(struct loading *loading, struct ctx_known *known, const char *slug)
{
    char name[CTX_SLUG_SIZE];
    known->has_page = true;
    for (known->paged_form = 0; known->paged_form < CTX_SLUG_FORMS; known->paged_form++) {
        ctx_mirror_page_slug(loading->mirror, known, name);
        if (strcmp(name, slug) == 0)
            return 0;
    }
    known->paged_form = CTX_SLUG_PLAIN;
    known->has_page = false;
    int r = remove_orphan(loading, known->path, slug);
    return r < 0 ? r : CTX_GONE;
}

static int load_record(void *data, const struct ctx_record *record)
{
    struct loading *loading = data;
    struct ctx_known *known;
    int r = ctx_mirror_add(loading->mirror, record->path, &known);
    if (r < 0)
        return r == -EEXIST ? 0 : r;
    memcpy(known->digest, record->digest, CTX_DIGEST_SIZE);
    known->current = memcmp(record->fingerprint, loading->fingerprint, CTX_DIGEST_SIZE) == 0;
    known->source = record->source;
    r = record->output.ino == 0 ? CTX_GONE : note_page(loading, known, record->slug);
    if (r < 0)
        return r;
    if (r == 0) {
        known->output.ino = record->output.ino;
        known->output.size = record->output.size;
        known->output.mtime_ns = record->output.mtime_ns;
    }
    if (record->result != CTX_RESULT_FAILED)
        return 0;
    /* It may have failed for want of what there is now: then it was not read, or by another verdict. */
    known->current = loading->verdict && record->source.ino != 0 &&
                     memcmp(record->fingerprint, loading->verdict, CTX_DIGEST_SIZE) == 0;
    return ctx_mirror_set_error(loading->mirror, known, record->error, false);
}

/* A page that the index lists while the catalogue is lost: ours, to be made again. */
static int load_entry(void *data, const char *slug, const char *path)
{
    struct loading *loading = data;
    struct ctx_known *known;
    loading->ledger->adopted = true;
    int r = ctx_mirror_add(loading->mirror, path, &known);
    if (r < 0)
        return r == -EEXIST ? 0 : r;
    r = note_page(loading, known, slug);
    return r < 0 ? r : 0;
}

/* The form of a document's slug; CTX_SLUG_FORMS when it is none of its. */
static int find_form(const struct loading *loading, struct ctx_known *known, const char *slug)
{
    char name[CTX_SLUG_SIZE];
    int form = 0;
    __typeof__(known->paged_form) before = known->paged_form;
    for (; form < CTX_SLUG_FORMS; form++) {
        known->paged_form = form;
        ctx_mirror_page_slug(loading->mirror, known, name);
        if (strcmp(name, slug) == 0)
            break;
    }
    known->paged_form = before;
    return form;
}

static void note_other(void *data, struct ctx_known *other)
{
    bool *any = data;
    (void)other;
    *any = true;
}

/*
 * A page that was about to be made when the writer was killed: ours, should it be there, unless the
 * catalogue says that it is another document's, which is then found to be damaged. A document has one
 * page: where it is known under another name, this one goes, and is made again if need be.
 */
static int load_intent(void *data, const char *slug, const char *path)
{
    struct loading *loading = data;
    struct ctx_known *known = ctx_mirror_find(loading->mirror, path);
    int r = known ? 0 : ctx_mirror_add(loading->mirror, path, &known);
    if (r < 0)
        return r;
    bool anothers = false;
    int form = find_form(loading, known, slug);
    if (form < CTX_SLUG_FORMS)
        ctx_mirror_each_paged(loading->mirror, known, form, note_other, &anothers);
    if (anothers || (known->has_page && form == known->paged_form))
        return 0;
    if (!known->has_page && form < CTX_SLUG_FORMS)
        return note_page(loading, known, slug);
    (void)ctx_output_remove(loading->ledger->output, slug, NULL);
    return 0;
}

static int load_intents(struct ctx_ledger *ledger, struct loading *loading)
{
    int r = ctx_intents_each(ledger->output, load_intent, loading);
    return r == -ENOMEM ? r : 0; /* one that cannot be read tells of nothing */
}

static int load_index(struct ctx_ledger *ledger, struct loading *loading)
{
    ledger->fresh = true;
    ledger->rebuild = false; /* true after this: a page that it lists was taken away */
    int r = ctx_index_each(ledger->output, load_entry, loading);
    ledger->adopted = ledger->adopted && !ledger->rebuild;
    ledger->rebuild = !ledger->adopted;
    return r == CTX_GONE ? 0 : r;
}

/* What the catalogue knows; without one, what the index lists. */
static int load_known(struct ctx_ledger *ledger, bool fresh, struct loading *loading,
                      struct ctx_error *error)
{
    uint64_t sequence = fresh ? 0 : ctx_catalogue_sequence(ledger->catalogue);
    if (sequence == 0) /* or one that never got as far as a first outcome */
        return load_index(ledger, loading);
    ledger->rebuild = !index_intact(ledger) || ledger->indexed != sequence;
    int r = ctx_catalogue_load(ledger->catalogue, load_record, loading);
    if (r == 0)
        r = ctx_catalogue_forget_pages(ledger->catalogue, loading->orphans, loading->n_orphans);
    if (r != -EBADMSG)
        return r;
    r = ctx_catalogue_renew(ledger->catalogue, error);
    return r < 0 ? r : load_index(ledger, loading);
}

static int load(struct ctx_ledger *ledger, bool fresh, struct ctx_mirror *mirror,
                const unsigned char *fingerprint, const unsigned char *verdict,
                struct ctx_error *error)
{
    CTX_CLEANUP(free_orphans)
    struct loading loading = {
        .ledger = ledger, .mirror = mirror, .fingerprint = fingerprint, .verdict = verdict
    };
    int r = load_known(ledger, fresh, &loading, error);
    return r < 0 ? r : load_intents(ledger, &loading);
}

int ctx_ledger_open(uint32_t source, struct ctx_output *output,
                    const unsigned char fingerprint[CTX_DIGEST_SIZE], const unsigned char *verdict,
                    struct ctx_mirror *mirror, struct ctx_ledger **ret_ledger,
                    struct ctx_error *error)
{
    struct ctx_ledger *ledger = calloc(1, sizeof(*ledger));
    bool fresh;
    if (!ledger)
        return ctx_error_set(error, -ENOMEM, "out of memory");
    ledger->source = source;
    ledger->output = output;
    ledger->backlog_end = &ledger->backlog;
    int r =
        ctx_catalogue_open(ctx_output_catalogue_path(output), &ledger->catalogue, &fresh, error);
    if (r < 0) {
        free(ledger);
        return r;
    }
    r = load(ledger, fresh, mirror, fingerprint, verdict, error);
    if (r < 0) {
        ctx_ledger_close(ledger);
        return ctx_error_set(error, r, "%s: cannot be loaded: %s",
                             ctx_output_catalogue_path(output), ctx_error_name(r));
    }
    *ret_ledger = ledger;
    return 0;
}

/* What was recorded since the index was written changed no line of it: then it is up to date. */
static void note_at_rest(struct ctx_ledger *ledger)
{
    struct ctx_file_stamp stamp;
    bool pending = ledger->first_us != 0 || ledger->rebuild || ledger->backlog;
    if (!pending && ledger->indexed != ctx_catalogue_sequence(ledger->catalogue) &&
        index_intact(ledger) && ctx_index_stat(ledger->output, &stamp) == 0)
        note_indexed(ledger, &stamp);
}

void ctx_ledger_close(struct ctx_ledger *ledger)
{
    if (!ledger)
        return;
    note_at_rest(ledger);
    free_backlog(ledger);
    free_lines(ledger);
    ctx_catalogue_close(ledger->catalogue);
    free(ledger);
}

void ctx_ledger_finish(struct ctx_ledger *ledger)
{
    struct ctx_error
        ignored; /* the catalogue knows what its index lacks: the next start mends it */
    (void)ctx_ledger_write_index(ledger, ctx_clock_monotonic_us(), &ignored);
    if (!ledger->backlog)
        ctx_intents_clear(ledger->output);
    ctx_ledger_close(ledger);
}

uint32_t ctx_ledger_source(const struct ctx_ledger *ledger)
{
    return ledger->source;
}

const char *ctx_ledger_catalogue_id(const struct ctx_ledger *ledger)
{
    return ctx_catalogue_id(ledger->catalogue);
}

struct ctx_catalogue *ctx_ledger_catalogue(struct ctx_ledger *ledger)
{
    return ledger->catalogue;
}
