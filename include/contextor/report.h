#ifndef CONTEXTOR_REPORT_H
#define CONTEXTOR_REPORT_H

#include <stddef.h>
#include <stdint.h>

/*
 * The loss report: what the transform dropped, unwrapped, left as it was, could not resolve or
 * elided, by rule and by name. Nothing is dropped without an entry here.
 */

enum ctx_loss {
    CTX_LOSS_DROPPED,    /* gone: ESM, comments, expressions, boilerplate */
    CTX_LOSS_UNWRAPPED,  /* the wrapper is gone, what it held was kept */
    CTX_LOSS_KEPT,       /* left as it was: root-relative links, text that did not parse */
    CTX_LOSS_UNRESOLVED, /* a reference that is kept visible: partials, includes */
    CTX_LOSS_ELIDED,     /* the middle of code or data, by the profile */
    CTX_LOSS_WARNING,    /* something about the source its author should know */
    CTX_LOSS_COUNT,
};

/*
 * What a rule made the text shorter by: what it took away, less what it put there. Words are those
 * of the whole text before and after, as the statistics count them, so that the savings of all
 * rules of a stage add up to what the stage saved (a quote's mark on a blank line that is not needed
 * any more counts for none). Negative where a marker is longer.
 */
struct ctx_saving {
    int64_t bytes, words;
};

/* Adds; what would overflow, as only a record that someone made up does, leaves the sum. */
void ctx_saving_add(struct ctx_saving *sum, const struct ctx_saving *more);

struct ctx_report_entry {
    enum ctx_loss loss;
    const char *rule; /* a static name: "esm", "component", "expression", "boilerplate"… */
    char *name;       /* the component, language or target; "" when the rule says it all */
    uint32_t count;
    uint32_t line;           /* of the first occurrence in the source, 1-based; 0: not known */
    uint64_t amount;         /* lines or bytes that went, as the rule defines; 0: not counted */
    struct ctx_saving saved; /* zero where a rule does not count it */
};

/* Entries are unique by (loss, rule, name), in order of first occurrence. A zeroed one is empty. */
struct ctx_report {
    struct ctx_report_entry *entries;
    size_t n_entries;
    size_t capacity;
    size_t limit;    /* names; 0: CTX_LIMIT_REPORT_ENTRIES. A sum over many pages may set more */
    uint32_t *slots; /* hash of the entries, open addressing: 1 + index, 0 free */
    size_t n_slots;  /* a power of two */
    char **rules;    /* rules' names that were copied, not compiled in */
    size_t n_rules;
};

void ctx_report_init(struct ctx_report *report);
void ctx_report_deinit(struct ctx_report *report);

/*
 * Counts one occurrence. `rule` must be a string literal; `name` is copied (cut at 64 bytes on a
 * character's boundary, made valid UTF-8, control characters made blanks). Over the limit, further
 * names of a rule count under "…". Constant time. 0 or -ENOMEM.
 */
int ctx_report_add(struct ctx_report *report, enum ctx_loss loss, const char *rule,
                   const char *name, size_t name_len, uint32_t line, uint64_t amount);

/* Adds to what the entry of that key saved; it must have been added. 0 or -ENOMEM. */
int ctx_report_save(struct ctx_report *report, enum ctx_loss loss, const char *rule,
                    const char *name, size_t name_len, struct ctx_saving saved);

/*
 * Adds a counted entry, as one that was read back: `rule` and `name` are copied, counts, amounts
 * and savings are added to those of the entry that is there. 0 or -ENOMEM.
 */
int ctx_report_add_entry(struct ctx_report *report, const struct ctx_report_entry *entry);
/* Adds all entries of a report: the sum over pages. 0 or -ENOMEM. */
int ctx_report_merge(struct ctx_report *into, const struct ctx_report *from);

/* "dropped", "unwrapped", "kept", "unresolved", "elided", "warning". */
const char *ctx_loss_name(enum ctx_loss loss);
/* The reverse; -1 when there is none such. */
int ctx_loss_from_name(const char *name);

#endif
