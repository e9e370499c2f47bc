/*
 * The backlog: what a catalogue takes in the end is what it would have taken one by one, however
 * long it took nothing, and meanwhile no more is kept than one outcome a path.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "engine/backlog.h"

enum { PATHS = 5, OUTCOMES = 400, ROUNDS = 20 };

struct fixture {
    char dir[64];
    struct ctx_catalogue *put_late, *put_at_once;
    struct ctx_backlog backlog;
};

static void open_catalogue(const char *dir, const char *name, struct ctx_catalogue **ret_catalogue)
{
    char path[96];
    bool fresh;
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_int_equal(ctx_catalogue_open(path, ret_catalogue, &fresh, NULL), 0);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    strcpy(fixture->dir, "/tmp/ctx-backlog-XXXXXX");
    if (!mkdtemp(fixture->dir))
        return -1;
    signal(SIGXFSZ, SIG_IGN);
    open_catalogue(fixture->dir, "late.db", &fixture->put_late);
    open_catalogue(fixture->dir, "at-once.db", &fixture->put_at_once);
    ctx_backlog_init(&fixture->backlog);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    char command[96];
    ctx_backlog_deinit(&fixture->backlog);
    ctx_catalogue_close(fixture->put_late);
    ctx_catalogue_close(fixture->put_at_once);
    snprintf(command, sizeof(command), "rm -rf '%s'", fixture->dir);
    free(fixture);
    return system(command);
}

/* One of few paths, with every mixture of what an outcome may say or leave. */
static struct ctx_outcome *random_outcome(uint64_t sequence)
{
    struct ctx_outcome *outcome = calloc(1, sizeof(*outcome));
    long dice = random();
    enum ctx_result result = (enum ctx_result)(dice % 4);
    assert_true(asprintf(&outcome->path, "%ld.md", dice / 4 % PATHS) > 0);
    outcome->slug = strdup(outcome->path);
    outcome->journaled = dice & 256;
    if (dice & 512)
        assert_true(asprintf(&outcome->entry, "{\"line\":%ld}\n", dice) > 0);
    if (dice & 1024)
        assert_true(asprintf(&outcome->report, "{\"report\":%ld}", dice) > 0);
    outcome->record = (struct ctx_record){
        .path = outcome->path,
        .slug = outcome->slug,
        .result = result,
        .sequence = sequence,
        .tokens_in = (uint64_t)dice % 1000,
        .tokens_out = (uint64_t)dice % 100,
        .error = result == CTX_RESULT_FAILED ? "broken" : "",
        .entry = dice & 2048 ? "" : outcome->entry,
        .entry_len = dice & 2048 || !outcome->entry ? 0 : strlen(outcome->entry),
        .report = outcome->report,
    };
    return outcome;
}

/* As on a full disk: SQLite's writes fail meanwhile. */
static int put_in_vain(struct fixture *fixture)
{
    struct rlimit before, none;
    size_t ignored;
    getrlimit(RLIMIT_FSIZE, &before);
    none = (struct rlimit){ 1, before.rlim_max };
    setrlimit(RLIMIT_FSIZE, &none);
    int r = ctx_backlog_put(&fixture->backlog, fixture->put_late, &ignored, NULL);
    setrlimit(RLIMIT_FSIZE, &before);
    return r;
}

static void assert_same_row(struct fixture *fixture, const char *path)
{
    struct ctx_record late, at_once;
    int r = ctx_catalogue_get(fixture->put_at_once, path, &at_once);
    assert_int_equal(ctx_catalogue_get(fixture->put_late, path, &late), r);
    if (r != 0)
        return;
    assert_int_equal(late.sequence, at_once.sequence);
    assert_int_equal(late.result, at_once.result);
    assert_int_equal(late.tokens_in, at_once.tokens_in);
    assert_int_equal(late.tokens_out, at_once.tokens_out);
    assert_string_equal(late.error, at_once.error);
    assert_string_equal(late.entry, at_once.entry);
    assert_string_equal(late.report, at_once.report);
}

static void assert_same_rows(struct fixture *fixture)
{
    for (int i = 0; i < PATHS; i++) {
        char path[16];
        snprintf(path, sizeof(path), "%d.md", i);
        assert_same_row(fixture, path);
    }
}

static void backlog_keeps_one_outcome_a_path_while_none_is_taken(void **state)
{
    struct fixture *fixture = *state;
    uint64_t sequence = 0;
    srandom(1);
    for (int round = 0; round < ROUNDS; round++) {
        size_t journaled = 0, settled = SIZE_MAX;
        for (int i = 0; i < OUTCOMES / ROUNDS * (round + 1) / 10; i++) {
            struct ctx_outcome *outcome = random_outcome(++sequence);
            journaled += outcome->journaled;
            assert_int_equal(ctx_catalogue_put(fixture->put_at_once, &outcome->record, 1, NULL), 0);
            ctx_backlog_take(&fixture->backlog, outcome);
            if (i % 3 == 0)
                continue;
            assert_true(put_in_vain(fixture) < 0);
            assert_true(fixture->backlog.n <= PATHS);
        }
        assert_int_equal(ctx_backlog_put(&fixture->backlog, fixture->put_late, &settled, NULL), 0);
        assert_int_equal(settled, journaled);
        assert_int_equal(fixture->backlog.n, 0);
        assert_same_rows(fixture);
    }
}

static void backlog_of_nothing_is_put(void **state)
{
    struct fixture *fixture = *state;
    size_t settled = SIZE_MAX;
    ctx_backlog_take(&fixture->backlog, NULL);
    assert_int_equal(put_in_vain(fixture), 0);
    assert_int_equal(ctx_backlog_put(&fixture->backlog, fixture->put_late, &settled, NULL), 0);
    assert_int_equal(settled, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(backlog_keeps_one_outcome_a_path_while_none_is_taken,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(backlog_of_nothing_is_put, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
