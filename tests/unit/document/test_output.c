/* The output directory: who may write there, and how pages come and go. */
#include "scratch.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include "document/output.h"

struct fixture {
    struct scratch scratch;
    char path[96];
    char root[96];
    struct ctx_output_options options;
    struct ctx_output *output;
    struct ctx_page page;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    scratch_make(&fixture->scratch);
    snprintf(fixture->path, sizeof(fixture->path), "%s/a/out", fixture->scratch.dir);
    snprintf(fixture->root, sizeof(fixture->root), "%s/root", fixture->scratch.dir);
    assert_int_equal(mkdir(fixture->root, 0777), 0);
    fixture->options = (struct ctx_output_options){
        .path = fixture->path,
        .source_name = "docs",
        .source_root = fixture->root,
        .repo = "me/docs",
    };
    ctx_buffer_init(&fixture->page.mdc, 1 << 24);
    ctx_buffer_init(&fixture->page.entry, 1 << 20);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    ctx_output_close(fixture->output);
    ctx_buffer_deinit(&fixture->page.mdc);
    ctx_buffer_deinit(&fixture->page.entry);
    scratch_remove(&fixture->scratch);
    free(fixture);
    return 0;
}

static int open_output(struct fixture *fixture, struct ctx_error *error)
{
    ctx_output_close(fixture->output);
    fixture->output = NULL;
    return ctx_output_open(&fixture->options, &fixture->output, error);
}

static void must_open(struct fixture *fixture)
{
    struct ctx_error error = { "" };
    if (open_output(fixture, &error) < 0)
        fail_msg("%s", error.text);
}

#define HEAD "---\nschema: \"mdc/1.0\"\nfetched_at: \""

static void fill_page(struct fixture *fixture, const char *time, const char *body)
{
    struct ctx_page *page = &fixture->page;
    ctx_buffer_clear(&page->mdc);
    ctx_buffer_printf(&page->mdc, HEAD "%s\"\n---\n\n%s", time, body);
    page->fetched_at_offset = strlen(HEAD);
    ctx_buffer_clear(&page->entry);
    ctx_buffer_printf(&page->entry, "{\"slug\": \"s\", \"fetched_at\": \"%s\"}", time);
    page->entry_fetched_at_offset = strlen("{\"slug\": \"s\", \"fetched_at\": \"");
}

#define TIME_1 "2024-01-01T00:00:00Z"
#define TIME_2 "2025-12-31T23:59:59Z"

static int write_page(struct fixture *fixture, const char *time, const char *body,
                      struct ctx_file_stamp *ret_stamp)
{
    struct ctx_error error = { "" };
    struct ctx_file_stamp stamp;
    fill_page(fixture, time, body);
    int r = ctx_output_write(fixture->output, "s", &fixture->page, false,
                             ret_stamp ? ret_stamp : &stamp, &error);
    assert_int_equal(r < 0, error.text[0] != '\0');
    return r;
}

static char *read_below(const struct fixture *fixture, const char *name)
{
    static char bytes[100000];
    int fd = openat(ctx_output_dirfd(fixture->output), name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes) - 1);
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return NULL;
    bytes[n] = '\0';
    return bytes;
}

