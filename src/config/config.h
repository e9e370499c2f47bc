#ifndef CTX_CONFIG_CONFIG_H
#define CTX_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "config/diagnostics.h"
#include "contextor/transform.h"

/*
 * Configuration: the daemon's file, a project preset, and what the command line puts over both. A
 * flag wins over configuration, that over a preset, that over the default.
 */

/*
 * The version of what is written: part of every fingerprint, so that a program that writes other
 * bytes for the same documents makes all pages again. Raise it with every such change.
 */
enum { CTX_OUTPUT_FORMAT = 2 };

struct ctx_string_list {
    char **items;
    size_t n;
};

/* performance: the scheduler's. */
struct ctx_performance {
    unsigned max_workers;             /* 0: auto */
    bool parallel;                    /* false by --no-parallel alone: sequential by intent */
    unsigned batch_size;              /* documents a batch, 1 to 1000; default 50 */
    unsigned memory_limit_mb;         /* bytes in flight over the process; default 512 */
    bool use_process_pool;            /* every document in a worker process */
    bool parallel_transforms;         /* transforms.parallel_transforms; default true */
    uint64_t cpu_intensive_threshold; /* bytes; documents over it run in worker processes; 1 MiB */
};

/* watch: timing and backend of the watcher. Milliseconds. */
struct ctx_watching {
    bool poll;                 /* poll instead of inotify */
    unsigned poll_interval_ms; /* default 2000 */
    unsigned settle_ms;        /* an empty file that was not empty waits this long; 50 */
    unsigned max_wait_ms;      /* a file that stays open for writing is taken after this; 2000 */
    unsigned delete_grace_ms;  /* 250 */
    unsigned reconcile_s;      /* light reconcile, seconds; 600 */
    struct ctx_string_list ignore_temporary; /* further patterns of editors' temporary files */
};

/* One source, complete: every default filled in, paths absolute, presets applied. */
struct ctx_source {
    char *name;
    char *root;           /* absolute; realpath when it exists */
    char *output;         /* absolute; symlinks resolved as far as it exists */
    char *output_in_file; /* the file's, when a flag gives another; NULL */
    char *repo, *ref;     /* as configured or found in .git; never NULL */
    char *repo_path;      /* root's path inside its repository's work tree; "" at its top */
    struct ctx_string_list topics;
    struct ctx_string_list include, exclude, force_include; /* glob patterns below root */
    /* The user's home and XDG_CONFIG_HOME, where git's own ignore files are; NULL: none */
    const char *home, *config_home;
    char *preset;                           /* the preset's name or file; NULL: none */
    struct ctx_transform_options transform; /* points into this struct's own memory */
    unsigned char fingerprint[32];  /* SHA-256 of everything that decides what the output is */
    const struct ctx_layer *values; /* where each value comes from; NULL: made by hand */
};

struct ctx_layer;         /* config/layer.h */
struct ctx_config_memory; /* config/resolve.h */

struct ctx_config {
    char *path; /* the file, NULL when there is none */
    struct ctx_source *sources;
    size_t n_sources;
    struct ctx_performance performance;
    struct ctx_watching watching;
    char *socket;                     /* "socket": absolute path; NULL: the default of this user */
    struct ctx_config_memory *memory; /* owns all of the above */
};

void ctx_config_init(struct ctx_config *config);
void ctx_config_deinit(struct ctx_config *config);

/*
 * What the library would have to ask the environment for; the programs fill it with
 * ctx_environment_init(&environment, getenv). Borrowed strings, NULL when unset or empty.
 */
struct ctx_environment {
    const char *home;            /* HOME */
    const char *xdg_config_home; /* XDG_CONFIG_HOME */
    const char *xdg_runtime_dir; /* XDG_RUNTIME_DIR */
    const char *projects_dir;    /* CONTEXTOR_PROJECTS_DIR, else where presets were installed */
};

void ctx_environment_init(struct ctx_environment *ret_environment,
                          char *(*get)(const char *variable));

/* Flags that win over the file. NULL and 0 leave the file's word, and so does -1 of switches. */
struct ctx_config_overrides {
    const char *source; /* the source that the flags of a source are for; NULL: every one */
    const char *output, *repo, *ref, *profile, *topics /* a,b */, *project;
    int auto_detect; /* context7.json or contextor.json at the root; -1: default (on) */
    int parallel;    /* -1, 0, 1 */
    int max_workers, batch_size, memory_limit_mb;
    int process_pool; /* -1, 0, 1 */
};

/* No flag at all. */
#define CTX_CONFIG_NO_OVERRIDES                                                                    \
    ((struct ctx_config_overrides){ .auto_detect = -1, .parallel = -1, .process_pool = -1 })

/*
 * Reads and checks a configuration file. 0; -EINVAL when diagnostics hold an error; -ENOMEM; the
 * errno of reading the file, with a diagnostic. Diagnostics are always filled, with warnings too;
 * the configuration only on success. Relative paths in the file begin at its folder, those of
 * flags at the current one. `overrides` may be NULL. Touches the file system: the file, presets,
 * .git below and above each root. Any thread, after ctx_digest_setup().
 */
int ctx_config_load(const char *path, const struct ctx_environment *environment,
                    const struct ctx_config_overrides *overrides, struct ctx_config *ret_config,
                    struct ctx_diagnostics *ret_diagnostics);

/* A configuration of one source from flags alone, as `optimize --src --out` needs it. */
int ctx_config_from_flags(const char *src, const char *out,
                          const struct ctx_environment *environment,
                          const struct ctx_config_overrides *overrides,
                          struct ctx_config *ret_config, struct ctx_diagnostics *ret_diagnostics);

/* The source of that name; NULL when there is none. Borrowed. */
const struct ctx_source *ctx_config_source(const struct ctx_config *config, const char *name);

/*
 * Whether two sources are configured alike: the same name, directories, documents and pages. Where
 * that is written may differ. ctx_string_list_equal(): the same items in the same order.
 */
bool ctx_source_equal(const struct ctx_source *one, const struct ctx_source *other);
bool ctx_string_list_equal(const struct ctx_string_list *one, const struct ctx_string_list *other);

/* A file or folder of that name among the user's configuration; otherwise as below. */
char *ctx_config_user_path(const struct ctx_environment *environment, const char *name);
/*
 * The user's file, or the system's when `system`; malloc'ed. NULL when memory is out, or when
 * neither XDG_CONFIG_HOME nor HOME says where a user's files are.
 */
char *ctx_config_default_path(const struct ctx_environment *environment, bool system);
/*
 * The control socket's default path for the user or the system; malloc'ed. Without XDG_RUNTIME_DIR
 * the user's is below /run/user/UID. NULL when memory is out.
 */
char *ctx_config_default_socket(const struct ctx_environment *environment, bool system);

#endif
