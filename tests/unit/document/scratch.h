#ifndef CTX_TEST_SCRATCH_H
#define CTX_TEST_SCRATCH_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A directory of a test's own, and ways to be less than root in it. For tests of document/ alone. */

struct scratch {
    char dir[64];
};

enum { NOT_PERMITTED = 77 };

static inline void scratch_make(struct scratch *scratch)
{
    strcpy(scratch->dir, "/tmp/ctx-test-XXXXXX");
    assert_non_null(mkdtemp(scratch->dir));
}

static inline void scratch_remove(struct scratch *scratch)
{
    char command[256];
    snprintf(command, sizeof(command), "chmod -R u+rwX '%s'; rm -rf '%s'", scratch->dir,
             scratch->dir);
    assert_int_equal(system(command), 0);
}

static inline void write_file_at(int dirfd, const char *path, const void *bytes, size_t len)
{
    int fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
}

/* A text file below the scratch directory, with the directories on the way. */
static inline void write_text(const struct scratch *scratch, const char *path, const char *text)
{
    int fd = open(scratch->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (const char *at = path, *slash; (slash = strchr(at, '/')); at = slash + 1) {
        char component[256];
        snprintf(component, sizeof(component), "%.*s", (int)(slash - at), at);
        assert_true(mkdirat(fd, component, 0777) == 0 || errno == EEXIST);
        int next = openat(fd, component, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(next >= 0);
        close(fd);
        fd = next;
    }
    const char *slash = strrchr(path, '/');
    write_file_at(fd, slash ? slash + 1 : path, text, strlen(text));
    close(fd);
}

/* Runs `check` in a child and asserts that it returns 0; skips the test when it is NOT_PERMITTED. */
static inline void in_child(int (*check)(void *data), void *data)
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(check(data));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_PERMITTED) {
        print_message("skipped: not permitted here\n");
        skip();
    }
    assert_int_equal(status, 0);
}

/*
 * Gives up root's rights, since root may read and write everything; first the scratch directory
 * becomes the lesser user's. For a child. 0, or NOT_PERMITTED.
 */
static inline int become_nobody(const struct scratch *scratch)
{
    char command[256];
    if (geteuid() != 0)
        return 0;
    snprintf(command, sizeof(command), "chown -R 65534:65534 '%s'", scratch->dir);
    return system(command) == 0 && setgid(65534) == 0 && setuid(65534) == 0 ? 0 : NOT_PERMITTED;
}

/* Mounts a file system of `size` bytes on a directory, for this child alone. 0 or NOT_PERMITTED. */
static inline int mount_small(const char *directory, const char *size)
{
    char options[64];
    snprintf(options, sizeof(options), "size=%s,mode=777", size);
    bool root = geteuid() == 0;
    if (unshare(root ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", directory, "tmpfs", 0, options) < 0)
        return NOT_PERMITTED;
    return 0;
}

#endif
