/*
 * Bounded reads that notice a concurrent writer, and atomic replacement. No state but the counter
 * that keeps temporary names apart; any thread.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "contextor/error.h"

void ctx_closep(int *fd)
{
    int saved = errno;
    if (*fd >= 0)
        close(*fd);
    errno = saved;
}

static int64_t nanoseconds(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

void ctx_file_stamp_from_stat(const struct stat *st, struct ctx_file_stamp *ret_stamp)
{
    *ret_stamp = (struct ctx_file_stamp){
        .dev = st->st_dev,
        .ino = st->st_ino,
        .size = st->st_size,
        .mtime_ns = nanoseconds(&st->st_mtim),
        .ctime_ns = nanoseconds(&st->st_ctim),
    };
}

bool ctx_file_stamp_equal(const struct ctx_file_stamp *a, const struct ctx_file_stamp *b)
{
    return a->ino == b->ino && a->size == b->size && a->mtime_ns == b->mtime_ns &&
           a->ctime_ns == b->ctime_ns && a->dev == b->dev;
}

/* Appends what the file holds; one read more than its size notices growth. */
static int read_all(int fd, size_t size_hint, struct ctx_buffer *buffer)
{
    size_t chunk = size_hint + 1;
    for (;;) {
        size_t room = buffer->limit - buffer->len;
        if (chunk > room + 1)
            chunk = room + 1;
        if (room == 0) {
            char probe;
            ssize_t n = read(fd, &probe, 1);
            return n == 0 ? 0 : n < 0 ? -errno : -EFBIG;
        }
        int r = ctx_buffer_reserve(buffer, chunk > room ? room : chunk);
        if (r < 0)
            return r;
        size_t want = buffer->capacity - 1 - buffer->len;
        ssize_t n = read(fd, buffer->data + buffer->len, want > room ? room : want);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        buffer->len += (size_t)n;
        buffer->data[buffer->len] = '\0';
        if (n == 0)
            return 0;
        chunk = buffer->len;
    }
}

static int read_fd(int fd, struct ctx_buffer *buffer, struct ctx_file_stamp *ret_stamp)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
    if (st.st_size > 0 && (uint64_t)st.st_size > buffer->limit - buffer->len)
        return -EFBIG;
    struct ctx_file_stamp before;
    ctx_file_stamp_from_stat(&st, &before);
    int r = read_all(fd, (size_t)st.st_size, buffer);
    if (r < 0)
        return r;
    if (fstat(fd, &st) < 0)
        return -errno;
    struct ctx_file_stamp after;
    ctx_file_stamp_from_stat(&st, &after);
    if (!ctx_file_stamp_equal(&before, &after))
        return CTX_CHANGED;
    if (ret_stamp)
        *ret_stamp = after;
    return 0;
}

int ctx_file_read(int dirfd, const char *path, int flags, struct ctx_buffer *ret,
                  struct ctx_file_stamp *ret_stamp)
{
    CTX_AUTO_CLOSE int fd =
        openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);
    if (fd < 0)
        return -errno;
    size_t len = ret->len;
    int r = read_fd(fd, ret, ret_stamp);
    if (r != 0) {
        ctx_buffer_truncate(ret, len);
        ret->status = 0;
    }
    return r;
}

int ctx_file_read_path(const char *path, struct ctx_buffer *ret)
{
    int r = ctx_file_read(AT_FDCWD, path, 0, ret, NULL);
    return r == CTX_CHANGED ? -EAGAIN : r;
}

int ctx_file_write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        bytes += n;
        len -= (size_t)n;
    }
    return 0;
}

static int write_temporary(int tmpfd, const char *name, const void *bytes, size_t len, mode_t mode,
                           int *ret_fd)
{
    CTX_AUTO_CLOSE int fd = openat(tmpfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return -errno;
    int r = ctx_file_write_all(fd, bytes, len);
    if (r < 0) {
        unlinkat(tmpfd, name, 0);
        return r;
    }
    *ret_fd = fd;
    fd = -1;
    return 0;
}

int ctx_file_replace(int dirfd, const char *name, int tmpfd, const void *bytes, size_t len,
                     mode_t mode, struct ctx_file_stamp *ret_stamp)
{
    static _Atomic unsigned counter;
    char temporary[48];
    snprintf(temporary, sizeof(temporary), ".ctx-%d-%u.tmp", (int)getpid(),
             atomic_fetch_add(&counter, 1));
    CTX_AUTO_CLOSE int fd = -1;
    int r = write_temporary(tmpfd, temporary, bytes, len, mode, &fd);
    if (r < 0)
        return r;
    struct stat st;
    if (renameat(tmpfd, temporary, dirfd, name) < 0 || fstat(fd, &st) < 0) {
        r = -errno;
        unlinkat(tmpfd, temporary, 0);
        return r;
    }
    if (ret_stamp)
        ctx_file_stamp_from_stat(&st, ret_stamp);
    return 0;
}

static int make_directory(const char *path, mode_t mode)
{
    struct stat st;
    if (mkdir(path, mode) == 0)
        return 0;
    int r = -errno;
    if (r == -EEXIST && stat(path, &st) == 0)
        return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
    return r;
}

int ctx_file_mkdirs(const char *path, mode_t mode)
{
    CTX_AUTO_FREE char *copy = strdup(path);
    if (!copy)
        return -ENOMEM;
    for (char *slash = copy; (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        int r = make_directory(copy, mode);
        if (r < 0)
            return r;
        *slash = '/';
    }
    return make_directory(copy, mode);
}
