#ifndef CTX_CONFIG_REPOSITORY_H
#define CTX_CONFIG_REPOSITORY_H

#include <stdbool.h>

#include "contextor/forge.h"

/*
 * What git says of a folder, read from its files: no git is run. Work trees of `git worktree` and
 * submodules, whose .git is a file, are followed.
 */
struct ctx_repository {
    char *top;    /* the work tree's folder, absolute */
    char *common; /* git's own folder, that of the main work tree for a linked one */
    char *name;   /* owner/name of the remote origin; NULL when it has none */
    char *url;    /* the remote's, as git's configuration has it; NULL when it has none */
    char *ref;    /* the branch that origin/HEAD names; NULL when it names none */
};

/*
 * Looks for the work tree that `folder` (absolute, resolved) lies in. 0; CTX_GONE when it lies in
 * none; -ENOMEM. Files that cannot be read or understood count as missing. Any thread.
 */
int ctx_repository_find(const char *folder, struct ctx_repository *ret_repository);
void ctx_repository_deinit(struct ctx_repository *repository);

/*
 * "owner/name" of a repository's URL (https, ssh, git, scp-like), malloc'ed; a URL that holds one
 * name alone gives that. NULL when there is none in it: a path of this machine, for instance.
 */
char *ctx_repository_name_of_url(const char *url);

/* Whether the URL is that of a repository so called: its path ends with the name. */
bool ctx_repository_is_named(const char *url, const char *name);

/* The forge that the URL's host tells; GitHub when it does not. */
enum ctx_forge ctx_repository_forge_of_url(const char *url);

/*
 * The address of a repository's page, malloc'ed, by the URL that git fetches it from: "https://"
 * unless that is "http://", the host, and all of the path. NULL: the URL names no host, only an
 * alias of one, or no owner.
 */
char *ctx_repository_web_of_url(const char *url, enum ctx_forge forge);

#endif
