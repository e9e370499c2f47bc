/*
 * The coalescer. One entry a path that is noted and not handed out yet; its state says what was
 * seen last, and when that is due. An entry lies in the heap of deadlines, or, when it belongs to a
 * burst under git's lock, in its source's gate, which opens for all of them at once. Invariant:
 * each entry lies in exactly one of them; the heap has room for all entries. Pure; one thread.
 */
#include "work/coalescer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An allocation that fails inside uthash undoes the addition and leaves hh.tbl NULL. */
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) ((void)(element))
#include <uthash.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "work/burst.h"
#include "work/deadlines.h"

enum state {
    STATE_NEW,
    STATE_READY, /* to be handed out */
    STATE_OPEN,  /* open for writing */
    STATE_YOUNG, /* may not have all of its content yet */
    STATE_GONE,
};

struct key {
    uint32_t source;
    char path[];
};

struct entry {
    struct ctx_deadline deadline; /* must be first: the heap gives its address */
    struct entry *prev, *next;    /* in the gate */
    UT_hash_handle hh;
    uint64_t since_us; /* first sighting that was not handed out */
    uint64_t noted_us; /* latest sighting */
    enum state state;
    bool gated, bulk;
    struct key key; /* its path, NUL-terminated, ends the entry */
};

struct source {
    uint32_t number;
    UT_hash_handle hh;
    bool locked, bursting;
    uint64_t locked_us, unlocked_us; /* when the lock was last taken, and released */
    uint64_t burst_us;               /* when the burst began */
    uint64_t noted_us;
    struct ctx_burst burst;
    struct entry *gate;
};

struct ctx_coalescer {
    struct ctx_coalescer_options options;
    struct entry *entries;
    struct source *sources;
    struct ctx_deadlines deadlines;
};

int ctx_coalescer_new(const struct ctx_coalescer_options *options,
                      struct ctx_coalescer **ret_coalescer)
{
    struct ctx_coalescer *coalescer = calloc(1, sizeof(*coalescer));
    if (!coalescer)
        return -ENOMEM;
    coalescer->options = *options;
    *ret_coalescer = coalescer;
    return 0;
}

void ctx_coalescer_set_options(struct ctx_coalescer *coalescer,
                               const struct ctx_coalescer_options *options)
{
    coalescer->options = *options;
}

static struct source *find_source(const struct ctx_coalescer *coalescer, uint32_t number)
{
    struct source *source;
    HASH_FIND(hh, coalescer->sources, &number, sizeof(number), source);
    return source;
}

static struct source *get_source(struct ctx_coalescer *coalescer, uint32_t number)
{
    struct source *source = find_source(coalescer, number);
    if (source)
        return source;
    CTX_AUTO_FREE struct source *fresh = calloc(1, sizeof(*fresh));
    if (!fresh)
        return NULL;
    fresh->number = number;
    HASH_ADD(hh, coalescer->sources, number, sizeof(fresh->number), fresh);
    return fresh->hh.tbl ? CTX_TAKE(fresh) : NULL;
}

static void free_source(struct ctx_coalescer *coalescer, struct source *source)
{
    HASH_DELETE(hh, coalescer->sources, source);
    ctx_burst_deinit(&source->burst);
    free(source);
}

/* An entry for a path, not among the others yet. */
static struct entry *new_entry(uint32_t source, const char *path, size_t path_len)
{
    struct entry *entry = calloc(1, sizeof(*entry) + path_len + 1);
    if (!entry)
        return NULL;
    entry->key.source = source;
    memcpy(entry->key.path, path, path_len + 1);
    return entry;
}

/* The entry there is with the key of `like`; NULL. */
static struct entry *find_entry(const struct ctx_coalescer *coalescer, const struct entry *like,
                                size_t path_len)
{
    struct entry *entry;
    HASH_FIND(hh, coalescer->entries, &like->key, offsetof(struct key, path) + path_len, entry);
    return entry;
}

/* The entry of a path, made when there is none. */
static struct entry *get_entry(struct ctx_coalescer *coalescer, uint32_t source, const char *path,
                               uint64_t now_us)
{
    size_t path_len = strlen(path);
    CTX_AUTO_FREE struct entry *fresh = new_entry(source, path, path_len);
    struct entry *entry = fresh ? find_entry(coalescer, fresh, path_len) : NULL;
    if (entry || !fresh)
        return entry;
    if (ctx_deadlines_reserve(&coalescer->deadlines, HASH_COUNT(coalescer->entries) + 1) < 0)
        return NULL;
    fresh->since_us = now_us;
    HASH_ADD_KEYPTR(hh, coalescer->entries, &fresh->key, offsetof(struct key, path) + path_len,
                    fresh);
    return fresh->hh.tbl ? CTX_TAKE(fresh) : NULL;
}

/* Takes an entry out of the gate or the heap. */
static void lift(struct ctx_coalescer *coalescer, struct source *source, struct entry *entry)
{
    if (entry->gated)
        DL_DELETE(source->gate, entry);
    entry->gated = false;
    ctx_deadlines_remove(&coalescer->deadlines, &entry->deadline);
}

