#ifndef CTX_WATCH_GIT_H
#define CTX_WATCH_GIT_H

#include "watch/inotify.h"
#include "watch/point.h"

/*
 * The directory of the git repository that a root lies in, watched for what says that git is
 * about to change many files: index.lock.
 */

struct ctx_root;
struct ctx_watch;

struct ctx_git {
    struct ctx_listener listener; /* first */
    struct ctx_root *root;
    bool locked;
};

/*
 * Finds the repository of a root, watches it, and looks for its lock. None, or none that can be
 * read, is fine.
 */
void ctx_git_find(struct ctx_root *root);
/* The same for each root whose repository is not watched, and so has to be polled. */
void ctx_git_poll(struct ctx_watch *watch);
void ctx_git_forget(struct ctx_root *root);
void ctx_git_event(struct ctx_git *git, const struct ctx_inotify_event *event);

#endif