static size_t count_tmp(const struct fixture *fixture)
{
    size_t n = 0;
    DIR *dir = fdopendir(dup(ctx_output_tmpfd(fixture->output)));
    rewinddir(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        n += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
    closedir(dir);
    return n;
}

static void output_makes_its_layout(void **state)
{
    struct fixture *fixture = *state;
    char pid[16];
    must_open(fixture);
    assert_string_equal(read_below(fixture, ".contextor/.gitignore"), "*\n");
    snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
    assert_string_equal(read_below(fixture, ".contextor/lock"), pid);
    assert_non_null(strstr(read_below(fixture, ".contextor/source.json"), "\"me/docs\""));
    assert_int_equal(count_tmp(fixture), 0);
    assert_non_null(strstr(ctx_output_catalogue_path(fixture->output), "/.contextor/catalogue.db"));
}

static int second_writer(void *data)
{
    struct fixture *fixture = data;
    struct ctx_output *output;
    struct ctx_error error = { "" };
    char pid[48];
    snprintf(pid, sizeof(pid), "held by pid %d)", (int)getppid());
    int r = ctx_output_open(&fixture->options, &output, &error);
    return r == -EWOULDBLOCK && strstr(error.text, pid) && strstr(error.text, fixture->path) ? 0
                                                                                             : 1;
}

static void output_second_writer_is_told_the_holder(void **state)
{
    struct fixture *fixture = *state;
    must_open(fixture);
    in_child(second_writer, fixture);
    ctx_output_close(fixture->output);
    fixture->output = NULL;
    must_open(fixture);
}

static void output_lock_of_a_killed_writer_is_free(void **state)
{
    struct fixture *fixture = *state;
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        ctx_output_open(&fixture->options, &fixture->output, NULL);
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    must_open(fixture);
}

static void output_dry_run_needs_no_lock_and_makes_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct stat st;
    fixture->options.dry_run = true;
    must_open(fixture);
    assert_int_equal(stat(fixture->path, &st), -1);
    assert_int_equal(write_page(fixture, TIME_1, "a\n", NULL), 0);
    assert_int_equal(ctx_output_remove(fixture->output, "s", NULL), CTX_GONE);
    fixture->options.dry_run = false;
    must_open(fixture);
    assert_int_equal(write_page(fixture, TIME_1, "a\n", NULL), 0);
    struct fixture dry = *fixture;
    dry.options.dry_run = true;
    dry.output = NULL;
    must_open(&dry);
    assert_int_equal(write_page(&dry, TIME_2, "a\n", NULL), CTX_UNCHANGED);
    assert_int_equal(write_page(&dry, TIME_2, "b\n", NULL), 0);
    assert_int_equal(ctx_output_remove(dry.output, "s", NULL), 0);
    assert_int_equal(ctx_output_stat(dry.output, "s", &(struct ctx_file_stamp){ 0 }), 0);
    ctx_output_close(dry.output);
    fixture->page = dry.page;
}

static void output_knows_its_source(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_error error = { "" };
    char link[128];
    must_open(fixture);
    /* The same root under another name, through a link. */
    snprintf(link, sizeof(link), "%s/link", fixture->scratch.dir);
    assert_int_equal(symlink(fixture->root, link), 0);
    fixture->options.source_root = link;
    fixture->options.source_name = "other";
    must_open(fixture);
    /* The same name and repository, moved. */
    fixture->options.source_root = "/elsewhere";
    must_open(fixture);
    /* Another repository elsewhere. */
    fixture->options.source_root = "/third";
    fixture->options.repo = "you/docs";
    assert_int_equal(open_output(fixture, &error), -EEXIST);
    assert_non_null(strstr(error.text, "/elsewhere"));
    assert_non_null(strstr(error.text, "--adopt"));
    fixture->options.adopt = true;
    must_open(fixture);
    fixture->options.adopt = false;
    must_open(fixture);
    assert_non_null(strstr(read_below(fixture, ".contextor/source.json"), "you/docs"));
}

static void output_identity_that_cannot_be_read_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_error error = { "" };
    must_open(fixture);
    write_text(&fixture->scratch, "a/out/.contextor/source.json", "{\"name\": ");
    assert_int_equal(open_output(fixture, &error), -EBADMSG);
    assert_non_null(strstr(error.text, "source.json"));
    write_text(&fixture->scratch, "a/out/.contextor/source.json", "");
    must_open(fixture);
    write_text(&fixture->scratch, "a/out/.contextor/source.json", "[]");
    fixture->options.adopt = true;
    must_open(fixture);
}

static void output_root_may_be_any_bytes(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.source_root = "/\xff\n\"";
    must_open(fixture);
    must_open(fixture);
}

