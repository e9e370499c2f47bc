#ifndef CTX_CONFIG_CONFIG_H
#define CTX_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "contextor/error.h"
#include "contextor/transform.h"

/*
 * Configuration: the daemon's file, a project preset, and what the command line puts over both. A
 * flag wins over configuration, that over a preset, that over the default.
 */

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
    char *root;       /* absolute; realpath when it exists */
    char *output;     /* absolute */
    char *repo, *ref; /* as configured or found in .git; never NULL */
    char *repo_path;  /* root's path inside its repository's work tree; "" at its top */
    struct ctx_string_list topics;
    struct ctx_string_list include, exclude, force_include; /* glob patterns below root */
    char *preset;                           /* the preset's name or file; NULL: none */
    struct ctx_transform_options transform; /* points into this struct's own memory */
    void *memory;                           /* what `transform` points to; owned */
    unsigned char fingerprint[32]; /* SHA-256 of everything that decides what the output is */
};

struct ctx_config {
    char *path; /* the file, NULL when there is none */
    struct ctx_source *sources;
    size_t n_sources;
    struct ctx_performance performance;
    struct ctx_watching watching;
    char *socket; /* "socket": path; NULL: the default of this user */
};

/* What loading had to say: one line each, "FILE:LINE: key.path: what is wrong; what to do". */
struct ctx_diagnostics {
    struct ctx_diagnostic {
        bool warning; /* else an error: the configuration is not used */
        char *text;
    } * items;
    size_t n;
    size_t n_errors;
};

void ctx_config_init(struct ctx_config *config);
void ctx_config_deinit(struct ctx_config *config);
void ctx_diagnostics_deinit(struct ctx_diagnostics *diagnostics);

/* Flags that win over the file; NULL, -1 and 0 leave the file's word. */
struct ctx_config_overrides {
    const char *output, *repo, *ref, *profile, *topics /* a,b */, *project;
    int auto_detect; /* context7.json or contextor.json at the root; -1: default (on) */
    int parallel;    /* -1, 0, 1 */
    int max_workers, batch_size, memory_limit_mb;
    int process_pool;
};

/*
 * Reads and checks a configuration file. 0; -EINVAL when diagnostics hold an error; the errno of
 * reading the file, with a diagnostic. Diagnostics are always filled, with warnings too. Touches
 * the file system: the file, presets, .git below and above each root. Any thread.
 */
int ctx_config_load(const char *path, const struct ctx_config_overrides *overrides,
                    struct ctx_config *ret_config, struct ctx_diagnostics *ret_diagnostics);

/* A configuration of one source from flags alone, as `optimize --src --out` needs it. */
int ctx_config_from_flags(const char *src, const char *out,
                          const struct ctx_config_overrides *overrides,
                          struct ctx_config *ret_config, struct ctx_diagnostics *ret_diagnostics);

/* The source of that name; NULL when there is none. Borrowed. */
const struct ctx_source *ctx_config_source(const struct ctx_config *config, const char *name);

/* The user's file, or the system's when `system`; malloc'ed. NULL when memory is out. */
char *ctx_config_default_path(bool system);
/* The control socket's default path for the user or the system; malloc'ed. */
char *ctx_config_default_socket(bool system);

#endif
