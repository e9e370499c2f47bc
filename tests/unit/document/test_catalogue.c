/* The catalogue: what goes in comes out, transactions, tombstones, and every kind of broken file. */
#include "scratch.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include "base/limits.h"
#include "document/catalogue.h"

struct fixture {
    struct scratch scratch;
    char path[96];
    struct ctx_catalogue *catalogue;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    scratch_make(&fixture.scratch);
    snprintf(fixture.path, sizeof(fixture.path), "%s/catalogue.db", fixture.scratch.dir);
    fixture.catalogue = NULL;
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    ctx_catalogue_close(fixture->catalogue);
    scratch_remove(&fixture->scratch);
    return 0;
}

/* Opens the fixture's file (again); returns ret_fresh. */
static bool reopen(struct fixture *fixture)
{
    struct ctx_error error = { "" };
    bool fresh = false;
    ctx_catalogue_close(fixture->catalogue);
    fixture->catalogue = NULL;
    int r = ctx_catalogue_open(fixture->path, &fixture->catalogue, &fresh, &error);
    if (r < 0)
        print_error("%s\n", error.text);
    assert_int_equal(r, 0);
    return fresh;
}

static struct ctx_record record_of(const char *path, uint64_t sequence)
{
    struct ctx_record record = {
        .path = path,
        .slug = "repo__page",
        .result = CTX_RESULT_WRITTEN,
        .source = { 1, UINT64_MAX, 3, -4, 5 },
        .output = { 6, 7, 8, 9, 10 },
        .when_us = 1700000000000000,
        .sequence = sequence,
        .duration_us = 11,
        .tokens_in = 12,
        .tokens_out = 13,
        .error = "",
        .entry = "{\"slug\": \"repo__page\", \"title\": \"é\"}",
        .report = "{}",
    };
    record.entry_len = strlen(record.entry);
    memset(record.digest, 0xA5, sizeof(record.digest));
    memset(record.fingerprint, 0x5A, sizeof(record.fingerprint));
    return record;
}

static int put_one(struct fixture *fixture, const struct ctx_record *record)
{
    return ctx_catalogue_put(fixture->catalogue, record, 1, NULL);
}

static void assert_same(const struct ctx_record *a, const struct ctx_record *b)
{
    assert_string_equal(a->path, b->path);
    assert_string_equal(a->slug, b->slug);
    assert_int_equal(a->result, b->result);
    assert_true(ctx_file_stamp_equal(&a->source, &b->source));
    assert_true(ctx_file_stamp_equal(&a->output, &b->output));
    assert_memory_equal(a->digest, b->digest, CTX_DIGEST_SIZE);
    assert_memory_equal(a->fingerprint, b->fingerprint, CTX_DIGEST_SIZE);
    assert_int_equal(a->when_us, b->when_us);
    assert_int_equal(a->sequence, b->sequence);
    assert_int_equal(a->duration_us, b->duration_us);
    assert_int_equal(a->tokens_in, b->tokens_in);
    assert_int_equal(a->tokens_out, b->tokens_out);
    assert_string_equal(a->error, b->error);
}

static int count_row(void *data, const struct ctx_record *record)
{
    assert_non_null(record->path);
    ++*(size_t *)data;
    return 0;
}

static size_t count(struct fixture *fixture)
{
    size_t n = 0;
    assert_int_equal(ctx_catalogue_load(fixture->catalogue, count_row, &n), 0);
    return n;
}

static void catalogue_round_trip(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_record in = record_of("a\n\xff/b \"c\".md", 7), out;
    assert_true(reopen(fixture));
    assert_int_equal(put_one(fixture, &in), 0);
    assert_false(reopen(fixture));
    assert_int_equal(ctx_catalogue_get(fixture->catalogue, in.path, &out), 0);
    assert_same(&in, &out);
    assert_int_equal(out.entry_len, in.entry_len);
    assert_string_equal(out.entry, in.entry);
    assert_string_equal(out.report, in.report);
    assert_int_equal(ctx_catalogue_get(fixture->catalogue, "a", &out), CTX_GONE);
    assert_int_equal(ctx_catalogue_sequence(fixture->catalogue), 7);
}

