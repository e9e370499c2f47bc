/*
 * The engine by its own interface, as the daemon drives it: changes that meet while a document is
 * in flight, barriers, pauses, callbacks, queries. What is in flight is held there by the turn to
 * transform, which the engine keeps for parallel_transforms: false. The oracle is a cold build of
 * the tree as it is in the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/digest.h"
#include "config/config.h"
#include "engine/build.h"
#include "engine/query.h"
#include "engine/state.h"

enum { EPOCH = 1700000000, PENDING = 1 };

static char place[] = "/tmp/ctx-engine-XXXXXX";

static int enter_place(void **state)
{
    (void)state;
    return mkdtemp(place) ? chdir(place) : -1;
}

static int leave_place(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof(command), "rm -rf %s", place);
    return chdir("/") || system(command);
}

static void put(const char *path, const char *content)
{
    char folder[256];
    snprintf(folder, sizeof(folder), "docs/%s", path);
    char *slash = strrchr(folder, '/');
    *slash = '\0';
    assert_int_equal(ctx_file_mkdirs(folder, 0755), 0);
    *slash = '/';
    CTX_AUTO_FCLOSE FILE *file = fopen(folder, "we");
    assert_non_null(file);
    fputs(content, file);
}

static void drop(const char *path)
{
    char name[256];
    snprintf(name, sizeof(name), "docs/%s", path);
    assert_int_equal(unlink(name), 0);
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static bool holds(const char *path, const char *text)
{
    char bytes[4096] = "";
    CTX_AUTO_FCLOSE FILE *file = fopen(path, "re");
    return file && fread(bytes, 1, sizeof(bytes) - 1, file) > 0 && strstr(bytes, text);
}

/* An engine with one source, docs to out, and what it told. */
struct fixture {
    struct ctx_config config;
    struct ctx_engine *engine;
    uint32_t number;
    bool tells_vanished, tells_unsettled;
    unsigned vanished, unsettled;
    bool asked;
    unsigned events[CTX_EVENT_BATCH + 1];
};

static void on_event(void *data, const struct ctx_event *event)
{
    struct fixture *fixture = data;
    fixture->events[event->kind]++;
}

static void on_vanished(void *data, uint32_t source, const char *path)
{
    struct fixture *fixture = data;
    (void)source;
    (void)path;
    fixture->vanished++;
}

static void on_unsettled(void *data, uint32_t source, const char *path)
{
    struct fixture *fixture = data;
    (void)source;
    (void)path;
    fixture->unsettled++;
}

static void load_config(struct ctx_config *config, const char *out)
{
    struct ctx_environment environment = { 0 };
    struct ctx_diagnostics diagnostics = { 0 };
    struct ctx_config_overrides flags = CTX_CONFIG_NO_OVERRIDES;
    flags.repo = "owner/repo";
    flags.ref = "main";
    flags.max_workers = 2;
    ctx_config_init(config);
    assert_int_equal(ctx_config_from_flags("docs", out, &environment, &flags, config, &diagnostics),
                     0);
    ctx_diagnostics_deinit(&diagnostics);
}

static void open_engine(struct fixture *fixture)
{
    struct ctx_error error = { "" };
    fixture->config.performance.parallel_transforms = false;
    const struct ctx_engine_options options = {
        .performance = &fixture->config.performance,
        .source_date_epoch = EPOCH,
        .event = on_event,
        .vanished = fixture->tells_vanished ? on_vanished : NULL,
        .unsettled = fixture->tells_unsettled ? on_unsettled : NULL,
        .data = fixture,
    };
    assert_int_equal(ctx_engine_new(&options, &fixture->engine, &error), 0);
    if (ctx_engine_add_source(fixture->engine, &fixture->config.sources[0], false, &fixture->number,
                              &error) < 0)
        fail_msg("%s", error.text);
}

static void close_engine(struct fixture *fixture)
{
    ctx_engine_free(fixture->engine);
    fixture->engine = NULL;
}

static int begin(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    if (!fixture || system("rm -rf docs out cold; mkdir docs"))
        return -1;
    load_config(&fixture->config, "out");
    open_engine(fixture);
    *state = fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    close_engine(fixture);
    ctx_config_deinit(&fixture->config);
    free(fixture);
    return 0;
}

/* The same, with an owner who decides about documents that vanish or do not settle. */
static int begin_with_owner(void **state)
{
    if (begin(state))
        return -1;
    struct fixture *fixture = *state;
    close_engine(fixture);
    fixture->tells_vanished = fixture->tells_unsettled = true;
    open_engine(fixture);
    return 0;
}

static int change(struct fixture *fixture, const char *path, bool gone)
{
    const struct ctx_engine_change change = {
        .source = fixture->number, .path = path, .gone = gone, .priority = CTX_PRIORITY_SAVE
    };
    return ctx_engine_change(fixture->engine, &change, ctx_clock_monotonic_us());
}