static void into_gate(struct ctx_coalescer *coalescer, struct source *source, struct entry *entry)
{
    lift(coalescer, source, entry);
    entry->gated = true;
    DL_APPEND(source->gate, entry);
}

static void free_entry(struct ctx_coalescer *coalescer, struct source *source, struct entry *entry)
{
    lift(coalescer, source, entry);
    HASH_DELETE(hh, coalescer->entries, entry);
    free(entry);
}

/* What an entry becomes by a sighting. */
static enum state next_state(enum state state, enum ctx_sighting sighting, bool young)
{
    switch (sighting) {
    case CTX_SIGHTING_WRITTEN:
        return young ? STATE_YOUNG : STATE_READY;
    case CTX_SIGHTING_MODIFIED:
        return STATE_OPEN;
    case CTX_SIGHTING_REPLACED: /* two files that were exchanged: the other's arrival came first */
        return state == STATE_NEW || state == STATE_GONE ? STATE_OPEN : state;
    case CTX_SIGHTING_GONE:
        return STATE_GONE;
    case CTX_SIGHTING_FOUND:
        break;
    }
    if (state != STATE_NEW && state != STATE_GONE)
        return state;
    return young ? STATE_YOUNG : STATE_READY;
}

/*
 * When a state that an entry just got is due. However a file flickers between states, it is due
 * max_wait and one state's own time after its first sighting.
 */
static uint64_t due_us(const struct ctx_coalescer *coalescer, const struct entry *entry,
                       uint64_t now_us)
{
    const struct ctx_coalescer_options *options = &coalescer->options;
    uint64_t latest_us = entry->since_us + options->max_wait_us;
    uint64_t own_us = 0;
    switch (entry->state) {
    case STATE_OPEN:
        return latest_us;
    case STATE_YOUNG:
        own_us = options->settle_us;
        break;
    case STATE_GONE:
        own_us = options->delete_grace_us;
        break;
    case STATE_NEW:
    case STATE_READY:
        return now_us;
    }
    return (now_us < latest_us ? now_us : latest_us) + own_us;
}

/* git's lock is believed for so long, counted from its taking, then no more until it is new. */
static bool is_believed(const struct ctx_coalescer *coalescer, const struct source *source,
                        uint64_t now_us)
{
    return source->locked && now_us - source->locked_us < coalescer->options.lock_most_us;
}

/* When the gate of a burst opens: quiet after the lock's release; at the most, long after. */
static uint64_t gate_us(const struct ctx_coalescer *coalescer, const struct source *source)
{
    const struct ctx_coalescer_options *options = &coalescer->options;
    uint64_t latest_us = source->burst_us + options->lock_most_us;
    uint64_t open_us;
    if (source->locked)
        open_us = source->locked_us + options->lock_most_us;
    else if (source->unlocked_us > source->noted_us)
        open_us = source->unlocked_us + options->lock_quiet_us;
    else
        open_us = source->noted_us + options->lock_quiet_us;
    return open_us < latest_us ? open_us : latest_us;
}

/* A burst begins: what was noted within its window, and waits, is part of it. */
static void begin_burst(struct ctx_coalescer *coalescer, struct source *source, uint64_t now_us)
{
    source->bursting = true;
    source->burst_us = now_us;
    struct entry *entry, *next;
    HASH_ITER (hh, coalescer->entries, entry, next) {
        if (entry->key.source == source->number && !entry->bulk && !entry->gated &&
            now_us - entry->noted_us <= coalescer->options.lock_quiet_us)
            into_gate(coalescer, source, entry);
    }
}

/* The gate opens: each entry is due when it would have been without the burst. */
static void open_gate(struct ctx_coalescer *coalescer, struct source *source)
{
    source->bursting = false;
    struct entry *entry, *next;
    DL_FOREACH_SAFE(source->gate, entry, next)
    {
        lift(coalescer, source, entry);
        entry->bulk = true;
        ctx_deadlines_add(&coalescer->deadlines, &entry->deadline);
    }
}

/* Counts a path towards a burst, and puts it behind the gate of one that lasts. */
static void note_burst(struct ctx_coalescer *coalescer, struct source *source, struct entry *entry,
                       uint64_t now_us)
{
    const struct ctx_coalescer_options *options = &coalescer->options;
    if (source->bursting && now_us >= gate_us(coalescer, source))
        open_gate(coalescer, source);
    source->noted_us = now_us;
    bool burst = ctx_burst_note(&source->burst, options->burst, options->lock_quiet_us,
                                entry->hh.hashv, now_us);
    if (source->bursting)
        into_gate(coalescer, source, entry);
    else if (burst && is_believed(coalescer, source, now_us))
        begin_burst(coalescer, source, now_us);
}