static void output_clears_what_a_killed_writer_left(void **state)
{
    struct fixture *fixture = *state;
    must_open(fixture);
    write_text(&fixture->scratch, "a/out/.contextor/tmp/.ctx-1-1.tmp", "half");
    write_text(&fixture->scratch, "a/out/.contextor/tmp/index.jsonl", "half");
    must_open(fixture);
    assert_int_equal(count_tmp(fixture), 0);
}

static void output_state_directory_may_be_no_link(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_error error = { "" };
    char link[128];
    struct stat st;
    write_text(&fixture->scratch, "a/out/x", "");
    snprintf(link, sizeof(link), "%s/.contextor", fixture->path);
    assert_int_equal(symlink(fixture->root, link), 0);
    assert_int_equal(open_output(fixture, &error), -ELOOP);
    assert_non_null(strstr(error.text, "symbolic link"));
    snprintf(link, sizeof(link), "%s/lock", fixture->root);
    assert_int_equal(stat(link, &st), -1);
}

/* What is found there by the first to open it, of whatever sort but hidden, may be a page's name. */
static void output_is_fresh_while_nobody_wrote_there(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_file_stamp stamp;
    must_open(fixture);
    assert_true(ctx_output_is_fresh(fixture->output));
    must_open(fixture);
    assert_true(ctx_output_is_fresh(fixture->output)); /* our own state does not count */
    assert_int_equal(write_page(fixture, TIME_1, "a\n", &stamp), 0);
    assert_true(ctx_output_is_fresh(fixture->output)); /* as it was when it was opened */
    must_open(fixture);
    assert_false(ctx_output_is_fresh(fixture->output));
}

static void output_page_is_written_once(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_file_stamp first, second;
    must_open(fixture);
    assert_int_equal(write_page(fixture, TIME_1, "a\n", &first), 0);
    assert_int_equal(write_page(fixture, TIME_2, "a\n", &second), CTX_UNCHANGED);
    assert_true(ctx_file_stamp_equal(&first, &second));
    /* The page in memory has become what is on disk. */
    assert_string_equal(fixture->page.mdc.data, read_below(fixture, "s.mdc"));
    assert_non_null(strstr(fixture->page.mdc.data, TIME_1));
    assert_non_null(strstr(fixture->page.entry.data, TIME_1));
    assert_int_equal(write_page(fixture, TIME_2, "b\n", &second), 0);
    assert_false(ctx_file_stamp_equal(&first, &second));
    assert_int_equal(ctx_output_stat(fixture->output, "s", &first), 0);
    assert_true(ctx_file_stamp_equal(&first, &second));
    assert_int_equal(count_tmp(fixture), 0);
}

static void output_long_page_is_compared_to_its_last_byte(void **state)
{
    struct fixture *fixture = *state;
    static char body[70001];
    memset(body, 'x', sizeof(body) - 1);
    must_open(fixture);
    assert_int_equal(write_page(fixture, TIME_1, body, NULL), 0);
    assert_int_equal(write_page(fixture, TIME_2, body, NULL), CTX_UNCHANGED);
    body[sizeof(body) - 2] = 'y';
    assert_int_equal(write_page(fixture, TIME_2, body, NULL), 0);
}

/* The time stamp lies at every offset around the end of the piece that comparing reads. */
static void output_time_stamp_across_pieces(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_file_stamp stamp;
    must_open(fixture);
    for (size_t at = 16384 - 21; at <= 16384 + 1; at++) {
        struct ctx_page *page = &fixture->page;
        const char *const times[] = { TIME_1, TIME_2 };
        for (int i = 0; i < 2; i++) {
            ctx_buffer_clear(&page->mdc);
            ctx_buffer_fill(&page->mdc, 'a', at);
            ctx_buffer_puts(&page->mdc, times[i]);
            ctx_buffer_fill(&page->mdc, 'b', 100);
            page->fetched_at_offset = at;
            assert_int_equal(ctx_output_write(fixture->output, "t", page, false, &stamp, NULL),
                             i == 0 ? 0 : CTX_UNCHANGED);
        }
        assert_memory_equal(page->mdc.data + at, TIME_1, CTX_FETCHED_AT_LEN);
    }
}

