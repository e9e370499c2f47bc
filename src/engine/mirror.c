/*
 * The mirror: three views on one source's documents. By path: a hash table. By folder: a tree of
 * folders with a list of documents each, so that a vanished directory costs what it held. By slug:
 * see naming.c.
 */
#include "engine/mirror.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "engine/naming.h"

struct ctx_folder {
    UT_hash_handle hh;
    struct ctx_folder *parent, *first_child, *prev, *next;
    struct ctx_known *documents;
    char path[];
};

struct ctx_mirror {
    char *repo;
    struct ctx_known *by_path;
    struct ctx_naming naming;
    struct ctx_folder *folders;
    size_t failed, stuck;
    uint32_t generation;
};

int ctx_mirror_new(const char *repo, struct ctx_mirror **ret_mirror)
{
    struct ctx_mirror *mirror = calloc(1, sizeof(*mirror));
    if (!mirror)
        return -ENOMEM;
    mirror->repo = strdup(repo);
    if (!mirror->repo) {
        free(mirror);
        return -ENOMEM;
    }
    mirror->naming.repo = mirror->repo;
    mirror->generation = 1;
    *ret_mirror = mirror;
    return 0;
}

void ctx_mirror_free(struct ctx_mirror *mirror)
{
    if (!mirror)
        return;
    ctx_naming_deinit(&mirror->naming);
    struct ctx_known *known, *next_known;
    HASH_ITER (by_path, mirror->by_path, known, next_known) {
        HASH_DELETE(by_path, mirror->by_path, known);
        free(known->error);
        free(known);
    }
    struct ctx_folder *folder, *next_folder;
    HASH_ITER (hh, mirror->folders, folder, next_folder) {
        HASH_DEL(mirror->folders, folder);
        free(folder);
    }
    free(mirror->repo);
    free(mirror);
}

struct ctx_known *ctx_mirror_find(const struct ctx_mirror *mirror, const char *path)
{
    struct ctx_known *known;
    HASH_FIND(by_path, mirror->by_path, path, strlen(path), known);
    return known;
}

static struct ctx_folder *find_folder(const struct ctx_mirror *mirror, const char *path, size_t len)
{
    struct ctx_folder *folder;
    HASH_FIND(hh, mirror->folders, path, len, folder);
    return folder;
}

/* Length of a path's folder: 0 for the top. */
static size_t parent_length(const char *path, size_t len)
{
    const char *slash = memrchr(path, '/', len);
    return slash ? (size_t)(slash - path) : 0;
}

static struct ctx_folder *new_folder(struct ctx_mirror *mirror, const char *path, size_t len)
{
    struct ctx_folder *folder = calloc(1, sizeof(*folder) + len + 1);
    if (!folder)
        return NULL;
    memcpy(folder->path, path, len);
    HASH_ADD_KEYPTR(hh, mirror->folders, folder->path, len, folder);
    return folder;
}

static void link_child(struct ctx_folder *parent, struct ctx_folder *child)
{
    child->parent = parent;
    child->next = parent->first_child;
    if (child->next)
        child->next->prev = child;
    parent->first_child = child;
}

/* The folder of that path, made with all its parents when there is none. */
static struct ctx_folder *ensure_folder(struct ctx_mirror *mirror, const char *path, size_t len)
{
    struct ctx_folder *child = NULL;
    struct ctx_folder *wanted = NULL;
    for (;;) {
        struct ctx_folder *folder = find_folder(mirror, path, len);
        bool existed = folder;
        if (!folder)
            folder = new_folder(mirror, path, len);
        if (!folder)
            return NULL;
        if (child)
            link_child(folder, child);
        if (!wanted)
            wanted = folder;
        if (existed || len == 0)
            return wanted;
        child = folder;
        len = parent_length(path, len);
    }
}

static void unlink_child(struct ctx_folder *folder)
{
    if (folder->prev)
        folder->prev->next = folder->next;
    else if (folder->parent)
        folder->parent->first_child = folder->next;
    if (folder->next)
        folder->next->prev = folder->prev;
}

/* Frees a folder that holds nothing, and its parents that then hold nothing. */
static void prune_folder(struct ctx_mirror *mirror, struct ctx_folder *folder)
{
    while (folder && !folder->documents && !folder->first_child) {
        struct ctx_folder *parent = folder->parent;
        unlink_child(folder);
        HASH_DEL(mirror->folders, folder);
        free(folder);
        folder = parent;
    }
}

static void enter_folder(struct ctx_folder *folder, struct ctx_known *known)
{
    known->folder = folder;
    known->next = folder->documents;
    if (known->next)
        known->next->prev = known;
    folder->documents = known;
}

static void leave_folder(struct ctx_mirror *mirror, struct ctx_known *known)
{
    if (known->prev)
        known->prev->next = known->next;
    else
        known->folder->documents = known->next;
    if (known->next)
        known->next->prev = known->prev;
    prune_folder(mirror, known->folder);
}

