#ifndef CTX_WATCH_COOKIE_H
#define CTX_WATCH_COOKIE_H

#include "watch/inotify.h"
#include "watch/point.h"

/*
 * Cookies: files made and unlinked in a directory of the daemon's own. Their event comes after the
 * events of all that was done before, since the kernel's queue is in order.
 */

struct ctx_watch;
struct ctx_cookie;

struct ctx_cookies {
    struct ctx_listener listener; /* first */
    struct ctx_watch *watch;
    char *path;
    struct ctx_cookie *list; /* oldest first */
    uint64_t last;           /* number */
    uint64_t last_file;
};

int ctx_cookies_init(struct ctx_watch *watch, const char *path);
void ctx_cookies_deinit(struct ctx_watch *watch);
/* Has the directory watched before trees take what watches there are; else when one is made. */
void ctx_cookies_arm(struct ctx_watch *watch);
void ctx_cookies_event(struct ctx_watch *watch, const struct ctx_inotify_event *event);
/* Events may be lost: cookies that were not seen yet are made anew when all is reconciled. */
void ctx_cookies_overflow(struct ctx_watch *watch);
/* Makes what must be made anew, and reports what is complete. */
void ctx_cookies_run(struct ctx_watch *watch);

#endif