static void changed(struct fixture *fixture, const char *path)
{
    assert_int_equal(change(fixture, path, false), 0);
}

static void gone(struct fixture *fixture, const char *path)
{
    assert_int_equal(change(fixture, path, true), 0);
}

static void dispatch(struct fixture *fixture)
{
    ctx_engine_dispatch(fixture->engine, ctx_clock_monotonic_us());
}

static void note_done(void *data, int code)
{
    int *result = data;
    *result = code;
}

/* Waits for a barrier that was asked for. */
static int wait_for(struct fixture *fixture, const int *result)
{
    for (dispatch(fixture); *result == PENDING; dispatch(fixture))
        ctx_engine_wait(fixture->engine, 1000);
    return *result;
}

static int settle(struct fixture *fixture)
{
    int result = PENDING;
    assert_true(ctx_engine_barrier(fixture->engine, true, note_done, &result) >= 0);
    return wait_for(fixture, &result);
}

/* The same, but the index may take its time. */
static void settle_pages(struct fixture *fixture)
{
    int result = PENDING;
    assert_true(ctx_engine_barrier(fixture->engine, false, note_done, &result) >= 0);
    assert_int_equal(wait_for(fixture, &result), 0);
}

/* Holds documents in flight, from when they are read until release(). */
static void hold(struct fixture *fixture)
{
    pthread_mutex_lock(&fixture->engine->turn);
}

static void release(struct fixture *fixture)
{
    pthread_mutex_unlock(&fixture->engine->turn);
}

static size_t in_flight(struct fixture *fixture)
{
    struct ctx_engine_load load;
    ctx_engine_load(fixture->engine, &load);
    return load.in_flight;
}

/* The output must be what a cold build of the tree as it is now gives. */
static void assert_as_cold(void)
{
    struct ctx_config config;
    struct ctx_engine *engine;
    struct ctx_error error = { "" };
    uint32_t number;
    uint64_t unreadable;
    assert_int_equal(system("rm -rf cold"), 0);
    load_config(&config, "cold");
    const struct ctx_engine_options options = { .performance = &config.performance,
                                                .source_date_epoch = EPOCH };
    assert_int_equal(ctx_engine_new(&options, &engine, &error), 0);
    const struct ctx_build_options build = { .source = &config.sources[0] };
    assert_int_equal(ctx_build_run(engine, &build, &number, &unreadable, &error), 0);
    ctx_engine_free(engine);
    ctx_config_deinit(&config);
    assert_int_equal(system("diff -r -x .contextor out cold"), 0);
}

static void engine_runs_again_what_changed_in_flight(void **state)
{
    struct fixture *fixture = *state;
    put("a.md", "# First\n");
    hold(fixture);
    changed(fixture, "a.md");
    dispatch(fixture);
    assert_int_equal(in_flight(fixture), 1);
    put("a.md", "# Second\n");
    changed(fixture, "a.md");
    changed(fixture, "a.md");
    release(fixture);
    assert_int_equal(settle(fixture), 0);
    assert_int_equal(fixture->events[CTX_EVENT_WRITTEN] + fixture->events[CTX_EVENT_UNCHANGED], 2);
    assert_true(holds("out/repo__a.mdc", "# Second"));
    assert_as_cold();
}

static void engine_removes_what_went_away_in_flight(void **state)
{
    struct fixture *fixture = *state;
    put("a.md", "# A\n");
    put("b.md", "# B\n");
    hold(fixture);
    changed(fixture, "a.md");
    dispatch(fixture);
    drop("a.md");
    gone(fixture, "a.md");
    release(fixture);
    assert_int_equal(settle(fixture), 0);
    assert_false(exists("out/repo__a.mdc"));
    changed(fixture, "b.md");
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
}

static void engine_keeps_what_came_back(void **state)
{
    struct fixture *fixture = *state;
    put("a.md", "# A\n");
    changed(fixture, "a.md");
    assert_int_equal(settle(fixture), 0);
    hold(fixture);
    put("a.md", "# Other\n");
    changed(fixture, "a.md");
    dispatch(fixture);
    gone(fixture, "a.md");
    changed(fixture, "a.md");
    release(fixture);
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
}

