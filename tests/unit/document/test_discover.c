/* The walk: what it finds, what it does not, and trees that would end a naive one. */
#include "scratch.h"

#include <sys/resource.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "document/discover.h"

enum { FOUND_MAX = 4096 };

struct fixture {
    struct scratch scratch;
    struct ctx_source source;
    struct ctx_ignore_rules *rules;
    struct ctx_discover_handler handler;
    char *found[FOUND_MAX];
    int64_t sizes[FOUND_MAX];
    size_t n;
    size_t stop_after;
    char failed[CTX_LIMIT_PATH + 64]; /* "code path" of the last failure */
    size_t n_failed, n_warnings;
    void (*meanwhile)(struct fixture *fixture, const char *path);
};

static int on_document(void *data, const char *path, const struct stat *st)
{
    struct fixture *fixture = data;
    assert_true(fixture->n < FOUND_MAX);
    fixture->sizes[fixture->n] = st->st_size;
    fixture->found[fixture->n++] = strdup(path);
    if (fixture->meanwhile)
        fixture->meanwhile(fixture, path);
    return fixture->n == fixture->stop_after ? 42 : 0;
}

static void on_failed(void *data, const char *path, int code)
{
    struct fixture *fixture = data;
    snprintf(fixture->failed, sizeof(fixture->failed), "%d %s", code, path);
    fixture->n_failed++;
}

static void on_warning(void *data, const char *text)
{
    struct fixture *fixture = data;
    assert_non_null(text);
    fixture->n_warnings++;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    scratch_make(&fixture->scratch);
    fixture->source = (struct ctx_source){ .name = (char *)"s", .root = fixture->scratch.dir };
    fixture->handler = (struct ctx_discover_handler){ on_document, on_failed, on_warning, fixture };
    assert_int_equal(ctx_ignore_rules_new(&fixture->source, NULL, NULL, 0, &fixture->rules, NULL),
                     0);
    *state = fixture;
    return 0;
}

static void forget(struct fixture *fixture)
{
    while (fixture->n > 0)
        free(fixture->found[--fixture->n]);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    forget(fixture);
    ctx_ignore_rules_free(fixture->rules);
    scratch_remove(&fixture->scratch);
    free(fixture);
    return 0;
}

static int discover(struct fixture *fixture)
{
    forget(fixture);
    fixture->n_failed = fixture->n_warnings = 0;
    return ctx_discover(fixture->scratch.dir, fixture->rules, &fixture->handler);
}

static int64_t size_of(const struct fixture *fixture, const char *path)
{
    int64_t size = -1;
    for (size_t i = 0; i < fixture->n; i++) {
        if (strcmp(fixture->found[i], path) != 0)
            continue;
        assert_int_equal(size, -1); /* found once */
        size = fixture->sizes[i];
    }
    return size;
}

static void discover_finds_documents(void **state)
{
    struct fixture *fixture = *state;
    write_text(&fixture->scratch, "a.md", "12");
    write_text(&fixture->scratch, "b/c.mdx", "123");
    write_text(&fixture->scratch, "b/c.txt", "");
    write_text(&fixture->scratch, "foo.md/x.md", "1");
    write_text(&fixture->scratch, "node_modules/x.md", "");
    write_text(&fixture->scratch, "gone/.gitignore", "*.md");
    write_text(&fixture->scratch, "gone/x.md", "");
    write_text(&fixture->scratch, "n\n\xff\"/\xc3.md", "1234");
    assert_int_equal(discover(fixture), 0);
    assert_int_equal(fixture->n, 4);
    assert_int_equal(size_of(fixture, "a.md"), 2);
    assert_int_equal(size_of(fixture, "b/c.mdx"), 3);
    assert_int_equal(size_of(fixture, "foo.md/x.md"), 1);
    assert_int_equal(size_of(fixture, "n\n\xff\"/\xc3.md"), 4);
    assert_int_equal(fixture->n_failed, 0);
}

static void discover_links_to_files_but_not_to_directories(void **state)
{
    struct fixture *fixture = *state;
    write_text(&fixture->scratch, "d/text", "12345");
    int fd = open(fixture->scratch.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(symlinkat("d/text", fd, "file.md"), 0);
    assert_int_equal(symlinkat("d", fd, "directory"), 0);
    assert_int_equal(symlinkat("d", fd, "directory.md"), 0);
    assert_int_equal(symlinkat("nowhere", fd, "dangling.md"), 0);
    assert_int_equal(symlinkat("loop.md", fd, "loop.md"), 0);
    assert_int_equal(symlinkat("..", fd, "d/up"), 0);
    assert_int_equal(mkfifoat(fd, "fifo.md", 0666), 0);
    close(fd);
    assert_int_equal(discover(fixture), 0);
    assert_int_equal(fixture->n, 1);
    assert_int_equal(size_of(fixture, "file.md"), 5);
    assert_int_equal(fixture->n_failed, 0);
}

static void discover_stops_when_told(void **state)
{
    struct fixture *fixture = *state;
    write_text(&fixture->scratch, "a/b/c.md", "");
    write_text(&fixture->scratch, "a/d.md", "");
    write_text(&fixture->scratch, "e/f.md", "");
    fixture->stop_after = 2;
    assert_int_equal(discover(fixture), 42);
    assert_int_equal(fixture->n, 2);
}

static void discover_missing_root_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(ctx_discover("/nonexistent", fixture->rules, &fixture->handler), -ENOENT);
    assert_int_equal(ctx_discover("/etc/passwd", fixture->rules, &fixture->handler), -ENOTDIR);
}

