#ifndef CTX_CONFIG_RESOLVE_H
#define CTX_CONFIG_RESOLVE_H

#include "config/layer.h"

/* What a configuration owns. */
struct ctx_config_memory {
    struct ctx_config_arena arena;
    const struct ctx_layer *values; /* the daemon's part, laid */
};

/* What making sources out of layers goes by; borrowed. */
struct ctx_resolve {
    const struct ctx_environment *environment;
    const struct ctx_layer *defaults;
    const struct ctx_layer *file; /* the file's top; NULL without a file */
    const struct ctx_layer *flags;
    const char *file_name; /* as messages name it; NULL without a file */
    const char *file_base; /* folder that the file's relative paths begin at */
    const char *current;   /* the one that flags' begin at */
    struct ctx_config_arena *arena;
    struct ctx_diagnostics *diagnostics;
};

/*
 * Makes one source complete: defaults, what .git says, the preset, the file, the flags, one over
 * the other. `layer` is the source's own part of the file; `flagged` says whether flags are for
 * it. What is wrong is said; the source then misses parts. One thread.
 */
void ctx_resolve_source(const struct ctx_resolve *resolve, const struct ctx_layer *layer,
                        bool flagged, struct ctx_source *ret_source);

/* A path as its value's place has it: absolute and resolved. NULL, said, when it cannot be. */
char *ctx_resolve_path(const struct ctx_resolve *resolve, const struct ctx_value *value);

/* Writes the values of slots from `first` to before `end` to where the table has them stored. */
void ctx_layer_store(const struct ctx_key *tree, const struct ctx_layer *layer, enum ctx_slot first,
                     enum ctx_slot end, void *object);

/* Stores what a source keeps in another form than the table's: components, rules, languages. */
void ctx_layer_store_transform(const struct ctx_layer *layer, struct ctx_config_arena *arena,
                               struct ctx_transform_options *options);

/* Roots and outputs against one another, and names. Each mistake is said once, at its place. */
void ctx_pairing_check(const struct ctx_source *sources, size_t n,
                       struct ctx_diagnostics *diagnostics);

/* SHA-256 of all that decides a source's output bytes, not of what selects its files. 0, -ENOMEM. */
int ctx_fingerprint(const struct ctx_source *source, unsigned char ret_digest[32]);

#endif
