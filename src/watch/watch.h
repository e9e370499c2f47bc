#ifndef CTX_WATCH_WATCH_H
#define CTX_WATCH_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "document/ignore.h"

/*
 * The watcher: a tree of directories per root, kept watched by inotify (through libinotifytools)
 * or polled where that cannot be had. It reports sightings of documents; it never decides what
 * they mean. Exactly one thread, the loop's, may call it; one instance a process.
 */

struct ctx_watch;

enum ctx_root_state {
    CTX_ROOT_SCANNING, /* being read for the first time */
    CTX_ROOT_WATCHING,
    CTX_ROOT_DEGRADED, /* directories are polled for want of watches, or may not be read */
    CTX_ROOT_POLLING,  /* polled by configuration or for its file system */
    CTX_ROOT_MISSING,  /* vanished, unmounted or replaced; outputs are kept */
};

enum ctx_watch_sighting {
    CTX_WATCH_FOUND,    /* seen by a scan or a poll: `st` is set */
    CTX_WATCH_WRITTEN,  /* closed after writing, renamed in, linked, made readable */
    CTX_WATCH_MODIFIED, /* written to, not yet closed */
    CTX_WATCH_REPLACED, /* unlinked or renamed away, and another has its name by now */
    CTX_WATCH_GONE,     /* unlinked or renamed away: one document */
};

/* Callbacks run inside ctx_watch_dispatch() and may call back only getters. */
struct ctx_watch_handler {
    /* A document was seen. `path` is relative to the root; st may be NULL (then stat decides). */
    void (*sighting)(void *data, uint32_t root, enum ctx_watch_sighting sighting, const char *path,
                     const struct stat *st);
    /* A directory went away with all that was below it (path without a trailing slash). */
    void (*directory_gone)(void *data, uint32_t root, const char *path);
    /*
     * Reading a directory ("" the root) and all below it began, or is complete: documents known
     * there that had no sighting in between but GONE are gone. Scans of one root never overlap. A
     * scan of a root that goes missing is never complete; the next begins anew.
     */
    void (*scan_begin)(void *data, uint32_t root, const char *path);
    void (*scan_end)(void *data, uint32_t root, const char *path);
    /*
     * A directory could not be read by the scan that is going on: what is known there and below is
     * to be kept as if it had been FOUND. May be NULL.
     */
    void (*scan_kept)(void *data, uint32_t root, const char *path);
    /*
     * An ignore file outside the root was edited. Returns rules made anew, borrowed as those before
     * were, which are used no more; NULL keeps those. May be NULL.
     */
    const struct ctx_ignore_rules *(*rules)(void *data, uint32_t root);
    void (*state)(void *data, uint32_t root, enum ctx_root_state state, const char *text);
    /* The kernel's queue overflowed; a reconciling scan of every root follows. */
    void (*overflow)(void *data);
    /* git's index.lock of the root's repository was taken, at that time, or released. May be NULL. */
    void (*git_lock)(void *data, uint32_t root, bool locked, uint64_t since_us);
    /* All that happened before ctx_watch_cookie() returned this number has been reported. */
    void (*cookie)(void *data, uint64_t number);
    /* A warning worth a log line; bounded in number. May be NULL. */
    void (*warning)(void *data, uint32_t root, const char *text);
    void *data;
};

struct ctx_watch_options {
    bool poll;
    unsigned poll_interval_ms; /* between polls of a directory without a watch */
    unsigned reconcile_s;      /* between light reconciles, give or take a tenth; 0: never */
    const char *cookie_dir;    /* a directory of the daemon's own, where cookies are made */
};

/*
 * Opens inotify; call before anything opens many descriptors (libinotifytools uses select). EMFILE
 * and the like are no failure: everything is polled then, and state says so.
 */
int ctx_watch_new(const struct ctx_watch_options *options, const struct ctx_watch_handler *handler,
                  struct ctx_watch **ret_watch, struct ctx_error *error);
void ctx_watch_free(struct ctx_watch *watch);

