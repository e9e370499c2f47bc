#ifndef CTX_WATCH_ROOT_H
#define CTX_WATCH_ROOT_H

#include "watch/git.h"
#include "watch/outer.h"
#include "watch/poll.h"
#include "watch/sweep.h"
#include "watch/tree.h"
#include "watch/watch.h"

/*
 * A root: its tree while it is there, and the watch for its return while it is not.
 */

/* A directory above a root: its moving takes the root away, and in it a missing root returns. */
struct ctx_ancestor {
    struct ctx_listener listener; /* first */
    struct ctx_root *root;
    struct ctx_ancestor *next;
    const char *child; /* the next component on the way to the root, in root->path */
};

struct ctx_root {
    struct ctx_root *next, *prev;
    struct ctx_watch *watch;
    uint32_t number;
    char *path; /* absolute */
    const struct ctx_ignore_rules *rules;
    struct ctx_dir *top; /* NULL: missing */
    dev_t dev;           /* identity it has, or had when it was last there */
    ino_t ino;
    int fd;        /* open on the root while something is dispatched; -1 */
    bool known;    /* dev and ino say something */
    bool unsure;   /* to be checked before anything else */
    bool skipped;  /* directories were not read because the root could not be opened */
    bool complete; /* read to the end since it appeared */
    bool dirty;    /* its state may have changed */
    enum ctx_root_state state;
    char *text;     /* of the state last reported */
    char *missing;  /* why it is missing */
    size_t pending; /* directories that wait to be read */
    size_t watched; /* directories */
    size_t denied;  /* directories */
    size_t polled[CTX_POLL_REASONS];
    struct ctx_sweep sweep;
    struct ctx_ancestor *ancestors;
    uint64_t retry_us; /* when to look for a missing root; UINT64_MAX */
    uint64_t retry_step_us;
    struct ctx_git git;
    struct ctx_outer outer[CTX_OUTER_FILES];
    unsigned warnings; /* since the last sweep began */
};

int ctx_root_new(struct ctx_watch *watch, uint32_t number, const char *path,
                 const struct ctx_ignore_rules *rules, struct ctx_root **ret_root);
/* Frees a root; its directories must be gone. */
void ctx_root_free(struct ctx_root *root);

/*
 * Looks whether the root is there and still the same directory: begins with it, lets go of it, or
 * does nothing.
 */
void ctx_root_check(struct ctx_root *root);
/* Checks the roots that are unsure or whose time to be looked for has come. */
void ctx_roots_run(struct ctx_watch *watch);
uint64_t ctx_roots_next_us(const struct ctx_watch *watch);
/* There is inotify now, and was not: watches what is above the roots, and has all checked. */
void ctx_roots_arm(struct ctx_watch *watch);

/*
 * A descriptor of the root, which is verified to be the directory that the tree was read from.
 * -errno (-ESTALE: another directory has its place) after noting that it must be checked. Closed
 * at the end of dispatch, so as not to keep a file system from being unmounted.
 */
int ctx_root_fd(struct ctx_root *root);
void ctx_roots_close(struct ctx_watch *watch);

/* Opens a directory of a root. -errno. */
int ctx_root_open(const struct ctx_dir *dir, int flags);

/* Tells the owner of the states that changed. */
void ctx_roots_report(struct ctx_watch *watch);

/* An event in a directory above the root. */
void ctx_ancestor_event(struct ctx_ancestor *ancestor, const struct ctx_inotify_event *event);

#endif