static void catalogue_id_is_kept_and_new_files_differ(void **state)
{
    struct fixture *fixture = *state;
    char id[64];
    reopen(fixture);
    snprintf(id, sizeof(id), "%s", ctx_catalogue_id(fixture->catalogue));
    assert_int_equal(strlen(id), 32);
    reopen(fixture);
    assert_string_equal(ctx_catalogue_id(fixture->catalogue), id);
    assert_int_equal(ctx_catalogue_renew(fixture->catalogue, NULL), 0);
    assert_string_not_equal(ctx_catalogue_id(fixture->catalogue), id);
}

static void catalogue_null_keeps_entry_and_report(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_record in = record_of("a.md", 1), out;
    reopen(fixture);
    assert_int_equal(put_one(fixture, &in), 0);
    in.sequence = 2;
    in.result = CTX_RESULT_FAILED;
    in.error = "not UTF-8";
    in.entry = in.report = NULL;
    in.entry_len = 0;
    assert_int_equal(put_one(fixture, &in), 0);
    assert_int_equal(ctx_catalogue_get(fixture->catalogue, "a.md", &out), 0);
    assert_int_equal(out.result, CTX_RESULT_FAILED);
    assert_string_equal(out.error, "not UTF-8");
    assert_string_equal(out.entry, record_of("", 0).entry);
    assert_string_equal(out.report, "{}");
    in.sequence = 3;
    in.entry = "";
    assert_int_equal(put_one(fixture, &in), 0);
    assert_int_equal(ctx_catalogue_get(fixture->catalogue, "a.md", &out), 0);
    assert_string_equal(out.entry, "");
}

static void catalogue_last_of_one_path_counts(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_record in[2] = { record_of("a.md", 1), record_of("a.md", 2) }, out;
    in[1].tokens_out = 99;
    reopen(fixture);
    assert_int_equal(ctx_catalogue_put(fixture->catalogue, in, 2, NULL), 0);
    assert_int_equal(count(fixture), 1);
    assert_int_equal(ctx_catalogue_get(fixture->catalogue, "a.md", &out), 0);
    assert_int_equal(out.tokens_out, 99);
}

/* What is told of all pages together: sums, whatever of them was made last. */
struct pages_seen {
    char paths[64];
    uint64_t tokens;
};

static int see_page(void *data, const struct ctx_page_figures *page)
{
    struct pages_seen *seen = data;
    strcat(strcat(seen->paths, page->path), page->report ? page->report : "-");
    seen->tokens += page->tokens_in;
    return 0;
}

static void catalogue_pages_keep_their_figures(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_record b = record_of("b.md", 1), a = record_of("a.md", 2), c = record_of("c.md", 3);
    struct pages_seen seen = { "", 0 };
    reopen(fixture);
    c.entry = "";
    c.entry_len = 0; /* it never had a page */
    put_one(fixture, &b);
    put_one(fixture, &a);
    put_one(fixture, &c);
    a.sequence = 4; /* found unchanged: nothing was counted */
    a.entry = a.report = NULL;
    a.tokens_in = a.tokens_out = 0;
    put_one(fixture, &a);
    assert_int_equal(ctx_catalogue_pages(fixture->catalogue, true, see_page, &seen), 0);
    assert_string_equal(seen.paths, "a.md{}b.md{}");
    assert_int_equal(seen.tokens, 24);
}

static void catalogue_forgets_pages_that_were_removed(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_record a = record_of("a.md", 1), b = record_of("b.md", 2), out;
    struct pages_seen seen = { "", 0 };
    char *const paths[] = { (char *)"a.md", (char *)"none.md" };
    reopen(fixture);
    put_one(fixture, &a);
    put_one(fixture, &b);
    assert_int_equal(ctx_catalogue_forget_pages(fixture->catalogue, paths, 2), 0);
    assert_int_equal(ctx_catalogue_get(fixture->catalogue, "a.md", &out), 0);
    assert_string_equal(out.slug, "");
    assert_string_equal(out.entry, "");
    assert_int_equal(out.output.ino, 0);
    assert_int_equal(out.source.size, 3);
    assert_int_equal(ctx_catalogue_pages(fixture->catalogue, false, see_page, &seen), 0);
    assert_string_equal(seen.paths, "b.md-");
}