int ctx_coalescer_note(struct ctx_coalescer *coalescer, uint32_t source_number, const char *path,
                       enum ctx_sighting sighting, bool young, uint64_t now_us)
{
    struct source *source = get_source(coalescer, source_number);
    struct entry *entry = source ? get_entry(coalescer, source_number, path, now_us) : NULL;
    if (!entry)
        return -ENOMEM;
    enum state state = next_state(entry->state, sighting, young);
    entry->bulk = sighting == CTX_SIGHTING_FOUND && (entry->bulk || entry->state == STATE_NEW);
    entry->noted_us = now_us;
    if (state != entry->state) {
        entry->state = state;
        ctx_deadlines_remove(&coalescer->deadlines, &entry->deadline);
        entry->deadline.due_us = due_us(coalescer, entry, now_us);
        if (!entry->gated)
            ctx_deadlines_add(&coalescer->deadlines, &entry->deadline);
    }
    if (sighting != CTX_SIGHTING_FOUND)
        note_burst(coalescer, source, entry, now_us);
    return 0;
}

int ctx_coalescer_present(struct ctx_coalescer *coalescer, uint32_t source_number, const char *path)
{
    size_t path_len = strlen(path);
    if (!coalescer->entries)
        return 0;
    CTX_AUTO_FREE struct entry *like = new_entry(source_number, path, path_len);
    struct entry *entry = like ? find_entry(coalescer, like, path_len) : NULL;
    if (entry && entry->state == STATE_GONE)
        free_entry(coalescer, find_source(coalescer, source_number), entry);
    return like ? 0 : -ENOMEM;
}

void ctx_coalescer_git_lock(struct ctx_coalescer *coalescer, uint32_t source_number, bool locked,
                            uint64_t since_us, uint64_t now_us)
{
    struct source *source = get_source(coalescer, source_number);
    if (!source || (!locked && !source->locked))
        return;
    source->locked = locked;
    *(locked ? &source->locked_us : &source->unlocked_us) = since_us;
    if (is_believed(coalescer, source, now_us) && !source->bursting &&
        ctx_burst_is(&source->burst, coalescer->options.burst, coalescer->options.lock_quiet_us,
                     now_us))
        begin_burst(coalescer, source, now_us);
}

bool ctx_coalescer_lock_is_stale(const struct ctx_coalescer *coalescer, uint32_t source_number,
                                 uint64_t now_us)
{
    const struct source *source = find_source(coalescer, source_number);
    return source && source->gate && source->locked && !is_believed(coalescer, source, now_us);
}

static void hand_out(struct ctx_coalescer *coalescer, struct entry *entry, ctx_ready_fn ready,
                     void *data)
{
    HASH_DELETE(hh, coalescer->entries, entry);
    ctx_deadlines_remove(&coalescer->deadlines, &entry->deadline);
    ready(data, &(struct ctx_ready){ .source = entry->key.source,
                                     .path = entry->key.path,
                                     .gone = entry->state == STATE_GONE,
                                     .bulk = entry->bulk });
    free(entry);
}

void ctx_coalescer_run(struct ctx_coalescer *coalescer, uint64_t now_us, bool all,
                       ctx_ready_fn ready, void *data)
{
    struct source *source, *next;
    HASH_ITER (hh, coalescer->sources, source, next) {
        if (source->bursting && (all || now_us >= gate_us(coalescer, source)))
            open_gate(coalescer, source);
    }
    struct ctx_deadline *first;
    while ((first = ctx_deadlines_first(&coalescer->deadlines)) && (all || first->due_us <= now_us))
        hand_out(coalescer, (struct entry *)first, ready, data);
}

/* Forgets the entries of a source, or of all. */
static void drop_entries(struct ctx_coalescer *coalescer, struct source *source)
{
    struct entry *entry, *next;
    HASH_ITER (hh, coalescer->entries, entry, next) {
        if (entry->key.source == source->number)
            free_entry(coalescer, source, entry);
    }
}

void ctx_coalescer_drop_source(struct ctx_coalescer *coalescer, uint32_t source_number)
{
    struct source *source = find_source(coalescer, source_number);
    if (!source)
        return;
    drop_entries(coalescer, source);
    free_source(coalescer, source);
}

void ctx_coalescer_free(struct ctx_coalescer *coalescer)
{
    if (!coalescer)
        return;
    struct source *source, *next;
    HASH_ITER (hh, coalescer->sources, source, next) {
        drop_entries(coalescer, source);
        free_source(coalescer, source);
    }
    ctx_deadlines_deinit(&coalescer->deadlines);
    free(coalescer);
}

uint64_t ctx_coalescer_next_us(const struct ctx_coalescer *coalescer)
{
    const struct ctx_deadline *first = ctx_deadlines_first(&coalescer->deadlines);
    uint64_t next_us = first ? first->due_us : UINT64_MAX;
    for (const struct source *source = coalescer->sources; source; source = source->hh.next) {
        if (source->gate && gate_us(coalescer, source) < next_us)
            next_us = gate_us(coalescer, source);
    }
    return next_us;
}

size_t ctx_coalescer_held(const struct ctx_coalescer *coalescer)
{
    return HASH_COUNT(coalescer->entries);
}
