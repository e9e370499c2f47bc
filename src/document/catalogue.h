#ifndef CTX_DOCUMENT_CATALOGUE_H
#define CTX_DOCUMENT_CATALOGUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/file.h"
#include "contextor/error.h"

/*
 * catalogue.db: what each source was when last read, what its output was, what came of it and when.
 * SQLite, WAL, exclusive. A cache: lost, corrupt or of another version, it is made anew (the file
 * that was there is set aside as catalogue.db.bad). One thread owns a catalogue.
 */

enum ctx_result {
    CTX_RESULT_WRITTEN,
    CTX_RESULT_UNCHANGED,
    CTX_RESULT_FAILED,  /* `error` says why; the previous page, if any, stays */
    CTX_RESULT_REMOVED, /* a tombstone, for `changes` */
};

struct ctx_record {
    const char *path; /* relative to the root, bytes */
    const char *slug; /* "" when it never had a page */
    enum ctx_result result;
    struct ctx_file_stamp source;
    unsigned char digest[CTX_DIGEST_SIZE];      /* of the source's bytes */
    unsigned char fingerprint[CTX_DIGEST_SIZE]; /* of the configuration that made the page */
    struct ctx_file_stamp output;               /* zero when there is none */
    int64_t when_us;                            /* wall clock, microseconds since the epoch */
    uint64_t sequence;                          /* of this change, ascending within a catalogue */
    uint64_t duration_us;
    uint64_t tokens_in, tokens_out;
    const char *error; /* "" unless FAILED */
    const char *entry; /* the page's index line, "" when none; put: NULL leaves the one there */
    size_t entry_len;
    /* The loss report as JSON, "" when empty; put: NULL leaves the one there, and the tokens. */
    const char *report;
};

struct ctx_catalogue;

/*
 * Opens or makes. ret_fresh: nothing was known. What is there but cannot be used (no database, of
 * another version, a directory, unreadable, read-only, a symbolic link) is set aside. -EBUSY when
 * another process holds it; -ENOSPC, -EROFS…: none can be made, and the error says what to do.
 */
int ctx_catalogue_open(const char *path, struct ctx_catalogue **ret_catalogue, bool *ret_fresh,
                       struct ctx_error *error);
void ctx_catalogue_close(struct ctx_catalogue *catalogue);

/*
 * Sets the file aside and makes a new one, with a new id, in place: for a caller that was told
 * -EBADMSG, damage that only reading finds. On failure the catalogue can only be closed.
 */
int ctx_catalogue_renew(struct ctx_catalogue *catalogue, struct ctx_error *error);

/*
 * Calls `row` for every record but tombstones, in no order. `entry` and `report` are not loaded
 * (NULL, 0). Stops at, and returns, the first value of `row` that is not 0. Here and below: rows are
 * borrowed for the call and `row` must not use the catalogue; -EBADMSG: damaged.
 */
int ctx_catalogue_load(struct ctx_catalogue *catalogue,
                       int (*row)(void *data, const struct ctx_record *record), void *data);

/* One record, whole; borrowed until the next call. 0, CTX_GONE, or errno. */
int ctx_catalogue_get(struct ctx_catalogue *catalogue, const char *path,
                      struct ctx_record *ret_record);

/*
 * Upserts records in one transaction; a REMOVED one becomes a tombstone (path, slug, sequence and
 * time are kept). Of two records of one path the later counts. 0 or errno (ENOSPC…) with nothing
 * changed; -EINVAL: a sequence that another path has. A crash of the machine may lose the last
 * transactions, never more (WAL, synchronous=NORMAL), once a new catalogue is settled.
 */
int ctx_catalogue_put(struct ctx_catalogue *catalogue, const struct ctx_record *records, size_t n,
                      struct ctx_error *error);

/*
 * A catalogue that was just made is complete, for now: from here on it is kept safe from crashes of
 * the machine, which costs each of its checkpoints a wait for the disk. 0 or errno.
 */
int ctx_catalogue_settle(struct ctx_catalogue *catalogue);

/*
 * Records with a sequence over `since`, tombstones included, ascending; at most `most`. `entry` and
 * `report` are not loaded. Complete when `since` is not below ctx_catalogue_oldest().
 */
int ctx_catalogue_changes(struct ctx_catalogue *catalogue, uint64_t since, size_t most,
                          int (*row)(void *data, const struct ctx_record *record), void *data);

/* Index lines of all pages, sorted by slug (bytewise). */
int ctx_catalogue_entries(struct ctx_catalogue *catalogue,
                          int (*row)(void *data, const char *slug, const char *entry, size_t len),
                          void *data);

/* What is kept of a page, for sums over all of them. */
struct ctx_page_figures {
    const char *path;
    uint64_t tokens_in, tokens_out;
    const char *report; /* the loss report as JSON, "" when empty; NULL when not asked for */
};

/* All pages there are, sorted by path (bytewise). */
int ctx_catalogue_pages(struct ctx_catalogue *catalogue, bool reports,
                        int (*row)(void *data, const struct ctx_page_figures *page), void *data);

/* Notes in one transaction that these documents have no page any more. 0 or errno. */
int ctx_catalogue_forget_pages(struct ctx_catalogue *catalogue, char *const *paths, size_t n);

/* The random id this catalogue was born with (part of `changes`' clock), and the last sequence. */
const char *ctx_catalogue_id(const struct ctx_catalogue *catalogue);
uint64_t ctx_catalogue_sequence(const struct ctx_catalogue *catalogue);
/*
 * The oldest `since` that changes() can still answer: tombstones over CTX_LIMIT_TOMBSTONES are
 * forgotten, oldest first. A clock before it is unknown.
 */
uint64_t ctx_catalogue_oldest(const struct ctx_catalogue *catalogue);

/*
 * The stamp of index.jsonl as last written by us, and the sequence up to which it has everything;
 * zero when not known.
 */
int ctx_catalogue_set_index(struct ctx_catalogue *catalogue, const struct ctx_file_stamp *stamp,
                            uint64_t sequence);
int ctx_catalogue_get_index(struct ctx_catalogue *catalogue, struct ctx_file_stamp *ret_stamp,
                            uint64_t *ret_sequence);

#endif
