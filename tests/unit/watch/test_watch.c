/* What a tree goes through, seen by inotify and by polling alike: every case runs with both. */
#include "watch_fixture.h"

static void watch_first_scan_finds_all_documents(void **state)
{
    struct fixture *f = *state;
    shell(f, "mkdir -p root/a/b root/c && touch root/x.md root/a/y.mdx root/a/b/z.md root/c/n.txt");
    add_root(f, 0, f->root);
    assert_int_equal(sync_and_compare(f), 3);
    assert_int_equal(f->model[0].scans_begun, 1);
    assert_int_equal(f->model[0].scans_ended, 1);
    assert_int_equal(f->model[0].state, fixture_poll ? CTX_ROOT_POLLING : CTX_ROOT_WATCHING);
    struct ctx_watch_stats stats = stats_of(f);
    assert_int_equal(stats.directories, 4);
    assert_int_equal(fixture_poll ? stats.polled_directories : stats.watches, 4);
}

static void watch_save_is_written_once_closed(void **state)
{
    struct fixture *f = *state;
    start(f);
    write_file(f, "root/x.md", "one");
    assert_int_equal(sync_and_compare(f), 1);
    if (!fixture_poll)
        assert_int_equal(f->model[0].sightings[CTX_WATCH_WRITTEN], 1);
    assert_int_equal(f->model[0].sightings[CTX_WATCH_FOUND], 0);
}

static void watch_deleted_and_renamed_files_are_gone(void **state)
{
    struct fixture *f = *state;
    shell(f, "touch root/x.md root/y.md root/z.txt");
    start(f);
    shell(f, "rm root/x.md; mv root/y.md root/yy.md; mv root/z.txt root/z.md");
    assert_int_equal(sync_and_compare(f), 2);
    assert_true(knows(f, "yy.md"));
    assert_true(knows(f, "z.md"));
    assert_int_equal(f->model[0].sightings[CTX_WATCH_GONE], 2);
}

static void watch_tree_moved_in_and_out_again(void **state)
{
    struct fixture *f = *state;
    start(f);
    struct ctx_watch_stats before = stats_of(f);
    shell(f,
          "for d in $(seq 40); do mkdir -p t/$d/s; for n in $(seq 25); do echo $n >t/$d/s/$n.md; "
          "done; done; mv t root/");
    assert_int_equal(sync_and_compare(f), 1000);
    shell(f, "mv root/t . && echo later >t/1/s/1.md");
    assert_int_equal(sync_and_compare(f), 0);
    /* An unpaired rename is given up after a while, and its watches with it. */
    f->skew_us += 200 * 1000;
    sync_watch(f);
    struct ctx_watch_stats after = stats_of(f);
    assert_int_equal(after.directories, before.directories);
    assert_int_equal(after.watches, before.watches);
    assert_int_equal(after.polled_directories, before.polled_directories);
    unsigned seen = f->model[0].sightings[CTX_WATCH_WRITTEN];
    shell(f, "echo much later >t/1/s/1.md");
    sync_and_compare(f);
    assert_int_equal(f->model[0].sightings[CTX_WATCH_WRITTEN], seen);
}

static void watch_renamed_directory_keeps_its_watches(void **state)
{
    struct fixture *f = *state;
    shell(f, "mkdir -p root/foobar root/into; for d in $(seq 300); do mkdir -p root/foo/$d; "
             "echo $d >root/foo/$d/x.md; done; echo s >root/foobar/s.md");
    start(f);
    struct ctx_watch_stats before = stats_of(f);
    shell(f,
          "mv root/foo root/into/zed && for d in $(seq 300); do echo new >root/into/zed/$d/y.md; "
          "done; echo t >root/foobar/t.md");
    assert_int_equal(sync_and_compare(f), 602);
    assert_true(knows(f, "into/zed/300/y.md"));
    assert_true(knows(f, "foobar/t.md"));
    struct ctx_watch_stats after = stats_of(f);
    assert_int_equal(after.directories, before.directories);
    assert_int_equal(after.watches, before.watches);
    shell(f, "for d in $(seq 300); do rm root/into/zed/$d/x.md; done");
    assert_int_equal(sync_and_compare(f), 302);
}

static void watch_directories_exchanged_and_replaced(void **state)
{
    struct fixture *f = *state;
    shell(f, "mkdir -p root/foo/in root/d1 root/d2 && touch root/foo/in/x.md root/d1/1.md "
             "root/d2/2.md root/a.md");
    start(f);
    shell(f, "cd root && mv foo bar && ln -s bar foo && mv d1 d2 && mv d2/d1 . && mv a.md d1 && "
             "mv d1 t && mv d2 d1 && mv t d2");
    sync_and_compare(f);
    assert_true(knows(f, "bar/in/x.md"));
    assert_true(knows(f, "d2/a.md"));
    assert_false(knows(f, "foo/in/x.md"));
    shell(f, "cd root && rm -r bar && mkdir bar && touch bar/new.md && touch d2/later.md");
    sync_and_compare(f);
    assert_true(knows(f, "bar/new.md"));
    assert_true(knows(f, "d2/later.md"));
}

