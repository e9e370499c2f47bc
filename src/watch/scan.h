#ifndef CTX_WATCH_SCAN_H
#define CTX_WATCH_SCAN_H

#include <dirent.h>

#include "watch/tree.h"

/*
 * The scanner: the queue of directories that wait to be read, one of which is being read, a slice
 * at a time. New directories come before bulk, which still gets every eighth turn.
 *
 * Epochs tell when "everything that was waiting then" has been read: each queued directory carries
 * the epoch it, or the directory that led to it, was queued in.
 */

struct ctx_watch;

struct ctx_epochs {
    uint32_t first, current; /* none before `first` is waited for any more */
    size_t *counts;          /* of first … current */
    size_t capacity;
};

struct ctx_scanner {
    struct ctx_dir *urgent, *bulk; /* utlist DL lists by queue_next, queue_prev */
    unsigned turn;
    struct ctx_dir *current;
    DIR *stream;
    bool held;
    struct ctx_epochs epochs;
};

int ctx_scan_init(struct ctx_watch *watch);
void ctx_scan_deinit(struct ctx_watch *watch);

/* Queues a directory; one that is queued already is read as the stronger of both modes says. */
void ctx_scan_queue(struct ctx_watch *watch, struct ctx_dir *dir, enum ctx_scan_mode mode,
                    bool urgent);
/* The same for a directory that was come upon while reading its parent. */
void ctx_scan_follow(struct ctx_watch *watch, struct ctx_dir *parent, struct ctx_dir *dir,
                     enum ctx_scan_mode mode);
/* Takes a directory out. */
void ctx_scan_forget(struct ctx_watch *watch, struct ctx_dir *dir);

bool ctx_scan_waiting(const struct ctx_watch *watch);
/* Reads for as long as a slice may take. */
void ctx_scan_run(struct ctx_watch *watch);

/* Ends the current epoch and returns it; and whether all that was queued in it has been read. */
uint32_t ctx_scan_epoch(struct ctx_watch *watch);
bool ctx_scan_epoch_done(const struct ctx_watch *watch, uint32_t epoch);

/*
 * Reading one directory (read.c). Begin: 0 with the stream, or not 0 when there is nothing to read
 * (the directory may then be cut off and doomed). `mode` may be raised.
 */
int ctx_read_begin(struct ctx_watch *watch, struct ctx_dir *dir, DIR **ret_stream);
/* One entry: 1; 0 at the end; -errno: the directory cannot be read on, which has been seen to. */
int ctx_read_entry(struct ctx_watch *watch, struct ctx_dir *dir, DIR *stream);
/* A directory that is not in the tree yet was come upon in an event: in it goes, and is queued. */
void ctx_read_discover(struct ctx_watch *watch, struct ctx_dir *dir, const char *name);
void ctx_read_end(struct ctx_watch *watch, struct ctx_dir *dir, DIR *stream);

#endif
