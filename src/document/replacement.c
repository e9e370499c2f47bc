/*
 * A file written anew only where it differs. Invariant: while `newfd` is -1 and `differs` is not set,
 * the first `agreed` bytes of the file there are what was appended so far, `pending` aside.
 */
#include "document/replacement.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { WINDOW = 64 * 1024 };

struct ctx_replacement {
    struct ctx_output *output;
    const char *name;
    int oldfd; /* the file there; -1: none */
    int newfd; /* the temporary file; -1 while nothing differs */
    struct stat old;
    bool differs;
    size_t agreed;
    size_t n_pending;
    char pending[WINDOW]; /* appended, not yet compared or written */
    char window[WINDOW];  /* of the file there */
};

/* Reads `len` bytes of the file there at `at`; fewer at its end only. */
static ssize_t read_old(struct ctx_replacement *replacement, size_t len, size_t at)
{
    size_t got = 0;
    while (got < len) {
        ssize_t n =
            pread(replacement->oldfd, replacement->window + got, len - got, (off_t)(at + got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

/* Begins the temporary file with what agreed. */
static int begin_new(struct ctx_replacement *replacement)
{
    int tmpfd = ctx_output_tmpfd(replacement->output);
    unlinkat(tmpfd, replacement->name, 0);
    replacement->newfd =
        openat(tmpfd, replacement->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (replacement->newfd < 0)
        return -errno;
    for (size_t at = 0; at < replacement->agreed;) {
        size_t rest = replacement->agreed - at;
        ssize_t n = read_old(replacement, rest < WINDOW ? rest : WINDOW, at);
        if (n <= 0)
            return n < 0 ? (int)n : -EIO;
        int r = ctx_file_write_all(replacement->newfd, replacement->window, (size_t)n);
        if (r < 0)
            return r;
        at += (size_t)n;
    }
    return 0;
}

static int diverge(struct ctx_replacement *replacement)
{
    replacement->differs = true;
    return ctx_output_is_dry_run(replacement->output) ? 0 : begin_new(replacement);
}

/* Compares what is pending with the file there: 1 when it goes on with it, 0, or errno. */
static int agrees(struct ctx_replacement *replacement)
{
    if (replacement->oldfd < 0)
        return 0;
    ssize_t n = read_old(replacement, replacement->n_pending, replacement->agreed);
    if (n < 0)
        return (int)n;
    return (size_t)n == replacement->n_pending &&
           memcmp(replacement->window, replacement->pending, (size_t)n) == 0;
}

static int flush(struct ctx_replacement *replacement)
{
    int r = 0;
    if (!replacement->differs) {
        r = agrees(replacement);
        if (r == 1) {
            replacement->agreed += replacement->n_pending;
            replacement->n_pending = 0;
            return 0;
        }
        if (r == 0)
            r = diverge(replacement);
    }
    if (r == 0 && replacement->newfd >= 0)
        r = ctx_file_write_all(replacement->newfd, replacement->pending, replacement->n_pending);
    replacement->n_pending = 0;
    return r;
}

static int open_old(struct ctx_replacement *replacement)
{
    int dirfd = ctx_output_dirfd(replacement->output);
    if (dirfd < 0)
        return 0;
    int fd =
        openat(dirfd, replacement->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return errno == ENOENT || errno == ELOOP || errno == EACCES ? 0 : -errno;
    replacement->oldfd = fd;
    if (fstat(fd, &replacement->old) < 0)
        return -errno;
    if (S_ISREG(replacement->old.st_mode))
        return 0;
    return S_ISDIR(replacement->old.st_mode) ? -EISDIR : -EINVAL;
}

int ctx_replacement_new(struct ctx_output *output, const char *name,
                        struct ctx_replacement **ret_replacement)
{
    struct ctx_replacement *replacement = malloc(sizeof(*replacement));
    if (!replacement)
        return -ENOMEM;
    replacement->output = output;
    replacement->name = name;
    replacement->oldfd = replacement->newfd = -1;
    replacement->differs = false;
    replacement->agreed = replacement->n_pending = 0;
    int r = open_old(replacement);
    if (r < 0) {
        ctx_replacement_free(replacement);
        return r;
    }
    *ret_replacement = replacement;
    return 0;
}

void ctx_replacement_free(struct ctx_replacement *replacement)
{
    if (!replacement)
        return;
    if (replacement->newfd >= 0) {
        close(replacement->newfd);
        unlinkat(ctx_output_tmpfd(replacement->output), replacement->name, 0);
    }
    ctx_closep(&replacement->oldfd);
    free(replacement);
}

int ctx_replacement_append(struct ctx_replacement *replacement, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        size_t room = WINDOW - replacement->n_pending;
        size_t n = len < room ? len : room;
        memcpy(replacement->pending + replacement->n_pending, at, n);
        replacement->n_pending += n;
        at += n;
        len -= n;
        int r = replacement->n_pending == WINDOW ? flush(replacement) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

static int rename_new(struct ctx_replacement *replacement, struct ctx_file_stamp *ret_stamp)
{
    struct stat st;
    if (renameat(ctx_output_tmpfd(replacement->output), replacement->name,
                 ctx_output_dirfd(replacement->output), replacement->name) < 0 ||
        fstat(replacement->newfd, &st) < 0)
        return -errno;
    close(replacement->newfd);
    replacement->newfd = -1;
    ctx_file_stamp_from_stat(&st, ret_stamp);
    return 0;
}

int ctx_replacement_commit(struct ctx_replacement *replacement, struct ctx_file_stamp *ret_stamp)
{
    int r = flush(replacement);
    if (r < 0)
        return r;
    if (!replacement->differs && replacement->oldfd >= 0 &&
        replacement->agreed == (size_t)replacement->old.st_size) {
        ctx_file_stamp_from_stat(&replacement->old, ret_stamp);
        return CTX_UNCHANGED;
    }
    if (!replacement->differs)
        r = diverge(replacement);
    if (r == 0 && replacement->newfd >= 0)
        return rename_new(replacement, ret_stamp);
    if (r == 0)
        *ret_stamp = (struct ctx_file_stamp){ 0 };
    return r;
}