static void catalogue_put_is_all_or_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_record first = record_of("a.md", 5);
    struct ctx_record in[2] = { record_of("b.md", 6), record_of("c.md", 5) };
    struct ctx_error error = { "" };
    reopen(fixture);
    assert_int_equal(put_one(fixture, &first), 0);
    assert_int_equal(ctx_catalogue_put(fixture->catalogue, in, 2, &error), -EINVAL);
    assert_non_null(strstr(error.text, "sequence"));
    assert_int_equal(count(fixture), 1);
    assert_int_equal(ctx_catalogue_sequence(fixture->catalogue), 5);
    in[1].sequence = 7;
    assert_int_equal(ctx_catalogue_put(fixture->catalogue, in, 2, NULL), 0);
    assert_int_equal(count(fixture), 3);
}

struct seen {
    size_t n;
    uint64_t sequences[8];
    enum ctx_result results[8];
    size_t stop_after;
};

static int see(void *data, const struct ctx_record *record)
{
    struct seen *seen = data;
    assert_true(seen->n < 8);
    seen->sequences[seen->n] = record->sequence;
    seen->results[seen->n] = record->result;
    return ++seen->n == seen->stop_after ? 42 : 0;
}

static void catalogue_changes_tell_what_came_after(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_record in[4] = { record_of("a.md", 1), record_of("b.md", 2), record_of("c.md", 3),
                                record_of("a.md", 4) };
    in[3].result = CTX_RESULT_REMOVED;
    reopen(fixture);
    assert_int_equal(ctx_catalogue_put(fixture->catalogue, in, 4, NULL), 0);
    struct seen seen = { 0 };
    assert_int_equal(ctx_catalogue_changes(fixture->catalogue, 2, 100, see, &seen), 0);
    assert_int_equal(seen.n, 2);
    assert_int_equal(seen.sequences[0], 3);
    assert_int_equal(seen.sequences[1], 4);
    assert_int_equal(seen.results[1], CTX_RESULT_REMOVED);
    seen = (struct seen){ 0 };
    assert_int_equal(ctx_catalogue_changes(fixture->catalogue, 0, 1, see, &seen), 0);
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.sequences[0], 2);
    seen = (struct seen){ .stop_after = 1 };
    assert_int_equal(ctx_catalogue_changes(fixture->catalogue, 0, 9, see, &seen), 42);
    assert_int_equal(ctx_catalogue_changes(fixture->catalogue, UINT64_MAX, 9, see, &seen), 0);
    assert_int_equal(count(fixture), 2);
}

static void catalogue_tombstone_has_no_page_and_can_come_back(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_record in = record_of("a.md", 1), out;
    reopen(fixture);
    put_one(fixture, &in);
    in.sequence = 2;
    in.result = CTX_RESULT_REMOVED;
    assert_int_equal(put_one(fixture, &in), 0);
    assert_int_equal(ctx_catalogue_get(fixture->catalogue, "a.md", &out), 0);
    assert_int_equal(out.result, CTX_RESULT_REMOVED);
    assert_string_equal(out.entry, "");
    assert_string_equal(out.slug, "repo__page");
    assert_int_equal(count(fixture), 0);
    in.sequence = 3;
    in.result = CTX_RESULT_WRITTEN;
    assert_int_equal(put_one(fixture, &in), 0);
    assert_int_equal(count(fixture), 1);
}

struct entries {
    size_t n;
    char last[64];
};

static int check_entry(void *data, const char *slug, const char *entry, size_t len)
{
    struct entries *entries = data;
    assert_true(strcmp(entries->last, slug) < 0);
    assert_int_equal(strlen(entry), len);
    snprintf(entries->last, sizeof(entries->last), "%s", slug);
    entries->n++;
    return 0;
}

static void catalogue_entries_are_sorted_bytewise(void **state)
{
    struct fixture *fixture = *state;
    static const char *const slugs[] = { "b", "B", "a-", "a_", "\xc3\xa9", "z", "" };
    struct ctx_record in[7];
    char paths[7][8];
    for (size_t i = 0; i < 7; i++) {
        snprintf(paths[i], sizeof(paths[i]), "%zu.md", i);
        in[i] = record_of(paths[i], i + 1);
        in[i].slug = slugs[i];
    }
    in[6].entry = "";
    in[6].entry_len = 0;
    reopen(fixture);
    assert_int_equal(ctx_catalogue_put(fixture->catalogue, in, 7, NULL), 0);
    struct entries entries = { 0 };
    assert_int_equal(ctx_catalogue_entries(fixture->catalogue, check_entry, &entries), 0);
    assert_int_equal(entries.n, 6);
    assert_string_equal(entries.last, "\xc3\xa9");
}