static void output_damaged_page_is_made_again(void **state)
{
    struct fixture *fixture = *state;
    must_open(fixture);
    assert_int_equal(write_page(fixture, TIME_1, "a\n", NULL), 0);
    write_text(&fixture->scratch, "a/out/s.mdc", "");
    assert_int_equal(write_page(fixture, TIME_1, "a\n", NULL), 0);
    /* In the time stamp alone. */
    write_text(&fixture->scratch, "a/out/s.mdc", HEAD "2024-01-01T00:00:xxZ\"\n---\n\na\n");
    assert_int_equal(write_page(fixture, TIME_1, "a\n", NULL), 0);
    assert_int_equal(unlinkat(ctx_output_dirfd(fixture->output), "s.mdc", 0), 0);
    assert_int_equal(write_page(fixture, TIME_1, "a\n", NULL), 0);
}

static void output_link_is_replaced_not_followed(void **state)
{
    struct fixture *fixture = *state;
    struct stat st;
    must_open(fixture);
    fill_page(fixture, TIME_1, "a\n");
    write_text(&fixture->scratch, "root/victim", fixture->page.mdc.data);
    assert_int_equal(symlinkat("../../root/victim", ctx_output_dirfd(fixture->output), "s.mdc"), 0);
    assert_int_equal(ctx_output_stat(fixture->output, "s", &(struct ctx_file_stamp){ 0 }),
                     CTX_GONE);
    assert_int_equal(ctx_output_remove(fixture->output, "s", NULL), -EPERM);
    assert_int_equal(write_page(fixture, TIME_2, "a\n", NULL), 0);
    assert_int_equal(fstatat(ctx_output_dirfd(fixture->output), "s.mdc", &st, AT_SYMLINK_NOFOLLOW),
                     0);
    assert_true(S_ISREG(st.st_mode));
    fill_page(fixture, TIME_1, "a\n");
    assert_string_equal(read_below(fixture, "../../root/victim"), fixture->page.mdc.data);
}

static void output_directory_in_the_way_is_named(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_error error = { "" };
    struct ctx_file_stamp stamp;
    must_open(fixture);
    assert_int_equal(mkdirat(ctx_output_dirfd(fixture->output), "s.mdc", 0777), 0);
    fill_page(fixture, TIME_1, "a\n");
    assert_int_equal(ctx_output_write(fixture->output, "s", &fixture->page, false, &stamp, &error),
                     -EISDIR);
    assert_non_null(strstr(error.text, "a/out/s.mdc"));
    assert_non_null(strstr(error.text, "move it away"));
    assert_int_equal(ctx_output_write(fixture->output, "s", &fixture->page, true, &stamp, &error),
                     -EISDIR);
    assert_int_equal(ctx_output_remove(fixture->output, "s", NULL), -EPERM);
    assert_int_equal(count_tmp(fixture), 0);
}

static void output_fifo_in_the_way_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    must_open(fixture);
    assert_int_equal(mkfifoat(ctx_output_dirfd(fixture->output), "s.mdc", 0666), 0);
    assert_int_equal(ctx_output_remove(fixture->output, "s", NULL), -EPERM);
    assert_int_equal(write_page(fixture, TIME_1, "a\n", NULL), 0);
    assert_int_equal(write_page(fixture, TIME_1, "a\n", NULL), CTX_UNCHANGED);
}

static void output_bad_slugs_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_file_stamp stamp;
    char long_slug[400];
    memset(long_slug, 'a', sizeof(long_slug));
    long_slug[sizeof(long_slug) - 1] = '\0';
    const char *const slugs[] = { "", "a/b", "../x", long_slug };
    must_open(fixture);
    fill_page(fixture, TIME_1, "a\n");
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(
            ctx_output_write(fixture->output, slugs[i], &fixture->page, false, &stamp, NULL),
            -EINVAL);
        assert_int_equal(ctx_output_remove(fixture->output, slugs[i], NULL), -EINVAL);
        assert_int_equal(ctx_output_stat(fixture->output, slugs[i], &stamp), -EINVAL);
    }
}

