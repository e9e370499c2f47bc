/*
 * The engine by its one-shot build, on real trees: what a second run does, what an edit, a
 * collision, a failure, a damaged page and a lost catalogue come to. The oracle is a cold build of
 * the same tree into another directory.
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
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "config/config.h"
#include "document/output.h"
#include "engine/build.h"

enum { EPOCH = 1700000000 };

static char place[] = "/tmp/ctx-build-XXXXXX";

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

static int clear_place(void **state)
{
    (void)state;
    return system("rm -rf docs out cold");
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

/* How a build is to be made. */
struct manner {
    int parallel; /* -1: as it comes */
    int max_workers, batch_size;
};

static struct ctx_run_report build_as(const char *out, const struct manner *manner)
{
    struct ctx_environment environment = { 0 };
    struct ctx_diagnostics diagnostics = { 0 };
    struct ctx_config config;
    struct ctx_engine *engine;
    struct ctx_error error = { "" };
    struct ctx_run_report report;
    struct ctx_config_overrides flags = CTX_CONFIG_NO_OVERRIDES;
    uint32_t number;
    uint64_t unreadable;
    flags.repo = "owner/repo";
    flags.ref = "main";
    flags.parallel = manner->parallel;
    flags.max_workers = manner->max_workers;
    flags.batch_size = manner->batch_size;
    ctx_config_init(&config);
    assert_int_equal(
        ctx_config_from_flags("docs", out, &environment, &flags, &config, &diagnostics), 0);
    const struct ctx_engine_options options = { .performance = &config.performance,
                                                .source_date_epoch = EPOCH };
    assert_int_equal(ctx_engine_new(&options, &engine, &error), 0);
    const struct ctx_build_options build = { .source = &config.sources[0] };
    int r = ctx_build_run(engine, &build, &number, &unreadable, &error);
    if (r < 0)
        fail_msg("%s", error.text);
    ctx_engine_run_report(engine, &report);
    ctx_engine_free(engine);
    ctx_diagnostics_deinit(&diagnostics);
    ctx_config_deinit(&config);
    return report;
}

static struct ctx_run_report build(const char *out)
{
    const struct manner manner = { .parallel = -1 };
    return build_as(out, &manner);
}