static void watch_ignore_files_act_live(void **state)
{
    struct fixture *f = *state;
    shell(f, "mkdir -p root/skip/deep root/keep && touch root/skip/deep/x.md root/keep/y.md "
             "root/keep/draft.md");
    start(f);
    struct ctx_watch_stats before = stats_of(f);
    write_file(f, "root/.gitignore", "skip/\ndraft.md\n");
    assert_int_equal(sync_and_compare(f), 1);
    assert_int_equal(stats_of(f).directories, before.directories - 2);
    assert_string_equal(ctx_watch_explain(f->watch, 0, "skip/deep/x.md", NULL), "ignored");
    write_file(f, "root/keep/.contextorignore", "!draft.md\n");
    assert_int_equal(sync_and_compare(f), 2);
    shell(f, "rm root/.gitignore");
    assert_int_equal(sync_and_compare(f), 3);
    assert_int_equal(stats_of(f).directories, before.directories);
    write_file(f, "root/skip/deep/again.md", "watched again");
    assert_int_equal(sync_and_compare(f), 4);
    shell(f, "mv root/keep/.contextorignore root/skip/.ignore; echo '*.md' >root/skip/.ignore");
    sync_and_compare(f);
}

static void watch_links_are_seen_without_a_write(void **state)
{
    struct fixture *f = *state;
    shell(f, "echo x >root/x.md; mkdir root/d; echo out >outside.md; mkfifo fifo");
    start(f);
    shell(f, "cd root && ln x.md hard.md && ln -s x.md soft.md && ln -s ../outside.md out.md && "
             "ln -s nowhere dangling.md && ln -s d dir.md && mv ../fifo fifo.md && ln -s .. d/up");
    assert_int_equal(sync_and_compare(f), 4);
    if (!fixture_poll)
        assert_int_equal(f->model[0].sightings[CTX_WATCH_WRITTEN], 3);
}

static void watch_hostile_names(void **state)
{
    struct fixture *f = *state;
    char name[256];
    memset(name, 'n', 252);
    strcpy(name + 252, ".md");
    start(f);
    shell(f,
          "cd root && mkdir -p foo.md \"$(printf 'new\\nline')\" \"$(printf '\\377\\376')\" && "
          "touch foo.md/x.md \"$(printf 'new\\nline')/a\\\"b'.md\" "
          "\"$(printf '\\377\\376')/$(printf '\\300').md\" %s \"$(printf 'x\\ny').md\"",
          name);
    assert_int_equal(sync_and_compare(f), 5);
}

static void watch_deeper_than_a_path_may_be(void **state)
{
    struct fixture *f = *state;
    char name[201];
    memset(name, 'd', 200);
    name[200] = '\0';
    start(f);
    /* 30 times 201 bytes is over PATH_MAX; the shell goes there step by step. */
    shell(f, "cd root && for i in $(seq 30); do mkdir %s && cd -P %s && echo $i >x.md; done", name,
          name);
    sync_watch(f);
    size_t n = HASH_COUNT(f->model[0].documents);
    assert_true(n >= 19 && n <= 20); /* as far as 4096 bytes reach */
    assert_true(f->model[0].warnings > 0);
    shell(f, "rm -rf root/d*");
    assert_int_equal(sync_and_compare(f), 0);
}

static void watch_unreadable_directory_is_kept(void **state)
{
    struct fixture *f = *state;
    if (geteuid() == 0)
        skip();
    shell(f, "mkdir root/d && touch root/d/x.md");
    start(f);
    shell(f, "chmod 000 root/d");
    ctx_watch_rescan(f->watch, 0);
    sync_watch(f);
    assert_true(knows(f, "d/x.md"));
    assert_true(f->model[0].kept > 0);
    shell(f, "chmod 755 root/d && touch root/d/y.md");
    assert_int_equal(sync_and_compare(f), 2);
}

static void watch_root_moved_away_and_back(void **state)
{
    struct fixture *f = *state;
    shell(f, "mkdir -p root/d && touch root/x.md root/d/y.md");
    start(f);
    unsigned ended = f->model[0].scans_ended;
    shell(f, "mv root r2 && touch r2/z.md && rm r2/x.md");
    sync_watch(f);
    assert_int_equal(f->model[0].state, CTX_ROOT_MISSING);
    assert_int_equal(HASH_COUNT(f->model[0].documents), 2); /* as they were */
    assert_int_equal(f->model[0].scans_ended, ended);
    shell(f, "mv r2 root");
    assert_int_equal(sync_and_compare(f), 2);
    assert_true(knows(f, "z.md"));
    shell(f, "rm -rf root && mkdir root && touch root/new.md");
    assert_int_equal(sync_and_compare(f), 1);
    assert_int_equal(f->model[0].state, fixture_poll ? CTX_ROOT_POLLING : CTX_ROOT_WATCHING);
}