/* A scan that sees a document as it was recorded must call off a removal that is on its way. */
static void engine_calls_off_a_removal_when_a_scan_sees_the_document(void **state)
{
    struct fixture *fixture = *state;
    struct stat st;
    struct ctx_file_stamp stamp;
    const struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
    put("a.md", "# A\n");
    assert_int_equal(utimensat(AT_FDCWD, "docs/a.md", old, 0), 0);
    changed(fixture, "a.md");
    assert_int_equal(settle(fixture), 0);
    assert_int_equal(stat("docs/a.md", &st), 0);
    ctx_file_stamp_from_stat(&st, &stamp);
    /* It was read within the time in which its stamp is not trusted: as if it had been later. */
    ctx_mirror_find(fixture->engine->sources[fixture->number]->mirror, "a.md")->source = stamp;
    assert_int_equal(ctx_engine_see(fixture->engine, fixture->number, "a.md", &stamp),
                     CTX_UNCHANGED);
    gone(fixture, "a.md");
    assert_int_equal(ctx_engine_observe(fixture->engine, fixture->number, "a.md", &stamp,
                                        ctx_clock_monotonic_us()),
                     0);
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
}

/* What a change entails is part of it: a page that gets the plain slug, or loses it. */
static void engine_settles_slugs_before_a_barrier(void **state)
{
    struct fixture *fixture = *state;
    put("a__b.md", "# flat\n");
    changed(fixture, "a__b.md");
    assert_int_equal(settle(fixture), 0);
    put("a/b.md", "# nested\n");
    changed(fixture, "a/b.md");
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
    drop("a/b.md");
    gone(fixture, "a/b.md");
    settle_pages(fixture);
    assert_true(holds("out/repo__a__b.mdc", "# flat"));
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
}

static void engine_settles_slugs_that_change_hands_in_flight(void **state)
{
    struct fixture *fixture = *state;
    put("a__b.md", "# flat\n");
    hold(fixture);
    changed(fixture, "a__b.md");
    dispatch(fixture);
    put("a/b.md", "# nested\n");
    changed(fixture, "a/b.md");
    dispatch(fixture);
    put("A/b.mdx", "# upper\n");
    changed(fixture, "A/b.mdx");
    release(fixture);
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
}

/* `git mv a__b.md a/b.md`: the old document's page has the name that the new one writes to. */
static void engine_keeps_the_page_of_a_rename_onto_the_same_slug(void **state)
{
    struct fixture *fixture = *state;
    put("a__b.md", "# it\n");
    changed(fixture, "a__b.md");
    assert_int_equal(settle(fixture), 0);
    drop("a__b.md");
    put("a/b.md", "# it\n");
    changed(fixture, "a/b.md");
    gone(fixture, "a__b.md");
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
    drop("a/b.md");
    put("a__b.md", "# it\n");
    gone(fixture, "a/b.md");
    changed(fixture, "a__b.md");
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
}

/* The same, while the new document's page has been written before the old one is taken away. */
static void engine_keeps_the_page_of_a_rename_that_comes_in_pieces(void **state)
{
    struct fixture *fixture = *state;
    put("a__b.md", "# it\n");
    changed(fixture, "a__b.md");
    assert_int_equal(settle(fixture), 0);
    hold(fixture);
    changed(fixture, "a__b.md"); /* nothing new: skipped, and not held */
    put("a__b.md", "# it, later\n");
    changed(fixture, "a__b.md");
    dispatch(fixture);
    put("a/b.md", "# it\n");
    changed(fixture, "a/b.md");
    dispatch(fixture);
    drop("a__b.md");
    gone(fixture, "a__b.md");
    release(fixture);
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
}

static void engine_forgets_the_page_that_a_failing_document_lost(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_document_info info;
    put("a__b.md", "# flat\n");
    changed(fixture, "a__b.md");
    assert_int_equal(settle(fixture), 0);
    put("a__b.md", "# flat, \xFF broken\n");
    put("a/b.md", "# nested\n");
    changed(fixture, "a/b.md");
    changed(fixture, "a__b.md");
    assert_int_equal(settle(fixture), 0);
    assert_int_equal(ctx_engine_explain(fixture->engine, fixture->number, "a__b.md", &info), 0);
    assert_non_null(info.error);
    assert_false(info.has_page);
    assert_as_cold();
    /* The index written anew from the catalogue must not list it either. */
    assert_int_equal(system("echo garbage >> out/index.jsonl"), 0);
    put("c.md", "# C\n");
    changed(fixture, "c.md");
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
    drop("a__b.md");
    gone(fixture, "a__b.md");
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
}

static void engine_waits_for_a_resume(void **state)
{
    struct fixture *fixture = *state;
    int result = PENDING;
    put("a.md", "# A\n");
    ctx_engine_pause(fixture->engine, true);
    changed(fixture, "a.md");
    assert_true(ctx_engine_barrier(fixture->engine, true, note_done, &result) > 0);
    dispatch(fixture);
    assert_int_equal(in_flight(fixture), 0);
    assert_int_equal(result, PENDING);
    assert_false(ctx_engine_idle(fixture->engine));
    ctx_engine_pause(fixture->engine, false);
    assert_int_equal(wait_for(fixture, &result), 0);
    assert_true(ctx_engine_idle(fixture->engine));
    assert_as_cold();
}

