/*
 * A watcher on a temporary tree, and an owner that believes what it is told: a set of documents,
 * kept by the callbacks alone. Synchronised by cookies, never by sleeping; compared with a walk.
 */
#ifndef CTX_TEST_WATCH_FIXTURE_H
#define CTX_TEST_WATCH_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <uthash.h>

#include "document/discover.h"
#include "watch/watch.h"

#define MAYBE_UNUSED __attribute__((unused))

enum { SYNC_DEADLINE_S = 120 };

struct known {
    UT_hash_handle hh;
    uint64_t generation;
    bool walked;
    char path[];
};

struct model {
    struct known *documents;
    uint64_t generation;
    bool scanning;
    char scan[4096];
    enum ctx_root_state state;
    char text[1024];
    unsigned states;
    unsigned sightings[CTX_WATCH_GONE + 1]; /* by enum ctx_watch_sighting */
    unsigned directories_gone, scans_begun, scans_ended, kept, warnings;
    unsigned lock_changes;
    bool locked;
};

enum { ROOTS_MAX = 3 };

struct fixture {
    char base[64];  /* everything is below */
    char root[128]; /* of root 0 */
    struct ctx_string_list include, none;
    struct ctx_source source;
    struct ctx_ignore_rules *rules[ROOTS_MAX];
    char roots[ROOTS_MAX][256];
    struct ctx_watch *watch;
    struct model model[ROOTS_MAX];
    uint64_t skew_us; /* time that the watcher believes to have passed beyond the clock's */
    uint64_t cookie;  /* the last one that came back */
    unsigned overflows;
    bool print;
};

static bool fixture_poll;
static unsigned fixture_reconcile_s;

MAYBE_UNUSED static uint64_t clock_us(const struct fixture *f)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000 + f->skew_us;
}

static struct known *learn(struct model *model, const char *path)
{
    struct known *known;
    HASH_FIND_STR(model->documents, path, known);
    if (!known) {
        known = calloc(1, sizeof(*known) + strlen(path) + 1);
        strcpy(known->path, path);
        HASH_ADD_STR(model->documents, path, known);
    }
    known->generation = model->generation;
    return known;
}

static void unlearn(struct model *model, struct known *known)
{
    HASH_DEL(model->documents, known);
    free(known);
}

static bool is_below(const char *path, const char *dir)
{
    size_t len = strlen(dir);
    return len == 0 || (strncmp(path, dir, len) == 0 && path[len] == '/');
}

static void on_sighting(void *data, uint32_t root, enum ctx_watch_sighting sighting,
                        const char *path, const struct stat *st)
{
    struct fixture *f = data;
    struct model *model = &f->model[root];
    struct known *known;
    static const char *const names[] = { "FOUND", "WRITTEN", "MODIFIED", "REPLACED", "GONE" };
    if (f->print)
        fprintf(stderr, "%u %s %s\n", root, names[sighting], path);
    assert_true(sighting != CTX_WATCH_FOUND || st != NULL);
    model->sightings[sighting]++;
    if (sighting != CTX_WATCH_GONE) {
        learn(model, path);
        return;
    }
    HASH_FIND_STR(model->documents, path, known);
    if (known)
        unlearn(model, known);
}

static void on_directory_gone(void *data, uint32_t root, const char *path)
{
    struct fixture *f = data;
    struct known *known, *next;
    if (f->print)
        fprintf(stderr, "%u directory gone %s\n", root, path);
    f->model[root].directories_gone++;
    HASH_ITER (hh, f->model[root].documents, known, next) {
        if (is_below(known->path, path))
            unlearn(&f->model[root], known);
    }
}

static void on_scan_begin(void *data, uint32_t root, const char *path)
{
    struct fixture *f = data;
    struct model *model = &f->model[root];
    if (f->print)
        fprintf(stderr, "%u scan '%s'\n", root, path);
    model->scans_begun++;
    model->generation++;
    model->scanning = true;
    snprintf(model->scan, sizeof(model->scan), "%s", path);
}

static void on_scan_end(void *data, uint32_t root, const char *path)
{
    struct fixture *f = data;
    struct model *model = &f->model[root];
    struct known *known, *next;
    if (f->print)
        fprintf(stderr, "%u scanned '%s'\n", root, path);
    assert_true(model->scanning);
    assert_string_equal(model->scan, path);
    model->scanning = false;
    model->scans_ended++;
    HASH_ITER (hh, model->documents, known, next) {
        if (known->generation < model->generation && is_below(known->path, path))
            unlearn(model, known);
    }
}