static void watch_parent_of_the_root_moves(void **state)
{
    struct fixture *f = *state;
    char path[160];
    shell(f, "mkdir -p up/er/docs && touch up/er/docs/x.md");
    snprintf(path, sizeof(path), "%s/up/er/docs", f->base);
    add_root(f, 0, path);
    assert_int_equal(sync_and_compare(f), 1);
    shell(f, "mv up down");
    sync_watch(f);
    assert_int_equal(f->model[0].state, CTX_ROOT_MISSING);
    assert_true(knows(f, "x.md"));
    shell(f, "mkdir -p up/er && mv down/er/docs up/er && touch up/er/docs/y.md");
    assert_int_equal(sync_and_compare(f), 2);
}

static void watch_root_that_is_missing_at_first(void **state)
{
    struct fixture *f = *state;
    char path[160];
    snprintf(path, sizeof(path), "%s/not/yet/docs", f->base);
    add_root(f, 0, path);
    sync_watch(f);
    assert_int_equal(f->model[0].state, CTX_ROOT_MISSING);
    assert_non_null(strstr(f->model[0].text, "not/yet/docs"));
    shell(f, "mkdir -p not/yet/docs/d && touch not/yet/docs/d/x.md");
    assert_int_equal(sync_and_compare(f), 1);
}

static void watch_roots_that_share_directories(void **state)
{
    struct fixture *f = *state;
    char inner[160];
    snprintf(inner, sizeof(inner), "%s/inner", f->root);
    shell(f, "mkdir -p root/inner/d && touch root/x.md root/inner/d/y.md");
    start(f);
    add_root(f, 1, f->root);
    add_root(f, 2, inner);
    sync_watch(f);
    shell(f, "touch root/inner/d/z.md && mkdir root/inner/e && touch root/inner/e/e.md && "
             "mv root/inner/d root/out");
    sync_watch(f);
    assert_int_equal(assert_same_as_walk(f, 0), 4);
    assert_int_equal(assert_same_as_walk(f, 1), 4);
    assert_int_equal(assert_same_as_walk(f, 2), 1);
    ctx_watch_remove_root(f->watch, 1);
    shell(f, "touch root/inner/e/f.md");
    sync_watch(f);
    assert_int_equal(assert_same_as_walk(f, 0), 5);
    assert_int_equal(assert_same_as_walk(f, 2), 2);
}

static void watch_explains_a_path(void **state)
{
    struct fixture *f = *state;
    struct ctx_ignore_reason reason;
    shell(f, "mkdir -p root/d root/node_modules/p && touch root/d/x.md root/d/x.md~ "
             "root/node_modules/p/r.md && echo '*.mdx' >root/.gitignore && touch root/d/y.mdx");
    start(f);
    assert_string_equal(ctx_watch_explain(f->watch, 0, "d/x.md", &reason),
                        fixture_poll ? "polled" : "watched");
    assert_string_equal(ctx_watch_explain(f->watch, 0, "d/nothing.md", NULL), "missing");
    assert_string_equal(ctx_watch_explain(f->watch, 0, "e/nothing.md", NULL), "missing");
    assert_string_equal(ctx_watch_explain(f->watch, 0, "node_modules/p/r.md", &reason), "ignored");
    assert_string_equal(ctx_watch_explain(f->watch, 0, "d/y.mdx", &reason), "ignored");
    assert_string_equal(reason.rule, "gitignore");
    assert_int_equal(reason.line, 1);
}

static void watch_cookie_without_a_directory_is_an_error(void **state)
{
    struct fixture *f = *state;
    struct ctx_error error = { "" };
    uint64_t number;
    start(f);
    shell(f, "rm -r run");
    assert_int_equal(ctx_watch_cookie(f->watch, &number, &error), -ENOENT);
    assert_non_null(strstr(error.text, "/run"));
    shell(f, "mkdir run && touch root/x.md");
    assert_int_equal(sync_and_compare(f), 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(watch_first_scan_finds_all_documents),
        CASE(watch_save_is_written_once_closed),
        CASE(watch_deleted_and_renamed_files_are_gone),
        CASE(watch_tree_moved_in_and_out_again),
        CASE(watch_renamed_directory_keeps_its_watches),
        CASE(watch_directories_exchanged_and_replaced),
        CASE(watch_ignore_files_act_live),
        CASE(watch_links_are_seen_without_a_write),
        CASE(watch_hostile_names),
        CASE(watch_deeper_than_a_path_may_be),
        CASE(watch_unreadable_directory_is_kept),
        CASE(watch_root_moved_away_and_back),
        CASE(watch_parent_of_the_root_moves),
        CASE(watch_root_that_is_missing_at_first),
        CASE(watch_roots_that_share_directories),
        CASE(watch_explains_a_path),
        CASE(watch_cookie_without_a_directory_is_an_error),
    };
    int failed = cmocka_run_group_tests_name("by inotify", tests, NULL, NULL);
    fixture_poll = true;
    return failed + cmocka_run_group_tests_name("by polling", tests, NULL, NULL);
}
