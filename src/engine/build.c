/*
 * The one-shot build. The walk and the engine share the caller's thread: after each piece of the
 * walk, results are taken in and new work is handed out, so that transforming begins with the first
 * directory. When too much waits, the walk holds.
 */
#include "engine/build.h"

#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "document/discover.h"

/* Documents found between two looks at the pool. */
enum { STRIDE = 32, PROGRESS_US = 100 * 1000 };

struct build {
    struct ctx_engine *engine;
    const struct ctx_build_options *options;
    uint32_t source;
    uint64_t found, unreadable;
    uint64_t last_progress_us;
};

static uint64_t documents_done(struct ctx_engine *engine)
{
    struct ctx_run_report report;
    ctx_engine_run_report(engine, &report);
    return report.written + report.skipped + report.errors;
}

static void show_progress(struct build *build, bool always)
{
    uint64_t now_us = ctx_clock_monotonic_us();
    if (!build->options->progress || (!always && now_us - build->last_progress_us < PROGRESS_US))
        return;
    build->last_progress_us = now_us;
    build->options->progress(build->options->data, documents_done(build->engine), build->found);
}

static void turn(struct build *build)
{
    ctx_engine_dispatch(build->engine, ctx_clock_monotonic_us());
    show_progress(build, false);
}

static int on_document(void *data, const char *path, const struct stat *st)
{
    struct build *build = data;
    struct ctx_file_stamp stamp;
    ctx_file_stamp_from_stat(st, &stamp);
    int r =
        ctx_engine_observe(build->engine, build->source, path, &stamp, ctx_clock_monotonic_us());
    if (r < 0)
        return r;
    if (++build->found % STRIDE == 0)
        turn(build);
    while (!ctx_engine_has_room(build->engine)) {
        ctx_engine_wait(build->engine, -1);
        turn(build);
    }
    return 0;
}

static void on_failed(void *data, const char *path, int code)
{
    struct build *build = data;
    if (code == -ENOENT)
        return;
    build->unreadable++;
    if (build->options->unreadable)
        build->options->unreadable(build->options->data, path, code);
}

static int walk(struct build *build, struct ctx_error *error)
{
    const struct ctx_source *source = build->options->source;
    const struct ctx_config *config = build->options->config;
    struct ctx_ignore_rules *rules;
    int r = config ? ctx_ignore_rules_configured(config, source, &rules, error)
                   : ctx_ignore_rules_new(source, NULL, NULL, 0, &rules, error);
    if (r < 0)
        return r;
    const struct ctx_discover_handler handler = { .document = on_document,
                                                  .failed = on_failed,
                                                  .data = build };
    ctx_engine_scan_begin(build->engine, build->source, "");
    r = ctx_discover(source->root, rules, &handler);
    ctx_ignore_rules_free(rules);
    if (r < 0)
        return ctx_error_set(error, r, "%s: cannot be read: %s", source->root, ctx_error_name(r));
    if (build->unreadable == 0)
        ctx_engine_scan_end(build->engine, build->source, "");
    return 0;
}

static void note_done(void *data, int code)
{
    int *result = data;
    *result = code;
}

static int finish(struct build *build, struct ctx_error *error)
{
    enum { PENDING = 1 };
    int result = PENDING;
    ctx_engine_barrier(build->engine, true, note_done, &result);
    for (;;) {
        turn(build);
        if (result != PENDING)
            break;
        ctx_engine_wait(build->engine, build->options->progress ? 100 : -1);
    }
    show_progress(build, true);
    if (result < 0)
        return ctx_error_set(error, result, "%s/index.jsonl: %s: %s",
                             build->options->source->output, ctx_error_name(result),
                             "free space or give permission, then run again");
    return 0;
}

/* Before anything is made for it: a source that is missing leaves no trace. */
static int check_root(const struct ctx_source *source, struct ctx_error *error)
{
    CTX_AUTO_CLOSE int root = open(source->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root >= 0)
        return 0;
    int code = -errno;
    return ctx_error_set(error, code, "%s: cannot be read: %s", source->root, ctx_error_name(code));
}

int ctx_build_run(struct ctx_engine *engine, const struct ctx_build_options *options,
                  uint32_t *ret_source, uint64_t *ret_unreadable, struct ctx_error *error)
{
    struct build build = { .engine = engine, .options = options };
    int missing = check_root(options->source, error);
    if (missing < 0)
        return missing;
    int r = ctx_engine_add_source(engine, options->source, options->adopt, &build.source, error);
    if (r == 0)
        r = walk(&build, error);
    if (r == 0)
        r = finish(&build, error);
    if (r < 0)
        return r;
    *ret_source = build.source;
    *ret_unreadable = build.unreadable;
    return 0;
}
