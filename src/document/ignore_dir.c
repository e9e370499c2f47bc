/*
 * Layers of directories. One holds its name and points to its parent's, so that a directory without
 * ignore files costs a few words. Immutable once made; their owner keeps parents alive.
 */
#include "document/ignore_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"

const struct ctx_ignore_kind ctx_ignore_kinds[CTX_IGNORE_KINDS] = {
    { ".contextorignore", "contextorignore", 0 },
    { ".ignore", "ignore", 0 },
    { ".gitignore", "gitignore", O_NOFOLLOW }, /* git reads none through a symbolic link */
};

/* Reads one ignore file of a directory. 0 also when there is none; -errno; -ENOMEM. */
static int read_file(struct ctx_ignore_dir *dir, const char *path, int dirfd, int kind)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, CTX_LIMIT_CONFIG_FILE);
    int r = ctx_file_read(dirfd, ctx_ignore_kinds[kind].name, ctx_ignore_kinds[kind].flags, &text,
                          NULL);
    if (r == -ENOENT || r == -EISDIR || r == -ENOTDIR)
        return 0;
    if (r != 0)
        return r < 0 ? r : -EAGAIN;
    char label[CTX_LIMIT_PATH + 32];
    stpcpy(stpcpy(stpcpy(label, path), *path ? "/" : ""), ctx_ignore_kinds[kind].name);
    struct ctx_ignore_file *file;
    r = ctx_ignore_file_new(label, ctx_buffer_str(&text), text.len, &file);
    if (r < 0 || !file)
        return r;
    if (!dir->files)
        dir->files = calloc(CTX_IGNORE_KINDS, sizeof(*dir->files));
    if (!dir->files) {
        ctx_ignore_file_free(file);
        return -ENOMEM;
    }
    dir->files[kind] = file;
    return ctx_ignore_file_is_cut(file) ? -E2BIG : 0;
}

static int warn(const char *path, int kind, int code, struct ctx_error *error)
{
    const char *slash = *path ? "/" : "";
    if (code == -E2BIG)
        ctx_error_set(error, code, "%s%s%s: more than %d patterns; the rest are left out", path,
                      slash, ctx_ignore_kinds[kind].name, CTX_LIMIT_IGNORE_PATTERNS);
    else
        ctx_error_set(error, code, "%s%s%s: %s; its patterns are left out", path, slash,
                      ctx_ignore_kinds[kind].name, ctx_error_name(code));
    return CTX_UNCHANGED;
}

/* 0, CTX_UNCHANGED after a warning, -ENOMEM. */
static int read_files(struct ctx_ignore_dir *dir, const char *path, int dirfd, unsigned present,
                      struct ctx_error *error)
{
    int result = 0;
    for (int kind = 0; kind < CTX_IGNORE_KINDS; kind++) {
        int r = present & 1U << kind ? read_file(dir, path, dirfd, kind) : 0;
        if (r == -ENOMEM)
            return ctx_error_set(error, r, "%s: out of memory", path);
        if (r < 0)
            result = warn(path, kind, r, error);
    }
    return result;
}

int ctx_ignore_dir_make(const struct ctx_ignore_rules *rules, const struct ctx_ignore_dir *parent,
                        const char *path, int dirfd, unsigned present,
                        struct ctx_ignore_dir **ret_dir, struct ctx_error *error)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t len = strlen(name);
    if (strlen(path) >= CTX_LIMIT_PATH)
        return ctx_error_set(error, -ENAMETOOLONG, "%s: path too long", path);
    struct ctx_ignore_dir *dir = malloc(sizeof(*dir) + len + 1);
    if (!dir)
        return ctx_error_set(error, -ENOMEM, "%s: out of memory", path);
    *dir = (struct ctx_ignore_dir){
        .rules = rules,
        .parent = parent,
        .name_len = (uint16_t)len,
        .excluded = ctx_ignore_takes_away(parent, name),
    };
    memcpy(dir->name, name, len + 1);
    /* Below a directory that is taken away no ignore file brings anything back. */
    int r = dir->excluded ? 0 : read_files(dir, path, dirfd, present, error);
    if (r < 0) {
        ctx_ignore_dir_free(dir);
        return r;
    }
    *ret_dir = dir;
    return r;
}

int ctx_ignore_dir_new(const struct ctx_ignore_rules *rules, const struct ctx_ignore_dir *parent,
                       const char *path, int dirfd, struct ctx_ignore_dir **ret_dir,
                       struct ctx_error *error)
{
    return ctx_ignore_dir_make(rules, parent, path, dirfd, ~0U, ret_dir, error);
}

void ctx_ignore_dir_free(struct ctx_ignore_dir *dir)
{
    if (!dir)
        return;
    for (int kind = 0; dir->files && kind < CTX_IGNORE_KINDS; kind++)
        ctx_ignore_file_free(dir->files[kind]);
    free(dir->files);
    free(dir);
}

bool ctx_ignore_dir_is_excluded(const struct ctx_ignore_dir *dir)
{
    return dir->excluded;
}

unsigned ctx_ignore_file_bit(const char *name)
{
    for (unsigned kind = 0; *name == '.' && kind < CTX_IGNORE_KINDS; kind++)
        if (strcmp(name, ctx_ignore_kinds[kind].name) == 0)
            return 1U << kind;
    return 0;
}

bool ctx_ignore_is_file(const char *name)
{
    return ctx_ignore_file_bit(name) != 0;
}
