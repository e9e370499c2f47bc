#ifndef CTX_WATCH_POLL_H
#define CTX_WATCH_POLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "watch/tree.h"

/*
 * Polling: directories without a watch are read again every interval and compared with what they
 * held. Of each document a polled directory keeps its name and a hash of its stat.
 */

struct ctx_watch;

enum ctx_poll_reason {
    CTX_POLL_OPTION,     /* configured */
    CTX_POLL_INSTANCE,   /* inotify could not be opened */
    CTX_POLL_FILESYSTEM, /* a network's or FUSE: no events of what others do */
    CTX_POLL_LIMIT,      /* no watch left */
    CTX_POLL_ERROR,      /* could not be watched or read for now */
    CTX_POLL_AWAY,       /* unmounted or mounted over: waits for what it held to return */
    CTX_POLL_REASONS,
};

struct ctx_listing_item {
    uint32_t name; /* offset into names */
    uint64_t stamp;
};

/* Sorted by name once complete. */
struct ctx_listing {
    char *names;
    size_t names_len, names_capacity;
    struct ctx_listing_item *items;
    size_t n, capacity;
};

struct ctx_poll {
    struct ctx_dir *dir;
    struct ctx_poll *next, *prev;
    enum ctx_poll_reason reason;
    bool listed; /* `listing` is what the directory held */
    struct ctx_listing listing;
};

struct ctx_poller {
    struct ctx_poll *list; /* utlist DL */
    size_t n;
    struct ctx_listing building; /* of the polled directory being read */
    bool running;                /* a round */
    uint32_t epoch;              /* of the round: it is over when its epoch is */
    uint64_t begin_us;
    uint64_t next_us; /* of the next round; UINT64_MAX */
};

/* Has a directory polled, or changes the reason. 0 or -ENOMEM. */
int ctx_poll_add(struct ctx_watch *watch, struct ctx_dir *dir, enum ctx_poll_reason reason);
void ctx_poll_remove(struct ctx_watch *watch, struct ctx_dir *dir);
/* Forgets what a polled directory held. */
void ctx_poll_reset(struct ctx_dir *dir);

/* Queues every polled directory to be read. */
void ctx_poll_round(struct ctx_watch *watch);
/* Begins a round when it is due, and ends one that is complete. */
void ctx_poll_run(struct ctx_watch *watch);
void ctx_poll_deinit(struct ctx_watch *watch);

/*
 * The reading of a polled directory: begin, a note for every document and ignore file, and end,
 * which reports what vanished. With `found`, every document is reported as FOUND.
 */
void ctx_poll_begin(struct ctx_watch *watch);
void ctx_poll_note(struct ctx_watch *watch, struct ctx_dir *dir, const char *name,
                   const struct stat *st, bool found);
void ctx_poll_end(struct ctx_watch *watch, struct ctx_dir *dir, int dirfd);

/* Whether the file system that an open directory is on has to be polled; its name. */
bool ctx_poll_filesystem(int fd, const char **ret_name);

#endif
