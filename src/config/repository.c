/*
 * Finds the git work tree around a folder and reads its remote and its default branch. Reads at
 * most four small files; never fails for what they hold. Any thread.
 */
#include "config/repository.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "config/git_config.h"
#include "config/paths.h"
#include "contextor/error.h"

/* The bytes of a small file; NULL when it cannot be had. */
static char *read_small(const char *folder, const char *name, size_t *ret_len)
{
    CTX_AUTO_FREE char *path = ctx_path_expand(name, folder, NULL);
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, CTX_LIMIT_CONFIG_FILE);
    if (!path || ctx_file_read_path(path, &text) < 0)
        return NULL;
    return ctx_buffer_detach(&text, ret_len);
}

/* The rest of a one-line file that begins with `prefix`, in place; NULL when it does not. */
static const char *line_after(char *text, const char *prefix)
{
    if (!text || strncmp(text, prefix, strlen(prefix)) != 0)
        return NULL;
    text += strlen(prefix);
    text += strspn(text, " ");
    text[strcspn(text, "\r\n")] = '\0';
    return text[0] != '\0' ? text : NULL;
}

/* The folder that "gitdir: PATH" in a .git file names. */
static char *follow_git_file(const char *top)
{
    CTX_AUTO_FREE char *text = read_small(top, ".git", NULL);
    const char *target = line_after(text, "gitdir:");
    return target ? ctx_path_expand(target, top, NULL) : NULL;
}

/* The folder of git's own files for a work tree at `top`; NULL when there is none. */
static char *git_folder(const char *top)
{
    CTX_AUTO_FREE char *path = ctx_path_expand(".git", top, NULL);
    struct stat st;
    if (!path || stat(path, &st) < 0)
        return NULL;
    if (S_ISDIR(st.st_mode))
        return CTX_TAKE(path);
    return S_ISREG(st.st_mode) ? follow_git_file(top) : NULL;
}

/* Of linked work trees, configuration and remotes are in the common folder. */
static char *common_folder(const char *git)
{
    CTX_AUTO_FREE char *text = read_small(git, "commondir", NULL);
    const char *target = line_after(text, "");
    return target ? ctx_path_expand(target, git, NULL) : strdup(git);
}

/* Whether there is something of git's in it; an empty folder named .git is no repository. */
static bool is_git_folder(const char *git)
{
    CTX_AUTO_FREE char *head = ctx_path_expand("HEAD", git, NULL);
    struct stat st;
    return head && lstat(head, &st) == 0;
}

static char *origin_url(const char *common)
{
    size_t len;
    CTX_AUTO_FREE char *text = read_small(common, "config", &len);
    return text ? ctx_git_config_get(text, len, "remote", "origin", "url") : NULL;
}

static char *origin_branch(const char *common)
{
    CTX_AUTO_FREE char *text = read_small(common, "refs/remotes/origin/HEAD", NULL);
    const char *branch = line_after(text, "ref: refs/remotes/origin/");
    return branch ? strdup(branch) : NULL;
}

int ctx_repository_find(const char *folder, struct ctx_repository *ret_repository)
{
    CTX_AUTO_FREE char *top = strdup(folder);
    while (top) {
        CTX_AUTO_FREE char *git = git_folder(top);
        if (git && is_git_folder(git)) {
            CTX_AUTO_FREE char *common = common_folder(git);
            if (!common)
                return -ENOMEM;
            *ret_repository = (struct ctx_repository){
                .top = CTX_TAKE(top),
                .url = origin_url(common),
                .ref = origin_branch(common),
            };
            if (ret_repository->url)
                ret_repository->name = ctx_repository_name_of_url(ret_repository->url);
            ret_repository->common = CTX_TAKE(common);
            return 0;
        }
        if (strcmp(top, "/") == 0)
            return CTX_GONE;
        char *parent = ctx_path_folder(top);
        free(top);
        top = parent;
    }
    return -ENOMEM;
}

void ctx_repository_deinit(struct ctx_repository *repository)
{
    free(repository->top);
    free(repository->common);
    free(repository->name);
    free(repository->url);
    free(repository->ref);
    *repository = (struct ctx_repository){ 0 };
}