static void on_scan_kept(void *data, uint32_t root, const char *path)
{
    struct fixture *f = data;
    struct known *known, *next;
    f->model[root].kept++;
    HASH_ITER (hh, f->model[root].documents, known, next) {
        if (is_below(known->path, path))
            known->generation = f->model[root].generation;
    }
}

static void on_state(void *data, uint32_t root, enum ctx_root_state state, const char *text)
{
    struct fixture *f = data;
    static const char *const names[] = { "scanning", "watching", "degraded", "polling", "missing" };
    if (f->print)
        fprintf(stderr, "%u is %s: %s\n", root, names[state], text);
    f->model[root].state = state;
    f->model[root].states++;
    if (state == CTX_ROOT_MISSING)
        f->model[root].scanning = false;
    snprintf(f->model[root].text, sizeof(f->model[root].text), "%s", text);
}

static void on_overflow(void *data)
{
    ((struct fixture *)data)->overflows++;
}

static void on_git_lock(void *data, uint32_t root, bool locked, uint64_t since_us)
{
    (void)since_us;
    struct fixture *f = data;
    f->model[root].locked = locked;
    f->model[root].lock_changes++;
}

static void on_cookie(void *data, uint64_t number)
{
    ((struct fixture *)data)->cookie = number;
}

static void on_warning(void *data, uint32_t root, const char *text)
{
    struct fixture *f = data;
    if (f->print)
        fprintf(stderr, "%u warning: %s\n", root, text);
    f->model[root].warnings++;
}

MAYBE_UNUSED static void new_watch(struct fixture *f)
{
    char cookies[128];
    struct ctx_error error = { "" };
    snprintf(cookies, sizeof(cookies), "%s/run", f->base);
    struct ctx_watch_options options = {
        .poll = fixture_poll,
        .poll_interval_ms = 20,
        .reconcile_s = fixture_reconcile_s,
        .cookie_dir = cookies,
    };
    struct ctx_watch_handler handler = {
        .sighting = on_sighting,
        .directory_gone = on_directory_gone,
        .scan_begin = on_scan_begin,
        .scan_end = on_scan_end,
        .scan_kept = on_scan_kept,
        .state = on_state,
        .overflow = on_overflow,
        .git_lock = on_git_lock,
        .cookie = on_cookie,
        .warning = on_warning,
        .data = f,
    };
    assert_int_equal(ctx_watch_new(&options, &handler, &f->watch, &error), 0);
}

MAYBE_UNUSED static void add_root(struct fixture *f, uint32_t number, const char *path)
{
    struct ctx_error error = { "" };
    f->source.root = (char *)path;
    assert_int_equal(ctx_ignore_rules_new(&f->source, NULL, NULL, 0, &f->rules[number], &error), 0);
    snprintf(f->roots[number], sizeof(f->roots[number]), "%s", path);
    assert_int_equal(ctx_watch_add_root(f->watch, number, path, f->rules[number], &error), 0);
}

/* Has the watcher go on until `done` says so, or fails. */
MAYBE_UNUSED static void run_until(struct fixture *f, bool (*done)(const struct fixture *f))
{
    uint64_t deadline = clock_us(f) + (uint64_t)SYNC_DEADLINE_S * 1000000;
    while (!done(f)) {
        uint64_t now = clock_us(f);
        assert_true(now < deadline);
        uint64_t next = ctx_watch_next_us(f->watch);
        uint64_t wait_us = next <= now ? 0 : next - now;
        if (wait_us > deadline - now)
            wait_us = deadline - now;
        struct pollfd fd = { .fd = ctx_watch_get_fd(f->watch), .events = POLLIN };
        poll(&fd, 1, (int)((wait_us + 999) / 1000));
        ctx_watch_dispatch(f->watch, clock_us(f));
    }
}

static uint64_t awaited;

MAYBE_UNUSED static bool cookie_is_back(const struct fixture *f)
{
    return f->cookie >= awaited;
}

