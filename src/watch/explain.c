/*
 * How one path is seen: followed component by component, with the verdict of each directory on the
 * way. The loop's thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "watch/state.h"

static const struct ctx_ignore_reason no_reason = { "", "", "", 0 };

/* Whether a path below the root is a directory now. */
static bool is_directory(struct ctx_root *root, const char *path, bool *ret_exists)
{
    struct stat st;
    int rootfd = ctx_root_fd(root);
    *ret_exists = rootfd >= 0 && fstatat(rootfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
    return *ret_exists && S_ISDIR(st.st_mode);
}

static const char *explain_entry(struct ctx_dir *dir, const char *name, const char *path,
                                 struct ctx_ignore_reason *ret_reason)
{
    const struct ctx_ignore_dir *layer = ctx_layer(dir, -1);
    const struct ctx_dir *child = ctx_dir_child(&dir->root->watch->children, dir, name);
    bool exists;
    bool directory = is_directory(dir->root, path, &exists);
    bool denied = exists ? child && child->denied : errno == EACCES;
    if (layer && ctx_ignore_check(layer, name, directory, ret_reason) == CTX_VERDICT_IGNORE)
        return "ignored";
    if (denied)
        return "unreadable";
    if (!exists)
        return "missing";
    return dir->poll ? "polled" : "watched";
}

static const char *explain_below(struct ctx_root *root, char *path,
                                 struct ctx_ignore_reason *ret_reason)
{
    struct ctx_dir *dir = root->top;
    char *rest = path;
    char *name = strsep(&rest, "/");
    while (rest && *rest) {
        const struct ctx_ignore_dir *layer = ctx_layer(dir, -1);
        if (layer && ctx_ignore_check(layer, name, true, ret_reason) != CTX_VERDICT_ENTER)
            return "ignored";
        struct ctx_dir *child = ctx_dir_child(&root->watch->children, dir, name);
        if (!child)
            return dir->denied ? "unreadable" : "missing";
        dir = child;
        rest[-1] = '/';
        name = strsep(&rest, "/");
    }
    return explain_entry(dir, name, path, ret_reason);
}

const char *ctx_watch_explain(struct ctx_watch *watch, uint32_t number, const char *path,
                              struct ctx_ignore_reason *ret_reason)
{
    struct ctx_ignore_reason reason = no_reason;
    struct ctx_root *root;
    DL_SEARCH_SCALAR(watch->roots, root, number, number);
    const char *seen = "missing";
    if (root && root->top && *path) {
        CTX_AUTO_FREE char *copy = strdup(path);
        if (copy)
            seen = explain_below(root, copy, &reason);
        ctx_roots_close(watch);
    } else if (root && root->top) {
        seen = root->top->poll ? "polled" : "watched";
    }
    if (ret_reason)
        *ret_reason = reason;
    return seen;
}

bool ctx_watch_is_directory(struct ctx_watch *watch, uint32_t number, const char *path)
{
    struct ctx_root *root;
    bool exists;
    DL_SEARCH_SCALAR(watch->roots, root, number, number);
    bool result = root && root->top && (!*path || is_directory(root, path, &exists));
    ctx_roots_close(watch);
    return result;
}

static int look_at_root(struct ctx_root *root)
{
    int fd = root->top ? ctx_root_fd(root) : -ENOENT;
    if (fd >= 0)
        return 0;
    root->skipped = true; /* should it be back before anyone sees that it went */
    return fd;
}

int ctx_watch_look(struct ctx_watch *watch, uint32_t number, const char *path)
{
    struct ctx_root *root;
    struct stat st;
    DL_SEARCH_SCALAR(watch->roots, root, number, number);
    int r = root ? look_at_root(root) : -ENOENT;
    if (r == 0 && *path) {
        const char *seen = ctx_watch_explain(watch, number, path, NULL);
        bool document = strcmp(seen, "watched") == 0 || strcmp(seen, "polled") == 0;
        int fd = document ? ctx_root_fd(root) : -1;
        bool there = fd >= 0 && fstatat(fd, path, &st, 0) == 0 && S_ISREG(st.st_mode);
        r = there ? 0 : CTX_GONE;
    }
    ctx_roots_close(watch);
    return r;
}

/* The directory of the last component of a path, or NULL; `path` is left at that component. */
static struct ctx_dir *find_directory(struct ctx_root *root, char **path)
{
    struct ctx_dir *dir = root->top;
    char *slash;
    while (dir && (slash = strchr(*path, '/'))) {
        *slash = '\0';
        const struct ctx_ignore_dir *layer = ctx_layer(dir, -1);
        bool entered = !layer || ctx_ignore_check(layer, *path, true, NULL) == CTX_VERDICT_ENTER;
        dir = entered ? ctx_dir_child(&root->watch->children, dir, *path) : NULL;
        *path = slash + 1;
    }
    return dir;
}

bool ctx_watch_wants(struct ctx_watch *watch, uint32_t number, const char *path)
{
    struct ctx_root *root;
    char copy[CTX_TREE_PATH_SIZE];
    char *name = copy;
    if (strlen(path) >= sizeof(copy))
        return false;
    strcpy(copy, path);
    DL_SEARCH_SCALAR(watch->roots, root, number, number);
    struct ctx_dir *dir = root ? find_directory(root, &name) : NULL;
    const struct ctx_ignore_dir *layer = dir ? ctx_layer(dir, -1) : NULL;
    /* Without a layer (memory, or a directory that cannot be read now) nothing speaks against it. */
    bool wanted =
        dir && (!layer || ctx_ignore_check(layer, name, false, NULL) == CTX_VERDICT_DOCUMENT);
    ctx_roots_close(watch);
    return wanted;
}
