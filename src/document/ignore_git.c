/*
 * git's own ignore files of the work tree that a root lies in. Done while rules are made; one thread.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static void take_stamp(const char *path, struct ctx_file_stamp *ret_stamp)
{
    struct stat st;
    *ret_stamp = (struct ctx_file_stamp){ 0 };
    if (path && stat(path, &st) == 0)
        ctx_file_stamp_from_stat(&st, ret_stamp);
}

/* Takes the path of a file that is about to be read. */
static void begin_origin(struct ctx_ignore_origin *origin, char *path)
{
    origin->path = path;
    take_stamp(path, &origin->stamp);
}

/* Reads one ignore file. One that cannot be read, or has no patterns, is as none. 0 or -ENOMEM. */
static int read_ignore_file(const char *path, const char *label, struct ctx_ignore_file **ret_file)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, CTX_LIMIT_CONFIG_FILE);
    int r = ctx_file_read_path(path, &text);
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    return ctx_ignore_file_new(label, ctx_buffer_str(&text), text.len, ret_file);
}

/* core.excludesFile in a file of configuration, as written; NULL when it says none. */
static char *excludes_file_in(const char *path)
{
    size_t len;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, CTX_LIMIT_CONFIG_FILE);
    if (!path || ctx_file_read_path(path, &text) < 0)
        return NULL;
    CTX_AUTO_FREE char *bytes = ctx_buffer_detach(&text, &len);
    return bytes ? ctx_git_config_get(bytes, len, "core", NULL, "excludesfile") : NULL;
}

/* The path of the user's ignore file; NULL when there can be none. The first word counts. */
static char *excludes_file(struct ctx_ignore_origin *configs, const struct place *place)
{
    const struct {
        const char *folder, *name;
    } files[CTX_IGNORE_GIT_CONFIGS] = {
        { place->repository->common, "config" },
        { place->home, ".gitconfig" },
        { place->config, "config" },
        { "/etc", "gitconfig" },
    };
    CTX_AUTO_FREE char *value = NULL;
    for (size_t i = 0; i < CTX_ARRAY_LEN(files); i++) {
        char *path = files[i].folder ? ctx_path_expand(files[i].name, files[i].folder, NULL) : NULL;
        begin_origin(&configs[i], path);
        if (!value)
            value = excludes_file_in(path);
        if (value && !place->home && ctx_path_needs_home(value)) {
            free(value);
            value = NULL;
        }
    }
    if (value)
        return ctx_path_expand(value, place->repository->top, place->home);
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

static int read_files(struct ctx_ignore_rules *rules, const struct place *place)
{
    const struct ctx_repository *repository = place->repository;
    char *exclude = ctx_path_expand("info/exclude", repository->common, NULL);
    begin_origin(&rules->origins[0], exclude);
    rules->git_prefix = prefix_of(rules->root, repository->top);
    if (!exclude || !rules->git_prefix || strlen(rules->git_prefix) > CTX_LIMIT_PATH)
        return -ENOMEM;
    int r = read_ignore_file(exclude, ".git/info/exclude", &rules->git_files[0]);
    if (r < 0)
        return r;
    char *user = excludes_file(rules->origins + CTX_IGNORE_GIT_FILES, place);
    begin_origin(&rules->origins[1], user);
    return user ? read_ignore_file(user, user, &rules->git_files[1]) : 0;
}

int ctx_ignore_rules_read_git(struct ctx_ignore_rules *rules, const char *home,
                              const char *config_home)
{
    struct ctx_repository repository;
    int r = ctx_repository_find(rules->root, &repository);
    if (r != 0)
        return r == CTX_GONE ? 0 : r;
    struct place place = { .repository = &repository, .home = home };
    if (config_home)
        place.config = ctx_path_expand("git", config_home, NULL);
    else if (home)
        place.config = ctx_path_expand(".config/git", home, NULL);
    r = (config_home || home) && !place.config ? -ENOMEM : read_files(rules, &place);
    free(place.config);
    ctx_repository_deinit(&repository);
    return r;
}

bool ctx_ignore_rules_current(const struct ctx_ignore_rules *rules)
{
    for (size_t i = 0; i < CTX_IGNORE_ORIGINS; i++) {
        struct ctx_file_stamp now;
        take_stamp(rules->origins[i].path, &now);
        if (!ctx_file_stamp_equal(&now, &rules->origins[i].stamp))
            return false;
    }
    return true;
}

const char *ctx_ignore_rules_outer_file(const struct ctx_ignore_rules *rules, size_t i)
{
    return i < CTX_IGNORE_GIT_FILES ? rules->origins[i].path : NULL;
}
