/* index.jsonl: merging against a model, strictness about lines, atomic replacement. */
#include "scratch.h"

#include <signal.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "document/index.h"
#include "document/index_line.h"

struct fixture {
    struct scratch scratch;
    char path[96];
    struct ctx_output *output;
};

static int open_output(struct fixture *fixture, bool dry_run)
{
    struct ctx_output_options options = {
        .path = fixture->path,
        .source_name = "docs",
        .source_root = "/nowhere",
        .repo = "me/docs",
        .dry_run = dry_run,
    };
    ctx_output_close(fixture->output);
    fixture->output = NULL;
    return ctx_output_open(&options, &fixture->output, NULL);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    scratch_make(&fixture->scratch);
    snprintf(fixture->path, sizeof(fixture->path), "%s/out", fixture->scratch.dir);
    *state = fixture;
    return open_output(fixture, false);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    ctx_output_close(fixture->output);
    scratch_remove(&fixture->scratch);
    free(fixture);
    return 0;
}

static void write_index(struct fixture *fixture, const char *text)
{
    write_text(&fixture->scratch, "out/index.jsonl", text);
}

static void assert_index(const struct fixture *fixture, const char *expected)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, 1 << 26);
    assert_int_equal(
        ctx_file_read(ctx_output_dirfd(fixture->output), "index.jsonl", 0, &text, NULL), 0);
    assert_string_equal(ctx_buffer_str(&text), expected);
    assert_int_equal(
        faccessat(ctx_output_tmpfd(fixture->output), "index.jsonl", F_OK, AT_SYMLINK_NOFOLLOW), -1);
}

#define LINE(slug, rest) "{\"slug\": \"" slug "\", \"" rest "\": 1}"

static struct ctx_index_change change_of(const char *slug, const char *entry)
{
    return (struct ctx_index_change){ slug, entry, entry ? strlen(entry) : 0 };
}

static void index_merges(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_file_stamp stamp, now;
    struct ctx_index_change first[] = { change_of("b", LINE("b", "x")),
                                        change_of("d", LINE("d", "x")) };
    assert_int_equal(ctx_index_stat(fixture->output, &stamp), CTX_GONE);
    assert_int_equal(ctx_index_merge(fixture->output, first, 2, &stamp, NULL), 0);
    assert_index(fixture, LINE("b", "x") "\n" LINE("d", "x") "\n");
    struct ctx_index_change second[] = {
        change_of("a", LINE("a", "y")), change_of("b", NULL),           change_of("c", NULL),
        change_of("d", LINE("d", "y")), change_of("e", LINE("e", "y")),
    };
    assert_int_equal(ctx_index_merge(fixture->output, second, 5, &stamp, NULL), 0);
    assert_index(fixture, LINE("a", "y") "\n" LINE("d", "y") "\n" LINE("e", "y") "\n");
    assert_int_equal(ctx_index_stat(fixture->output, &now), 0);
    assert_true(ctx_file_stamp_equal(&stamp, &now));
    assert_int_equal(ctx_index_merge(fixture->output, second, 5, &now, NULL), CTX_UNCHANGED);
    assert_true(ctx_file_stamp_equal(&stamp, &now));
    struct ctx_index_change none[] = { change_of("a", NULL), change_of("d", NULL),
                                       change_of("e", NULL) };
    assert_int_equal(ctx_index_merge(fixture->output, none, 3, &stamp, NULL), 0);
    assert_index(fixture, "");
}

static void index_of_no_pages_is_an_empty_file(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_file_stamp stamp;
    assert_int_equal(ctx_index_merge(fixture->output, NULL, 0, &stamp, NULL), 0);
    assert_index(fixture, "");
    assert_int_equal(ctx_index_merge(fixture->output, NULL, 0, &stamp, NULL), CTX_UNCHANGED);
}

enum { SLUGS = 3000 };

/* What the index should be: for each slug its version, 0 for none. */
struct model {
    unsigned versions[SLUGS];
    char slugs[SLUGS][16];
    char entries[SLUGS][200];
};

static void make_entry(struct model *model, unsigned i)
{
    /* Lines of many lengths, so that pieces end anywhere in them. */
    snprintf(model->entries[i], sizeof(model->entries[i]),
             "{\"slug\": \"%s\", \"version\": %u, \"pad\": \"%.*s\"}", model->slugs[i],
             model->versions[i], (int)(i * 7 % 120),
             "................................................................................"
             "........................................");
}

