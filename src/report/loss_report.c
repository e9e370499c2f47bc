/*
 * The loss report: entries in order of first occurrence, found again by a hash over (loss, rule,
 * name) that lies beside them. Invariant: n_slots is at least twice n_entries, so that a probe
 * ends. Owned by one document's transform, or by who sums; one thread at a time.
 */
#include "contextor/report.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/utf8.h"

enum {
    NAME_MAX_BYTES = 64,
    FIRST_SLOTS = 16,
};

static const char MANY[] = "…";

static const char *const LOSS_NAMES[CTX_LOSS_COUNT] = {
    [CTX_LOSS_DROPPED] = "dropped", [CTX_LOSS_UNWRAPPED] = "unwrapped",
    [CTX_LOSS_KEPT] = "kept",       [CTX_LOSS_UNRESOLVED] = "unresolved",
    [CTX_LOSS_ELIDED] = "elided",   [CTX_LOSS_WARNING] = "warning",
};

void ctx_report_init(struct ctx_report *report)
{
    *report = (struct ctx_report){ 0 };
}

void ctx_report_deinit(struct ctx_report *report)
{
    for (size_t i = 0; i < report->n_entries; i++)
        free(report->entries[i].name);
    for (size_t i = 0; i < report->n_rules; i++)
        free(report->rules[i]);
    free(report->entries);
    free(report->rules);
    free(report->slots);
    *report = (struct ctx_report){ .limit = report->limit };
}

/* FNV-1a: keys are short, and nothing is gained by making this table collide. */
static uint32_t hash_bytes(uint32_t hash, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 16777619u;
    return hash;
}

static uint32_t hash_key(enum ctx_loss loss, const char *rule, const char *name)
{
    uint32_t hash = hash_bytes(2166136261u ^ (uint32_t)loss, rule, strlen(rule) + 1);
    return hash_bytes(hash, name, strlen(name));
}

/* The slot of a key: the one that holds it, or the free one where it belongs. */
static uint32_t *probe(const struct ctx_report *report, enum ctx_loss loss, const char *rule,
                       const char *name)
{
    size_t mask = report->n_slots - 1;
    for (size_t at = hash_key(loss, rule, name) & mask;; at = (at + 1) & mask) {
        uint32_t slot = report->slots[at];
        if (slot == 0)
            return &report->slots[at];
        const struct ctx_report_entry *entry = &report->entries[slot - 1];
        if (entry->loss == loss && strcmp(entry->rule, rule) == 0 && strcmp(entry->name, name) == 0)
            return &report->slots[at];
    }
}

static int grow_slots(struct ctx_report *report)
{
    size_t n = report->n_slots ? report->n_slots * 2 : FIRST_SLOTS;
    uint32_t *slots = calloc(n, sizeof(*slots));
    if (!slots)
        return -ENOMEM;
    free(report->slots);
    report->slots = slots;
    report->n_slots = n;
    for (size_t i = 0; i < report->n_entries; i++) {
        const struct ctx_report_entry *entry = &report->entries[i];
        *probe(report, entry->loss, entry->rule, entry->name) = (uint32_t)i + 1;
    }
    return 0;
}

static int make_room(struct ctx_report *report)
{
    if ((report->n_entries + 1) * 2 > report->n_slots) {
        int r = grow_slots(report);
        if (r < 0)
            return r;
    }
    if (report->n_entries < report->capacity)
        return 0;
    size_t capacity = report->capacity ? report->capacity * 2 : 8;
    struct ctx_report_entry *entries = reallocarray(report->entries, capacity, sizeof(*entries));
    if (!entries)
        return -ENOMEM;
    report->entries = entries;
    report->capacity = capacity;
    return 0;
}

/* A copy of a rule's name that lives as long as the report. */
static const char *keep_rule(struct ctx_report *report, const char *rule)
{
    for (size_t i = 0; i < report->n_rules; i++) {
        if (strcmp(report->rules[i], rule) == 0)
            return report->rules[i];
    }
    char **rules = reallocarray(report->rules, report->n_rules + 1, sizeof(*rules));
    if (!rules)
        return NULL;
    report->rules = rules;
    char *copy = strdup(rule);
    if (copy)
        rules[report->n_rules++] = copy;
    return copy;
}

