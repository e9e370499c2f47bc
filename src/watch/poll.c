/*
 * Polling. A round reads every polled directory once, through the scanner; a round that takes long
 * is followed by a longer rest, so that polling costs at most a twentieth of a processor. The
 * loop's thread.
 */
#include "watch/poll.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>
#include <utlist.h>

#include "watch/state.h"

enum {
    REST = 20,             /* a rest is at least so many times the round before it */
    STABLE_US = 100 * 1000 /* a file changed within this time may still be open for writing */
};

/* Magic numbers of statfs(2), linux/magic.h and file systems' own. */
static const struct {
    uint32_t magic;
    const char *name;
} remote_filesystems[] = {
    { 0x00000187, "autofs" }, { 0x00006969, "nfs" },    { 0x0000517b, "smb" },
    { 0x0000564c, "ncp" },    { 0x00c36400, "ceph" },   { 0x01021997, "9p" },
    { 0x01161970, "gfs2" },   { 0x0bd00bd0, "lustre" }, { 0x19830326, "beegfs" },
    { 0x20030528, "pvfs2" },  { 0x47504653, "gpfs" },   { 0x5346414f, "afs" },
    { 0x65735546, "fuse" },   { 0x6b414653, "afs" },    { 0x73757245, "coda" },
    { 0x7461636f, "ocfs2" },  { 0x786f4256, "vboxsf" }, { 0x7c7c6673, "prl_fs" },
    { 0xbacbacbc, "vmhgfs" }, { 0xfe534d42, "smb2" },   { 0xff534d42, "cifs" },
};

bool ctx_poll_filesystem(int fd, const char **ret_name)
{
    struct statfs fs;
    if (fstatfs(fd, &fs) < 0)
        return false;
    for (size_t i = 0; i < sizeof(remote_filesystems) / sizeof(remote_filesystems[0]); i++) {
        if (remote_filesystems[i].magic == (uint32_t)fs.f_type) {
            *ret_name = remote_filesystems[i].name;
            return true;
        }
    }
    return false;
}

static void listing_deinit(struct ctx_listing *listing)
{
    free(listing->names);
    free(listing->items);
    *listing = (struct ctx_listing){ 0 };
}

static uint64_t interval_us(const struct ctx_watch *watch)
{
    return (uint64_t)watch->options.poll_interval_ms * 1000;
}

int ctx_poll_add(struct ctx_watch *watch, struct ctx_dir *dir, enum ctx_poll_reason reason)
{
    struct ctx_poller *poller = &watch->poller;
    dir->root->dirty = true;
    if (dir->poll) {
        dir->root->polled[dir->poll->reason]--;
        dir->root->polled[reason]++;
        dir->poll->reason = reason;
        return 0;
    }
    struct ctx_poll *poll = calloc(1, sizeof(*poll));
    if (!poll)
        return -ENOMEM;
    poll->dir = dir;
    poll->reason = reason;
    dir->poll = poll;
    dir->root->polled[reason]++;
    DL_APPEND(poller->list, poll);
    if (poller->n++ == 0 && !poller->running)
        poller->next_us = watch->now_us + interval_us(watch);
    return 0;
}

void ctx_poll_remove(struct ctx_watch *watch, struct ctx_dir *dir)
{
    struct ctx_poller *poller = &watch->poller;
    struct ctx_poll *poll = dir->poll;
    if (!poll)
        return;
    dir->poll = NULL;
    dir->root->dirty = true;
    dir->root->polled[poll->reason]--;
    DL_DELETE(poller->list, poll);
    if (--poller->n == 0)
        poller->next_us = UINT64_MAX;
    listing_deinit(&poll->listing);
    free(poll);
}

void ctx_poll_reset(struct ctx_dir *dir)
{
    if (!dir->poll)
        return;
    listing_deinit(&dir->poll->listing);
    dir->poll->listed = false;
}

void ctx_poll_round(struct ctx_watch *watch)
{
    struct ctx_poller *poller = &watch->poller;
    struct ctx_poll *poll;
    ctx_git_poll(watch); /* first: it decides what becomes of what the round sees */
    DL_FOREACH (poller->list, poll) {
        if (ctx_dir_attached(poll->dir))
            ctx_scan_queue(watch, poll->dir, CTX_SCAN_POLL, false);
    }
    poller->running = true;
    poller->begin_us = watch->now_us;
    poller->next_us = UINT64_MAX;
    poller->epoch = ctx_scan_epoch(watch);
}

void ctx_poll_run(struct ctx_watch *watch)
{
    struct ctx_poller *poller = &watch->poller;
    if (poller->running && ctx_scan_epoch_done(watch, poller->epoch)) {
        uint64_t rest = (watch->now_us - poller->begin_us) * REST;
        poller->running = false;
        if (poller->n > 0)
            poller->next_us =
                watch->now_us + (rest > interval_us(watch) ? rest : interval_us(watch));
    }
    if (!poller->running && poller->n > 0 && watch->now_us >= poller->next_us)
        ctx_poll_round(watch);
}

void ctx_poll_deinit(struct ctx_watch *watch)
{
    listing_deinit(&watch->poller.building);
}

void ctx_poll_begin(struct ctx_watch *watch)
{
    watch->poller.building.n = 0;
    watch->poller.building.names_len = 0;
}