static void catalogue_index_stamp(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_file_stamp in = { 1, 2, 3, 4, 5 }, out = { 9, 9, 9, 9, 9 };
    uint64_t sequence = 9;
    reopen(fixture);
    assert_int_equal(ctx_catalogue_get_index(fixture->catalogue, &out, &sequence), 0);
    assert_int_equal(out.ino, 0);
    assert_int_equal(sequence, 0);
    assert_int_equal(ctx_catalogue_set_index(fixture->catalogue, &in, 7), 0);
    reopen(fixture);
    assert_int_equal(ctx_catalogue_get_index(fixture->catalogue, &out, &sequence), 0);
    assert_true(ctx_file_stamp_equal(&in, &out));
    assert_int_equal(sequence, 7);
}

/* Puts tombstones `from` to `to` (sequence and path), 1 000 a transaction. */
static void put_tombstones(struct fixture *fixture, uint64_t from, uint64_t to)
{
    static struct ctx_record records[1000];
    static char paths[1000][24];
    for (uint64_t at = from; at <= to;) {
        size_t n = 0;
        for (; n < 1000 && at <= to; n++, at++) {
            snprintf(paths[n], sizeof(paths[n]), "%llu.md", (unsigned long long)at);
            records[n] = record_of(paths[n], at);
            records[n].result = CTX_RESULT_REMOVED;
        }
        assert_int_equal(ctx_catalogue_put(fixture->catalogue, records, n, NULL), 0);
    }
}

static void catalogue_tombstones_are_bounded(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_record keeper = record_of("keeper.md", 1), out;
    size_t n = 0;
    reopen(fixture);
    put_one(fixture, &keeper);
    put_tombstones(fixture, 2, CTX_LIMIT_TOMBSTONES + 1);
    assert_int_equal(ctx_catalogue_oldest(fixture->catalogue), 0);
    put_tombstones(fixture, CTX_LIMIT_TOMBSTONES + 2, CTX_LIMIT_TOMBSTONES * 5 / 4);
    uint64_t oldest = ctx_catalogue_oldest(fixture->catalogue);
    assert_true(oldest > 1000 && oldest < CTX_LIMIT_TOMBSTONES / 4);
    assert_int_equal(ctx_catalogue_changes(fixture->catalogue, oldest, 100000, count_row, &n), 0);
    assert_int_equal(n, CTX_LIMIT_TOMBSTONES * 5 / 4 - oldest);
    assert_true(n >= CTX_LIMIT_TOMBSTONES && n <= CTX_LIMIT_TOMBSTONES * 11 / 10);
    assert_int_equal(ctx_catalogue_get(fixture->catalogue, "keeper.md", &out), 0);
    reopen(fixture);
    assert_int_equal(ctx_catalogue_oldest(fixture->catalogue), oldest);
    assert_int_equal(ctx_catalogue_sequence(fixture->catalogue), CTX_LIMIT_TOMBSTONES * 5 / 4);
}

static void write_file(const char *path, const void *bytes, size_t len)
{
    write_file_at(AT_FDCWD, path, bytes, len);
}

static void assert_set_aside(struct fixture *fixture)
{
    char bad[128];
    struct ctx_record in = record_of("a.md", 1);
    assert_true(reopen(fixture));
    snprintf(bad, sizeof(bad), "%s.bad", fixture->path);
    assert_int_equal(faccessat(AT_FDCWD, bad, F_OK, AT_SYMLINK_NOFOLLOW), 0);
    assert_int_equal(count(fixture), 0);
    assert_int_equal(put_one(fixture, &in), 0);
    assert_false(reopen(fixture));
    assert_int_equal(count(fixture), 1);
}

static void catalogue_garbage_is_set_aside(void **state)
{
    struct fixture *fixture = *state;
    char garbage[10000];
    memset(garbage, 'x', sizeof(garbage));
    write_file(fixture->path, garbage, sizeof(garbage));
    assert_set_aside(fixture);
}

