#ifndef CTX_WATCH_STATE_H
#define CTX_WATCH_STATE_H

#include "watch/cookie.h"
#include "watch/move.h"
#include "watch/poll.h"
#include "watch/root.h"
#include "watch/scan.h"
#include "watch/sweep.h"
#include "watch/watch.h"

/* How the kernel's limit on watches was met. */
struct ctx_limits {
    uint64_t blocked_until_us; /* no new watch is tried before */
    uint64_t step_us;          /* back-off */
    uint64_t in_use;           /* by this user, when it was met; 0: it was not */
};

/* The watcher: its parts side by side; each is the business of one file. */
struct ctx_watch {
    struct ctx_watch_options options;
    struct ctx_watch_handler handler;
    int fd;                             /* inotify's; -1 */
    char *no_inotify;                   /* why it could not be opened */
    uint64_t reopen_us, reopen_step_us; /* when to try again, and the back-off */
    uint64_t now_us;
    bool more; /* events wait that the descriptor does not tell of */
    struct ctx_points points;
    struct ctx_table children;
    struct ctx_root *roots; /* utlist DL */
    struct ctx_scanner scanner;
    struct ctx_poller poller;
    struct ctx_moves moves;
    struct ctx_reconcile reconcile;
    struct ctx_cookies cookies;
    struct ctx_limits limits;
    struct ctx_dir *doomed; /* utlist DL by queue_next, queue_prev */
    uint32_t layer_ids;
    uint64_t directories, watched;
    uint64_t events_total, overflow_total, reconciles_total;
    char path[CTX_TREE_PATH_SIZE]; /* of what is being reported */
    char layer_path[CTX_TREE_PATH_SIZE];
};

/* The events asked for of a directory of a tree; the top also of its own moving and going. */
extern const uint32_t ctx_watch_dir_mask;

/* Monotonic microseconds, read from the clock. */
uint64_t ctx_watch_clock_us(void);

/* What the owner is told (report.c). */
void ctx_report_document(struct ctx_dir *dir, const char *name, enum ctx_watch_sighting sighting,
                         const struct stat *st);
void ctx_report_directory_gone(struct ctx_dir *dir);
/* A directory could not be read: what is known below it is neither confirmed nor gone. */
void ctx_report_kept(struct ctx_dir *dir);
void ctx_report_warning(struct ctx_root *root, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Keeps count of the directories that are watched. */
void ctx_dir_count(struct ctx_watch *watch, struct ctx_dir *dir);

/*
 * Directories that this user may not read or enter (denied.c): keeping count of them, also of those
 * on their way out; whether one is now; and the first of those in a root's tree, NULL when there is
 * none.
 */
void ctx_denied_set(struct ctx_dir *dir, bool denied);
bool ctx_denied_now(const struct ctx_dir *dir);
const struct ctx_dir *ctx_denied_first(const struct ctx_root *root);

/* Taking directories away (doom.c): cut off at once, freed in slices. */
void ctx_doom(struct ctx_watch *watch, struct ctx_dir *dir);
void ctx_doom_children(struct ctx_watch *watch, struct ctx_dir *dir);
/* Frees until `until_us` on the clock; UINT64_MAX: all. */
void ctx_doom_run(struct ctx_watch *watch, uint64_t until_us);

/* The valid layer of a directory, made when it has to be; `dirfd` is open on it, or -1. */
const struct ctx_ignore_dir *ctx_layer(struct ctx_dir *dir, int dirfd);

/* Handles one event of inotify (event.c). */
struct ctx_inotify_event;
void ctx_event_handle(struct ctx_watch *watch, const struct ctx_inotify_event *event);

#endif
