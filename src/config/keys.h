#ifndef CTX_CONFIG_KEYS_H
#define CTX_CONFIG_KEYS_H

#include <stddef.h>
#include <stdint.h>

/*
 * The table of keys: name, type, default, range, check, help and where the value is stored. It
 * drives reading, checking, `check-config` and contextord.json(5). Pure data; any thread.
 */

/* One value of a configuration. Several keys may fill one: a preset's `branch` is a source's ref. */
enum ctx_slot {
    CTX_SLOT_NONE,
    CTX_SLOT_SOCKET,
    CTX_SLOT_MAX_WORKERS,
    CTX_SLOT_PARALLEL, /* by flag alone */
    CTX_SLOT_BATCH_SIZE,
    CTX_SLOT_MEMORY_LIMIT,
    CTX_SLOT_PROCESS_POOL,
    CTX_SLOT_PARALLEL_TRANSFORMS,
    CTX_SLOT_CPU_INTENSIVE,
    CTX_SLOT_POLL,
    CTX_SLOT_POLL_INTERVAL,
    CTX_SLOT_SETTLE,
    CTX_SLOT_MAX_WAIT,
    CTX_SLOT_DELETE_GRACE,
    CTX_SLOT_RECONCILE,
    CTX_SLOT_IGNORE_TEMPORARY,
    CTX_SLOT_GLOBAL_END, /* those before are the daemon's, those after a source's */
    CTX_SLOT_NAME,
    CTX_SLOT_ROOT,
    CTX_SLOT_OUTPUT,
    CTX_SLOT_REPO,
    CTX_SLOT_REF,
    CTX_SLOT_FORGE,
    CTX_SLOT_TOPICS,
    CTX_SLOT_PROFILE,
    CTX_SLOT_DIALECT,
    CTX_SLOT_PROJECT,
    CTX_SLOT_AUTO_DETECT,
    CTX_SLOT_INCLUDE,
    CTX_SLOT_EXCLUDE,
    CTX_SLOT_FORCE_INCLUDE,
    CTX_SLOT_COMPONENTS,
    CTX_SLOT_LINKS_TARGET,
    CTX_SLOT_BASE_URL,
    CTX_SLOT_PRESERVE_ANCHORS,
    CTX_SLOT_PRESERVE_LANGUAGES,
    CTX_SLOT_MAX_LINES,
    CTX_SLOT_RULES,
    CTX_SLOT_SOURCE_END, /* those after are a preset's alone */
    CTX_SLOT_TITLE,
    CTX_SLOT_PRESET_NAME,
    CTX_SLOT_FOLDERS,
    CTX_SLOT_EXCLUDE_FOLDERS,
    CTX_SLOT_EXCLUDE_FILES,
    CTX_SLOT_COUNT,
};

enum ctx_key_type {
    CTX_KEY_OBJECT,
    CTX_KEY_OBJECTS, /* an array of them */
    CTX_KEY_BOOLEAN,
    CTX_KEY_NUMBER,
    CTX_KEY_NUMBER_OR_AUTO, /* "auto" is 0 */
    CTX_KEY_TEXT,
    CTX_KEY_PATH,
    CTX_KEY_CHOICE,
    CTX_KEY_LIST,       /* of strings */
    CTX_KEY_SWITCHES,   /* an object: name → boolean */
    CTX_KEY_COMPONENTS, /* an object: component → form; or an array of names to unwrap */
    CTX_KEY_IGNORED,    /* known, without a meaning here */
};

struct ctx_key {
    const char *name;
    const char *help;      /* one or more sentences, for the man page */
    const char *fallback;  /* the default, as JSON; NULL: none, or what `otherwise` says */
    const char *otherwise; /* the default in words */
    const char *flag;      /* the flag of `optimize` that wins over it */
    enum ctx_key_type type;
    enum ctx_slot slot;
    uint64_t min, max;                /* of numbers */
    const char *(*name_at)(size_t i); /* of choices and switches, forms of components; NULL ends */
    /* NULL when the text is good, else what is to be said of it (checks.h). For each item of a list. */
    const char *(*check)(const char *text);
    struct {
        size_t offset, size; /* in struct ctx_config or ctx_source; size 0: stored by hand */
    } at;
    const struct ctx_key *children; /* of objects */
    size_t n_children;
};

extern const struct ctx_key ctx_config_key;   /* the configuration file: an object */
extern const struct ctx_key ctx_preset_key;   /* a project preset */
extern const struct ctx_key ctx_context7_key; /* context7.json with its keys at the top */

/* The child of that name; NULL when there is none. */
const struct ctx_key *ctx_key_child(const struct ctx_key *key, const char *name);

/* The key of `tree` that fills a slot; NULL when there is none. The first, in the table's order. */
const struct ctx_key *ctx_key_of_slot(const struct ctx_key *tree, enum ctx_slot slot);

/* "a string", "a whole number from 1 to 1000", "one of a, b": what a key takes. */
void ctx_key_expects(const struct ctx_key *key, char *ret_text, size_t size);

/* The index of a name among a key's names; -1 when there is none such. */
int ctx_key_name_index(const struct ctx_key *key, const char *name);

#endif