static void assert_model(const struct fixture *fixture, const struct model *model)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, 1 << 24);
    for (unsigned i = 0; i < SLUGS; i++)
        if (model->versions[i] > 0)
            ctx_buffer_printf(&text, "%s\n", model->entries[i]);
    assert_index(fixture, ctx_buffer_str(&text));
}

static void index_random_merges_follow_the_model(void **state)
{
    static struct model model;
    static struct ctx_index_change changes[SLUGS];
    struct fixture *fixture = *state;
    unsigned random = 1;
    memset(&model, 0, sizeof(model));
    for (unsigned i = 0; i < SLUGS; i++)
        snprintf(model.slugs[i], sizeof(model.slugs[i]), "r__%05u", i);
    for (unsigned round = 1; round < 25; round++) {
        unsigned one_in = 1 + round * round * 2;
        size_t n = 0;
        for (unsigned i = 0; i < SLUGS; i++) {
            random = random * 1103515245 + 12345;
            if ((random >> 16) % one_in != 0)
                continue;
            model.versions[i] = (random >> 8) % 3 == 0 ? 0 : round;
            make_entry(&model, i);
            changes[n++] =
                change_of(model.slugs[i], model.versions[i] > 0 ? model.entries[i] : NULL);
        }
        struct ctx_file_stamp stamp;
        int r = ctx_index_merge(fixture->output, changes, n, &stamp, NULL);
        assert_true(r == 0 || (r == CTX_UNCHANGED && round > 1));
        assert_model(fixture, &model);
        assert_int_equal(ctx_index_merge(fixture->output, changes, n, &stamp, NULL), CTX_UNCHANGED);
    }
}

static void index_damage_is_told_and_kept(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_error error = { "" };
    struct ctx_file_stamp stamp;
    struct ctx_index_change change = change_of("zz", LINE("zz", "x"));
    static const char *const damaged[] = {
        "garbage\n",
        LINE("b", "x"),                          /* cut: no newline */
        LINE("b", "x") "\n" LINE("a", "x") "\n", /* out of order */
        LINE("b", "x") "\n" LINE("b", "x") "\n", /* twice */
        LINE("b", "x") "\n\n",                   /* an empty line */
        "{\"slug\": \"b\", \"x\": 1\n",          /* not closed */
        "{\"slug\":\"b\", \"x\": 1}\n",          /* not as we write */
        "{\"slug\": \"\", \"x\": 1}\n",
        "{\"slug\": \"\\x\", \"x\": 1}\n",
        "{\"slug\": \"\\ud800\", \"x\": 1}\n",
        "{\"slug\": \"\xff\", \"x\": 1}\n",
        "{\"slug\": \"b\"}\n",
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(damaged); i++) {
        write_index(fixture, damaged[i]);
        assert_int_equal(ctx_index_merge(fixture->output, &change, 1, &stamp, &error), -EBADMSG);
        assert_non_null(strstr(error.text, "index.jsonl: damaged"));
        assert_index(fixture, damaged[i]);
    }
}

static void index_line_over_the_limit_is_damage(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_file_stamp stamp;
    size_t len = CTX_LIMIT_INDEX_LINE + 200000;
    CTX_AUTO_FREE char *text = malloc(len + 1);
    memset(text, 'x', len);
    memcpy(text, "{\"slug\": \"b\", \"", 15);
    memcpy(text + len - 2, "}\n", 3);
    write_index(fixture, text);
    assert_int_equal(ctx_index_merge(fixture->output, NULL, 0, &stamp, NULL), -EBADMSG);
    /* One that just fits is kept as it is. */
    memcpy(text + CTX_LIMIT_INDEX_LINE - 1, "}\n", 3);
    write_index(fixture, text);
    assert_int_equal(ctx_index_merge(fixture->output, NULL, 0, &stamp, NULL), CTX_UNCHANGED);
}

static void index_bad_changes_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_file_stamp stamp;
    struct ctx_index_change unsorted[] = { change_of("b", LINE("b", "x")),
                                           change_of("a", LINE("a", "x")) };
    struct ctx_index_change twice[] = { change_of("b", LINE("b", "x")), change_of("b", NULL) };
    struct ctx_index_change other = change_of("b", LINE("c", "x"));
    struct ctx_index_change lines = change_of("b", "{\"slug\": \"b\", \"x\":\n1}");
    assert_int_equal(ctx_index_merge(fixture->output, unsorted, 2, &stamp, NULL), -EINVAL);
    assert_int_equal(ctx_index_merge(fixture->output, twice, 2, &stamp, NULL), -EINVAL);
    assert_int_equal(ctx_index_merge(fixture->output, &other, 1, &stamp, NULL), -EINVAL);
    assert_int_equal(ctx_index_merge(fixture->output, &lines, 1, &stamp, NULL), -EINVAL);
    assert_int_equal(ctx_index_stat(fixture->output, &stamp), CTX_GONE);
}

