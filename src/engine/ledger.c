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
#include "engine/backlog.h"
#include "engine/restore.h"

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
    struct index_line *lines;   /* by slug: what is to be merged */
    uint64_t first_us, last_us; /* of the changes that wait; 0: none */
    uint64_t retry_us;          /* not before that, after a failure */
    bool rebuild;               /* write the index anew from the catalogue */
    bool fresh;                 /* the catalogue was made anew, and has no outcome yet */
    bool adopted;               /* the index there is to be gone on with, though the catalogue
                                    does not know it: it alone says which pages are ours */
    uint64_t indexed;           /* the sequence that the catalogue says the index is of */
    struct ctx_backlog backlog; /* what the catalogue did not take */
};

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

static int put_backlog(struct ctx_ledger *ledger, struct ctx_error *error)
{
    size_t journaled;
    int r = ctx_backlog_put(&ledger->backlog, ledger->catalogue, &journaled, error);
    if (r == 0)
        ctx_journal_settle(ctx_output_journal(ledger->output), journaled);
    return r;
}

int ctx_ledger_record(struct ctx_ledger *ledger, struct ctx_outcome *list, uint64_t now_us,
                      struct ctx_error *error)
{
    for (struct ctx_outcome *outcome = list; outcome; outcome = outcome->next)
        if (note_index(ledger, outcome, now_us) < 0)
            ledger->rebuild = true;
    ledger->fresh = ledger->fresh && !list;
    ctx_backlog_take(&ledger->backlog, list);
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

static int load_index(struct ctx_ledger *ledger, struct ctx_restore *restore)
{
    int r = ctx_restore_index(restore);
    ledger->fresh = true;
    ledger->adopted = restore->index_found && !restore->index_behind;
    ledger->rebuild = !ledger->adopted;
    return r;
}

/* What the catalogue knows; without one, what the index lists. */
static int load_known(struct ctx_ledger *ledger, bool fresh, struct ctx_restore *restore,
                      struct ctx_error *error)
{
    uint64_t sequence = fresh ? 0 : ctx_catalogue_sequence(ledger->catalogue);
    if (sequence == 0) /* or one that never got as far as a first outcome */
        return load_index(ledger, restore);
    ledger->rebuild = !index_intact(ledger) || ledger->indexed != sequence;
    int r = ctx_restore_catalogue(restore);
    if (r != -EBADMSG)
        return r;
    r = ctx_catalogue_renew(ledger->catalogue, error);
    return r < 0 ? r : load_index(ledger, restore);
}

static int load(struct ctx_ledger *ledger, bool fresh, struct ctx_restore *restore,
                struct ctx_error *error)
{
    int r = load_known(ledger, fresh, restore, error);
    if (r == 0)
        r = ctx_restore_journal(restore, error);
    ledger->rebuild |= restore->index_behind && !ledger->adopted;
    return r;
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
    ctx_backlog_init(&ledger->backlog);
    int r =
        ctx_catalogue_open(ctx_output_catalogue_path(output), &ledger->catalogue, &fresh, error);
    if (r < 0) {
        free(ledger);
        return r;
    }
    struct ctx_restore restore = {
        .output = output,
        .catalogue = ledger->catalogue,
        .mirror = mirror,
        .fingerprint = fingerprint,
        .verdict = verdict,
    };
    r = load(ledger, fresh, &restore, error);
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
    bool pending = ledger->first_us != 0 || ledger->rebuild || ledger->backlog.n > 0;
    if (!pending && ledger->indexed != ctx_catalogue_sequence(ledger->catalogue) &&
        index_intact(ledger) && ctx_index_stat(ledger->output, &stamp) == 0)
        note_indexed(ledger, &stamp);
}

void ctx_ledger_close(struct ctx_ledger *ledger)
{
    if (!ledger)
        return;
    note_at_rest(ledger);
    ctx_backlog_deinit(&ledger->backlog);
    free_lines(ledger);
    ctx_catalogue_close(ledger->catalogue);
    free(ledger);
}

void ctx_ledger_finish(struct ctx_ledger *ledger)
{
    struct ctx_error
        ignored; /* the catalogue knows what its index lacks: the next start mends it */
    (void)ctx_ledger_write_index(ledger, ctx_clock_monotonic_us(), &ignored);
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