/* Makes a name presentable: valid UTF-8 on one line, at most NAME_MAX_BYTES. */
static void tidy_name(const char *bytes, size_t len, char ret_name[NAME_MAX_BYTES + 1])
{
    size_t used = 0;
    for (size_t i = 0; i < len;) {
        if (bytes[i] >= 0x20 && bytes[i] < 0x7F && used < NAME_MAX_BYTES) {
            ret_name[used++] = bytes[i++];
            continue;
        }
        char encoded[4];
        uint32_t point;
        size_t n = ctx_utf8_decode(bytes + i, len - i, &point);
        if (n == 0)
            point = 0xFFFD;
        else if (point < 0x20 || point == 0x7F)
            point = ' ';
        size_t width = ctx_utf8_encode(point, encoded);
        if (used + width > NAME_MAX_BYTES)
            break;
        memcpy(ret_name + used, encoded, width);
        used += width;
        i += n ? n : 1;
    }
    ret_name[used] = '\0';
}

static bool is_full(const struct ctx_report *report)
{
    return report->n_entries >= (report->limit ? report->limit : CTX_LIMIT_REPORT_ENTRIES);
}

void ctx_saving_add(struct ctx_saving *sum, const struct ctx_saving *more)
{
    struct ctx_saving both;
    if (!__builtin_add_overflow(sum->bytes, more->bytes, &both.bytes) &&
        !__builtin_add_overflow(sum->words, more->words, &both.words))
        *sum = both;
}

/* Adds a tidy entry; with `copy_rule` its rule is no literal. */
static int count_entry(struct ctx_report *report, const struct ctx_report_entry *what,
                       bool copy_rule)
{
    int r = make_room(report);
    if (r < 0)
        return r;
    const char *name = what->name;
    uint32_t *slot = probe(report, what->loss, what->rule, name);
    if (*slot == 0 && is_full(report)) {
        name = MANY;
        slot = probe(report, what->loss, what->rule, name);
    }
    if (*slot == 0) {
        CTX_AUTO_FREE char *copy = strdup(name);
        const char *rule = copy_rule ? keep_rule(report, what->rule) : what->rule;
        if (!copy || !rule)
            return -ENOMEM;
        report->entries[report->n_entries++] = (struct ctx_report_entry){
            .loss = what->loss, .rule = rule, .name = CTX_TAKE(copy), .line = what->line
        };
        *slot = (uint32_t)report->n_entries;
    }
    struct ctx_report_entry *entry = &report->entries[*slot - 1];
    if (__builtin_add_overflow(entry->count, what->count, &entry->count))
        entry->count = UINT32_MAX;
    if (__builtin_add_overflow(entry->amount, what->amount, &entry->amount))
        entry->amount = UINT64_MAX;
    ctx_saving_add(&entry->saved, &what->saved);
    return 0;
}

int ctx_report_add(struct ctx_report *report, enum ctx_loss loss, const char *rule,
                   const char *name, size_t name_len, uint32_t line, uint64_t amount)
{
    char tidy[NAME_MAX_BYTES + 1];
    tidy_name(name, name_len, tidy);
    return count_entry(
        report,
        &(struct ctx_report_entry){
            .loss = loss, .rule = rule, .name = tidy, .count = 1, .line = line, .amount = amount },
        false);
}

int ctx_report_save(struct ctx_report *report, enum ctx_loss loss, const char *rule,
                    const char *name, size_t name_len, struct ctx_saving saved)
{
    char tidy[NAME_MAX_BYTES + 1];
    tidy_name(name, name_len, tidy);
    return count_entry(
        report,
        &(struct ctx_report_entry){ .loss = loss, .rule = rule, .name = tidy, .saved = saved },
        false);
}

int ctx_report_add_entry(struct ctx_report *report, const struct ctx_report_entry *entry)
{
    char tidy[NAME_MAX_BYTES + 1];
    tidy_name(entry->name, strlen(entry->name), tidy);
    struct ctx_report_entry copy = *entry;
    copy.name = tidy;
    return count_entry(report, &copy, true);
}

int ctx_report_merge(struct ctx_report *into, const struct ctx_report *from)
{
    for (size_t i = 0; i < from->n_entries; i++) {
        int r = ctx_report_add_entry(into, &from->entries[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

const char *ctx_loss_name(enum ctx_loss loss)
{
    return (unsigned)loss < CTX_LOSS_COUNT ? LOSS_NAMES[loss] : "unknown";
}

int ctx_loss_from_name(const char *name)
{
    for (int i = 0; i < CTX_LOSS_COUNT; i++) {
        if (strcmp(LOSS_NAMES[i], name) == 0)
            return i;
    }
    return -1;
}