static void catalogue_empty_file_is_fresh(void **state)
{
    struct fixture *fixture = *state;
    write_file(fixture->path, "", 0);
    assert_true(reopen(fixture));
    assert_int_equal(count(fixture), 0);
}

static void catalogue_directory_is_set_aside(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(mkdir(fixture->path, 0777), 0);
    assert_set_aside(fixture);
}

static void catalogue_symlink_is_not_followed(void **state)
{
    struct fixture *fixture = *state;
    char target[128];
    struct stat st;
    snprintf(target, sizeof(target), "%s/elsewhere", fixture->scratch.dir);
    write_file(target, "", 0);
    assert_int_equal(symlink(target, fixture->path), 0);
    assert_set_aside(fixture);
    assert_int_equal(stat(target, &st), 0);
    assert_int_equal(st.st_size, 0);
}

/* Moves what is in the log into the file, which closing leaves to the next opening. */
static void fold_log(const char *path)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE);", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Fills the catalogue, closes it and hands the file to `damage`. */
static void fill_and_damage(struct fixture *fixture, void (*damage)(int fd, off_t size))
{
    struct stat st;
    reopen(fixture);
    for (uint64_t i = 1; i <= 200; i++) {
        char path[16];
        snprintf(path, sizeof(path), "%d.md", (int)i);
        struct ctx_record in = record_of(path, i);
        assert_int_equal(put_one(fixture, &in), 0);
    }
    ctx_catalogue_close(fixture->catalogue);
    fixture->catalogue = NULL;
    fold_log(fixture->path);
    int fd = open(fixture->path, O_RDWR);
    assert_int_equal(fstat(fd, &st), 0);
    damage(fd, st.st_size);
    close(fd);
}

static void cut_half(int fd, off_t size)
{
    assert_int_equal(ftruncate(fd, size / 2), 0);
}

static void other_version(int fd, off_t size)
{
    (void)size;
    assert_int_equal(pwrite(fd, "\0\0\0\x63", 4, 60), 4); /* user_version */
}

static void other_application(int fd, off_t size)
{
    (void)size;
    assert_int_equal(pwrite(fd, "abcd", 4, 68), 4); /* application_id */
}

static void scribble_inside(int fd, off_t size)
{
    char junk[4096];
    memset(junk, 0xEE, sizeof(junk));
    /* From the fifth page on: the schema and meta stay, most of the rows go. */
    for (off_t at = 5 * 4096; at + 4096 <= size; at += 4096)
        assert_int_equal(pwrite(fd, junk, sizeof(junk), at), sizeof(junk));
}

static void catalogue_truncated_is_set_aside(void **state)
{
    fill_and_damage(*state, cut_half);
    assert_set_aside(*state);
}

static void catalogue_other_version_is_set_aside(void **state)
{
    fill_and_damage(*state, other_version);
    assert_set_aside(*state);
}

static void catalogue_other_application_is_set_aside(void **state)
{
    fill_and_damage(*state, other_application);
    assert_set_aside(*state);
}

static void catalogue_inner_damage_shows_and_renews(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_catalogue *catalogue = NULL;
    size_t n = 0;
    bool fresh = false;
    fill_and_damage(fixture, scribble_inside);
    assert_int_equal(ctx_catalogue_open(fixture->path, &catalogue, &fresh, NULL), 0);
    fixture->catalogue = catalogue;
    if (!fresh) {
        assert_int_equal(ctx_catalogue_load(catalogue, count_row, &n), -EBADMSG);
        assert_int_equal(ctx_catalogue_renew(catalogue, NULL), 0);
    }
    assert_int_equal(count(fixture), 0);
    struct ctx_record in = record_of("a.md", 1);
    assert_int_equal(put_one(fixture, &in), 0);
}

