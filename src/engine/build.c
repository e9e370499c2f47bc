/*
 * The one-shot build. The walk and the engine share the caller's thread: after each piece of the
 * walk, results are taken in and new work is handed out, so that transforming begins with the first
 * documents. When too much waits, the walk holds. The source is opened while the walk has begun: what
 * is found meanwhile is kept until the engine knows what was there before.
 */
#include "engine/build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "document/discover.h"

/* Documents found between two looks at the pool. */
enum { STRIDE = 32, PROGRESS_US = 100 * 1000 };
/* Documents that are kept until the source is open: as many as the engine would let wait. */
enum { KEPT_MAX = 20000 };

/* A document found before the source is open. */
struct finding {
    struct finding *next;
    struct ctx_file_stamp stamp;
    char path[];
};

struct build {
    struct ctx_engine *engine;
    const struct ctx_build_options *options;
    bool opened;
    int open_code; /* once it is opened */
    bool scanning; /* what is found goes to the engine at once */
    struct ctx_error *error;
    struct finding *kept, **kept_end;
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

static int observe(struct build *build, const char *path, const struct ctx_file_stamp *stamp)
{
    int r = ctx_engine_observe(build->engine, build->source, path, stamp, ctx_clock_monotonic_us());
    while (r >= 0 && !ctx_engine_has_room(build->engine)) {
        ctx_engine_wait(build->engine, -1);
        turn(build);
    }
    return r < 0 ? r : 0;
}

static int keep(struct build *build, const char *path, const struct ctx_file_stamp *stamp)
{
    size_t size = strlen(path) + 1;
    struct finding *finding = malloc(sizeof(*finding) + size);
    if (!finding)
        return -ENOMEM;
    finding->next = NULL;
    finding->stamp = *stamp;
    memcpy(finding->path, path, size);
    *build->kept_end = finding;
    build->kept_end = &finding->next;
    return 0;
}

static void drop_kept(struct build *build)
{
    while (build->kept) {
        struct finding *next = build->kept->next;
        free(build->kept);
        build->kept = next;
    }
    build->kept_end = &build->kept;
}

/* What was kept is observed; from here on the walk feeds the engine directly. */
static int begin_scan(struct build *build)
{
    int r = build->open_code;
    if (r == 0)
        ctx_engine_scan_begin(build->engine, build->source, "");
    for (struct finding *at = build->kept; at && r == 0; at = at->next)
        r = observe(build, at->path, &at->stamp);
    drop_kept(build);
    build->scanning = true;
    return r;
}

static void note_opened(void *data, int code, uint32_t number, const struct ctx_error *error)
{
    struct build *build = data;
    build->opened = true;
    build->open_code = code;
    build->source = number;
    if (code < 0)
        *build->error = *error;
}

/* At first a look at the pool after each power of two, so that it need not wait for the first work. */
static bool is_look_due(uint64_t found)
{
    return found % STRIDE == 0 || (found < STRIDE && (found & (found - 1)) == 0);
}

static int on_document(void *data, const char *path, const struct stat *st)
{
    struct build *build = data;
    struct ctx_file_stamp stamp;
    ctx_file_stamp_from_stat(st, &stamp);
    int r = build->scanning ? observe(build, path, &stamp) : keep(build, path, &stamp);
    if (r < 0)
        return r;
    if (is_look_due(++build->found))
        turn(build);
    while (!build->opened && build->found >= KEPT_MAX) {
        ctx_engine_wait(build->engine, -1);
        turn(build);
    }
    return build->opened && !build->scanning ? begin_scan(build) : 0;
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

static int walk(struct build *build, const struct ctx_ignore_rules *rules)
{
    const struct ctx_discover_handler handler = { .document = on_document,
                                                  .failed = on_failed,
                                                  .data = build };
    const char *root = build->options->source->root;
    int r = ctx_discover(root, rules, &handler);
    while (!build->opened) {
        ctx_engine_wait(build->engine, -1);
        turn(build);
    }
    if (r == 0 && !build->scanning)
        r = begin_scan(build);
    if (build->open_code < 0)
        return build->open_code;
    if (r < 0)
        return ctx_error_set(build->error, r, "%s: cannot be read: %s", root, ctx_error_name(r));
    if (build->unreadable == 0)
        ctx_engine_scan_end(build->engine, build->source, "");
    return 0;
}

static int open_and_walk(struct build *build)
{
    const struct ctx_source *source = build->options->source;
    const struct ctx_config *config = build->options->config;
    struct ctx_ignore_rules *rules;
    int r = config ? ctx_ignore_rules_configured(config, source, &rules, build->error)
                   : ctx_ignore_rules_new(source, NULL, NULL, 0, &rules, build->error);
    if (r < 0)
        return r;
    r = ctx_engine_open_source(build->engine, source, build->options->adopt, note_opened, build);
    if (r == 0)
        r = walk(build, rules);
    else
        ctx_error_set(build->error, r, "%s: out of memory", source->name);
    drop_kept(build);
    ctx_ignore_rules_free(rules);
    return r;
}

static void note_done(void *data, int code)
{
    int *result = data;
    *result = code;
}

static int finish(struct build *build)
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
        return ctx_error_set(build->error, result, "%s/index.jsonl: %s: %s",
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
    struct build build = { .engine = engine, .options = options, .error = error };
    build.kept_end = &build.kept;
    int missing = check_root(options->source, error);
    if (missing < 0)
        return missing;
    int r = open_and_walk(&build);
    if (r == 0)
        r = finish(&build);
    if (r < 0)
        return r;
    *ret_source = build.source;
    *ret_unreadable = build.unreadable;
    return 0;
}
