#ifndef CTX_WATCH_INOTIFY_H
#define CTX_WATCH_INOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "contextor/error.h"

/*
 * libinotifytools, cut down to what can be relied on: open, watch one directory, forget a watch,
 * take the next event. One instance a process, one thread.
 */

struct ctx_inotify_event {
    int wd; /* -1: the kernel's queue overflowed */
    uint32_t mask;
    uint32_t cookie;
    const char
        *name; /* "" when the event is about the directory itself; valid until the next call */
};

/*
 * Opens inotify, non-blocking and close-on-exec. 0 and the descriptor to wait on; -EBUSY when it is
 * open already; -EMFILE when the user has no instance or the process no descriptor below
 * FD_SETSIZE left (the library uses select(2)); other errnos of inotify_init(2).
 */
int ctx_inotify_open(int *ret_fd, struct ctx_error *error);
void ctx_inotify_close(void);

/*
 * Watches the directory that `dirfd` (O_PATH will do) is open on, whatever its path is by now. The
 * watch descriptor, > 0; -ENOSPC when the user has no watch left, else inotify_add_watch(2)'s
 * errno. A directory that is watched must not be added again: see ctx_inotify_extend().
 */
int ctx_inotify_add(int dirfd, uint32_t mask);

/*
 * Asks for further events of a directory that is thought to be watched as `wd`, and so finds out
 * whether it still is: returns `wd`, or another descriptor when the old one was dead, or -errno.
 */
int ctx_inotify_extend(int dirfd, int wd, uint32_t mask);

/* Forgets a watch, whether the kernel still has it or not. */
void ctx_inotify_remove(int wd);

/* The next event; false when none waits, in the library's buffer or in the kernel. */
bool ctx_inotify_next(struct ctx_inotify_event *ret_event);

/* Whether the interposers are in effect: without them the library leaks a little per directory. */
bool ctx_inotify_intercepted(void);

/* This user's limit on watches, and the sysctl that sets it; 0 and the usual name when unknown. */
uint64_t ctx_inotify_limit(const char **ret_sysctl);

#endif