/* The output must be what a cold build of the tree as it is now gives. */
static void assert_as_cold(void)
{
    assert_int_equal(system("rm -rf cold"), 0);
    build("cold");
    assert_int_equal(system("diff -r -x .contextor out cold"), 0);
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static void put_some(void)
{
    put("index.md", "# Top\n\nText [a](guide/a.md).\n");
    put("guide/a.md", "---\ntitle: A\n---\n\n# A\n");
    put("guide/b.mdx", "import X from 'x'\n\n# B\n\n<X>in</X>\n");
}

static void build_writes_then_finds_nothing_to_do(void **state)
{
    (void)state;
    put_some();
    struct ctx_run_report first = build("out");
    assert_int_equal(first.written, 3);
    assert_true(exists("out/repo__guide__a.mdc"));
    struct stat before, after;
    stat("out/index.jsonl", &before);
    struct ctx_run_report second = build("out");
    stat("out/index.jsonl", &after);
    assert_int_equal(second.processed, 0);
    assert_int_equal(second.written, 0);
    assert_int_equal(second.skipped, 3);
    assert_int_equal(before.st_ino, after.st_ino);
}

static void build_follows_edits_removals_and_new_files(void **state)
{
    (void)state;
    put_some();
    build("out");
    put("guide/a.md", "# A, but changed\n");
    put("new/c.md", "# C\n");
    drop("guide/b.mdx");
    struct ctx_run_report report = build("out");
    assert_int_equal(report.written, 2);
    assert_int_equal(report.removed, 1);
    assert_false(exists("out/repo__guide__b.mdc"));
    assert_as_cold();
}

static void build_repairs_what_was_damaged_or_removed(void **state)
{
    (void)state;
    put_some();
    build("out");
    unlink("out/repo__index.mdc");
    assert_int_equal(system("echo garbage >> out/repo__guide__a.mdc"), 0);
    assert_int_equal(build("out").written, 2);
    assert_as_cold();
    unlink("out/index.jsonl");
    build("out");
    assert_as_cold();
    assert_int_equal(system("echo garbage >> out/index.jsonl"), 0);
    build("out");
    assert_as_cold();
}

static void build_settles_slugs_whatever_the_order(void **state)
{
    (void)state;
    put("a__b.md", "# flat\n");
    build("out");
    put("a/b.md", "# nested\n");
    put("A/b.mdx", "# upper\n");
    build("out");
    assert_as_cold();
    drop("A/b.mdx");
    build("out");
    assert_as_cold();
    drop("a/b.md");
    build("out");
    assert_as_cold();
}

static void build_keeps_the_page_of_a_document_that_fails(void **state)
{
    (void)state;
    put_some();
    build("out");
    put("guide/a.md", "# not \xFF text\n");
    struct ctx_run_report report = build("out");
    assert_int_equal(report.errors, 1);
    assert_true(exists("out/repo__guide__a.mdc"));
    assert_int_equal(build("out").processed, 0);
    put("guide/a.md", "# well again\n");
    assert_int_equal(build("out").errors, 0);
    assert_as_cold();
}

static void build_lets_a_failing_taker_of_a_slug_leave_no_stale_page(void **state)
{
    (void)state;
    put("a__b.md", "# flat\n");
    build("out");
    put("a/b.md", "# nested, \xFF broken\n");
    build("out");
    assert_as_cold();
}

static void build_survives_the_loss_of_its_catalogue(void **state)
{
    (void)state;
    put_some();
    build("out");
    drop("guide/b.mdx");
    assert_int_equal(system("rm -f out/.contextor/catalogue.db*"), 0);
    struct ctx_run_report report = build("out");
    assert_int_equal(report.written, 0);
    assert_int_equal(report.removed, 1);
    assert_as_cold();
    assert_int_equal(system("rm -f out/.contextor/catalogue.db-*; "
                            "head -c 4096 /dev/urandom > out/.contextor/catalogue.db"),
                     0);
    build("out");
    assert_as_cold();
}

static void build_deletes_no_page_that_is_not_its_own(void **state)
{
    (void)state;
    put_some();
    build("out");
    assert_int_equal(system("cp out/repo__index.mdc out/mine.mdc; echo x > out/notes.txt"), 0);
    drop("index.md");
    build("out");
    assert_true(exists("out/mine.mdc"));
    assert_true(exists("out/notes.txt"));
    assert_false(exists("out/repo__index.mdc"));
}

static void build_gives_the_same_bytes_every_way(void **state)
{
    (void)state;
    static const struct manner manners[] = {
        { .parallel = 0 },
        { .parallel = 1, .max_workers = 1, .batch_size = 1 },
        { .parallel = 1, .max_workers = 2, .batch_size = 7 },
        { .parallel = 1, .max_workers = 8, .batch_size = 1000 },
    };
    char path[64], text[256];
    for (int i = 0; i < 300; i++) {
        snprintf(path, sizeof(path), "d%d/p%d.md%s", i % 17, i, i % 3 ? "" : "x");
        snprintf(text, sizeof(text), "Page %d\n====\n\n* [next](../d%d/p%d.md)\n* item\n", i,
                 (i + 1) % 17, i + 1);
        put(path, text);
    }
    for (size_t i = 0; i < CTX_ARRAY_LEN(manners); i++) {
        assert_int_equal(system("rm -rf out"), 0);
        struct ctx_run_report report = build_as("out", &manners[i]);
        assert_int_equal(report.written, 300);
        assert_as_cold();
    }
}

static void build_refuses_an_output_that_is_in_use(void **state)
{
    (void)state;
    put_some();
    struct ctx_output *output;
    struct ctx_error error;
    const struct ctx_output_options options = {
        .path = "out", .source_name = "x", .source_root = "docs", .repo = "owner/repo"
    };
    assert_int_equal(ctx_output_open(&options, &output, &error), 0);
    struct ctx_output *second;
    assert_int_equal(ctx_output_open(&options, &second, &error), -EWOULDBLOCK);
    assert_non_null(strstr(error.text, "pid"));
    ctx_output_close(output);
}

#define TEST(name) cmocka_unit_test_setup(name, clear_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(build_writes_then_finds_nothing_to_do),
        TEST(build_follows_edits_removals_and_new_files),
        TEST(build_repairs_what_was_damaged_or_removed),
        TEST(build_settles_slugs_whatever_the_order),
        TEST(build_keeps_the_page_of_a_document_that_fails),
        TEST(build_lets_a_failing_taker_of_a_slug_leave_no_stale_page),
        TEST(build_survives_the_loss_of_its_catalogue),
        TEST(build_deletes_no_page_that_is_not_its_own),
        TEST(build_gives_the_same_bytes_every_way),
        TEST(build_refuses_an_output_that_is_in_use),
    };
    ctx_digest_setup();
    ctx_transform_setup();
    return cmocka_run_group_tests(tests, enter_place, leave_place);
}
