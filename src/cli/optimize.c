/*
 * `contextor optimize`: one tree, once, through the same engine as the daemon's. Main thread.
 * Exit status: 0 done, 1 some documents failed, 2 wrong usage or configuration.
 */
#include "cli/optimize.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/heap.h"
#include "cli/cli.h"
#include "cli/option.h"
#include "control/text.h"
#include "engine/build.h"
#include "engine/worker_program.h"

#define AT(member) offsetof(struct ctx_optimize, member)

static const struct ctx_option options[] = {
    { "src", 0, CTX_OPTION_STRING, AT(src), "DIR", "the tree of documents" },
    { "out", 0, CTX_OPTION_STRING, AT(out), "DIR", "the output directory" },
    { "config", 0, CTX_OPTION_STRING, AT(config), "FILE",
      "build what the daemon would, by this configuration; with --source" },
    { "source", 0, CTX_OPTION_STRING, AT(source), "NAME", "the source in --config" },
    { "repo", 0, CTX_OPTION_STRING, AT(repo), "OWNER/NAME", "the repository, for addresses" },
    { "ref", 0, CTX_OPTION_STRING, AT(ref), "REF", "its branch or tag" },
    { "topics", 0, CTX_OPTION_STRING, AT(topics), "A,B", "topics of every page" },
    { "profile", 0, CTX_OPTION_STRING, AT(profile), "PROFILE", "lossless, balanced or compact" },
    { "project-config", 0, CTX_OPTION_STRING, AT(project), "NAME|FILE", "a project preset" },
    { "auto-detect-config", 0, CTX_OPTION_SWITCH, AT(auto_detect), NULL,
      "use context7.json or contextor.json at the tree's root (on)" },
    { "metrics-output", 0, CTX_OPTION_STRING, AT(metrics_output), "FILE",
      "write the run's figures there, as JSON" },
    { "report", 0, CTX_OPTION_STRING, AT(report), "FILE",
      "write the loss report of every page there, a JSON object a line" },
    { "parallel", 0, CTX_OPTION_SWITCH, AT(parallel), NULL, "work in parallel (on)" },
    { "max-workers", 0, CTX_OPTION_UNSIGNED, AT(max_workers), "N", "worker threads", 1, 256 },
    { "batch-size", 0, CTX_OPTION_UNSIGNED, AT(batch_size), "N", "documents a batch", 1, 1000 },
    { "memory-limit", 0, CTX_OPTION_UNSIGNED, AT(memory_limit), "MB",
      "memory for documents in flight", 1, 1 << 20 },
    { "process-pool", 0, CTX_OPTION_FLAG, AT(process_pool), NULL,
      "transform every document in a worker process" },
    { "adopt", 0, CTX_OPTION_FLAG, AT(adopt), NULL,
      "take over an output that belongs to another source" },
    { "dry-run", 0, CTX_OPTION_FLAG, AT(dry_run), NULL, "write nothing" },
    { "json", 0, CTX_OPTION_FLAG, AT(json), NULL, "print the summary as JSON" },
    { "quiet", 'q', CTX_OPTION_FLAG, AT(quiet), NULL, "print nothing but errors" },
};

static const struct ctx_usage usage = {
    .command = "optimize",
    .summary = "build the pages of a tree once, without a daemon",
    .options = options,
    .n_options = CTX_ARRAY_LEN(options),
};

/* A run in the making. */
struct run {
    const struct ctx_optimize *flags;
    struct ctx_config config;
    struct ctx_optimize_result result;
    FILE *report;
};

static int check_usage(const struct ctx_optimize *flags)
{
    if (flags->config && !flags->source)
        return ctx_cli_fail("--config needs --source NAME: say which source to build");
    if (flags->source && !flags->config)
        return ctx_cli_fail("--source needs --config FILE: say which configuration has it");
    if (flags->config && flags->src)
        return ctx_cli_fail("--src and --config exclude each other: the source has a root");
    if (!flags->config && !flags->src)
        return ctx_cli_fail("--src DIR is missing: say which tree to build");
    if (!flags->config && !flags->out)
        return ctx_cli_fail("--out DIR is missing: say where the pages go");
    return 0;
}

static int print_diagnostics(const struct ctx_diagnostics *diagnostics, bool quiet)
{
    for (size_t i = 0; i < diagnostics->n; i++)
        if (!quiet || diagnostics->items[i].severity == CTX_SEVERITY_ERROR)
            fprintf(stderr, "contextor: %s\n", diagnostics->items[i].text);
    return diagnostics->n_errors > 0 ? -EINVAL : 0;
}

