/* The journal: what is noted, what a crash leaves of it, and when it is forgotten. */
#include "scratch.h"

#include "document/journal.h"

struct fixture {
    struct scratch scratch;
    int dirfd;
    struct ctx_journal *journal;
};

static void reopen(struct fixture *fixture)
{
    ctx_journal_close(fixture->journal);
    fixture->journal = NULL;
    assert_int_equal(ctx_journal_open(fixture->dirfd, &fixture->journal), 0);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    scratch_make(&fixture->scratch);
    fixture->dirfd = open(fixture->scratch.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    reopen(fixture);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    ctx_journal_close(fixture->journal);
    close(fixture->dirfd);
    scratch_remove(&fixture->scratch);
    free(fixture);
    return 0;
}

static int add_pair(void *data, const char *slug, const char *path)
{
    char *text = data;
    sprintf(text + strlen(text), "%s=%s;", slug, path);
    return 0;
}

static void assert_holds(const struct fixture *fixture, const char *expected)
{
    char text[4096] = "";
    assert_int_equal(ctx_journal_each(fixture->journal, add_pair, text), 0);
    assert_string_equal(text, expected);
}

static void journal_outlives_its_writer(void **state)
{
    struct fixture *fixture = *state;
    assert_holds(fixture, "");
    assert_int_equal(ctx_journal_add(fixture->journal, "a", "x/a.md"), 0);
    assert_int_equal(ctx_journal_add(fixture->journal, "b", "new\nline.md"), 0);
    reopen(fixture);
    assert_holds(fixture, "a=x/a.md;b=new\nline.md;");
    reopen(fixture);
    assert_holds(fixture, "a=x/a.md;b=new\nline.md;");
}

static void journal_is_emptied_with_the_last_that_settles(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(ctx_journal_add(fixture->journal, "a", "a.md"), 0);
    ctx_journal_settle(fixture->journal, 2);
    assert_holds(fixture, "a=a.md;a=a.md;a=a.md;");
    ctx_journal_settle(fixture->journal, 1);
    assert_holds(fixture, "");
    assert_int_equal(ctx_journal_add(fixture->journal, "b", "b.md"), 0);
    assert_holds(fixture, "b=b.md;");
}

static void journal_keeps_what_was_left_until_it_is_cleared(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(ctx_journal_add(fixture->journal, "a", "a.md"), 0);
    reopen(fixture);
    assert_int_equal(ctx_journal_add(fixture->journal, "b", "b.md"), 0);
    ctx_journal_settle(fixture->journal, 1);
    assert_holds(fixture, "a=a.md;b=b.md;");
    reopen(fixture);
    assert_int_equal(ctx_journal_clear(fixture->journal), 0);
    assert_holds(fixture, "");
}

static void journal_takes_off_a_record_cut_short(void **state)
{
    struct fixture *fixture = *state;
    static const char records[] = "a\0a.md\0bb\0b.md";
    /* from the whole first record on: nothing, a part of the slug, all of it, a part of the path */
    for (size_t len = 7; len < sizeof(records); len++) {
        write_file_at(fixture->dirfd, "journal", records, len);
        reopen(fixture);
        assert_holds(fixture, "a=a.md;");
        assert_int_equal(ctx_journal_add(fixture->journal, "c", "c.md"), 0);
        reopen(fixture);
        assert_holds(fixture, "a=a.md;c=c.md;");
    }
}

static void journal_is_never_a_symbolic_link(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_journal *journal;
    assert_int_equal(unlinkat(fixture->dirfd, "journal", 0), 0);
    assert_int_equal(symlinkat("elsewhere", fixture->dirfd, "journal"), 0);
    assert_int_equal(ctx_journal_open(fixture->dirfd, &journal), -ELOOP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(journal_outlives_its_writer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(journal_is_emptied_with_the_last_that_settles, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(journal_keeps_what_was_left_until_it_is_cleared, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(journal_takes_off_a_record_cut_short, set_up, tear_down),
        cmocka_unit_test_setup_teardown(journal_is_never_a_symbolic_link, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
