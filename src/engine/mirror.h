#ifndef CTX_ENGINE_MIRROR_H
#define CTX_ENGINE_MIRROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/slug.h"

/*
 * A mirror: what is known of one source's documents, by path, by folder and by slug. Pure: it
 * reads and writes no file. The engine's thread owns it. It is kept small, since a tree may have
 * 100 000 documents: about 320 bytes each, the path included. bench_watch_memory.py in tests/bench
 * measures what a document costs the whole daemon.
 */

struct ctx_folder;

/* One document. Open, since the engine and the jobs' outcomes fill it in. */
struct ctx_known {
    UT_hash_handle by_path;
    UT_hash_handle by_slug;      /* in the table only while it has the plain slug */
    struct ctx_known *next_same; /* others of the same plain slug, ascending by path */
    struct ctx_folder *folder;
    struct ctx_known *prev, *next; /* in its folder */
    struct ctx_file_stamp source;  /* as last read; zero: must be read again */
    struct {
        uint64_t ino;
        int64_t size, mtime_ns;
    } output;                              /* as last written */
    unsigned char digest[CTX_DIGEST_SIZE]; /* of the source as last read */
    char *error;                           /* why the last attempt failed; NULL: it did not */
    uint64_t slug_key;                     /* of the plain slug */
    uint32_t digits;                       /* of the short form, when `has_digits` */
    uint32_t generation;                   /* of the scan that saw it last */
    uint8_t form;                          /* of its slug (enum ctx_slug_form) */
    uint8_t paged_form;                    /* of the slug that its page in the output has */
    bool has_digits;
    bool has_page;   /* its page is in the output */
    bool current;    /* made by the configuration as it is now */
    bool stuck;      /* its last attempt failed for want of something beyond it */
    uint8_t density; /* by which its cost is reckoned (engine/cost.h) */
    char path[];
};

struct ctx_mirror;

int ctx_mirror_new(const char *repo, struct ctx_mirror **ret_mirror);
void ctx_mirror_free(struct ctx_mirror *mirror);

/* NULL when it is not known. */
struct ctx_known *ctx_mirror_find(const struct ctx_mirror *mirror, const char *path);

/* Adds a path. 0, -EEXIST, -ENOMEM. */
int ctx_mirror_add(struct ctx_mirror *mirror, const char *path, struct ctx_known **ret_known);

/* Forgets a document. */
void ctx_mirror_remove(struct ctx_mirror *mirror, struct ctx_known *known);

/*
 * The documents whose slugs the latest addition or removal changed, to be emitted again; borrowed
 * until the next.
 */
struct ctx_known *const *ctx_mirror_moved(const struct ctx_mirror *mirror, size_t *ret_n);

/* The slug a document has now; the one its page in the output has; and the one in a given form. */
void ctx_mirror_slug(const struct ctx_mirror *mirror, const struct ctx_known *known,
                     char ret_slug[CTX_SLUG_SIZE]);
void ctx_mirror_page_slug(const struct ctx_mirror *mirror, const struct ctx_known *known,
                          char ret_slug[CTX_SLUG_SIZE]);
void ctx_mirror_form_slug(const struct ctx_mirror *mirror, const struct ctx_known *known,
                          enum ctx_slug_form form, char ret_slug[CTX_SLUG_SIZE]);
/* Who has the slug that is one form of this document's; may be itself, or NULL for nobody. */
struct ctx_known *ctx_mirror_owner(const struct ctx_mirror *mirror, const struct ctx_known *known,
                                   enum ctx_slug_form form);
/* Whether a page under its slug may have been another document's. */
bool ctx_mirror_is_contested(const struct ctx_mirror *mirror, const struct ctx_known *known);
/* Calls `each` for the others whose page was written under the slug in that form. */
void ctx_mirror_each_paged(const struct ctx_mirror *mirror, const struct ctx_known *known,
                           enum ctx_slug_form form,
                           void (*each)(void *data, struct ctx_known *other), void *data);

/*
 * Calls `each` for every document at or below a folder ("" all), which it may not add or remove
 * documents in.
 */
void ctx_mirror_each_below(const struct ctx_mirror *mirror, const char *path,
                           void (*each)(void *data, struct ctx_known *known), void *data);

/* Scans: what is below the scanned folder and was not seen since the scan began is gone. */
void ctx_mirror_scan_begin(struct ctx_mirror *mirror);
void ctx_mirror_seen(struct ctx_mirror *mirror, struct ctx_known *known);
bool ctx_mirror_was_seen(const struct ctx_mirror *mirror, const struct ctx_known *known);

size_t ctx_mirror_count(const struct ctx_mirror *mirror);
size_t ctx_mirror_failed(const struct ctx_mirror *mirror);
size_t ctx_mirror_stuck(const struct ctx_mirror *mirror);
/*
 * Sets or clears (NULL) a document's error, and whether it is stuck; keeps the counts. 0 or -ENOMEM.
 */
int ctx_mirror_set_error(struct ctx_mirror *mirror, struct ctx_known *known, const char *error,
                         bool stuck);

#endif