static int load_config(struct run *run)
{
    const struct ctx_optimize *flags = run->flags;
    struct ctx_environment environment;
    struct ctx_diagnostics diagnostics = { 0 };
    struct ctx_config_overrides overrides = {
        .source = flags->source,
        .output = flags->config ? flags->out : NULL,
        .repo = flags->repo,
        .ref = flags->ref,
        .profile = flags->profile,
        .topics = flags->topics,
        .project = flags->project,
        .auto_detect = flags->auto_detect,
        .parallel = flags->parallel,
        .max_workers = flags->max_workers,
        .batch_size = flags->batch_size,
        .memory_limit_mb = flags->memory_limit,
        .process_pool = flags->process_pool ? 1 : -1,
    };
    ctx_environment_init(&environment, getenv);
    int r = flags->config ? ctx_config_load(flags->config, &environment, &overrides, &run->config,
                                            &diagnostics)
                          : ctx_config_from_flags(flags->src, flags->out, &environment, &overrides,
                                                  &run->config, &diagnostics);
    if (r == 0)
        run->result.source = flags->source ? ctx_config_source(&run->config, flags->source)
                                           : &run->config.sources[0];
    /* That the tree is missing is a warning to the daemon; here it is the error that follows. */
    bool missing = run->result.source && access(run->result.source->root, F_OK) < 0;
    print_diagnostics(&diagnostics, flags->quiet || flags->json || missing);
    ctx_diagnostics_deinit(&diagnostics);
    if (r < 0)
        return r;
    if (!run->result.source)
        return ctx_cli_fail("%s: has no source \"%s\": see contextor check-config", flags->config,
                            flags->source);
    return 0;
}

static void on_event(void *data, const struct ctx_event *event)
{
    struct run *run = data;
    if (event->kind != CTX_EVENT_FAILED)
        return;
    json_t *failure = json_object();
    ctx_json_set_path(failure, "path", event->path);
    json_object_set_new(failure, "error", json_string(event->error));
    json_array_append_new(run->result.failures, failure);
    ctx_progress_clear();
    fprintf(stderr, "contextor: %s\n", event->error);
}

/* When the catalogue is asked for all pages in the end, those of this run are among them. */
static void on_report(void *data, uint32_t source, const char *path,
                      const struct ctx_report *report)
{
    (void)source;
    struct run *run = data;
    if (run->flags->dry_run || !run->result.all_losses)
        ctx_pages_add(&run->result.pages, path, report);
}

static void on_unreadable(void *data, const char *path, int code)
{
    (void)data;
    ctx_progress_clear();
    fprintf(stderr, "contextor: %s: cannot be read: %s\n", path, ctx_error_name(code));
}

/* SOURCE_DATE_EPOCH, or -1; a value that is no number is refused. */
static int source_date_epoch(int64_t *ret_epoch)
{
    const char *text = getenv("SOURCE_DATE_EPOCH");
    char *end;
    *ret_epoch = -1;
    if (!text || !*text)
        return 0;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (*end || errno || value < 0)
        return ctx_cli_fail("SOURCE_DATE_EPOCH=%s: not a number of seconds: correct or unset it",
                            text);
    *ret_epoch = value;
    return 0;
}

/* What all pages come to: a dry run has made them all, else the catalogue knows. */
static int read_pages(struct run *run, struct ctx_engine *engine, uint32_t source,
                      struct ctx_error *error)
{
    struct ctx_pages *pages = &run->result.pages;
    int r = pages->status;
    if (run->flags->dry_run) {
        pages->n = run->result.figures.processed;
        pages->tokens_in = run->result.figures.tokens_in;
        pages->tokens_out = run->result.figures.tokens_out;
    } else if (!run->flags->quiet || run->result.all_losses) {
        r = ctx_pages_read(pages, engine, source, run->result.all_losses);
    }
    return r < 0 ? ctx_error_set(error, r, "%s: the losses of its pages cannot be summed: %s",
                                 run->result.source->output, ctx_error_name(r))
                 : 0;
}

static int build(struct run *run, struct ctx_engine *engine, struct ctx_error *error)
{
    uint64_t began_us = ctx_clock_monotonic_us();
    uint32_t number = 0;
    const struct ctx_build_options build_options = {
        .source = run->result.source,
        .config = &run->config,
        .adopt = run->flags->adopt,
        .progress = run->flags->quiet || run->flags->json ? NULL : ctx_progress_draw,
        .unreadable = on_unreadable,
        .data = &began_us,
    };
    int r = ctx_build_run(engine, &build_options, &number, &run->result.unreadable, error);
    ctx_progress_clear();
    ctx_engine_run_report(engine, &run->result.figures);
    run->result.n_degraded = ctx_engine_degraded(engine, run->result.degraded);
    return r < 0 ? r : read_pages(run, engine, number, error);
}