static void ask_for_more(void *data, int code)
{
    struct fixture *fixture = data;
    assert_int_equal(code, 0);
    changed(fixture, "b.md");
    fixture->asked = true;
}

/* Nothing else would wake the engine for it. */
static void engine_begins_what_a_barrier_asks_for(void **state)
{
    struct fixture *fixture = *state;
    put("a.md", "# A\n");
    put("b.md", "# B\n");
    changed(fixture, "a.md");
    assert_true(ctx_engine_barrier(fixture->engine, false, ask_for_more, fixture) > 0);
    for (dispatch(fixture); !fixture->asked; dispatch(fixture))
        ctx_engine_wait(fixture->engine, 1000);
    struct ctx_engine_load load;
    ctx_engine_load(fixture->engine, &load);
    assert_int_equal(load.waiting[CTX_PRIORITY_SAVE], 0);
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
}

static void engine_forgets_a_cancelled_barrier(void **state)
{
    struct fixture *fixture = *state;
    int first = PENDING;
    put("a.md", "# A\n");
    changed(fixture, "a.md");
    int64_t ticket = ctx_engine_barrier(fixture->engine, true, note_done, &first);
    assert_true(ticket > 0);
    ctx_engine_barrier_cancel(fixture->engine, ticket);
    assert_int_equal(settle(fixture), 0);
    assert_int_equal(first, PENDING);
}

static void engine_tells_a_barrier_that_the_index_cannot_be_written(void **state)
{
    struct fixture *fixture = *state;
    put("a.md", "# A\n");
    assert_int_equal(mkdir("out/index.jsonl", 0755), 0);
    assert_int_equal(mkdir("out/index.jsonl/in the way", 0755), 0);
    changed(fixture, "a.md");
    assert_true(settle(fixture) < 0);
    const char *degraded[CTX_ENGINE_DEGRADED_MAX];
    assert_int_equal(ctx_engine_degraded(fixture->engine, degraded), 1);
    assert_true(exists("out/repo__a.mdc"));
    assert_int_equal(system("rm -r out/index.jsonl"), 0);
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
}

static void engine_asks_its_owner_about_what_vanished(void **state)
{
    struct fixture *fixture = *state;
    put("a.md", "# A\n");
    changed(fixture, "a.md");
    assert_int_equal(settle(fixture), 0);
    drop("a.md");
    changed(fixture, "a.md");
    assert_int_equal(settle(fixture), 0);
    assert_int_equal(fixture->vanished, 1);
    assert_true(exists("out/repo__a.mdc"));
    ctx_engine_scan_begin(fixture->engine, fixture->number, "");
    ctx_engine_scan_end(fixture->engine, fixture->number, "");
    assert_int_equal(fixture->vanished, 2);
    assert_int_equal(mkdir("docs/a.md", 0755), 0); /* its name is no document's any more */
    changed(fixture, "a.md");
    assert_int_equal(settle(fixture), 0);
    assert_int_equal(fixture->vanished, 3);
    gone(fixture, "a.md");
    assert_int_equal(settle(fixture), 0);
    assert_false(exists("out/repo__a.mdc"));
    assert_int_equal(change(fixture, "a.md", true), CTX_UNCHANGED);
}

/* Rules take away two documents of one slug: the one that inherits it must not come back for that. */
static void engine_takes_away_all_of_one_slug(void **state)
{
    struct fixture *fixture = *state;
    put("a__b.md", "# flat\n");
    put("a/b.md", "# nested\n");
    changed(fixture, "a__b.md");
    changed(fixture, "a/b.md");
    assert_int_equal(settle(fixture), 0);
    gone(fixture, "a/b.md");
    gone(fixture, "a__b.md");
    assert_int_equal(settle(fixture), 0);
    assert_int_equal(fixture->events[CTX_EVENT_REMOVED], 2);
    changed(fixture, "a__b.md");
    changed(fixture, "a/b.md");
    assert_int_equal(settle(fixture), 0);
    hold(fixture);
    changed(fixture, "a__b.md"); /* in flight when it is taken away */
    put("a__b.md", "# flat, edited\n");
    dispatch(fixture);
    gone(fixture, "a__b.md");
    gone(fixture, "a/b.md");
    release(fixture);
    assert_int_equal(settle(fixture), 0);
    assert_int_equal(fixture->events[CTX_EVENT_REMOVED], 4);
    assert_false(exists("out/repo__a__b.mdc"));
}