/*
 * Adds a root under a number of the caller's; `rules` is borrowed until the root is removed. It is
 * read by the dispatches that follow. A root that does not exist is no failure: state says so.
 * -EEXIST for a number in use, -ENOMEM.
 */
int ctx_watch_add_root(struct ctx_watch *watch, uint32_t root, const char *path,
                       const struct ctx_ignore_rules *rules, struct ctx_error *error);
void ctx_watch_remove_root(struct ctx_watch *watch, uint32_t root);

/*
 * Says, before the first dispatch, on which device a root's documents were last: while an empty
 * directory of another device is in its place, the root is missing (a volume not mounted yet).
 */
void ctx_watch_expect_device(struct ctx_watch *watch, uint32_t root, dev_t device);

/* Takes over poll_interval_ms and reconcile_s; the rest stays as it was. */
void ctx_watch_set_options(struct ctx_watch *watch, const struct ctx_watch_options *options);

/* Readable when events wait; -1 while there is no inotify: a dispatch may change that. */
int ctx_watch_get_fd(const struct ctx_watch *watch);
/* Monotonic time when dispatch is due though the descriptor is quiet; 0 now; UINT64_MAX never. */
uint64_t ctx_watch_next_us(const struct ctx_watch *watch);
/* Handles what waits, in a bounded slice (events, then a piece of a running scan). */
void ctx_watch_dispatch(struct ctx_watch *watch, uint64_t now_us);

/*
 * Holds the reading of directories, not the events, while the owner has no room for more. No
 * cookie completes while directories wait to be read.
 */
void ctx_watch_hold(struct ctx_watch *watch, bool hold);

/*
 * Makes a cookie: handler->cookie() comes once everything before it was reported, polled
 * directories included. The number is > 0. -errno when the cookie directory cannot be written.
 */
int ctx_watch_cookie(struct ctx_watch *watch, uint64_t *ret_number, struct ctx_error *error);

/* Asks for a reconciling scan of a root. */
void ctx_watch_rescan(struct ctx_watch *watch, uint32_t root);
/* Has the next dispatch look whether a root is what it was, and the ignore files outside it. */
void ctx_watch_recheck(struct ctx_watch *watch, uint32_t root);

/*
 * Looks whether a path is a document that is there; "" asks for the root alone. 0: it is; CTX_GONE:
 * it is not; -errno: the root is not there, or another directory is in its place, so that nothing
 * below it can be called gone; it is read anew once it is back.
 */
int ctx_watch_look(struct ctx_watch *watch, uint32_t root, const char *path);

/*
 * Whether a path is a document by the rules as they are now, and in a directory that is known;
 * without looking for the file. What is in a directory that is not known yet is FOUND when it is read.
 */
bool ctx_watch_wants(struct ctx_watch *watch, uint32_t root, const char *path);

struct ctx_watch_stats {
    uint64_t watches, polled_directories, directories;
    uint64_t events_total, overflow_total, reconciles_total;
    uint64_t watches_needed, watches_limit, watches_in_use; /* this user's, as far as known */
};
void ctx_watch_stats(const struct ctx_watch *watch, struct ctx_watch_stats *ret_stats);

/*
 * Directories of one root that are watched, that are polled, and that may not be read or entered.
 * Zero when there is none such.
 */
struct ctx_watch_root_stats {
    uint64_t watches, polled_directories, unreadable_directories;
};
void ctx_watch_root_stats(const struct ctx_watch *watch, uint32_t root,
                          struct ctx_watch_root_stats *ret_stats);

/* Whether a path below a root is a directory now. */
bool ctx_watch_is_directory(struct ctx_watch *watch, uint32_t root, const char *path);
/*
 * How a path is seen, for `why`: "watched", "polled", "ignored", "missing", "unreadable" (a directory
 * is in the way that may not be read or entered); with the reason.
 */
const char *ctx_watch_explain(struct ctx_watch *watch, uint32_t root, const char *path,
                              struct ctx_ignore_reason *ret_reason);

#endif
