#ifndef CTX_BASE_FILE_H
#define CTX_BASE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "contextor/buffer.h"

/*
 * What stat says of a regular file, as far as it decides whether the file changed: the identity of
 * one version of a file. Times are nanoseconds since the epoch.
 */
struct ctx_file_stamp {
    uint64_t dev;
    uint64_t ino;
    int64_t size;
    int64_t mtime_ns;
    int64_t ctime_ns;
};

void ctx_file_stamp_from_stat(const struct stat *st, struct ctx_file_stamp *ret_stamp);
bool ctx_file_stamp_equal(const struct ctx_file_stamp *a, const struct ctx_file_stamp *b);

/*
 * Reads a whole regular file, relative to `dirfd` (AT_FDCWD allowed), into `ret` (appended; its
 * limit bounds the read). `flags` are further open(2) flags, O_NOFOLLOW for instance.
 * Stats before and after: 0 when both agree, and the stamp says which version was read;
 * CTX_CHANGED when the file changed meanwhile (nothing is appended). -EFBIG over the limit,
 * -EISDIR or -EINVAL when it is no regular file, else open(2)'s or read(2)'s errno. Never blocks on
 * a FIFO. Any thread.
 */
int ctx_file_read(int dirfd, const char *path, int flags, struct ctx_buffer *ret,
                  struct ctx_file_stamp *ret_stamp);

/* The same for a small file at an absolute or cwd-relative path, with no stamp. */
int ctx_file_read_path(const char *path, struct ctx_buffer *ret);

/* write(2) until all is written. 0 or errno. Any thread. */
int ctx_file_write_all(int fd, const char *bytes, size_t len);

/*
 * Writes a file so that a reader sees the old bytes or the new: a temporary name in `tmpfd`,
 * then rename(2) to `name` in `dirfd` (both on one file system; the same fd is fine).
 * `mode` is before the umask. ret_stamp (may be NULL) is the new file's. Nothing is left behind on failure: 0 or errno. Any thread;
 * temporary names are unique in the process and carry its pid.
 */
int ctx_file_replace(int dirfd, const char *name, int tmpfd, const void *bytes, size_t len,
                     mode_t mode, struct ctx_file_stamp *ret_stamp);

/* mkdir -p: every missing component of `path`. 0 or errno. */
int ctx_file_mkdirs(const char *path, mode_t mode);

#endif
