#ifndef CTX_DAEMON_MOUNT_H
#define CTX_DAEMON_MOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "document/ignore.h"
#include "watch/watch.h"

/*
 * Mounts: each configured source on its way through the daemon, from opening to leaving. The
 * loop's thread; nothing here blocks on a disk or on work.
 */

struct ctx_daemon;

/* A configuration, and how many use it: its reader and every mount whose source is in it. */
struct ctx_shared_config {
    struct ctx_config config;
    size_t users;
};

/* A configuration with one user, empty; NULL when memory is out. */
struct ctx_shared_config *ctx_shared_config_new(void);
/* One user less; frees it with the last. NULL is fine. */
void ctx_shared_config_release(struct ctx_shared_config *shared);

enum ctx_mount_stage {
    CTX_MOUNT_WAITING, /* to be opened, as soon as no other source leaves */
    CTX_MOUNT_OPENING,
    CTX_MOUNT_UP,
    CTX_MOUNT_FAILED, /* its output cannot be used: nothing is watched or built; tried again */
    CTX_MOUNT_LEAVING,
};

struct ctx_mount {
    struct ctx_mount *next; /* among those that leave */
    struct ctx_daemon *daemon;
    struct ctx_shared_config *shared; /* has its source */
    const struct ctx_source *source;
    struct ctx_ignore_rules *rules;
    uint32_t number; /* in the engine, the coalescer and the watcher; when up or leaving */
    enum ctx_mount_stage stage;
    bool dismissed;            /* not configured any more: freed once it has left */
    enum ctx_root_state state; /* when up */
    bool scanned;              /* its first scan is complete */
    bool looked, present;      /* its root, in this release of the coalescer's */
    struct ctx_error detail;   /* what to know or do about that state; "" nothing */
};

/*
 * Takes a configuration's sources: those that are configured as before stay as they are, others
 * leave, new ones are opened. `all`: none stays. Returns whether anything changed. -ENOMEM: nothing
 * did.
 */
int ctx_daemon_mounts_set(struct ctx_daemon *daemon, struct ctx_shared_config *shared, bool all);
/* Lets all leave, for good. */
void ctx_daemon_mounts_dismiss(struct ctx_daemon *daemon);
/* Opens what waits, unless something leaves; and tells when all are settled. */
void ctx_daemon_mounts_run(struct ctx_daemon *daemon);
/* Closes a source and opens it anew: its output is not the directory that it was. */
void ctx_daemon_mount_again(struct ctx_daemon *daemon, struct ctx_mount *mount);
/* The timer's: sources that failed are tried again. */
void ctx_daemon_mounts_retry(struct ctx_daemon *daemon);

/* Whether no source is being opened or leaves. */
bool ctx_daemon_is_settled(const struct ctx_daemon *daemon);

/* The mount that is up under a number, or leaving; NULL. */
struct ctx_mount *ctx_daemon_mount_by_number(struct ctx_daemon *daemon, uint32_t number);
/* The configured mount of a name; NULL. */
struct ctx_mount *ctx_daemon_mount_by_name(struct ctx_daemon *daemon, const char *name);

#endif
