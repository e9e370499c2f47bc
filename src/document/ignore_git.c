/*
 * git's own ignore files of the work tree that a root lies in. Done while rules are made; one thread.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "config/git_config.h"
#include "config/paths.h"
#include "config/repository.h"
#include "document/ignore_rules.h"

struct place {
    const struct ctx_repository *repository;
    const char *home;
    char *config; /* the user's configuration folder of git; NULL: none */
};

/* A file's bytes appended to `text`. 0; CTX_GONE when there is none; errno. */
static int read_text(const char *path, struct ctx_buffer *text)
{
    int r = ctx_file_read_path(path, text);
    return r == -ENOENT || r == -ENOTDIR || r == -EISDIR ? CTX_GONE : r;
}

/* Reads one ignore file. A file without patterns is as none. */
static int read_ignore_file(const char *path, const char *label, struct ctx_ignore_file **ret_file,
                            struct ctx_error *error)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, CTX_LIMIT_CONFIG_FILE);
    int r = read_text(path, &text);
    if (r == CTX_GONE)
        return 0;
    if (r < 0) {
        ctx_error_set(error, r, "%s: %s; its patterns are left out", path, ctx_error_name(r));
        return r == -ENOMEM ? r : CTX_UNCHANGED;
    }
    struct ctx_ignore_file *file = ctx_ignore_file_new(label, ctx_buffer_str(&text), text.len);
    if (!file)
        return -ENOMEM;
    if (ctx_ignore_file_count(file) == 0) {
        ctx_ignore_file_free(file);
        return 0;
    }
    *ret_file = file;
    return 0;
}

/* core.excludesFile in a file of configuration, as written; NULL when it says none. */
static char *excludes_file_in(const char *folder, const char *name)
{
    size_t len;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, CTX_LIMIT_CONFIG_FILE);
    CTX_AUTO_FREE char *path = folder ? ctx_path_expand(name, folder, NULL) : NULL;
    if (!path || read_text(path, &text) != 0)
        return NULL;
    CTX_AUTO_FREE char *bytes = ctx_buffer_detach(&text, &len);
    return bytes ? ctx_git_config_get(bytes, len, "core", NULL, "excludesfile") : NULL;
}

/* The path of the user's ignore file; NULL when there can be none. */
static char *excludes_file(const struct place *place)
{
    const struct {
        const char *folder, *name;
    } files[] = {
        { place->repository->common, "config" },
        { place->home, ".gitconfig" },
        { place->config, "config" },
        { "/etc", "gitconfig" },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(files); i++) {
        CTX_AUTO_FREE char *value = excludes_file_in(files[i].folder, files[i].name);
        if (value && (place->home || !ctx_path_needs_home(value)))
            return ctx_path_expand(value, place->repository->top, place->home);
    }
    return place->config ? ctx_path_expand("ignore", place->config, NULL) : NULL;
}

/* The root's path inside the work tree, with a slash at its end; "" at its top. */
static char *prefix_of(const char *root, const char *top)
{
    const char *inside = ctx_path_is_below(root, top) ? ctx_path_inside(root, top) : "";
    size_t len = strlen(inside);
    char *prefix = malloc(len + 2);
    if (prefix)
        strcpy(stpcpy(prefix, inside), len > 0 ? "/" : "");
    return prefix;
}

static int read_files(struct ctx_ignore_rules *rules, const struct place *place,
                      struct ctx_error *error)
{
    const struct ctx_repository *repository = place->repository;
    CTX_AUTO_FREE char *exclude = ctx_path_expand("info/exclude", repository->common, NULL);
    rules->git_prefix = prefix_of(rules->root, repository->top);
    if (!exclude || !rules->git_prefix || strlen(rules->git_prefix) > CTX_LIMIT_PATH)
        return -ENOMEM;
    int r = read_ignore_file(exclude, ".git/info/exclude", &rules->git_files[0], error);
    if (r < 0)
        return r;
    CTX_AUTO_FREE char *user = excludes_file(place);
    int s = user ? read_ignore_file(user, user, &rules->git_files[1], error) : 0;
    return s != 0 ? s : r;
}

static void forget(struct ctx_ignore_rules *rules)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(rules->git_files); i++) {
        ctx_ignore_file_free(rules->git_files[i]);
        rules->git_files[i] = NULL;
    }
    free(rules->git_prefix);
    rules->git_prefix = NULL;
}

int ctx_ignore_rules_read_git(struct ctx_ignore_rules *rules, const char *home,
                              const char *config_home, struct ctx_error *error)
{
    struct ctx_repository repository;
    forget(rules);
    int r = ctx_repository_find(rules->root, &repository);
    if (r != 0)
        return r == CTX_GONE ? 0 : r;
    struct place place = { .repository = &repository, .home = home };
    if (config_home)
        place.config = ctx_path_expand("git", config_home, NULL);
    else if (home)
        place.config = ctx_path_expand(".config/git", home, NULL);
    r = (config_home || home) && !place.config ? -ENOMEM : read_files(rules, &place, error);
    free(place.config);
    ctx_repository_deinit(&repository);
    return r;
}