static void output_removes_pages_alone(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_error error = { "" };
    must_open(fixture);
    assert_int_equal(ctx_output_remove(fixture->output, "s", NULL), CTX_GONE);
    write_page(fixture, TIME_1, "a\n", NULL);
    assert_int_equal(ctx_output_remove(fixture->output, "s", NULL), 0);
    assert_null(read_below(fixture, "s.mdc"));
    static const char *const others[] = { "", "---\n", "---\nschema: \"mdc/1.1\"\n", "notes" };
    for (size_t i = 0; i < 4; i++) {
        write_text(&fixture->scratch, "a/out/s.mdc", others[i]);
        assert_int_equal(ctx_output_remove(fixture->output, "s", &error), -EPERM);
        assert_non_null(strstr(error.text, "s.mdc: kept"));
        assert_string_equal(read_below(fixture, "s.mdc"), others[i]);
    }
}

static int on_small_disk(void *data)
{
    struct fixture *fixture = data;
    struct ctx_error error = { "" };
    struct ctx_file_stamp stamp;
    char out[128];
    static char body[300000];
    int r = mount_small(fixture->root, "256k");
    if (r != 0)
        return r;
    snprintf(out, sizeof(out), "%s/out", fixture->root);
    fixture->options.path = out;
    if (open_output(fixture, &error) < 0 || write_page(fixture, TIME_1, "small\n", NULL) != 0)
        return 1;
    memset(body, 'x', sizeof(body) - 1);
    fill_page(fixture, TIME_1, body);
    r = ctx_output_write(fixture->output, "s", &fixture->page, false, &stamp, &error);
    if (r != -ENOSPC || !strstr(error.text, "/s.mdc: No space left on device; free space"))
        return 2;
    if (!strstr(read_below(fixture, "s.mdc"), "small") || count_tmp(fixture) != 0)
        return 3;
    /* A full disk does not keep a restarted writer out. */
    body[200000] = '\0';
    fill_page(fixture, TIME_1, body);
    if (ctx_output_write(fixture->output, "t", &fixture->page, false, &stamp, &error) != 0)
        return 4;
    for (int i = 0, fd; i < 100; i++) {
        char name[16];
        snprintf(name, sizeof(name), "fill-%d", i);
        fd = openat(ctx_output_dirfd(fixture->output), name, O_WRONLY | O_CREAT, 0666);
        if (fd < 0 || write(fd, body, 4096) < 4096)
            break;
        close(fd);
    }
    return open_output(fixture, &error) == 0 ? 0 : 5;
}

static void output_full_disk_keeps_the_old_page(void **state)
{
    in_child(on_small_disk, *state);
}

static int over_file_limit(void *data)
{
    struct fixture *fixture = data;
    struct rlimit limit = { 5000, 5000 };
    static char body[10000];
    if (open_output(fixture, NULL) < 0 || write_page(fixture, TIME_1, "small\n", NULL) != 0)
        return 1;
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
        return NOT_PERMITTED;
    memset(body, 'x', sizeof(body) - 1);
    if (write_page(fixture, TIME_1, body, NULL) != -EFBIG)
        return 2;
    return strstr(read_below(fixture, "s.mdc"), "small") && count_tmp(fixture) == 0 ? 0 : 3;
}

static void output_short_write_keeps_the_old_page(void **state)
{
    in_child(over_file_limit, *state);
}