/* The page that made way for it goes at once: else it would stay when both documents are gone. */
static void engine_leaves_no_page_to_an_owner_that_never_wrote(void **state)
{
    struct fixture *fixture = *state;
    put("a__b.md", "# flat\n");
    changed(fixture, "a__b.md");
    assert_int_equal(settle(fixture), 0);
    assert_true(exists("out/repo__a__b.mdc"));
    changed(fixture, "a/b.md"); /* it is not there any more when it is read */
    assert_int_equal(settle(fixture), 0);
    assert_true(fixture->vanished > 0);
    assert_true(exists("out/repo__a__b-00cdf0a5.mdc"));
    assert_false(exists("out/repo__a__b.mdc"));
    drop("a__b.md");
    gone(fixture, "a__b.md");
    gone(fixture, "a/b.md");
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
}

/* A page that was made, and then a change that finds the root gone. */
static void lose_the_root(struct fixture *fixture)
{
    put("a.md", "# A\n");
    changed(fixture, "a.md");
    assert_int_equal(settle(fixture), 0);
    assert_int_equal(rename("docs", "away"), 0);
    changed(fixture, "a.md");
    assert_int_equal(settle(fixture), 0);
    assert_true(exists("out/repo__a.mdc"));
}

static void engine_fails_what_has_no_root_and_keeps_its_page(void **state)
{
    struct fixture *fixture = *state;
    lose_the_root(fixture);
    assert_int_equal(fixture->events[CTX_EVENT_FAILED], 1);
    assert_int_equal(rename("away", "docs"), 0);
    changed(fixture, "a.md");
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
}

static void engine_asks_its_owner_about_a_root_that_went(void **state)
{
    struct fixture *fixture = *state;
    lose_the_root(fixture);
    assert_int_equal(fixture->events[CTX_EVENT_FAILED], 0);
    assert_int_equal(fixture->vanished, 1);
    assert_int_equal(rename("away", "docs"), 0);
    assert_as_cold();
}

static void engine_knows_the_device_of_its_documents(void **state)
{
    struct fixture *fixture = *state;
    struct stat st;
    assert_int_equal(ctx_engine_source_device(fixture->engine, fixture->number), 0);
    assert_int_equal(symlink("/proc/version", "docs/first.md"), 0); /* of another one */
    put("a.md", "# A\n");
    put("b.md", "# B\n");
    changed(fixture, "first.md");
    changed(fixture, "a.md");
    changed(fixture, "b.md");
    assert_int_equal(settle(fixture), 0);
    assert_int_equal(stat("docs", &st), 0);
    assert_int_equal(ctx_engine_source_device(fixture->engine, fixture->number), st.st_dev);
}

static void engine_scans_only_below_what_is_scanned(void **state)
{
    struct fixture *fixture = *state;
    put("in/a.md", "# A\n");
    put("in/deep/b.md", "# B\n");
    put("inside/c.md", "# C\n");
    changed(fixture, "in/a.md");
    changed(fixture, "in/deep/b.md");
    changed(fixture, "inside/c.md");
    assert_int_equal(settle(fixture), 0);
    ctx_engine_scan_begin(fixture->engine, fixture->number, "in");
    ctx_engine_scan_keep(fixture->engine, fixture->number, "in/deep");
    ctx_engine_scan_end(fixture->engine, fixture->number, "in");
    assert_int_equal(fixture->vanished, 1);
}

/* A source leaves while it works: nothing of it may be begun, told or written afterwards. */
static void engine_lets_a_busy_source_go(void **state)
{
    struct fixture *fixture = *state;
    put("a__b.md", "# flat\n");
    put("a/b.md", "# nested\n");
    changed(fixture, "a__b.md");
    changed(fixture, "a/b.md");
    assert_int_equal(settle(fixture), 0);
    drop("a/b.md");
    put("c.md", "# C\n");
    hold(fixture);
    changed(fixture, "c.md");
    dispatch(fixture);
    assert_int_equal(in_flight(fixture), 1);
    changed(fixture, "c.md");
    gone(fixture, "a/b.md");
    ctx_engine_pause(fixture->engine, true);
    release(fixture);
    ctx_engine_remove_source(fixture->engine, fixture->number);
    ctx_engine_pause(fixture->engine, false);
    assert_int_equal(settle(fixture), 0);
    struct ctx_error error;
    assert_int_equal(ctx_engine_add_source(fixture->engine, &fixture->config.sources[0], false,
                                           &fixture->number, &error),
                     0);
    ctx_engine_scan_begin(fixture->engine, fixture->number, "");
    changed(fixture, "a__b.md");
    changed(fixture, "c.md");
    ctx_engine_scan_end(fixture->engine, fixture->number, "");
    assert_int_equal(fixture->vanished, 1);
    gone(fixture, "a/b.md");
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
}