static void index_writer_writes_whole(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_index_writer *writer;
    struct ctx_file_stamp stamp;
    write_index(fixture, "damaged");
    for (int round = 0; round < 2; round++) {
        assert_int_equal(ctx_index_writer_open(fixture->output, &writer, NULL), 0);
        assert_int_equal(ctx_index_writer_add(writer, LINE("B", "x"), strlen(LINE("B", "x"))), 0);
        assert_int_equal(ctx_index_writer_add(writer, LINE("a", "x"), strlen(LINE("a", "x"))), 0);
        assert_int_equal(ctx_index_writer_add(writer, LINE("a", "x"), strlen(LINE("a", "x"))),
                         -EINVAL);
        assert_int_equal(ctx_index_writer_add(writer, "{}", 2), -EINVAL);
        assert_int_equal(ctx_index_writer_commit(writer, &stamp, NULL),
                         round == 0 ? 0 : CTX_UNCHANGED);
        assert_index(fixture, LINE("B", "x") "\n" LINE("a", "x") "\n");
    }
    assert_int_equal(ctx_index_writer_open(fixture->output, &writer, NULL), 0);
    assert_int_equal(ctx_index_writer_add(writer, LINE("z", "x"), strlen(LINE("z", "x"))), 0);
    ctx_index_writer_abort(writer);
    ctx_index_writer_abort(NULL);
    assert_index(fixture, LINE("B", "x") "\n" LINE("a", "x") "\n");
}

/* A file that begins as the new one does, and is longer: cut, not called the same. */
static void index_writer_cuts_what_is_longer(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_index_writer *writer;
    struct ctx_file_stamp stamp;
    write_index(fixture, LINE("a", "x") "\n" LINE("b", "x") "\n");
    assert_int_equal(ctx_index_writer_open(fixture->output, &writer, NULL), 0);
    assert_int_equal(ctx_index_writer_add(writer, LINE("a", "x"), strlen(LINE("a", "x"))), 0);
    assert_int_equal(ctx_index_writer_commit(writer, &stamp, NULL), 0);
    assert_index(fixture, LINE("a", "x") "\n");
    assert_int_equal(stamp.size, strlen(LINE("a", "x") "\n"));
}

static void index_reader_sees_old_or_new(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_file_stamp stamp;
    struct ctx_index_change change = change_of("b", LINE("b", "x"));
    char old[100];
    write_index(fixture, LINE("a", "x") "\n");
    int fd = openat(ctx_output_dirfd(fixture->output), "index.jsonl", O_RDONLY | O_CLOEXEC);
    assert_int_equal(ctx_index_merge(fixture->output, &change, 1, &stamp, NULL), 0);
    assert_int_equal(read(fd, old, sizeof(old)), strlen(LINE("a", "x") "\n"));
    close(fd);
}

