#ifndef CTX_CLI_OPTIMIZE_H
#define CTX_CLI_OPTIMIZE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"

/* `contextor optimize`: what its files share. Main thread. */

struct ctx_optimize {
    const char *src, *out, *config, *source;
    const char *repo, *ref, *topics, *profile, *project;
    const char *metrics_output, *report;
    int auto_detect, parallel;
    int max_workers, batch_size, memory_limit;
    bool process_pool, dry_run, adopt, json, quiet;
};

/* What a run came to. */
struct ctx_optimize_result {
    const struct ctx_source *source;
    struct ctx_run_report figures;
    struct ctx_report losses; /* of all pages, summed */
    json_t *failures;         /* [{"path", "error"}] */
    uint64_t unreadable;
    const char *degraded; /* NULL: nothing to say */
    bool dry_run;
};

/* progress.c: a line on the terminal that is drawn again; nothing when stderr is none. */
void ctx_progress_draw(void *data, uint64_t done, uint64_t total);
void ctx_progress_clear(void);

/* summary.c: the object of --json and --metrics-output; new reference. */
json_t *ctx_summary_to_json(const struct ctx_optimize_result *result);
/* The lines that a person reads, on stdout. */
void ctx_summary_print(const struct ctx_optimize_result *result);

#endif