/* What a leaving source's documents come to must not make more of them wait. */
static void engine_begins_nothing_of_a_source_that_leaves(void **state)
{
    struct fixture *fixture = *state;
    put("a__b.md", "# flat\n");
    put("a/b.md", "# nested\n");
    changed(fixture, "a__b.md");
    changed(fixture, "a/b.md");
    assert_int_equal(settle(fixture), 0);
    gone(fixture, "a/b.md"); /* a__b.md inherits its slug */
    dispatch(fixture);
    ctx_engine_pause(fixture->engine, true);
    ctx_engine_remove_source(fixture->engine, fixture->number);
    struct ctx_engine_load load;
    ctx_engine_load(fixture->engine, &load);
    assert_int_equal(load.waiting[CTX_PRIORITY_BULK], 0);
    ctx_engine_pause(fixture->engine, false);
    assert_int_equal(settle(fixture), 0);
}

static void note_left(void *data)
{
    int *result = data;
    *result = 0;
}

/* What open_source() said. */
struct arrival {
    int code;
    uint32_t number;
};

static void note_opened(void *data, int code, uint32_t number, const struct ctx_error *error)
{
    struct arrival *arrival = data;
    (void)error;
    *arrival = (struct arrival){ code, number };
}

static void engine_waits_neither_for_a_source_that_leaves_nor_for_one_that_comes(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_config more;
    struct arrival arrival = { .code = PENDING }, again = { .code = PENDING };
    int left = PENDING;
    load_config(&more, "more");
    put("a.md", "# A\n");
    hold(fixture);
    changed(fixture, "a.md");
    dispatch(fixture);
    assert_int_equal(in_flight(fixture), 1);
    ctx_engine_close_source(fixture->engine, fixture->number, note_left, &left);
    assert_int_equal(
        ctx_engine_open_source(fixture->engine, &more.sources[0], false, note_opened, &arrival), 0);
    assert_int_equal(wait_for(fixture, &arrival.code), 0);
    assert_int_equal(left, PENDING);
    assert_int_not_equal(arrival.number, fixture->number); /* that one is not free yet */
    release(fixture);
    assert_int_equal(wait_for(fixture, &left), 0);
    assert_true(exists("out/repo__a.mdc"));
    assert_int_equal(ctx_engine_open_source(fixture->engine, &fixture->config.sources[0], false,
                                            note_opened, &again),
                     0); /* its lock is free; and it is still on its way when the engine ends */
    ctx_engine_free(fixture->engine);
    assert_int_equal(again.code, 0);
    ctx_config_deinit(&more);
    open_engine(fixture);
}

static size_t stuck(struct fixture *fixture)
{
    struct ctx_source_stats stats;
    ctx_engine_source_stats(fixture->engine, fixture->number, &stats);
    return stats.stuck;
}

static void retry(struct fixture *fixture, size_t most)
{
    ctx_engine_retry(fixture->engine, fixture->number, most, ctx_clock_monotonic_us());
    settle_pages(fixture);
}

static void engine_tries_again_what_is_stuck_and_says_so_once(void **state)
{
    struct fixture *fixture = *state;
    put("a.md", "# A\n");
    put("b.md", "# B\n");
    put("bad.md", "\xff");
    assert_int_equal(system("mkdir -p out/repo__a.mdc/in out/repo__b.mdc/in"), 0);
    changed(fixture, "a.md");
    changed(fixture, "b.md");
    changed(fixture, "bad.md");
    settle_pages(fixture);
    assert_int_equal(fixture->events[CTX_EVENT_FAILED], 3);
    assert_int_equal(stuck(fixture), 2); /* bad.md failed by itself */
    retry(fixture, SIZE_MAX);
    retry(fixture, SIZE_MAX);
    assert_int_equal(fixture->events[CTX_EVENT_FAILED], 3);
    changed(fixture, "a.md"); /* somebody saves: then it is told again */
    settle_pages(fixture);
    assert_int_equal(fixture->events[CTX_EVENT_FAILED], 4);
    assert_int_equal(system("rm -r out/repo__a.mdc out/repo__b.mdc"), 0);
    for (int turn = 0; turn < 2; turn++)
        retry(fixture, 1); /* each has its turn */
    assert_int_equal(stuck(fixture), 0);
    assert_int_equal(fixture->events[CTX_EVENT_WRITTEN], 2);
    drop("bad.md");
    gone(fixture, "bad.md");
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
}

static void engine_knows_when_its_output_was_removed(void **state)
{
    struct fixture *fixture = *state;
    assert_true(ctx_engine_output_in_place(fixture->engine, fixture->number));
    assert_int_equal(system("mv out moved && mkdir out"), 0);
    assert_false(ctx_engine_output_in_place(fixture->engine, fixture->number));
    assert_int_equal(system("rmdir out && mv moved out"), 0);
    assert_true(ctx_engine_output_in_place(fixture->engine, fixture->number));
}

