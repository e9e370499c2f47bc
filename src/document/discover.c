/*
 * The walk. Each directory is read whole, its documents handed out on the way, before the directories
 * in it are entered; their names wait on one stack for all levels. Descriptors are kept for the first
 * KEPT levels; deeper directories are opened from the last of those, so that neither depth nor the
 * limit on descriptors ends a walk. One getdents for 32 KiB of names, one fstatat a document. One
 * thread a walk.
 */
#include "document/discover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/limits.h"

enum { KEPT = 64, ENTRIES = 32 * 1024, NAME_LIMIT = 256 };

struct walk {
    const struct ctx_ignore_rules *rules;
    const struct ctx_discover_handler *handler;
    struct ctx_buffer names; /* NUL-ended names of directories to enter, of all levels */
    size_t len;              /* of path */
    char path[CTX_LIMIT_PATH + NAME_LIMIT + 1];
    _Alignas(struct dirent64) char entries[ENTRIES];
};

/* A directory that is being read. */
struct level {
    int fd;
    const struct ctx_ignore_dir *parent;
    struct ctx_ignore_dir *layer;
    size_t depth;
    int anchor;         /* descriptor that the directories in it are opened from… */
    size_t anchor_path; /* … and where in the path their names begin there */
};

static int walk_directory(struct walk *walk, struct level *level);

static void fail(struct walk *walk, int code)
{
    if (walk->handler->failed)
        walk->handler->failed(walk->handler->data, walk->path, code);
}

/* Appends a component to the path; -ENAMETOOLONG when it does not fit. Undone by leave(). */
static int enter(struct walk *walk, const char *name)
{
    size_t len = strlen(name), begin = walk->len + (walk->len > 0);
    if (begin + len >= CTX_LIMIT_PATH)
        return -ENAMETOOLONG;
    if (walk->len > 0)
        walk->path[walk->len] = '/';
    memcpy(walk->path + begin, name, len + 1);
    walk->len = begin + len;
    return 0;
}

static void leave(struct walk *walk, size_t len)
{
    walk->len = len;
    walk->path[len] = '\0';
}

/* What is not there (any more), or is no longer what it was, is skipped without a word. */
static bool has_vanished(int code)
{
    return code == -ENOENT || code == -ENOTDIR || code == -ELOOP;
}

/* A document by its name; a symbolic link counts as the regular file it leads to. */
static int visit_file(struct walk *walk, const struct level *level, const char *name, bool link)
{
    struct stat st;
    if (ctx_ignore_check(level->layer, name, false, NULL) != CTX_VERDICT_DOCUMENT)
        return 0;
    size_t len = walk->len;
    int r = enter(walk, name);
    if (r < 0) {
        fail(walk, r);
        return 0;
    }
    if (fstatat(level->fd, name, &st, link ? 0 : AT_SYMLINK_NOFOLLOW) < 0) {
        if (!has_vanished(-errno))
            fail(walk, -errno);
    } else if (S_ISREG(st.st_mode)) {
        r = walk->handler->document(walk->handler->data, walk->path, &st);
    }
    leave(walk, len);
    return r;
}

