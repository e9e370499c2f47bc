/*
 * The scanner's queue and slices. Invariant: dir->scan is not NONE exactly while the directory is
 * queued or current, and then it is counted once in its root's `pending` and in its epoch. The
 * loop's thread.
 */
#include "watch/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "watch/state.h"

/* A slice ends after this much time, or after so many entries (each may be a stat). */
enum { SLICE_US = 2000, SLICE_ENTRIES = 512, BULK_TURN = 8 };

static size_t *epoch_count(struct ctx_epochs *epochs, uint32_t epoch)
{
    return &epochs->counts[epoch - epochs->first];
}

int ctx_scan_init(struct ctx_watch *watch)
{
    struct ctx_epochs *epochs = &watch->scanner.epochs;
    epochs->capacity = 4;
    epochs->counts = calloc(epochs->capacity, sizeof(*epochs->counts));
    return epochs->counts ? 0 : -ENOMEM;
}

/* Leaves behind the epochs in which nothing waits. */
static void advance_epochs(struct ctx_epochs *epochs)
{
    size_t done = 0;
    size_t n = epochs->current - epochs->first;
    while (done < n && epochs->counts[done] == 0)
        done++;
    if (done == 0)
        return;
    memmove(epochs->counts, epochs->counts + done, (n + 1 - done) * sizeof(*epochs->counts));
    epochs->first += (uint32_t)done;
}

uint32_t ctx_scan_epoch(struct ctx_watch *watch)
{
    struct ctx_epochs *epochs = &watch->scanner.epochs;
    size_t n = (size_t)(epochs->current - epochs->first) + 2;
    if (n > epochs->capacity) {
        size_t *counts = realloc(epochs->counts, 2 * n * sizeof(*counts));
        if (!counts)
            return epochs->current; /* waits for more than it has to */
        epochs->counts = counts;
        epochs->capacity = 2 * n;
    }
    uint32_t ended = epochs->current++;
    *epoch_count(epochs, epochs->current) = 0;
    advance_epochs(epochs);
    return ended;
}

bool ctx_scan_epoch_done(const struct ctx_watch *watch, uint32_t epoch)
{
    const struct ctx_epochs *epochs = &watch->scanner.epochs;
    if (epoch == epochs->current)
        return !ctx_scan_waiting(watch);
    return (int32_t)(epochs->first - epoch) > 0;
}

static void enqueue(struct ctx_scanner *scanner, struct ctx_dir *dir, bool front)
{
    struct ctx_dir **queue = dir->urgent ? &scanner->urgent : &scanner->bulk;
    if (front)
        DL_PREPEND2(*queue, dir, queue_prev, queue_next);
    else
        DL_APPEND2(*queue, dir, queue_prev, queue_next);
}

/* Counts a directory that begins to wait. */
static void count(struct ctx_watch *watch, struct ctx_dir *dir, uint32_t epoch)
{
    dir->epoch = epoch;
    ++*epoch_count(&watch->scanner.epochs, epoch);
    dir->root->pending++;
}

static void uncount(struct ctx_watch *watch, struct ctx_dir *dir)
{
    dir->scan = CTX_SCAN_NONE;
    --*epoch_count(&watch->scanner.epochs, dir->epoch);
    dir->root->pending--;
    advance_epochs(&watch->scanner.epochs);
}

/* A directory that waits already, or is being read: reads it as the stronger mode wants. */
static void reinforce(struct ctx_watch *watch, struct ctx_dir *dir, enum ctx_scan_mode mode)
{
    struct ctx_scanner *scanner = &watch->scanner;
    if (mode > (enum ctx_scan_mode)dir->scan)
        dir->scan = (uint8_t)mode;
    if (scanner->current == dir && scanner->stream) {
        closedir(scanner->stream); /* begun before the reason to read it came up */
        scanner->stream = NULL;
    }
}

void ctx_scan_queue(struct ctx_watch *watch, struct ctx_dir *dir, enum ctx_scan_mode mode,
                    bool urgent)
{
    if (dir->scan != CTX_SCAN_NONE) {
        reinforce(watch, dir, mode);
        return;
    }
    count(watch, dir, watch->scanner.epochs.current);
    dir->scan = (uint8_t)mode;
    dir->urgent = urgent;
    enqueue(&watch->scanner, dir, false);
}

