/*
 * A preset speaks of its repository; a source may be a part of it. This moves folders and files of
 * a repository to where a root sees them, as patterns of gitignore(5): one without a slash counts
 * at any depth, one for a folder takes all below it along. One thread.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "config/paths.h"
#include "config/preset.h"
#include "config/repository.h"

enum place {
    PLACE_WHOLE, /* the root lies in it, or is it */
    PLACE_BELOW, /* it lies below the root */
    PLACE_OUTSIDE,
};

static bool has_wildcard(const char *text)
{
    return text[strcspn(text, "*?")] != '\0';
}

static bool is_document(const char *name)
{
    size_t len = strlen(name);
    return (len > 3 && strcmp(name + len - 3, ".md") == 0) ||
           (len > 4 && strcmp(name + len - 4, ".mdx") == 0);
}

/* Without slashes and dots around it, nor a glob for all that is below; "." is "". */
static char *trimmed(const char *path, struct ctx_config_arena *arena)
{
    while (strncmp(path, "./", 2) == 0 || path[0] == '/')
        path += path[0] == '/' ? 1 : 2;
    if (strcmp(path, ".") == 0)
        path = "";
    size_t len = strlen(path);
    for (;;) {
        if (len > 0 && path[len - 1] == '/')
            len--;
        else if (len > 3 && memcmp(path + len - 3, "/**", 3) == 0)
            len -= 3;
        else
            break;
    }
    return ctx_config_arena_bytes(arena, path, len);
}

static enum place locate(const char *path, const char *repo_path, const char **ret_inside)
{
    if (repo_path[0] == '\0' && path[0] != '\0') {
        *ret_inside = path;
        return PLACE_BELOW;
    }
    if (path[0] == '\0' || ctx_path_is_below(repo_path, path))
        return PLACE_WHOLE;
    if (!ctx_path_is_below(path, repo_path))
        return PLACE_OUTSIDE;
    *ret_inside = ctx_path_inside(path, repo_path);
    return PLACE_BELOW;
}

/* Brackets are letters in a folder's name ("[lang]"), but not in a pattern. */
static char *escaped(const char *path, struct ctx_config_arena *arena)
{
    char *text = ctx_config_arena_alloc(arena, strlen(path) * 2 + 1);
    if (!text)
        return ctx_config_arena_string(arena, "");
    char *out = text;
    for (; *path; path++) {
        if (*path == '[' || *path == ']')
            *out++ = '\\';
        *out++ = *path;
    }
    return text;
}

static bool exists(const char *root, const char *path)
{
    CTX_AUTO_FREE char *whole = ctx_path_expand(path, root, NULL);
    struct stat st;
    return whole && stat(whole, &st) == 0;
}

/* Outside a work tree, a root called docs is the folder docs of a preset. */
static const char *guess_repo_path(const struct ctx_string_list *folders, const char *root)
{
    for (size_t i = 0; i < folders->n; i++) {
        const char *folder = folders->items[i];
        size_t len = strlen(folder), root_len = strlen(root);
        if (len > 0 && !exists(root, folder) && root_len > len && root[root_len - len - 1] == '/' &&
            strcmp(root + root_len - len, folder) == 0)
            return folder;
    }
    return "";
}

/* A pattern for the root's own folder needs a slash to count there alone. */
static char *anchored(const char *path, struct ctx_config_arena *arena)
{
    return ctx_config_arena_printf(arena, "%s%s", strchr(path, '/') ? "" : "/", path);
}

static void include_folder(struct ctx_config_arena *arena, struct ctx_string_list *include,
                           const char *inside)
{
    const char *folder = escaped(inside, arena);
    if (is_document(inside)) {
        ctx_config_arena_append(arena, include, anchored(folder, arena));
        return;
    }
    ctx_config_arena_append(arena, include, ctx_config_arena_printf(arena, "%s/**/*.md", folder));
    ctx_config_arena_append(arena, include, ctx_config_arena_printf(arena, "%s/**/*.mdx", folder));
}

static void fit_folders(const struct ctx_reader *reader, const char *root, const char *repo_path,
                        const struct ctx_value *folders, struct ctx_layer *layer)
{
    struct ctx_value include = *folders;
    include.list = (struct ctx_string_list){ 0 };
    for (size_t i = 0; i < folders->list.n; i++) {
        const char *inside = "";
        enum place place = locate(folders->list.items[i], repo_path, &inside);
        if (place == PLACE_WHOLE)
            return;
        if (place == PLACE_OUTSIDE)
            continue;
        if (!has_wildcard(inside) && exists(root, ".") && !exists(root, inside))
            ctx_value_complain(folders, CTX_SEVERITY_WARNING, reader->diagnostics,
                               "%s has no %s; correct the preset or the root", root, inside);
        include_folder(reader->arena, &include.list, inside);
    }
    if (include.list.n > 0)
        layer->values[CTX_SLOT_INCLUDE] = include;
    else
        ctx_value_complain(folders, CTX_SEVERITY_WARNING, reader->diagnostics,
                           "none of these lies in %s, so that all of it is taken; choose another "
                           "root or preset",
                           root);
}

/* Appends the pattern of one folder or file that is left out. */
static void leave_out(struct ctx_config_arena *arena, struct ctx_string_list *exclude,
                      const char *written, const char *repo_path)
{
    char *path = trimmed(written, arena);
    const char *inside = path;
    bool anywhere = !strchr(path, '/') && strncmp(written, "./", 2) != 0 && written[0] != '/';
    if (path[0] == '\0')
        return;
    if (anywhere || strncmp(path, "**/", 3) == 0)
        ctx_config_arena_append(arena, exclude, path);
    else if (locate(path, repo_path, &inside) == PLACE_BELOW)
        ctx_config_arena_append(arena, exclude, anchored(inside, arena));
}

static void fit_excludes(struct ctx_config_arena *arena, const char *repo_path,
                         struct ctx_layer *layer)
{
    const struct ctx_value *folders = &layer->values[CTX_SLOT_EXCLUDE_FOLDERS];
    const struct ctx_value *files = &layer->values[CTX_SLOT_EXCLUDE_FILES];
    if (!folders->set && !files->set)
        return;
    struct ctx_value exclude = folders->set ? *folders : *files;
    exclude.list = (struct ctx_string_list){ 0 };
    for (size_t i = 0; i < folders->list.n; i++)
        leave_out(arena, &exclude.list, folders->list.items[i], repo_path);
    for (size_t i = 0; i < files->list.n; i++)
        leave_out(arena, &exclude.list, files->list.items[i], repo_path);
    layer->values[CTX_SLOT_EXCLUDE] = exclude;
}

void ctx_preset_fit(const struct ctx_reader *reader, const char *root, const char *repo_path,
                    struct ctx_layer *layer)
{
    struct ctx_value folders = layer->values[CTX_SLOT_FOLDERS];
    struct ctx_string_list clean = { 0 };
    for (size_t i = 0; i < folders.list.n; i++)
        ctx_config_arena_append(reader->arena, &clean,
                                trimmed(folders.list.items[i], reader->arena));
    folders.list = clean;
    if (!repo_path)
        repo_path = guess_repo_path(&folders.list, root);
    if (folders.set && folders.list.n > 0)
        fit_folders(reader, root, repo_path, &folders, layer);
    fit_excludes(reader->arena, repo_path, layer);
}