static unsigned char type_of(const struct level *level, const struct dirent64 *entry)
{
    struct stat st;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type;
    if (fstatat(level->fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return DT_UNKNOWN;
    return IFTODT(st.st_mode);
}

static bool is_dots(const char *name)
{
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

static int visit(struct walk *walk, const struct level *level, const struct dirent64 *entry)
{
    const char *name = entry->d_name;
    switch (is_dots(name) ? DT_UNKNOWN : type_of(level, entry)) {
    case DT_REG:
        return visit_file(walk, level, name, false);
    case DT_LNK:
        return visit_file(walk, level, name, true);
    case DT_DIR:
        if (ctx_ignore_check(level->layer, name, true, NULL) == CTX_VERDICT_ENTER)
            return ctx_buffer_append(&walk->names, name, strlen(name) + 1);
        return 0;
    default:
        return 0;
    }
}

static const struct dirent64 *entry_at(const struct walk *walk, size_t at)
{
    return (const struct dirent64 *)(const void *)(walk->entries + at);
}

/*
 * The directory's own rules, before the first verdict. When all names are in the first piece, which
 * is nearly always, it is known which ignore files there are.
 */
static int make_layer(struct walk *walk, struct level *level, size_t n)
{
    struct ctx_error error = { "" };
    unsigned present = n > ENTRIES / 2 ? ~0U : 0;
    for (size_t at = 0; at < n; at += entry_at(walk, at)->d_reclen)
        present |= ctx_ignore_file_bit(entry_at(walk, at)->d_name);
    int r = ctx_ignore_dir_make(walk->rules, level->parent, walk->path, level->fd, present,
                                &level->layer, &error);
    if (r == CTX_UNCHANGED && walk->handler->warning)
        walk->handler->warning(walk->handler->data, error.text);
    return r < 0 ? r : 0;
}

static int read_entries(struct walk *walk, struct level *level)
{
    for (;;) {
        ssize_t n = getdents64(level->fd, walk->entries, ENTRIES);
        if (n < 0) {
            if (!has_vanished(-errno))
                fail(walk, -errno);
            return 0;
        }
        int r = level->layer ? 0 : make_layer(walk, level, (size_t)n);
        for (size_t at = 0; r == 0 && at < (size_t)n; at += entry_at(walk, at)->d_reclen)
            r = visit(walk, level, entry_at(walk, at));
        if (r != 0 || n == 0)
            return r;
    }
}

/*
 * Opens a directory below `dirfd`. A path of several components must not lead through a symbolic
 * link that took a directory's place meanwhile; kernels before 5.6 cannot say so.
 */
static int open_below(int dirfd, const char *path)
{
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    if (strchr(path, '/')) {
        struct open_how how = { .flags = (uint64_t)flags, .resolve = RESOLVE_NO_SYMLINKS };
        long fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
        if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
            return fd < 0 ? -errno : (int)fd;
    }
    int fd = openat(dirfd, path, flags);
    return fd < 0 ? -errno : fd;
}

static int walk_child(struct walk *walk, const struct level *level, const char *name)
{
    size_t len = walk->len;
    int r = enter(walk, name);
    if (r < 0) {
        fail(walk, r);
        return 0;
    }
    struct level child = {
        .fd = open_below(level->anchor, walk->path + level->anchor_path),
        .parent = level->layer,
        .depth = level->depth + 1,
        .anchor = level->anchor,
        .anchor_path = level->anchor_path,
    };
    if (child.fd >= 0)
        r = walk_directory(walk, &child);
    else if (!has_vanished(child.fd))
        fail(walk, child.fd);
    leave(walk, len);
    return r;
}

/* Enters the directories whose names were put on the stack from `from` on, and takes them off. */
static int walk_children(struct walk *walk, const struct level *level, size_t from)
{
    int r = 0;
    size_t end = walk->names.len;
    for (size_t at = from; r == 0 && at < end;) {
        char name[NAME_LIMIT];
        size_t len = strlen(walk->names.data + at);
        /* The stack may move while the child is walked. */
        memcpy(name, walk->names.data + at, len + 1);
        r = walk_child(walk, level, name);
        at += len + 1;
    }
    ctx_buffer_truncate(&walk->names, from);
    return r;
}

/* Walks an open directory and closes it. */
static int walk_directory(struct walk *walk, struct level *level)
{
    size_t names = walk->names.len;
    int r = read_entries(walk, level);
    if (level->depth < KEPT) {
        level->anchor = level->fd;
        level->anchor_path = walk->len + (walk->len > 0);
    } else {
        close(level->fd);
        level->fd = -1;
    }
    if (r == 0 && level->layer)
        r = walk_children(walk, level, names);
    if (level->fd >= 0)
        close(level->fd);
    ctx_ignore_dir_free(level->layer);
    return r;
}

int ctx_discover(const char *root, const struct ctx_ignore_rules *rules,
                 const struct ctx_discover_handler *handler)
{
    CTX_AUTO_FREE struct walk *walk = malloc(sizeof(*walk));
    if (!walk)
        return -ENOMEM;
    walk->rules = rules;
    walk->handler = handler;
    leave(walk, 0);
    struct level level = { .fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
    if (level.fd < 0)
        return -errno;
    ctx_buffer_init(&walk->names, SIZE_MAX / 2);
    int r = walk_directory(walk, &level);
    ctx_buffer_deinit(&walk->names);
    return r;
}
