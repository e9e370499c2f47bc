#ifndef CTX_DOCUMENT_IGNORE_H
#define CTX_DOCUMENT_IGNORE_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

/*
 * Which files are documents. Rules come in layers: the source's include, exclude and force_include
 * patterns (compiled once into a ctx_ignore_rules), and the ignore files of each directory from the
 * root down (.gitignore, .ignore, .contextorignore, as gitignore(5) reads them; .git/info/exclude
 * and core.excludesFile of a root that is a work tree), each directory a ctx_ignore_dir that
 * points to its parent. The same objects serve the watcher and the one-shot build.
 */

struct ctx_ignore_rules;
struct ctx_ignore_dir;

enum ctx_verdict {
    CTX_VERDICT_DOCUMENT, /* a document of this source */
    CTX_VERDICT_ENTER,    /* a directory to watch and read */
    CTX_VERDICT_IGNORE,
};

/* Why, for `contextor why`: borrowed strings, valid while the rules are. */
struct ctx_ignore_reason {
    const char
        *rule; /* "include", "exclude", "gitignore", "output", "temporary", "not included"… */
    const char *pattern; /* the pattern that decided; "" when none did */
    const char *file;    /* the ignore file, relative to the root; "" for configuration */
    unsigned line;       /* 1-based; 0: none */
};

/*
 * Compiles a source's patterns. `temporary` are patterns of editors' temporary files beyond the
 * built-in table. The output and other outputs below the root are never entered (`outputs`,
 * absolute). -EINVAL with error for a pattern that cannot be read.
 */
int ctx_ignore_rules_new(const struct ctx_source *source, const struct ctx_string_list *temporary,
                         const char *const *outputs, size_t n_outputs,
                         struct ctx_ignore_rules **ret_rules, struct ctx_error *error);
void ctx_ignore_rules_free(struct ctx_ignore_rules *rules);

/*
 * The layer of one directory: reads its ignore files through `dirfd`. `path` is relative to the
 * root, "" for the root itself; `parent` is borrowed and must outlive the result. A directory
 * without ignore files costs one small struct. Reading errors are warnings in `error` with return
 * value CTX_UNCHANGED and the layer made without that file.
 */
int ctx_ignore_dir_new(const struct ctx_ignore_rules *rules, const struct ctx_ignore_dir *parent,
                       const char *path, int dirfd, struct ctx_ignore_dir **ret_dir,
                       struct ctx_error *error);
void ctx_ignore_dir_free(struct ctx_ignore_dir *dir);

/* The verdict on one entry of a directory. `reason` may be NULL. Pure; any thread. */
enum ctx_verdict ctx_ignore_check(const struct ctx_ignore_dir *dir, const char *name, bool is_dir,
                                  struct ctx_ignore_reason *reason);

/* Whether a name is an ignore file, whose change alters verdicts below its directory. */
bool ctx_ignore_is_file(const char *name);

#endif
