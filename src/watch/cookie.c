/*
 * Cookies. One goes: made; its event seen; polled directories polled, once; then what all this led
 * to read. The loop's thread.
 */
#include "watch/cookie.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "watch/state.h"

enum stage {
    WAITS, /* for its event */
    LOST,  /* its event may be: made anew once the reconciling is over */
    SEEN,  /* what happened before is known, as far as inotify tells */
    POLLS, /* waits for a round of polling */
    READS, /* waits for directories to be read, and sweeps to end */
};

struct ctx_cookie {
    struct ctx_cookie *next, *prev;
    uint64_t number;
    uint64_t file;   /* in the name of the file */
    uint64_t ticket; /* READS: sweeps asked for before it come first */
    uint32_t epoch;  /* POLLS, READS: so do directories that were queued in it or before */
    enum stage stage;
};

static const char name_format[] = "contextor-cookie-%ld-%llu";
enum { NAME_SIZE = 64 };

int ctx_cookies_init(struct ctx_watch *watch, const char *path)
{
    watch->cookies = (struct ctx_cookies){
        .listener.kind = CTX_LISTENER_COOKIE,
        .watch = watch,
        .path = strdup(path ? path : ""),
    };
    return watch->cookies.path ? 0 : -ENOMEM;
}

void ctx_cookies_deinit(struct ctx_watch *watch)
{
    struct ctx_cookies *cookies = &watch->cookies;
    struct ctx_cookie *cookie, *next;
    DL_FOREACH_SAFE(cookies->list, cookie, next)
    free(cookie);
    ctx_points_detach(&watch->points, &cookies->listener);
    free(cookies->path);
    *cookies = (struct ctx_cookies){ 0 };
}

/* Sees to it that the cookies' directory is watched. 0, or -errno when it cannot be. */
static int watch_directory(struct ctx_watch *watch, int dirfd)
{
    struct ctx_cookies *cookies = &watch->cookies;
    struct stat st;
    if (fstat(dirfd, &st) < 0)
        return -errno;
    const struct ctx_point *point = cookies->listener.point;
    if (point && (point->dev != st.st_dev || point->ino != st.st_ino))
        ctx_points_detach(&watch->points, &cookies->listener);
    if (!cookies->listener.point) {
        int r = ctx_points_attach(&watch->points, &st, &cookies->listener);
        if (r < 0)
            return r;
    }
    return ctx_points_arm(&watch->points, &cookies->listener, dirfd, IN_CREATE, false);
}

void ctx_cookies_arm(struct ctx_watch *watch)
{
    CTX_AUTO_CLOSE int dirfd = open(watch->cookies.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dirfd >= 0 && watch->points.enabled)
        (void)watch_directory(watch, dirfd);
}

/* Makes a cookie's file; its event will say that the queue has been read so far. */
static int make(struct ctx_watch *watch, struct ctx_cookie *cookie)
{
    struct ctx_cookies *cookies = &watch->cookies;
    CTX_AUTO_CLOSE int dirfd = open(cookies->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dirfd < 0)
        return -errno;
    bool watched = watch_directory(watch, dirfd) == 0;
    char name[NAME_SIZE];
    cookie->file = ++cookies->last_file;
    cookie->stage = WAITS;
    snprintf(name, sizeof(name), name_format, (long)getpid(), (unsigned long long)cookie->file);
    (void)unlinkat(dirfd, name, 0); /* of a process that had this number and crashed */
    CTX_AUTO_CLOSE int fd =
        openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    (void)unlinkat(dirfd, name, 0);
    if (!watched) { /* everything is read anew instead of waiting for an event that cannot come */
        cookie->stage = SEEN;
        if (watch->points.enabled)
            ctx_reconcile_request(watch, 0);
    }
    return 0;
}

int ctx_watch_cookie(struct ctx_watch *watch, uint64_t *ret_number, struct ctx_error *error)
{
    struct ctx_cookie *cookie = calloc(1, sizeof(*cookie));
    if (!cookie)
        return ctx_error_set(error, -ENOMEM, "cookie: %s", ctx_error_name(-ENOMEM));
    int r = make(watch, cookie);
    if (r < 0) {
        free(cookie);
        return ctx_error_set(error, r, "%s: no file can be made here to synchronise by: %s",
                             watch->cookies.path, ctx_error_name(r));
    }
    cookie->number = ++watch->cookies.last;
    DL_APPEND(watch->cookies.list, cookie);
    /* A root's going may be something that no event tells of. */
    for (struct ctx_root *root = watch->roots; root; root = root->next)
        root->unsure = true;
    *ret_number = cookie->number;
    return 0;
}

void ctx_cookies_event(struct ctx_watch *watch, const struct ctx_inotify_event *event)
{
    char name[NAME_SIZE];
    struct ctx_cookie *cookie;
    if (event->mask & (IN_IGNORED | IN_UNMOUNT)) {
        ctx_cookies_overflow(watch);
        return;
    }
    DL_FOREACH (watch->cookies.list, cookie) {
        snprintf(name, sizeof(name), name_format, (long)getpid(), (unsigned long long)cookie->file);
        if (cookie->stage == WAITS && strcmp(name, event->name) == 0)
            cookie->stage = SEEN;
    }
}

void ctx_cookies_overflow(struct ctx_watch *watch)
{
    struct ctx_cookie *cookie;
    DL_FOREACH (watch->cookies.list, cookie) {
        if (cookie->stage == WAITS)
            cookie->stage = LOST;
    }
}

/* A lost cookie is made anew, once everything has been reconciled. */
static void make_anew(struct ctx_watch *watch, struct ctx_cookie *cookie)
{
    if (!ctx_sweeps_done(watch, UINT64_MAX) || make(watch, cookie) == 0)
        return;
    ctx_reconcile_request(watch, 0); /* its directory is gone: read all rather than hang */
    cookie->stage = SEEN;
}

/* Takes a cookie as far as it goes; whether it is complete. */
static bool advance(struct ctx_watch *watch, struct ctx_cookie *cookie)
{
    if (cookie->stage == LOST)
        make_anew(watch, cookie);
    if (cookie->stage == SEEN) {
        if (watch->poller.n > 0)
            ctx_poll_round(watch);
        cookie->epoch = ctx_scan_epoch(watch);
        cookie->stage = POLLS;
    }
    if (cookie->stage == POLLS && ctx_scan_epoch_done(watch, cookie->epoch)) {
        cookie->epoch = ctx_scan_epoch(watch);
        cookie->ticket = ctx_sweeps_ticket(watch);
        cookie->stage = READS;
    }
    return cookie->stage == READS && ctx_scan_epoch_done(watch, cookie->epoch) &&
           ctx_sweeps_done(watch, cookie->ticket) && !watch->doomed;
}

void ctx_cookies_run(struct ctx_watch *watch)
{
    struct ctx_cookie *cookie, *next;
    DL_FOREACH_SAFE(watch->cookies.list, cookie, next)
    {
        if (!advance(watch, cookie))
            continue;
        DL_DELETE(watch->cookies.list, cookie);
        watch->handler.cookie(watch->handler.data, cookie->number);
        free(cookie);
    }
}