static void index_mode_is_the_umasks(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_file_stamp stamp;
    struct stat st;
    mode_t before = umask(027);
    assert_int_equal(ctx_index_merge(fixture->output, NULL, 0, &stamp, NULL), 0);
    umask(before);
    assert_int_equal(fstatat(ctx_output_dirfd(fixture->output), "index.jsonl", &st, 0), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
}

static void index_link_is_replaced_not_followed(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_index_writer *writer;
    struct ctx_file_stamp stamp;
    struct stat st;
    write_text(&fixture->scratch, "victim", "");
    assert_int_equal(symlinkat("../victim", ctx_output_dirfd(fixture->output), "index.jsonl"), 0);
    assert_int_equal(ctx_index_stat(fixture->output, &stamp), CTX_GONE);
    assert_int_equal(ctx_index_merge(fixture->output, NULL, 0, &stamp, NULL), -EBADMSG);
    assert_int_equal(ctx_index_writer_open(fixture->output, &writer, NULL), 0);
    assert_int_equal(ctx_index_writer_add(writer, LINE("a", "x"), strlen(LINE("a", "x"))), 0);
    assert_int_equal(ctx_index_writer_commit(writer, &stamp, NULL), 0);
    assert_index(fixture, LINE("a", "x") "\n");
    assert_int_equal(fstatat(ctx_output_dirfd(fixture->output), "../victim", &st, 0), 0);
    assert_int_equal(st.st_size, 0);
}

static void index_directory_in_the_way_is_named(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_index_writer *writer;
    struct ctx_error error = { "" };
    assert_int_equal(mkdirat(ctx_output_dirfd(fixture->output), "index.jsonl", 0777), 0);
    assert_int_equal(ctx_index_writer_open(fixture->output, &writer, &error), -EISDIR);
    assert_non_null(strstr(error.text, "index.jsonl: Is a directory"));
}

static void index_dry_run_answers_alike(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_file_stamp stamp;
    struct ctx_index_change change = change_of("b", LINE("b", "x"));
    write_index(fixture, LINE("b", "x") "\n");
    assert_int_equal(open_output(fixture, true), 0);
    assert_int_equal(ctx_index_merge(fixture->output, &change, 1, &stamp, NULL), CTX_UNCHANGED);
    change = change_of("b", LINE("b", "y"));
    assert_int_equal(ctx_index_merge(fixture->output, &change, 1, &stamp, NULL), 0);
    assert_int_equal(stamp.ino, 0);
    assert_int_equal(open_output(fixture, false), 0);
    assert_index(fixture, LINE("b", "x") "\n");
}

static int over_file_limit(void *data)
{
    struct fixture *fixture = data;
    struct ctx_error error = { "" };
    struct ctx_file_stamp stamp;
    struct rlimit limit = { 100000, 100000 };
    struct ctx_index_writer *writer;
    int r = 0;
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
        return NOT_PERMITTED;
    if (ctx_index_writer_open(fixture->output, &writer, &error) < 0)
        return 1;
    for (int i = 0; r == 0 && i < 10000; i++) {
        char line[64];
        int n = snprintf(line, sizeof(line), "{\"slug\": \"s%05d\", \"x\": 1}", i);
        r = ctx_index_writer_add(writer, line, (size_t)n);
    }
    if (r != -EFBIG)
        return 2;
    ctx_index_writer_abort(writer);
    struct ctx_index_change change = change_of("b", LINE("b", "x"));
    r = ctx_index_merge(fixture->output, &change, 1, &stamp, &error);
    return r == 0 && faccessat(ctx_output_tmpfd(fixture->output), "index.jsonl", F_OK, 0) < 0 ? 0
                                                                                              : 3;
}

static void index_short_write_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    write_index(fixture, LINE("a", "x") "\n");
    in_child(over_file_limit, *state);
    assert_index(fixture, LINE("a", "x") "\n" LINE("b", "x") "\n");
}

static void assert_slug(const char *line, const char *expected)
{
    char slug[CTX_INDEX_SLUG_SIZE];
    assert_int_equal(ctx_index_line_slug(line, strlen(line), slug), 0);
    assert_string_equal(slug, expected);
}

static void index_slug_escapes_are_decoded(void **state)
{
    char line[400], slug[CTX_INDEX_SLUG_SIZE];
    (void)state;
    assert_slug("{\"slug\": \"caf\xc3\xa9\", \"x\": 1}", "caf\xc3\xa9");
    assert_slug("{\"slug\": \"caf\\u00e9\", \"x\": 1}", "caf\xc3\xa9");
    assert_slug("{\"slug\": \"\\uD83D\\uDE00\", \"x\": 1}", "\xf0\x9f\x98\x80");
    assert_slug("{\"slug\": \"a\\\"\\\\\\/\", \"x\": 1}", "a\"\\/");
    snprintf(line, sizeof(line), "{\"slug\": \"%0240d\", \"x\": 1}", 1);
    assert_int_equal(ctx_index_line_slug(line, strlen(line), slug), 0);
    snprintf(line, sizeof(line), "{\"slug\": \"%0300d\", \"x\": 1}", 1);
    assert_int_equal(ctx_index_line_slug(line, strlen(line), slug), -EBADMSG);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(index_merges),
        CASE(index_of_no_pages_is_an_empty_file),
        CASE(index_random_merges_follow_the_model),
        CASE(index_damage_is_told_and_kept),
        CASE(index_line_over_the_limit_is_damage),
        CASE(index_bad_changes_are_refused),
        CASE(index_writer_writes_whole),
        CASE(index_writer_cuts_what_is_longer),
        CASE(index_reader_sees_old_or_new),
        CASE(index_mode_is_the_umasks),
        CASE(index_link_is_replaced_not_followed),
        CASE(index_directory_in_the_way_is_named),
        CASE(index_dry_run_answers_alike),
        CASE(index_short_write_leaves_nothing),
        cmocka_unit_test(index_slug_escapes_are_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