static void remove_others(struct fixture *fixture, const char *path)
{
    char command[256];
    (void)path;
    snprintf(command, sizeof(command), "cd '%s' && rm -rf gone also link && ln -s stays link",
             fixture->scratch.dir);
    assert_int_equal(system(command), 0);
    fixture->meanwhile = NULL;
}

/* R2: what vanishes between being listed and being opened is skipped, its siblings are not. */
static void discover_skips_what_vanishes(void **state)
{
    struct fixture *fixture = *state;
    write_text(&fixture->scratch, "first.md", "");
    write_text(&fixture->scratch, "also/x.md", "");
    write_text(&fixture->scratch, "gone/x.md", "");
    write_text(&fixture->scratch, "link/x.md", "");
    write_text(&fixture->scratch, "stays/x.md", "");
    fixture->meanwhile = remove_others;
    assert_int_equal(discover(fixture), 0);
    assert_int_equal(fixture->n, 2);
    assert_int_equal(size_of(fixture, "stays/x.md"), 0);
    assert_int_equal(fixture->n_failed, 0);
}

/* Makes nested directories of one name, and a document in the deepest. Returns how many. */
static int make_deep(const char *top, const char *name, size_t most)
{
    int depth = 0, fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t len = strlen(name); len + strlen("/x.md") <= most; len += strlen(name) + 1) {
        assert_int_equal(mkdirat(fd, name, 0777), 0);
        int next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(next >= 0);
        close(fd);
        fd = next;
        depth++;
    }
    write_file_at(fd, "x.md", "deep", 4);
    close(fd);
    return depth;
}

static int with_few_descriptors(void *data)
{
    struct fixture *fixture = data;
    struct rlimit limit = { 96, 96 };
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        return NOT_PERMITTED;
    return discover(fixture) == 0 && fixture->n == 2 && fixture->n_failed == 0 ? 0 : 1;
}

static void discover_depth_up_to_the_limit(void **state)
{
    struct fixture *fixture = *state;
    int depth = make_deep(fixture->scratch.dir, "d", CTX_LIMIT_PATH - 1);
    assert_true(depth > 2000);
    write_text(&fixture->scratch, "e.md", "");
    assert_int_equal(discover(fixture), 0);
    assert_int_equal(fixture->n, 2);
    assert_int_equal(fixture->n_failed, 0);
    in_child(with_few_descriptors, fixture);
}

static void discover_over_the_limit_is_told(void **state)
{
    struct fixture *fixture = *state;
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    make_deep(fixture->scratch.dir, name, CTX_LIMIT_PATH + 600);
    write_text(&fixture->scratch, "e.md", "");
    assert_int_equal(discover(fixture), 0);
    assert_int_equal(fixture->n, 1);
    assert_int_equal(fixture->n_failed, 1);
    assert_memory_equal(fixture->failed, "-36 nnn", 7);
}

static void discover_full_length_names(void **state)
{
    struct fixture *fixture = *state;
    char path[512];
    memset(path, 'n', 255);
    path[255] = '/';
    memset(path + 256, 'm', 252);
    strcpy(path + 256 + 252, ".md");
    int fd = open(fixture->scratch.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    path[255] = '\0';
    assert_int_equal(mkdirat(fd, path, 0777), 0);
    path[255] = '/';
    write_file_at(fd, path, "1", 1);
    close(fd);
    assert_int_equal(discover(fixture), 0);
    assert_int_equal(size_of(fixture, path), 1);
}

/* More names than one getdents gives, with the ignore file anywhere among them. */
static void discover_large_directory_obeys_its_ignore_file(void **state)
{
    struct fixture *fixture = *state;
    char path[128];
    for (int i = 0; i < 3000; i++) {
        snprintf(path, sizeof(path), "%d-a-rather-long-name-to-fill-the-pieces.md", i);
        write_text(&fixture->scratch, path, "");
    }
    write_text(&fixture->scratch, ".gitignore", "1*\n");
    assert_int_equal(discover(fixture), 0);
    assert_int_equal(fixture->n, 3000 - 1111);
}

static int without_rights(void *data)
{
    struct fixture *fixture = data;
    char command[256];
    int r = become_nobody(&fixture->scratch);
    if (r != 0)
        return r;
    snprintf(command, sizeof(command), "chmod 0 '%s/closed' '%s/.ignore'", fixture->scratch.dir,
             fixture->scratch.dir);
    if (system(command) != 0)
        return 1;
    if (discover(fixture) != 0 || fixture->n != 1 || fixture->n_failed != 1)
        return 2;
    return fixture->n_warnings == 1 && strcmp(fixture->failed, "-13 closed") == 0 ? 0 : 3;
}

static void discover_tells_what_it_cannot_read(void **state)
{
    struct fixture *fixture = *state;
    write_text(&fixture->scratch, "closed/a.md", "");
    write_text(&fixture->scratch, "open/a.md", "");
    write_text(&fixture->scratch, ".ignore", "x\n");
    in_child(without_rights, fixture);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(discover_finds_documents),
        CASE(discover_links_to_files_but_not_to_directories),
        CASE(discover_stops_when_told),
        CASE(discover_missing_root_is_an_error),
        CASE(discover_skips_what_vanishes),
        CASE(discover_depth_up_to_the_limit),
        CASE(discover_over_the_limit_is_told),
        CASE(discover_full_length_names),
        CASE(discover_large_directory_obeys_its_ignore_file),
        CASE(discover_tells_what_it_cannot_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