static int write_json(const char *path, const json_t *object)
{
    if (json_dump_file(object, path, JSON_INDENT(2)) == 0)
        return 0;
    return ctx_cli_fail("%s: cannot be written: %s", path, strerror(errno));
}

static int tell(const struct run *run)
{
    const struct ctx_optimize *flags = run->flags;
    json_t *object = ctx_summary_to_json(&run->result);
    int r = flags->metrics_output ? write_json(flags->metrics_output, object) : 0;
    for (unsigned i = 0; i < run->result.n_degraded && !flags->json && !flags->quiet; i++)
        fprintf(stderr, "contextor: %s\n", run->result.degraded[i]);
    if (flags->json) {
        json_dumpf(object, stdout, JSON_INDENT(2));
        putchar('\n');
    } else if (!flags->quiet) {
        ctx_summary_print(&run->result);
    }
    json_decref(object);
    return r;
}

static int run_engine(struct run *run)
{
    const struct ctx_performance *performance = &run->config.performance;
    struct ctx_error error = { "" };
    struct ctx_engine *engine;
    CTX_AUTO_FREE char *worker = ctx_worker_program();
    struct ctx_engine_options engine_options = {
        .performance = performance,
        .worker_program = worker,
        .dry_run = run->flags->dry_run,
        .event = on_event,
        .report = on_report,
        .data = run,
    };
    if (source_date_epoch(&engine_options.source_date_epoch) < 0)
        return -EINVAL;
    int r = ctx_engine_new(&engine_options, &engine, &error);
    if (r == 0) {
        r = build(run, engine, &error);
        if (r == 0)
            r = tell(run);
        else
            ctx_cli_fail("%s", error.text);
        ctx_engine_free(engine);
        return r;
    }
    return ctx_cli_fail("%s", error.text);
}

/* Before the work, so that a name that cannot be written is told at once. */
static int check_metrics_output(const struct run *run)
{
    const char *path = run->flags->metrics_output;
    CTX_AUTO_FCLOSE FILE *file = path ? fopen(path, "ae") : NULL;
    return !path || file ? 0 : ctx_cli_fail("%s: cannot be written: %s", path, strerror(errno));
}

static int open_report(struct run *run)
{
    if (!run->flags->report)
        return 0;
    run->report = fopen(run->flags->report, "we");
    if (!run->report)
        return ctx_cli_fail("%s: cannot be written: %s", run->flags->report, strerror(errno));
    run->result.pages.want_lines = true;
    return 0;
}

static int close_report(struct run *run)
{
    if (!run->report)
        return 0;
    bool failed = ctx_pages_write(&run->result.pages, run->report) < 0;
    failed |= fclose(run->report) != 0;
    run->report = NULL;
    if (failed)
        return ctx_cli_fail("%s: cannot be written: %s", run->flags->report, strerror(errno));
    return 0;
}

/* Whether what was asked for is wrong, rather than that it went wrong. */
static bool wrong_use(int code)
{
    return code == -EINVAL || code == -ENOENT || code == -ENOTDIR || code == -EEXIST;
}

static int optimize(const struct ctx_optimize *flags)
{
    struct run run = {
        .flags = flags,
        .result.dry_run = flags->dry_run,
        .result.all_losses = flags->json || flags->report || flags->metrics_output,
    };
    ctx_config_init(&run.config);
    run.result.failures = json_array();
    int r = load_config(&run);
    if (r == 0)
        r = check_metrics_output(&run);
    if (r == 0)
        r = open_report(&run);
    if (r == 0)
        r = run_engine(&run);
    if (close_report(&run) < 0 && r == 0)
        r = -EIO;
    bool failed = run.result.figures.errors > 0 || run.result.unreadable > 0;
    json_decref(run.result.failures);
    ctx_pages_deinit(&run.result.pages);
    ctx_config_deinit(&run.config);
    if (r == 0)
        return failed ? CTX_EXIT_FAILED : CTX_EXIT_OK;
    return wrong_use(r) ? CTX_EXIT_USAGE : CTX_EXIT_FAILED;
}

int ctx_cli_optimize(int argc, char **argv)
{
    struct ctx_optimize flags = { .auto_detect = -1, .parallel = -1 };
    int arguments;
    int r = ctx_options_parse(&usage, argc, argv, &flags, &arguments);
    if (r != 0)
        return r == CTX_OPTION_HELP ? CTX_EXIT_OK : CTX_EXIT_USAGE;
    if (check_usage(&flags) < 0)
        return CTX_EXIT_USAGE;
    ctx_heap_setup();
    if (ctx_digest_setup() < 0 || ctx_transform_setup() < 0) {
        ctx_cli_fail("a library that contextor needs could not be set up: install it anew");
        return CTX_EXIT_USAGE;
    }
    return optimize(&flags);
}
