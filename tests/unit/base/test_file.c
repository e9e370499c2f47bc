/* Bounded reads and atomic replacement, on a real file system. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <signal.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "contextor/error.h"

static char place[] = "/tmp/ctx-file-XXXXXX";
static int placefd;

static int enter_place(void **state)
{
    (void)state;
    if (!mkdtemp(place))
        return -1;
    placefd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return placefd < 0;
}

static int leave_place(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof(command), "rm -rf %s", place);
    close(placefd);
    return system(command);
}

static void put(const char *name, const char *content)
{
    int fd = openat(placefd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    close(fd);
}

static int count_entries(void)
{
    CTX_AUTO_CLOSEDIR DIR *dir = opendir(place);
    int n = 0;
    while (readdir(dir))
        n++;
    return n - 2;
}

static void file_read_gives_bytes_and_stamp(void **state)
{
    (void)state;
    CTX_AUTO_BUFFER struct ctx_buffer buffer;
    struct ctx_file_stamp stamp, expected;
    struct stat st;
    ctx_buffer_init(&buffer, 100);
    put("a", "hello");
    assert_int_equal(ctx_file_read(placefd, "a", 0, &buffer, &stamp), 0);
    assert_string_equal(buffer.data, "hello");
    fstatat(placefd, "a", &st, 0);
    ctx_file_stamp_from_stat(&st, &expected);
    assert_true(ctx_file_stamp_equal(&stamp, &expected));
    put("empty", "");
    assert_int_equal(ctx_file_read(placefd, "empty", 0, &buffer, NULL), 0);
    assert_int_equal(buffer.len, 5);
}

static void file_read_refuses_what_is_too_large_or_no_file(void **state)
{
    (void)state;
    CTX_AUTO_BUFFER struct ctx_buffer buffer;
    ctx_buffer_init(&buffer, 4);
    put("five", "12345");
    assert_int_equal(ctx_file_read(placefd, "five", 0, &buffer, NULL), -EFBIG);
    put("four", "1234");
    assert_int_equal(ctx_file_read(placefd, "four", 0, &buffer, NULL), 0);
    ctx_buffer_clear(&buffer);
    assert_int_equal(ctx_file_read(placefd, ".", 0, &buffer, NULL), -EISDIR);
    assert_int_equal(ctx_file_read(placefd, "none", 0, &buffer, NULL), -ENOENT);
    assert_int_equal(mkfifoat(placefd, "fifo", 0600), 0);
    assert_int_equal(ctx_file_read(placefd, "fifo", 0, &buffer, NULL), -EINVAL);
    assert_int_equal(symlinkat("four", placefd, "link"), 0);
    assert_int_equal(ctx_file_read(placefd, "link", O_NOFOLLOW, &buffer, NULL), -ELOOP);
    assert_int_equal(buffer.len, 0);
}

static void file_replace_leaves_the_old_file_to_its_readers(void **state)
{
    (void)state;
    char old[4] = "";
    struct ctx_file_stamp stamp;
    put("page", "old");
    int reader = openat(placefd, "page", O_RDONLY | O_CLOEXEC);
    int before = count_entries();
    assert_int_equal(ctx_file_replace(placefd, "page", placefd, "newer", 5, 0644, &stamp), 0);
    assert_int_equal(read(reader, old, 3), 3);
    assert_string_equal(old, "old");
    assert_int_equal(stamp.size, 5);
    assert_int_equal(count_entries(), before);
    close(reader);
}

static void file_replace_leaves_nothing_behind_when_it_fails(void **state)
{
    (void)state;
    struct rlimit limit, small = { .rlim_cur = 2, .rlim_max = RLIM_INFINITY };
    getrlimit(RLIMIT_FSIZE, &limit);
    small.rlim_max = limit.rlim_max;
    put("keep", "ok");
    int before = count_entries();
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    int r = ctx_file_replace(placefd, "keep", placefd, "too long", 8, 0644, NULL);
    setrlimit(RLIMIT_FSIZE, &limit);
    assert_int_equal(r, -EFBIG);
    assert_int_equal(count_entries(), before);
    CTX_AUTO_BUFFER struct ctx_buffer buffer;
    ctx_buffer_init(&buffer, 10);
    assert_int_equal(ctx_file_read(placefd, "keep", 0, &buffer, NULL), 0);
    assert_string_equal(buffer.data, "ok");
}

static void file_mkdirs_makes_every_component(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof(path), "%s/x/y/z", place);
    assert_int_equal(ctx_file_mkdirs(path, 0755), 0);
    assert_int_equal(ctx_file_mkdirs(path, 0755), 0);
    put("file", "");
    snprintf(path, sizeof(path), "%s/file/y", place);
    assert_int_equal(ctx_file_mkdirs(path, 0755), -ENOTDIR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(file_read_gives_bytes_and_stamp),
        cmocka_unit_test(file_read_refuses_what_is_too_large_or_no_file),
        cmocka_unit_test(file_replace_leaves_the_old_file_to_its_readers),
        cmocka_unit_test(file_replace_leaves_nothing_behind_when_it_fails),
        cmocka_unit_test(file_mkdirs_makes_every_component),
    };
    return cmocka_run_group_tests(tests, enter_place, leave_place);
}