/* Killed when its pages are there and no row tells of them. */
static void write_and_be_killed(struct fixture *fixture)
{
    open_engine(fixture);
    changed(fixture, "a.md");
    changed(fixture, "b.md");
    for (dispatch(fixture); fixture->events[CTX_EVENT_WRITTEN] < 2; dispatch(fixture))
        ctx_engine_wait(fixture->engine, 1000);
    _exit(0);
}

static void engine_takes_away_the_page_that_a_killed_one_left(void **state)
{
    struct fixture *fixture = *state;
    int status;
    struct stat st;
    close_engine(fixture);
    put("a.md", "# A\n");
    put("b.md", "# B\n");
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        write_and_be_killed(fixture);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_true(exists("out/repo__a.mdc"));
    drop("a.md");
    open_engine(fixture);
    ctx_engine_scan_begin(fixture->engine, fixture->number, "");
    changed(fixture, "b.md");
    ctx_engine_scan_end(fixture->engine, fixture->number, "");
    assert_int_equal(settle(fixture), 0);
    assert_false(exists("out/repo__a.mdc"));
    assert_as_cold();
    close_engine(fixture);
    assert_int_equal(stat("out/.contextor/journal", &st), 0);
    assert_int_equal(st.st_size, 0);
    open_engine(fixture);
}

static void engine_takes_over_other_settings_while_it_works(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_performance performance = fixture->config.performance;
    put("a.md", "# A\n");
    put("b.md", "# B\n");
    hold(fixture);
    changed(fixture, "a.md");
    dispatch(fixture);
    performance.parallel_transforms = true; /* a.md waits for its turn still, b.md does not */
    performance.max_workers = 3;
    performance.memory_limit_mb = 64;
    assert_int_equal(ctx_engine_set_performance(fixture->engine, &performance), 0);
    changed(fixture, "b.md");
    for (dispatch(fixture); fixture->events[CTX_EVENT_WRITTEN] == 0; dispatch(fixture))
        ctx_engine_wait(fixture->engine, 1000);
    assert_true(exists("out/repo__b.mdc"));
    assert_false(exists("out/repo__a.mdc"));
    assert_int_equal(ctx_engine_metrics(fixture->engine)->values[CTX_METRIC_WORKERS], 3);
    release(fixture);
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
}

static void engine_goes_on_when_its_catalogue_is_lost(void **state)
{
    struct fixture *fixture = *state;
    put("a.md", "# A\n");
    changed(fixture, "a.md");
    assert_int_equal(settle(fixture), 0);
    assert_int_equal(system("rm -f out/.contextor/catalogue.db*"), 0);
    put("b.md", "# B\n");
    changed(fixture, "b.md");
    assert_int_equal(settle(fixture), 0);
    assert_as_cold();
    close_engine(fixture);
    open_engine(fixture);
    struct ctx_document_info info;
    assert_int_equal(ctx_engine_explain(fixture->engine, fixture->number, "b.md", &info), 0);
    assert_true(info.has_page);
}

/* Answers, as they come. */
struct answer {
    int calls;
    json_t *result;
};

static void on_answer(void *data, json_t *result)
{
    struct answer *answer = data;
    answer->calls++;
    json_decref(answer->result);
    answer->result = result;
}

static json_t *describe(const char *source, const struct ctx_record *record)
{
    return json_pack("{s:s, s:s, s:i}", "source", source, "path", record->path, "result",
                     (int)record->result);
}

static void wait_for_answer(struct fixture *fixture, struct answer *answer)
{
    for (dispatch(fixture); answer->calls == 0; dispatch(fixture))
        ctx_engine_wait(fixture->engine, 1000);
}

static void engine_answers_what_changed(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = { 0 };
    const struct ctx_asker asker = { fixture->number, "docs", describe, on_answer, &answer };
    put("a.md", "# A\n");
    changed(fixture, "a.md");
    assert_int_equal(settle(fixture), 0);
    ctx_engine_ask(fixture->engine, ctx_query_changes_new(&asker, "", 0, 10));
    wait_for_answer(fixture, &answer);
    assert_true(json_is_true(json_object_get(answer.result, "fresh")));
    json_t *clock = json_object_get(answer.result, "clock");
    CTX_AUTO_FREE char *catalogue = strdup(json_string_value(json_object_get(clock, "catalogue")));
    uint64_t since = (uint64_t)json_integer_value(json_object_get(clock, "sequence"));
    drop("a.md");
    gone(fixture, "a.md");
    assert_int_equal(settle(fixture), 0);
    answer.calls = 0;
    ctx_engine_ask(fixture->engine, ctx_query_changes_new(&asker, catalogue, since, 10));
    wait_for_answer(fixture, &answer);
    assert_false(json_is_true(json_object_get(answer.result, "fresh")));
    json_t *changes = json_object_get(answer.result, "changes");
    assert_int_equal(json_array_size(changes), 1);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(changes, 0), "result")),
                     CTX_RESULT_REMOVED);
    json_decref(answer.result);
}