/* Returns when all that was done before has been reported. */
MAYBE_UNUSED static void sync_watch(struct fixture *f)
{
    struct ctx_error error = { "" };
    assert_int_equal(ctx_watch_cookie(f->watch, &awaited, &error), 0);
    run_until(f, cookie_is_back);
}

static int walked(void *data, const char *path, const struct stat *st)
{
    struct model *model = data;
    struct known *known;
    (void)st;
    HASH_FIND_STR(model->documents, path, known);
    if (!known) {
        fprintf(stderr, "not known: %s\n", path);
        return 1;
    }
    known->walked = true;
    return 0;
}

/* What the owner knows is what a walk finds. Returns how many documents. */
MAYBE_UNUSED static size_t assert_same_as_walk(struct fixture *f, uint32_t number)
{
    struct model *model = &f->model[number];
    struct known *known, *next;
    struct ctx_discover_handler handler = { .document = walked, .data = model };
    assert_false(model->scanning);
    assert_int_equal(ctx_discover(f->roots[number], f->rules[number], &handler), 0);
    HASH_ITER (hh, model->documents, known, next) {
        if (!known->walked)
            fprintf(stderr, "known but not there: %s\n", known->path);
        assert_true(known->walked);
        known->walked = false;
    }
    return HASH_COUNT(model->documents);
}

MAYBE_UNUSED static size_t sync_and_compare(struct fixture *f)
{
    sync_watch(f);
    return assert_same_as_walk(f, 0);
}

MAYBE_UNUSED static bool knows(struct fixture *f, const char *path)
{
    struct known *known;
    HASH_FIND_STR(f->model[0].documents, path, known);
    return known != NULL;
}

MAYBE_UNUSED static struct ctx_watch_stats stats_of(const struct fixture *f)
{
    struct ctx_watch_stats stats;
    ctx_watch_stats(f->watch, &stats);
    return stats;
}

/* Runs a shell command in the base directory; it must succeed. */
MAYBE_UNUSED __attribute__((format(printf, 2, 3))) static void shell(const struct fixture *f,
                                                                     const char *format, ...)
{
    char command[8192];
    int n = snprintf(command, sizeof(command), "cd '%s' && ", f->base);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command + n, sizeof(command) - (size_t)n, format, arguments);
    va_end(arguments);
    int status = system(command);
    if (status != 0)
        print_error("%s\n", command);
    assert_int_equal(status, 0);
}

/* Writes a file below the base directory in one go. */
MAYBE_UNUSED static void write_file(const struct fixture *f, const char *path, const char *text)
{
    char full[4096];
    snprintf(full, sizeof(full), "%s/%s", f->base, path);
    FILE *file = fopen(full, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

MAYBE_UNUSED static int set_up(void **state)
{
    static char *patterns[] = { (char *)"**/*.md", (char *)"**/*.mdx" };
    struct fixture *f = calloc(1, sizeof(*f));
    strcpy(f->base, "/tmp/ctx-watch-XXXXXX");
    if (!f || !mkdtemp(f->base))
        return -1;
    snprintf(f->root, sizeof(f->root), "%s/root", f->base);
    f->source = (struct ctx_source){
        .name = (char *)"test",
        .root = f->root,
        .output = (char *)"/nonexistent/output",
        .repo_path = (char *)"",
        .include = { .items = patterns, .n = 2 },
    };
    f->print = getenv("CTX_TEST_PRINT") != NULL;
    shell(f, "mkdir root run");
    new_watch(f);
    *state = f;
    return 0;
}

MAYBE_UNUSED static void forget_model(struct model *model)
{
    struct known *known, *next;
    HASH_ITER (hh, model->documents, known, next)
        unlearn(model, known);
}

MAYBE_UNUSED static int tear_down(void **state)
{
    struct fixture *f = *state;
    ctx_watch_free(f->watch);
    for (int i = 0; i < ROOTS_MAX; i++) {
        ctx_ignore_rules_free(f->rules[i]);
        forget_model(&f->model[i]);
    }
    shell(f, "cd / && chmod -R u+rwx '%s' && rm -rf '%s'", f->base, f->base);
    free(f);
    return 0;
}

/* A watcher, and root 0, complete. */
MAYBE_UNUSED static void start(struct fixture *f)
{
    add_root(f, 0, f->root);
    sync_and_compare(f);
}

#endif
