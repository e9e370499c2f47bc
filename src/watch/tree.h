#ifndef CTX_WATCH_TREE_H
#define CTX_WATCH_TREE_H

#include <stddef.h>

#include "base/limits.h"
#include "document/ignore.h"
#include "watch/point.h"

/*
 * The tree of a root's directories. A directory knows its parent and its own name, never its path:
 * a rename moves one node, however much is below it.
 */

struct ctx_root;
struct ctx_poll;

/* How thoroughly a directory waits to be read; a higher one includes the lower. */
enum ctx_scan_mode {
    CTX_SCAN_NONE,
    CTX_SCAN_NEW,  /* itself; directories that are known already are left alone */
    CTX_SCAN_POLL, /* itself, reporting what changed since it was last polled */
    CTX_SCAN_DEEP, /* itself and all below it anew, verifying watches */
};

struct ctx_dir {
    struct ctx_listener listener; /* first */
    struct ctx_root *root;
    struct ctx_dir *parent; /* NULL: a root's top, or cut off (moved away, or about to be freed) */
    struct ctx_dir *first;  /* child; siblings are a utlist DL list */
    struct ctx_dir *next, *prev;
    struct ctx_dir *queue_next, *queue_prev; /* the scanner's, or the list of the doomed */
    struct ctx_ignore_dir *layer;
    struct ctx_poll *poll; /* NULL: not polled */
    char *name;
    uint32_t hash;            /* of (parent, name) */
    uint32_t layer_id;        /* of `layer`; 0: has to be made */
    uint32_t layer_parent_id; /* of the layer that `layer` builds on */
    uint32_t epoch;           /* while queued: see scan.h */
    uint8_t scan;             /* enum ctx_scan_mode; NONE: not queued */
    bool urgent : 1;          /* while queued: in which queue */
    bool seen : 1;            /* by the reading of its parent that is going on */
    bool read : 1;            /* has been read once */
    bool failed : 1;          /* could not be read, or not all of it */
    bool counted : 1;         /* among the watched */
    bool denied : 1;          /* this user may not read or enter it */
    bool doomed : 1;          /* on the list of directories to be freed */
};

/* A path below a root that a directory entry may reach, and NUL. */
enum { CTX_TREE_PATH_SIZE = CTX_LIMIT_PATH };

/* A directory of a root, not yet in the tree. NULL: memory. */
struct ctx_dir *ctx_dir_new(struct ctx_root *root, const char *name);
/* Frees one that is cut off, has no children and listens to nothing. */
void ctx_dir_free(struct ctx_dir *dir);

/* Places a directory below a parent; `children` is the table of all trees. 0 or -ENOMEM. */
int ctx_dir_attach(struct ctx_table *children, struct ctx_dir *parent, struct ctx_dir *dir);
/* Cuts a directory off, with all below it. */
void ctx_dir_cut(struct ctx_table *children, struct ctx_dir *dir);
struct ctx_dir *ctx_dir_child(const struct ctx_table *children, const struct ctx_dir *parent,
                              const char *name);
/* A new name for a directory that is cut off. 0 or -ENOMEM. */
int ctx_dir_rename(struct ctx_dir *dir, const char *name);

/*
 * Writes the path, relative to the root, of an entry of a directory (`name` NULL or "": of the
 * directory itself) and returns it; NULL when the directory is cut off or the path too long. The
 * result lies somewhere in `buffer`.
 */
const char *ctx_dir_path(const struct ctx_dir *dir, const char *name,
                         char buffer[CTX_TREE_PATH_SIZE]);

/* Whether the directory is in its root's tree, not cut off. */
bool ctx_dir_attached(const struct ctx_dir *dir);
/* Whether `above` is `dir` or one of its parents. */
bool ctx_dir_within(const struct ctx_dir *dir, const struct ctx_dir *above);
/* The closest directory that both are within. */
struct ctx_dir *ctx_dir_common(struct ctx_dir *a, struct ctx_dir *b);

/*
 * Opens a directory by its path below `rootfd`, following no symbolic link on the way, so that a
 * path component that was replaced by a link is an error (-ELOOP), not another place. -errno.
 */
int ctx_tree_open(int rootfd, const char *path, int flags);
/* Whether an open directory has no entries. */
bool ctx_tree_is_empty(int dirfd);

#endif