/* Whoever asked must hear of it, or waits for ever. */
static void engine_answers_every_query_before_it_ends(void **state)
{
    struct fixture *fixture = *state;
    struct answer answers[3] = { 0 };
    put("a.md", "# A\n");
    changed(fixture, "a.md");
    assert_int_equal(settle(fixture), 0);
    for (size_t i = 0; i < CTX_ARRAY_LEN(answers); i++) {
        const struct ctx_asker asker = { fixture->number, "docs", describe, on_answer,
                                         &answers[i] };
        ctx_engine_ask(fixture->engine, ctx_query_document_new(&asker, "a.md"));
    }
    close_engine(fixture);
    for (size_t i = 0; i < CTX_ARRAY_LEN(answers); i++) {
        assert_int_equal(answers[i].calls, 1);
        assert_non_null(json_object_get(answers[i].result, "last"));
        json_decref(answers[i].result);
    }
}

/* Waits until everything is in the catalogue, however long the index takes. */
static void wait_until_recorded(struct fixture *fixture)
{
    struct ctx_recorder_progress progress;
    do {
        ctx_engine_wait(fixture->engine, 1000);
        dispatch(fixture);
        ctx_recorder_progress(fixture->engine->recorder, &progress);
    } while (progress.recorded < progress.put || in_flight(fixture) > 0);
}

/* Dies between the catalogue's transaction and the index that should follow it. */
static void die_before_the_index(struct fixture *fixture)
{
    pid_t pid = fork();
    if (pid == 0) {
        open_engine(fixture);
        changed(fixture, "b.md");
        wait_until_recorded(fixture);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void engine_mends_an_index_that_a_crash_left_behind(void **state)
{
    struct fixture *fixture = *state;
    put("a.md", "# A\n");
    changed(fixture, "a.md");
    assert_int_equal(settle(fixture), 0);
    close_engine(fixture);
    put("b.md", "# B\n");
    die_before_the_index(fixture);
    open_engine(fixture);
    assert_int_equal(settle(fixture), 0);
    close_engine(fixture);
    assert_as_cold();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
#define TEST_WITH_OWNER(name) cmocka_unit_test_setup_teardown(name, begin_with_owner, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(engine_runs_again_what_changed_in_flight),
        TEST(engine_removes_what_went_away_in_flight),
        TEST(engine_keeps_what_came_back),
        TEST(engine_calls_off_a_removal_when_a_scan_sees_the_document),
        TEST(engine_settles_slugs_before_a_barrier),
        TEST(engine_settles_slugs_that_change_hands_in_flight),
        TEST(engine_keeps_the_page_of_a_rename_onto_the_same_slug),
        TEST(engine_keeps_the_page_of_a_rename_that_comes_in_pieces),
        TEST(engine_forgets_the_page_that_a_failing_document_lost),
        TEST(engine_waits_for_a_resume),
        TEST(engine_forgets_a_cancelled_barrier),
        TEST(engine_tells_a_barrier_that_the_index_cannot_be_written),
        TEST_WITH_OWNER(engine_asks_its_owner_about_what_vanished),
        TEST(engine_takes_away_all_of_one_slug),
        TEST_WITH_OWNER(engine_leaves_no_page_to_an_owner_that_never_wrote),
        TEST(engine_begins_what_a_barrier_asks_for),
        TEST(engine_fails_what_has_no_root_and_keeps_its_page),
        TEST_WITH_OWNER(engine_asks_its_owner_about_a_root_that_went),
        TEST(engine_knows_the_device_of_its_documents),
        TEST_WITH_OWNER(engine_scans_only_below_what_is_scanned),
        TEST_WITH_OWNER(engine_lets_a_busy_source_go),
        TEST(engine_begins_nothing_of_a_source_that_leaves),
        TEST(engine_waits_neither_for_a_source_that_leaves_nor_for_one_that_comes),
        TEST(engine_tries_again_what_is_stuck_and_says_so_once),
        TEST(engine_knows_when_its_output_was_removed),
        TEST(engine_takes_away_the_page_that_a_killed_one_left),
        TEST(engine_takes_over_other_settings_while_it_works),
        TEST(engine_goes_on_when_its_catalogue_is_lost),
        TEST(engine_answers_what_changed),
        TEST(engine_answers_every_query_before_it_ends),
        TEST(engine_mends_an_index_that_a_crash_left_behind),
    };
    ctx_digest_setup();
    ctx_transform_setup();
    return cmocka_run_group_tests(tests, enter_place, leave_place);
}
