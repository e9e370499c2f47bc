#ifndef CTX_DOCUMENT_IGNORE_RULES_H
#define CTX_DOCUMENT_IGNORE_RULES_H

#include "base/file.h"
#include "document/glob.h"
#include "document/ignore.h"
#include "document/ignore_file.h"

/* What a source's rules are made of; ignore_rules.c makes them, ignore.c alone reads them. */

struct ctx_ignore_rule {
    struct ctx_glob glob;
    bool filtered; /* force_include: what include does not name stays out */
    char *text;    /* as configured; owned */
};

struct ctx_ignore_rule_list {
    struct ctx_ignore_rule *items;
    size_t n, capacity;
    bool needs_path; /* some item does */
};

enum { CTX_IGNORE_GIT_FILES = 2, CTX_IGNORE_GIT_CONFIGS = 4 };
enum { CTX_IGNORE_ORIGINS = CTX_IGNORE_GIT_FILES + CTX_IGNORE_GIT_CONFIGS };

/* A file that rules were made from. */
struct ctx_ignore_origin {
    char *path;
    struct ctx_file_stamp stamp; /* when it was read; zero: it was not there */
};

struct ctx_ignore_rules {
    char *root; /* resolved */
    struct ctx_ignore_rule_list include, exclude, force, temporary;
    char **outputs; /* relative to the root */
    size_t n_outputs;
    /* .git/info/exclude and core.excludesFile, in this order; NULL: none */
    struct ctx_ignore_file *git_files[CTX_IGNORE_GIT_FILES];
    /* Where those would be, then the configuration that may name the second; NULL: nowhere. */
    struct ctx_ignore_origin origins[CTX_IGNORE_ORIGINS];
    char *git_prefix; /* the root's path inside its work tree, with a slash at its end; "" */
};

/* The first rule that matches an entry, or NULL. `path` is needed only when list->needs_path. */
const struct ctx_ignore_rule *ctx_ignore_rule_find(const struct ctx_ignore_rule_list *list,
                                                   const char *name, size_t name_len,
                                                   const char *path, size_t path_len, bool is_dir);

/*
 * Reads git's own ignore files, of the work tree that rules->root lies in (see ignore.h); `home` and
 * `config_home` may be NULL. ignore_git.c. 0 or -ENOMEM.
 */
int ctx_ignore_rules_read_git(struct ctx_ignore_rules *rules, const char *home,
                              const char *config_home);

#endif
