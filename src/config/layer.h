#ifndef CTX_CONFIG_LAYER_H
#define CTX_CONFIG_LAYER_H

#include "config/arena.h"
#include "config/json_tree.h"
#include "config/keys.h"

/*
 * A layer: the values that one place gives, by slot. Layers are laid over one another, the higher
 * origin over the lower, and what comes of it is a configuration.
 */

enum ctx_origin {
    CTX_ORIGIN_DEFAULT,
    CTX_ORIGIN_REPOSITORY, /* found in .git, or the folder's name */
    CTX_ORIGIN_PRESET,
    CTX_ORIGIN_FILE,
    CTX_ORIGIN_FLAG,
};

/* "default", "repository", "preset", "file", "flag". */
const char *ctx_origin_name(enum ctx_origin origin);

struct ctx_value {
    bool set;
    bool given; /* there was one, good or not */
    enum ctx_origin origin;
    const char *file; /* NULL: none */
    unsigned line;
    const char *key_path;         /* as messages name it */
    uint64_t number;              /* BOOLEAN, NUMBER, CHOICE's index */
    char *text;                   /* TEXT, PATH, CHOICE */
    struct ctx_string_list list;  /* LIST; names of SWITCHES and COMPONENTS */
    struct ctx_string_list words; /* forms of COMPONENTS; "true" or "false" of SWITCHES */
};

struct ctx_layer {
    struct ctx_value values[CTX_SLOT_COUNT];
    const char *path; /* of the object it was read from: "sources[0]" */
    unsigned line;
    struct ctx_layer *items; /* of OBJECTS: the sources */
    size_t n_items;
};

/* Who reads, for whom, and how mistakes count. */
struct ctx_reader {
    const char *file; /* as messages name it */
    enum ctx_origin origin;
    enum ctx_severity severity;       /* of wrong values */
    const struct ctx_key *everywhere; /* where a misplaced key is looked for, for suggestions */
    struct ctx_config_arena *arena;
    struct ctx_diagnostics *diagnostics;
};

/* Reads an object by its key's children. What is wrong gets a diagnostic and stays unset. */
void ctx_layer_read(const struct ctx_reader *reader, const struct ctx_key *key,
                    const struct ctx_json_node *node, struct ctx_layer *layer);

/* Fills the slots of `tree` that have a default. */
void ctx_layer_read_defaults(const struct ctx_key *tree, struct ctx_config_arena *arena,
                             struct ctx_layer *layer);

/*
 * Checks and sets one value that came as a string, as flags do; a LIST is separated by commas.
 * `name` is what messages call it. False when it was wrong.
 */
bool ctx_layer_set_text(const struct ctx_reader *reader, const struct ctx_key *key,
                        const char *name, const char *text, struct ctx_layer *layer);
bool ctx_layer_set_number(const struct ctx_reader *reader, const struct ctx_key *key,
                          const char *name, uint64_t number, struct ctx_layer *layer);

/* Sets a text that was found, not given. */
void ctx_layer_set_found(struct ctx_layer *layer, enum ctx_slot slot, char *text);

/*
 * Lays `upper` over `lower`, slots from `first` to before `end`. Maps are joined name by name; of
 * `exclude`, the union is taken.
 */
void ctx_layer_lay(struct ctx_layer *lower, const struct ctx_layer *upper, enum ctx_slot first,
                   enum ctx_slot end, struct ctx_config_arena *arena);

/* Says something of a value at its place. */
void ctx_value_complain(const struct ctx_value *value, enum ctx_severity severity,
                        struct ctx_diagnostics *diagnostics, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