int ctx_mirror_add(struct ctx_mirror *mirror, const char *path, struct ctx_known **ret_known)
{
    if (ctx_mirror_find(mirror, path))
        return -EEXIST;
    size_t len = strlen(path);
    struct ctx_known *known = calloc(1, sizeof(*known) + len + 1);
    if (!known)
        return -ENOMEM;
    memcpy(known->path, path, len);
    struct ctx_folder *folder = ensure_folder(mirror, path, parent_length(path, len));
    if (!folder) {
        free(known);
        return -ENOMEM;
    }
    enter_folder(folder, known);
    HASH_ADD_KEYPTR(by_path, mirror->by_path, known->path, len, known);
    known->generation = mirror->generation;
    ctx_naming_join(&mirror->naming, known);
    *ret_known = known;
    return 0;
}

void ctx_mirror_remove(struct ctx_mirror *mirror, struct ctx_known *known)
{
    ctx_naming_leave(&mirror->naming, known);
    leave_folder(mirror, known);
    HASH_DELETE(by_path, mirror->by_path, known);
    ctx_mirror_set_error(mirror, known, NULL, false);
    free(known);
}

struct ctx_known *const *ctx_mirror_moved(const struct ctx_mirror *mirror, size_t *ret_n)
{
    *ret_n = mirror->naming.n_moved;
    return mirror->naming.moved;
}

void ctx_mirror_slug(const struct ctx_mirror *mirror, const struct ctx_known *known,
                     char ret_slug[CTX_SLUG_SIZE])
{
    ctx_slug_in_form(mirror->repo, known->path, (enum ctx_slug_form)known->form, ret_slug);
}

void ctx_mirror_page_slug(const struct ctx_mirror *mirror, const struct ctx_known *known,
                          char ret_slug[CTX_SLUG_SIZE])
{
    ctx_slug_in_form(mirror->repo, known->path, (enum ctx_slug_form)known->paged_form, ret_slug);
}

void ctx_mirror_form_slug(const struct ctx_mirror *mirror, const struct ctx_known *known,
                          enum ctx_slug_form form, char ret_slug[CTX_SLUG_SIZE])
{
    ctx_slug_in_form(mirror->repo, known->path, form, ret_slug);
}

struct ctx_known *ctx_mirror_owner(const struct ctx_mirror *mirror, const struct ctx_known *known,
                                   enum ctx_slug_form form)
{
    return ctx_naming_owner(&mirror->naming, known, form);
}

bool ctx_mirror_is_contested(const struct ctx_mirror *mirror, const struct ctx_known *known)
{
    return ctx_naming_is_contested(&mirror->naming, known);
}

void ctx_mirror_each_paged(const struct ctx_mirror *mirror, const struct ctx_known *known,
                           enum ctx_slug_form form,
                           void (*each)(void *data, struct ctx_known *other), void *data)
{
    ctx_naming_each_paged(&mirror->naming, known, form, each, data);
}

static void each_document(const struct ctx_folder *folder,
                          void (*each)(void *data, struct ctx_known *known), void *data)
{
    for (struct ctx_known *known = folder->documents; known; known = known->next)
        each(data, known);
}

/* The folder after `folder` in a walk of the tree below `top`, top down; NULL at its end. */
static const struct ctx_folder *next_folder(const struct ctx_folder *folder,
                                            const struct ctx_folder *top)
{
    if (folder->first_child)
        return folder->first_child;
    while (folder != top && !folder->next)
        folder = folder->parent;
    return folder == top ? NULL : folder->next;
}

void ctx_mirror_each_below(const struct ctx_mirror *mirror, const char *path,
                           void (*each)(void *data, struct ctx_known *known), void *data)
{
    const struct ctx_folder *top = find_folder(mirror, path, strlen(path));
    for (const struct ctx_folder *folder = top; folder; folder = next_folder(folder, top))
        each_document(folder, each, data);
}

void ctx_mirror_scan_begin(struct ctx_mirror *mirror)
{
    mirror->generation++;
}

void ctx_mirror_seen(struct ctx_mirror *mirror, struct ctx_known *known)
{
    known->generation = mirror->generation;
}

bool ctx_mirror_was_seen(const struct ctx_mirror *mirror, const struct ctx_known *known)
{
    return known->generation == mirror->generation;
}

size_t ctx_mirror_count(const struct ctx_mirror *mirror)
{
    return HASH_CNT(by_path, mirror->by_path);
}

size_t ctx_mirror_failed(const struct ctx_mirror *mirror)
{
    return mirror->failed;
}

size_t ctx_mirror_stuck(const struct ctx_mirror *mirror)
{
    return mirror->stuck;
}

int ctx_mirror_set_error(struct ctx_mirror *mirror, struct ctx_known *known, const char *error,
                         bool stuck)
{
    char *copy = NULL;
    if (error && !(copy = strdup(error)))
        return -ENOMEM;
    mirror->stuck += (size_t)stuck - (size_t)known->stuck;
    known->stuck = stuck;
    mirror->failed += (copy != NULL) - (size_t)(known->error != NULL);
    free(known->error);
    known->error = copy;
    return 0;
}