static int without_rights(void *data)
{
    struct fixture *fixture = data;
    struct ctx_error error = { "" };
    struct ctx_file_stamp stamp;
    int r = become_nobody(&fixture->scratch);
    if (r != 0)
        return r;
    if (open_output(fixture, &error) < 0 || write_page(fixture, TIME_1, "a\n", NULL) != 0)
        return 1;
    if (chmod(fixture->path, 0555) < 0)
        return 2;
    fill_page(fixture, TIME_1, "b\n");
    r = ctx_output_write(fixture->output, "s", &fixture->page, false, &stamp, &error);
    if (r != -EACCES || !strstr(error.text, "s.mdc: Permission denied; make it writable"))
        return 3;
    r = ctx_output_remove(fixture->output, "s", &error);
    if (r != -EACCES || count_tmp(fixture) != 0)
        return 4;
    if (chmod(fixture->path, 0) < 0)
        return 5;
    r = open_output(fixture, &error);
    return r == -EACCES && strstr(error.text, fixture->path) ? 0 : 6;
}

static void output_without_rights_says_so(void **state)
{
    in_child(without_rights, *state);
}

enum { WRITERS = 4, PAGES = 200 };

struct writer {
    struct ctx_output *output;
    int number;
    bool failed;
    pthread_t thread;
};

/* Writes its own pages three times: new, the same, another. */
static void *write_own_pages(void *data)
{
    struct writer *writer = data;
    struct fixture mine = { .output = writer->output };
    struct ctx_file_stamp stamp;
    ctx_buffer_init(&mine.page.mdc, 1 << 20);
    ctx_buffer_init(&mine.page.entry, 1 << 20);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < PAGES; i++) {
            char slug[32];
            snprintf(slug, sizeof(slug), "w%d-%d", writer->number, i);
            fill_page(&mine, round == 0 ? TIME_1 : TIME_2, round < 2 ? slug : "other");
            int r = ctx_output_write(writer->output, slug, &mine.page, round == 0, &stamp, NULL);
            writer->failed |= r != (round == 1 ? CTX_UNCHANGED : 0);
        }
    }
    ctx_buffer_deinit(&mine.page.mdc);
    ctx_buffer_deinit(&mine.page.entry);
    return NULL;
}

static void output_threads_write_side_by_side(void **state)
{
    struct fixture *fixture = *state;
    struct writer writers[WRITERS];
    must_open(fixture);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){ .output = fixture->output, .number = i };
        assert_int_equal(pthread_create(&writers[i].thread, NULL, write_own_pages, &writers[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(writers[i].thread, NULL);
        assert_false(writers[i].failed);
    }
    assert_int_equal(count_tmp(fixture), 0);
}

static void output_path_that_is_a_file_is_named(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_error error = { "" };
    write_text(&fixture->scratch, "a/out", "");
    assert_int_equal(open_output(fixture, &error), -ENOTDIR);
    assert_non_null(strstr(error.text, "move it away"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(output_makes_its_layout),
        CASE(output_second_writer_is_told_the_holder),
        CASE(output_lock_of_a_killed_writer_is_free),
        CASE(output_dry_run_needs_no_lock_and_makes_nothing),
        CASE(output_knows_its_source),
        CASE(output_identity_that_cannot_be_read_is_refused),
        CASE(output_root_may_be_any_bytes),
        CASE(output_clears_what_a_killed_writer_left),
        CASE(output_state_directory_may_be_no_link),
        CASE(output_is_fresh_while_nobody_wrote_there),
        CASE(output_page_is_written_once),
        CASE(output_long_page_is_compared_to_its_last_byte),
        CASE(output_time_stamp_across_pieces),
        CASE(output_damaged_page_is_made_again),
        CASE(output_link_is_replaced_not_followed),
        CASE(output_directory_in_the_way_is_named),
        CASE(output_fifo_in_the_way_is_replaced),
        CASE(output_bad_slugs_are_refused),
        CASE(output_removes_pages_alone),
        CASE(output_full_disk_keeps_the_old_page),
        CASE(output_short_write_keeps_the_old_page),
        CASE(output_without_rights_says_so),
        CASE(output_threads_write_side_by_side),
        CASE(output_path_that_is_a_file_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
