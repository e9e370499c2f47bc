#ifndef CTX_DOCUMENT_DISCOVER_H
#define CTX_DOCUMENT_DISCOVER_H

#include <sys/stat.h>

#include "document/ignore.h"

/*
 * Walks a tree of documents top down without a watcher: the one-shot build's way in, and polling's.
 * Directory symlinks are not followed; file symlinks are documents, with the stat of what they lead
 * to. An entry that vanishes is skipped, never its siblings. Paths are bytes.
 */

struct ctx_discover_handler {
    /* A document. `path` is relative to the root. Not 0: the walk stops and returns that. */
    int (*document)(void *data, const char *path, const struct stat *st);
    /*
     * A directory or file that could not be read: -errno. The walk goes on. -ENAMETOOLONG names the
     * directory whose entry has a path over CTX_LIMIT_PATH. May be NULL, as the next.
     */
    void (*failed)(void *data, const char *path, int code);
    /* An ignore file that could not be read; the walk goes on without it. */
    void (*warning)(void *data, const char *text);
    void *data;
};

/* 0, the handler's value, or the errno of opening the root, -ENOMEM. Runs on the caller's thread. */
int ctx_discover(const char *root, const struct ctx_ignore_rules *rules,
                 const struct ctx_discover_handler *handler);

#endif