/* A killed process leaves its log behind; whatever becomes of the log, the file opens. */
static void leave_log(struct fixture *fixture)
{
    pid_t pid = fork();
    if (pid == 0) {
        bool fresh;
        struct ctx_catalogue *catalogue;
        if (ctx_catalogue_open(fixture->path, &catalogue, &fresh, NULL) < 0)
            _exit(1);
        for (uint64_t i = 1; i <= 50; i++) {
            char path[16];
            snprintf(path, sizeof(path), "%d.md", (int)i);
            struct ctx_record in = record_of(path, i);
            if (ctx_catalogue_put(catalogue, &in, 1, NULL) < 0)
                _exit(2);
        }
        kill(getpid(), SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
}

static void catalogue_killed_process_loses_nothing(void **state)
{
    struct fixture *fixture = *state;
    leave_log(fixture);
    assert_false(reopen(fixture));
    assert_int_equal(count(fixture), 50);
}

static void catalogue_truncated_log_loses_the_tail_only(void **state)
{
    struct fixture *fixture = *state;
    char log[128];
    struct stat st;
    leave_log(fixture);
    snprintf(log, sizeof(log), "%s-wal", fixture->path);
    assert_int_equal(stat(log, &st), 0);
    assert_int_equal(truncate(log, st.st_size * 2 / 3 + 11), 0);
    assert_false(reopen(fixture));
    size_t n = count(fixture);
    assert_true(n > 0 && n < 50);
    assert_int_equal(ctx_catalogue_sequence(fixture->catalogue), n);
}

static void catalogue_old_log_never_meets_a_new_file(void **state)
{
    struct fixture *fixture = *state;
    leave_log(fixture);
    assert_int_equal(unlink(fixture->path), 0);
    assert_int_equal(mkdir(fixture->path, 0777), 0);
    assert_set_aside(fixture);
}

static void catalogue_second_process_is_refused(void **state)
{
    struct fixture *fixture = *state;
    int status;
    reopen(fixture);
    pid_t pid = fork();
    if (pid == 0) {
        bool fresh;
        struct ctx_catalogue *catalogue;
        struct ctx_error error = { "" };
        int r = ctx_catalogue_open(fixture->path, &catalogue, &fresh, &error);
        _exit(r == -EBUSY && strstr(error.text, "another process") ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    struct ctx_record in = record_of("a.md", 1);
    assert_int_equal(put_one(fixture, &in), 0);
}

static int open_gives(struct fixture *fixture, int expected, bool expected_fresh, const char *text)
{
    struct ctx_catalogue *catalogue = NULL;
    struct ctx_error error = { "" };
    bool fresh = false;
    int r = ctx_catalogue_open(fixture->path, &catalogue, &fresh, &error);
    if (r != expected || fresh != expected_fresh || !strstr(error.text, text)) {
        dprintf(2, "%d, fresh %d: %s\n", r, fresh, error.text);
        return 1;
    }
    struct ctx_record in = record_of("b.md", 1000);
    r = r == 0 ? ctx_catalogue_put(catalogue, &in, 1, &error) : 0;
    ctx_catalogue_close(catalogue);
    return r == 0 ? 0 : 2;
}

static int unreadable(void *data)
{
    struct fixture *fixture = data;
    int r = become_nobody(&fixture->scratch);
    return r != 0 ? r : open_gives(fixture, 0, true, "");
}

static void catalogue_unreadable_is_set_aside(void **state)
{
    struct fixture *fixture = *state;
    write_file(fixture->path, "", 0);
    assert_int_equal(chmod(fixture->path, 0), 0);
    in_child(unreadable, fixture);
}

static void catalogue_read_only_is_set_aside(void **state)
{
    struct fixture *fixture = *state;
    struct ctx_record in = record_of("a.md", 1);
    reopen(fixture);
    put_one(fixture, &in);
    ctx_catalogue_close(fixture->catalogue);
    fixture->catalogue = NULL;
    assert_int_equal(chmod(fixture->path, 0444), 0);
    in_child(unreadable, fixture);
}

static int no_place(void *data)
{
    struct fixture *fixture = data;
    int r = become_nobody(&fixture->scratch);
    if (r != 0)
        return r;
    if (chmod(fixture->scratch.dir, 0555) < 0)
        return 3;
    return open_gives(fixture, -EACCES, false, "make it writable");
}

static void catalogue_read_only_directory_is_an_error(void **state)
{
    in_child(no_place, *state);
}

/* RLIMIT_FSIZE stands for the full disk: writes fail, and nothing of them may stay. */
static int file_limit(void *data)
{
    struct fixture *fixture = data;
    struct ctx_catalogue *catalogue;
    bool fresh;
    static char report[200000];
    struct ctx_error error = { "" };
    struct ctx_record out, in = record_of("big.md", 100);
    struct rlimit limit = { 300000, RLIM_INFINITY }, none = { RLIM_INFINITY, RLIM_INFINITY };
    signal(SIGXFSZ, SIG_IGN);
    if (ctx_catalogue_open(fixture->path, &catalogue, &fresh, NULL) < 0)
        return 1;
    memset(report, 'r', sizeof(report) - 1);
    in.report = report;
    setrlimit(RLIMIT_FSIZE, &limit);
    int r = 0;
    for (in.sequence = 100; r == 0 && in.sequence < 110; in.sequence++)
        r = ctx_catalogue_put(catalogue, &in, 1, &error);
    setrlimit(RLIMIT_FSIZE, &none);
    if (r >= 0 || !strstr(error.text, "catalogue.db"))
        return 2;
    uint64_t last = ctx_catalogue_sequence(catalogue);
    if (ctx_catalogue_get(catalogue, "big.md", &out) != 0 || out.sequence != last)
        return 3;
    in.sequence = last + 1;
    if (ctx_catalogue_put(catalogue, &in, 1, &error) < 0)
        return 4;
    ctx_catalogue_close(catalogue);
    return 0;
}

static void catalogue_failed_write_changes_nothing(void **state)
{
    in_child(file_limit, *state);
}

static int on_full_disk(void *data)
{
    struct fixture *fixture = data;
    char path[160], filler[4096] = "";
    int r = mount_small(fixture->scratch.dir, "128k");
    if (r != 0)
        return r;
    snprintf(path, sizeof(path), "%s/filler", fixture->scratch.dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    while (write(fd, filler, sizeof(filler)) > 0)
        ;
    close(fd);
    r = open_gives(fixture, -ENOSPC, false, "free space");
    if (r != 0 || unlink(path) < 0)
        return r + 10;
    return open_gives(fixture, 0, true, "");
}

static void catalogue_full_disk_is_an_error_until_there_is_room(void **state)
{
    in_child(on_full_disk, *state);
}

static void catalogue_path_too_long_is_clear(void **state)
{
    char path[800];
    struct ctx_catalogue *catalogue;
    struct ctx_error error = { "" };
    bool fresh;
    (void)state;
    memset(path, 'a', sizeof(path));
    path[0] = '/';
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(ctx_catalogue_open(path, &catalogue, &fresh, &error), -ENAMETOOLONG);
    assert_non_null(strstr(error.text, "shorter path"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(catalogue_round_trip),
        CASE(catalogue_id_is_kept_and_new_files_differ),
        CASE(catalogue_null_keeps_entry_and_report),
        CASE(catalogue_last_of_one_path_counts),
        CASE(catalogue_pages_keep_their_figures),
        CASE(catalogue_forgets_pages_that_were_removed),
        CASE(catalogue_put_is_all_or_nothing),
        CASE(catalogue_changes_tell_what_came_after),
        CASE(catalogue_tombstone_has_no_page_and_can_come_back),
        CASE(catalogue_entries_are_sorted_bytewise),
        CASE(catalogue_index_stamp),
        CASE(catalogue_tombstones_are_bounded),
        CASE(catalogue_garbage_is_set_aside),
        CASE(catalogue_empty_file_is_fresh),
        CASE(catalogue_directory_is_set_aside),
        CASE(catalogue_symlink_is_not_followed),
        CASE(catalogue_truncated_is_set_aside),
        CASE(catalogue_other_version_is_set_aside),
        CASE(catalogue_other_application_is_set_aside),
        CASE(catalogue_inner_damage_shows_and_renews),
        CASE(catalogue_killed_process_loses_nothing),
        CASE(catalogue_truncated_log_loses_the_tail_only),
        CASE(catalogue_old_log_never_meets_a_new_file),
        CASE(catalogue_second_process_is_refused),
        CASE(catalogue_unreadable_is_set_aside),
        CASE(catalogue_read_only_is_set_aside),
        CASE(catalogue_read_only_directory_is_an_error),
        CASE(catalogue_failed_write_changes_nothing),
        CASE(catalogue_full_disk_is_an_error_until_there_is_room),
        CASE(catalogue_path_too_long_is_clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
