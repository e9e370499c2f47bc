/*
 * Directories as nodes with a parent and a name. Children are found by (parent, name) through one
 * hash table, since a directory may have a hundred thousand of them. The loop's thread.
 */
#include "watch/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "watch/root.h"

struct child_key {
    const struct ctx_dir *parent;
    const char *name;
};

/* FNV-1a over the name, begun from the parent's address. */
static uint32_t child_hash(const struct ctx_dir *parent, const char *name)
{
    uint64_t hash = 0xcbf29ce484222325ULL ^ (uintptr_t)parent;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 0x100000001b3ULL;
    return ctx_table_mix(hash);
}

static bool child_match(const void *item, const void *key)
{
    const struct ctx_dir *dir = item;
    const struct child_key *child = key;
    return dir->parent == child->parent && strcmp(dir->name, child->name) == 0;
}

struct ctx_dir *ctx_dir_new(struct ctx_root *root, const char *name)
{
    struct ctx_dir *dir = calloc(1, sizeof(*dir));
    if (!dir)
        return NULL;
    dir->listener.kind = CTX_LISTENER_DIR;
    dir->root = root;
    dir->name = strdup(name);
    if (!dir->name) {
        free(dir);
        return NULL;
    }
    return dir;
}

void ctx_dir_free(struct ctx_dir *dir)
{
    ctx_ignore_dir_free(dir->layer);
    free(dir->name);
    free(dir);
}

int ctx_dir_attach(struct ctx_table *children, struct ctx_dir *parent, struct ctx_dir *dir)
{
    dir->hash = child_hash(parent, dir->name);
    int r = ctx_table_insert(children, dir->hash, dir);
    if (r < 0)
        return r;
    dir->parent = parent;
    DL_APPEND(parent->first, dir);
    dir->seen = true;
    return 0;
}

void ctx_dir_cut(struct ctx_table *children, struct ctx_dir *dir)
{
    if (!dir->parent)
        return;
    ctx_table_remove(children, dir->hash, dir);
    DL_DELETE(dir->parent->first, dir);
    dir->parent = NULL;
}

struct ctx_dir *ctx_dir_child(const struct ctx_table *children, const struct ctx_dir *parent,
                              const char *name)
{
    struct child_key key = { parent, name };
    return ctx_table_find(children, child_hash(parent, name), child_match, &key);
}

int ctx_dir_rename(struct ctx_dir *dir, const char *name)
{
    char *copy = strdup(name);
    if (!copy)
        return -ENOMEM;
    free(dir->name);
    dir->name = copy;
    dir->layer_id = 0; /* its layer, and so every one below, was made for another path */
    return 0;
}

/* Puts a component before what is at `at`; NULL when there is no room. */
static char *prepend(char *begin, char *at, const char *name, bool slash)
{
    size_t len = strlen(name);
    if ((size_t)(at - begin) < len + slash)
        return NULL;
    if (slash)
        *--at = '/';
    return memcpy(at - len, name, len);
}

const char *ctx_dir_path(const struct ctx_dir *dir, const char *name,
                         char buffer[CTX_TREE_PATH_SIZE])
{
    char *end = buffer + CTX_TREE_PATH_SIZE - 1;
    char *at = end;
    *at = '\0';
    if (name && *name)
        at = prepend(buffer, at, name, false);
    const struct ctx_dir *top = dir;
    for (; at && top->parent; top = top->parent)
        at = prepend(buffer, at, top->name, at != end);
    return at && top == dir->root->top ? at : NULL;
}

bool ctx_dir_attached(const struct ctx_dir *dir)
{
    const struct ctx_dir *top = dir;
    while (top->parent)
        top = top->parent;
    return top == dir->root->top;
}

bool ctx_dir_within(const struct ctx_dir *dir, const struct ctx_dir *above)
{
    while (dir && dir != above)
        dir = dir->parent;
    return dir != NULL;
}

struct ctx_dir *ctx_dir_common(struct ctx_dir *a, struct ctx_dir *b)
{
    while (!ctx_dir_within(b, a))
        a = a->parent;
    return a;
}

/* Component by component, for kernels or sandboxes without openat2(2). */
static int open_by_steps(int rootfd, const char *path, int flags)
{
    CTX_AUTO_FREE char *copy = strdup(path);
    if (!copy)
        return -ENOMEM;
    CTX_AUTO_CLOSE int fd = -1;
    char *rest = copy;
    for (char *name; (name = strsep(&rest, "/"));) {
        int step = openat(fd < 0 ? rootfd : fd, name,
                          (rest ? O_PATH : flags) | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (step < 0)
            return -errno;
        ctx_closep(&fd);
        fd = step;
    }
    int opened = fd;
    fd = -1;
    return opened;
}

int ctx_tree_open(int rootfd, const char *path, int flags)
{
    if (!*path)
        path = ".";
    struct open_how how = {
        .flags = (uint64_t)(flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
        .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    int fd = (int)syscall(SYS_openat2, rootfd, path, &how, sizeof(how));
    if (fd >= 0)
        return fd;
    if (errno == ENOSYS || errno == EPERM)
        return open_by_steps(rootfd, path, flags);
    return -errno;
}

bool ctx_tree_is_empty(int dirfd)
{
    int copy = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CTX_AUTO_CLOSEDIR DIR *stream = copy >= 0 ? fdopendir(copy) : NULL;
    if (!stream)
        return false;
    const struct dirent *entry;
    while ((entry = readdir(stream))) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            return false;
    }
    return true;
}