/* Makes room for one more item with a name of so many bytes. */
static int listing_reserve(struct ctx_listing *listing, size_t size)
{
    if (listing->names_len + size > listing->names_capacity) {
        size_t capacity = (listing->names_capacity + size) * 2;
        char *names = realloc(listing->names, capacity);
        if (!names)
            return -ENOMEM;
        listing->names = names;
        listing->names_capacity = capacity;
    }
    if (listing->n == listing->capacity) {
        size_t capacity = listing->capacity ? listing->capacity * 2 : 16;
        struct ctx_listing_item *items = realloc(listing->items, capacity * sizeof(*items));
        if (!items)
            return -ENOMEM;
        listing->items = items;
        listing->capacity = capacity;
    }
    return 0;
}

/* Without memory for it, the next poll takes it for new. */
static void listing_add(struct ctx_listing *listing, const char *name, uint64_t stamp)
{
    size_t size = strlen(name) + 1;
    if (listing_reserve(listing, size) < 0)
        return;
    listing->items[listing->n++] = (struct ctx_listing_item){ (uint32_t)listing->names_len, stamp };
    memcpy(listing->names + listing->names_len, name, size);
    listing->names_len += size;
}

/* The item of a name among the first `n`, which are sorted; NULL. */
static const struct ctx_listing_item *listing_find(const struct ctx_listing *listing, size_t n,
                                                   const char *name)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(listing->names + listing->items[middle].name, name);
        if (order == 0)
            return &listing->items[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static uint64_t stamp_of(const struct stat *st)
{
    const uint64_t parts[] = {
        (uint64_t)st->st_dev,          (uint64_t)st->st_ino,          (uint64_t)st->st_size,
        (uint64_t)st->st_mtim.tv_sec,  (uint64_t)st->st_mtim.tv_nsec, (uint64_t)st->st_ctim.tv_sec,
        (uint64_t)st->st_ctim.tv_nsec, (uint64_t)st->st_mode,
    };
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        hash = (hash ^ parts[i]) * 0x9e3779b97f4a7c15ULL ^ hash >> 29;
    return hash;
}

/* Whether a file was left alone for a while, by its own clock, which is the wall's. */
static bool stable(const struct stat *st)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age_us = (int64_t)(now.tv_sec - st->st_mtim.tv_sec) * 1000000 +
                     (now.tv_nsec - st->st_mtim.tv_nsec) / 1000;
    return age_us < 0 || age_us >= STABLE_US;
}

/* A document or ignore file differs from what the last poll saw. */
static void changed(struct ctx_dir *dir, const char *name, const struct stat *st)
{
    if (ctx_ignore_is_file(name))
        ctx_sweep_request(dir->root, dir, 0);
    else
        ctx_report_document(dir, name, stable(st) ? CTX_WATCH_WRITTEN : CTX_WATCH_MODIFIED, st);
}

void ctx_poll_note(struct ctx_watch *watch, struct ctx_dir *dir, const char *name,
                   const struct stat *st, bool found)
{
    struct ctx_listing *building = &watch->poller.building;
    struct ctx_poll *poll = dir->poll;
    uint64_t stamp = stamp_of(st);
    const struct ctx_listing_item *before = listing_find(&poll->listing, poll->listing.n, name);
    if (!ctx_ignore_is_file(name) && (found || !poll->listed))
        ctx_report_document(dir, name, CTX_WATCH_FOUND, st);
    else if (poll->listed && (!before || before->stamp != stamp))
        changed(dir, name, st);
    listing_add(building, name, stamp);
}

static int by_name(const void *a, const void *b, void *names)
{
    const struct ctx_listing_item *left = a, *right = b;
    return strcmp((char *)names + left->name, (char *)names + right->name);
}

static void sort(struct ctx_listing *listing)
{
    if (listing->n)
        qsort_r(listing->items, listing->n, sizeof(*listing->items), by_name, listing->names);
}

/*
 * A name that was listed before and is not any more. In the middle of an atomic save it may have
 * been missed, and some file systems show for a while what is gone: that one stays listed, with no
 * stamp, so that the next poll sees what it is.
 */
static void vanished(struct ctx_listing *building, struct ctx_dir *dir, int dirfd, const char *name)
{
    struct stat st;
    if (ctx_ignore_is_file(name))
        ctx_sweep_request(dir->root, dir, 0);
    else if (fstatat(dirfd, name, &st, 0) == 0 && S_ISREG(st.st_mode) &&
             ctx_ignore_check(ctx_layer(dir, dirfd), name, false, NULL) == CTX_VERDICT_DOCUMENT)
        listing_add(building, name, 0);
    else
        ctx_report_document(dir, name, CTX_WATCH_GONE, NULL);
}

/* Copies a listing, with no room to spare. */
static int listing_copy(const struct ctx_listing *from, struct ctx_listing *to)
{
    struct ctx_listing copy = { .names_len = from->names_len, .n = from->n };
    copy.names = malloc(from->names_len + 1);
    copy.items = malloc((from->n + 1) * sizeof(*from->items));
    if (!copy.names || !copy.items) {
        listing_deinit(&copy);
        return -ENOMEM;
    }
    if (from->n) {
        memcpy(copy.names, from->names, from->names_len);
        memcpy(copy.items, from->items, from->n * sizeof(*from->items));
    }
    listing_deinit(to);
    *to = copy;
    return 0;
}

void ctx_poll_end(struct ctx_watch *watch, struct ctx_dir *dir, int dirfd)
{
    struct ctx_listing *building = &watch->poller.building;
    struct ctx_poll *poll = dir->poll;
    sort(building);
    size_t n = building->n;
    for (size_t i = 0; i < poll->listing.n; i++) {
        const char *name = poll->listing.names + poll->listing.items[i].name;
        if (!listing_find(building, n, name))
            vanished(building, dir, dirfd, name);
    }
    if (building->n > n)
        sort(building);
    poll->listed = listing_copy(building, &poll->listing) == 0;
}