void ctx_scan_follow(struct ctx_watch *watch, struct ctx_dir *parent, struct ctx_dir *dir,
                     enum ctx_scan_mode mode)
{
    if (dir->scan != CTX_SCAN_NONE) {
        reinforce(watch, dir, mode);
        return;
    }
    count(watch, dir, parent->epoch);
    dir->scan = (uint8_t)mode;
    dir->urgent = parent->urgent;
    enqueue(&watch->scanner, dir, true);
}

static void close_stream(struct ctx_scanner *scanner)
{
    if (scanner->stream)
        closedir(scanner->stream);
    scanner->stream = NULL;
    scanner->current = NULL;
}

void ctx_scan_forget(struct ctx_watch *watch, struct ctx_dir *dir)
{
    struct ctx_scanner *scanner = &watch->scanner;
    if (dir->scan == CTX_SCAN_NONE)
        return;
    if (scanner->current == dir)
        close_stream(scanner);
    else if (dir->urgent)
        DL_DELETE2(scanner->urgent, dir, queue_prev, queue_next);
    else
        DL_DELETE2(scanner->bulk, dir, queue_prev, queue_next);
    uncount(watch, dir);
}

bool ctx_scan_waiting(const struct ctx_watch *watch)
{
    const struct ctx_scanner *scanner = &watch->scanner;
    return scanner->current || scanner->urgent || scanner->bulk;
}

/* Takes the next directory off the queues. */
static struct ctx_dir *dequeue(struct ctx_scanner *scanner)
{
    bool bulk = !scanner->urgent || (scanner->bulk && ++scanner->turn % BULK_TURN == 0);
    struct ctx_dir *dir = bulk ? scanner->bulk : scanner->urgent;
    if (!dir)
        return NULL;
    if (bulk)
        DL_DELETE2(scanner->bulk, dir, queue_prev, queue_next);
    else
        DL_DELETE2(scanner->urgent, dir, queue_prev, queue_next);
    return dir;
}

/* Has a stream open on the next directory to read; false: on to the one after it. */
static bool begin(struct ctx_watch *watch)
{
    struct ctx_scanner *scanner = &watch->scanner;
    if (!scanner->current)
        scanner->current = dequeue(scanner);
    struct ctx_dir *dir = scanner->current;
    DIR *stream = NULL;
    if (ctx_dir_attached(dir) && ctx_read_begin(watch, dir, &stream) == 0) {
        scanner->stream = stream;
        return true;
    }
    if (scanner->current == dir) /* else it was cut off, and forgotten, in reading it */
        ctx_scan_forget(watch, dir);
    return false;
}

/* Reads on; how many entries were taken. */
static unsigned proceed(struct ctx_watch *watch, unsigned most)
{
    struct ctx_scanner *scanner = &watch->scanner;
    struct ctx_dir *dir = scanner->current;
    for (unsigned n = 0; n < most; n++) {
        int r = ctx_read_entry(watch, dir, scanner->stream);
        if (r > 0)
            continue;
        if (r == 0)
            ctx_read_end(watch, dir, scanner->stream);
        if (scanner->current == dir)
            ctx_scan_forget(watch, dir);
        return n;
    }
    return most;
}

void ctx_scan_run(struct ctx_watch *watch)
{
    struct ctx_scanner *scanner = &watch->scanner;
    uint64_t until = ctx_watch_clock_us() + SLICE_US;
    unsigned left = SLICE_ENTRIES;
    while (!scanner->held && ctx_scan_waiting(watch) && left > 0) {
        if (scanner->current && !ctx_dir_attached(scanner->current))
            ctx_scan_forget(watch, scanner->current);
        else if (scanner->stream || begin(watch))
            left -= proceed(watch, left < 64 ? left : 64);
        left -= left > 0;
        if (ctx_watch_clock_us() >= until)
            return;
    }
}

void ctx_scan_deinit(struct ctx_watch *watch)
{
    close_stream(&watch->scanner);
    free(watch->scanner.epochs.counts);
    watch->scanner = (struct ctx_scanner){ 0 };
}
