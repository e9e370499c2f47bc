#ifndef CTX_WATCH_OUTER_H
#define CTX_WATCH_OUTER_H

#include "watch/inotify.h"
#include "watch/point.h"

/*
 * Ignore files that lie outside the trees they rule: git's .git/info/exclude and the user's. Their
 * directories are watched, where there are any; else an edit is seen when the root is next checked.
 */

struct ctx_root;

enum { CTX_OUTER_FILES = 2 };

struct ctx_outer {
    struct ctx_listener listener; /* first */
    struct ctx_root *root;
    char *name; /* the file's, in that directory */
};

/* Has the rules made anew when a file they come from was edited, and what they decide read again. */
void ctx_outer_check(struct ctx_root *root);
void ctx_outer_forget(struct ctx_root *root);
void ctx_outer_event(struct ctx_outer *outer, const struct ctx_inotify_event *event);

#endif
