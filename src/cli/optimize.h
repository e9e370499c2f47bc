#ifndef CTX_CLI_OPTIMIZE_H
#define CTX_CLI_OPTIMIZE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

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

/* Pages, summed: those of the output; in a dry run, those that would be. */
struct ctx_pages {
    struct ctx_report losses;
    uint64_t n, tokens_in, tokens_out;
    struct ctx_page_line *lines; /* of --report, by path; NULL unless they are wanted */
    size_t n_lines, capacity;
    bool want_lines;
    int status; /* 0 or -ENOMEM */
};

/* What a run came to. */
struct ctx_optimize_result {
    const struct ctx_source *source;
    struct ctx_run_report figures;
    struct ctx_pages pages;
    bool all_losses;  /* the losses are of all pages, not of those made by this run */
    json_t *failures; /* [{"path", "error"}] */
    uint64_t unreadable;
    const char *degraded[CTX_ENGINE_DEGRADED_MAX];
    unsigned n_degraded;
    bool dry_run;
};

/* progress.c: a line on the terminal that is drawn again; nothing when stderr is none. */
void ctx_progress_draw(void *data, uint64_t done, uint64_t total);
void ctx_progress_clear(void);

/* pages.c: adds one page. */
void ctx_pages_add(struct ctx_pages *pages, const char *path, const struct ctx_report *report);
/*
 * Reads the sums from the catalogue, once all is recorded; with `losses` the losses, too. 0; -EIO
 * when it cannot be read; -ENOMEM.
 */
int ctx_pages_read(struct ctx_pages *pages, struct ctx_engine *engine, uint32_t source,
                   bool losses);
/* The loss report of every page, a JSON object a line, sorted by path. 0 or -EIO. */
int ctx_pages_write(struct ctx_pages *pages, FILE *file);
void ctx_pages_deinit(struct ctx_pages *pages);

/* summary.c: the object of --json and --metrics-output; new reference. */
json_t *ctx_summary_to_json(const struct ctx_optimize_result *result);
/* The lines that a person reads, on stdout. */
void ctx_summary_print(const struct ctx_optimize_result *result);

#endif
