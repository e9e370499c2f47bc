/*
 * index.jsonl: writing it whole, and merging changes into it in one pass over sorted lines. It holds
 * one line of the file at a time. One thread an output at a time.
 */
#include "document/index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "document/index_line.h"
#include "document/remedy.h"
#include "document/replacement.h"

static const char index_name[] = "index.jsonl";

struct ctx_index_writer {
    struct ctx_output *output;
    struct ctx_replacement *replacement;
    char last[CTX_INDEX_SLUG_SIZE]; /* the slug of the line before; "" */
};

int ctx_index_writer_open(struct ctx_output *output, struct ctx_index_writer **ret_writer,
                          struct ctx_error *error)
{
    CTX_AUTO_FREE struct ctx_index_writer *writer = calloc(1, sizeof(*writer));
    if (!writer)
        return ctx_error_set(error, -ENOMEM, "%s: out of memory", index_name);
    writer->output = output;
    int r = ctx_replacement_new(output, index_name, &writer->replacement);
    if (r < 0)
        return ctx_remedy_set(error, r, ctx_output_path(output), index_name);
    *ret_writer = CTX_TAKE(writer);
    return 0;
}

void ctx_index_writer_abort(struct ctx_index_writer *writer)
{
    if (!writer)
        return;
    ctx_replacement_free(writer->replacement);
    free(writer);
}

/* Appends a line whose slug is known. -EINVAL when it is not after the line before. */
static int add_line(struct ctx_index_writer *writer, const char *slug, const char *line, size_t len)
{
    if (strcmp(slug, writer->last) <= 0)
        return -EINVAL;
    stpcpy(writer->last, slug);
    int r = ctx_replacement_append(writer->replacement, line, len);
    return r < 0 ? r : ctx_replacement_append(writer->replacement, "\n", 1);
}

static int entry_slug(const char *entry, size_t len, char *ret_slug)
{
    if (len > CTX_LIMIT_INDEX_LINE || memchr(entry, '\n', len))
        return -EINVAL;
    return ctx_index_line_slug(entry, len, ret_slug) < 0 ? -EINVAL : 0;
}

int ctx_index_writer_add(struct ctx_index_writer *writer, const char *entry, size_t len)
{
    char slug[CTX_INDEX_SLUG_SIZE];
    int r = entry_slug(entry, len, slug);
    return r < 0 ? r : add_line(writer, slug, entry, len);
}

int ctx_index_writer_commit(struct ctx_index_writer *writer, struct ctx_file_stamp *ret_stamp,
                            struct ctx_error *error)
{
    int r = ctx_replacement_commit(writer->replacement, ret_stamp);
    if (r < 0)
        ctx_remedy_set(error, r, ctx_output_path(writer->output), index_name);
    ctx_index_writer_abort(writer);
    return r;
}

/* The next line of the file there. */
struct cursor {
    struct ctx_index_reader *reader; /* NULL: no file */
    bool end;
    const char *line;
    size_t len;
    char slug[CTX_INDEX_SLUG_SIZE];
};

static int advance(struct cursor *cursor)
{
    char slug[CTX_INDEX_SLUG_SIZE];
    int r = cursor->reader ? ctx_index_reader_next(cursor->reader, &cursor->line, &cursor->len)
                           : CTX_GONE;
    cursor->end = r == CTX_GONE;
    if (r != 0)
        return r < 0 ? r : 0;
    r = ctx_index_line_slug(cursor->line, cursor->len, slug);
    if (r < 0)
        return r;
    if (strcmp(slug, cursor->slug) <= 0)
        return -EBADMSG;
    stpcpy(cursor->slug, slug);
    return 0;
}

static int open_cursor(const struct ctx_output *output, struct cursor *cursor)
{
    int dirfd = ctx_output_dirfd(output);
    if (dirfd < 0)
        return advance(cursor);
    int fd = openat(dirfd, index_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno != ENOENT)
        return errno == ELOOP || errno == EACCES ? -EBADMSG : -errno;
    int r = fd < 0 ? 0 : ctx_index_reader_new(fd, &cursor->reader);
    return r < 0 ? r : advance(cursor);
}

/* One change: replaces, adds, or leaves out a line. */
static int apply(struct ctx_index_writer *writer, const struct ctx_index_change *change)
{
    char slug[CTX_INDEX_SLUG_SIZE];
    if (!change->entry)
        return 0;
    int r = entry_slug(change->entry, change->entry_len, slug);
    if (r < 0 || strcmp(slug, change->slug) != 0)
        return -EINVAL;
    return add_line(writer, slug, change->entry, change->entry_len);
}

static int check_sorted(const struct ctx_index_change *changes, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (strcmp(changes[i - 1].slug, changes[i].slug) >= 0)
            return -EINVAL;
    return 0;
}

static int merge(struct ctx_index_writer *writer, struct cursor *cursor,
                 const struct ctx_index_change *changes, size_t n)
{
    int r = check_sorted(changes, n);
    for (size_t i = 0; r == 0 && (i < n || !cursor->end);) {
        int order = i == n ? -1 : cursor->end ? 1 : strcmp(cursor->slug, changes[i].slug);
        if (order >= 0)
            r = apply(writer, &changes[i++]);
        else
            r = add_line(writer, cursor->slug, cursor->line, cursor->len);
        if (r == 0 && order <= 0)
            r = advance(cursor);
    }
    return r;
}

static int merge_error(const struct ctx_output *output, int code, struct ctx_error *error)
{
    const char *path = ctx_output_path(output);
    if (code == -EBADMSG)
        return ctx_error_set(error, code, "%s/%s: damaged; it is made anew", path, index_name);
    if (code == -EINVAL)
        return ctx_error_set(error, code, "%s/%s: changes out of order", path, index_name);
    return ctx_remedy_set(error, code, path, index_name);
}

int ctx_index_merge(struct ctx_output *output, const struct ctx_index_change *changes, size_t n,
                    struct ctx_file_stamp *ret_stamp, struct ctx_error *error)
{
    struct ctx_index_writer *writer;
    struct cursor cursor = { .reader = NULL };
    int r = ctx_index_writer_open(output, &writer, error);
    if (r < 0)
        return r;
    r = open_cursor(output, &cursor);
    if (r == 0)
        r = merge(writer, &cursor, changes, n);
    ctx_index_reader_free(cursor.reader);
    if (r == 0)
        return ctx_index_writer_commit(writer, ret_stamp, error);
    ctx_index_writer_abort(writer);
    return merge_error(output, r, error);
}

int ctx_index_stat(const struct ctx_output *output, struct ctx_file_stamp *ret_stamp)
{
    struct stat st;
    int dirfd = ctx_output_dirfd(output);
    if (dirfd < 0)
        return CTX_GONE;
    if (fstatat(dirfd, index_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? CTX_GONE : -errno;
    if (!S_ISREG(st.st_mode))
        return CTX_GONE;
    ctx_file_stamp_from_stat(&st, ret_stamp);
    return 0;
}
