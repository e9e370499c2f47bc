#ifndef CTX_DOCUMENT_IGNORE_H
#define CTX_DOCUMENT_IGNORE_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

/*
 * Which files are documents. Rules come in layers: the source's include, exclude and force_include
 * patterns (compiled once into a ctx_ignore_rules), and the ignore files of each directory from the
 * root down (.gitignore, .ignore, .contextorignore, as gitignore(5) reads them; .git/info/exclude
 * and core.excludesFile of a root in a work tree), each directory a ctx_ignore_dir that points to
 * its parent. The same objects serve the watcher and the one-shot build.
 *
 * The patterns of configuration are those of gitignore(5) without negation: one without a slash is
 * matched against names at any depth, one with a slash against the path from the root; `**` is any
 * number of directories. In `include`, a pattern that ends in a slash, or whose last component has
 * no wildcard, stands for the Markdown and MDX files below a directory of that name too. Order, the
 * first that applies:
 *
 *  1. `.git`, `node_modules`, `.contextor` and outputs are never entered, whatever force_include says.
 *  2. Editors' temporary files are no documents.
 *  3. What `include` does not name is no document. A force_include pattern names documents itself,
 *     unless its last component is stars alone or empty, or the pattern names a directory above.
 *  4. force_include brings back what the following take away.
 *  5. exclude takes away files, and directories with all below them.
 *  6. Ignore files do. The deepest directory decides; in one directory .contextorignore before
 *     .ignore before .gitignore; then .git/info/exclude, then core.excludesFile. Nothing below a
 *     directory taken away comes back but by force_include.
 *
 * A directory is entered unless it is taken away, or nothing below it could be a document.
 */

struct ctx_ignore_rules;
struct ctx_ignore_dir;

enum ctx_verdict {
    CTX_VERDICT_DOCUMENT, /* a document of this source */
    CTX_VERDICT_ENTER,    /* a directory to watch and read */
    CTX_VERDICT_IGNORE,
};

/*
 * Why, for `contextor why`: borrowed strings, valid while the rules and the directories are.
 * `rule` is one of: "include", "not included", "never entered", "output", "temporary",
 * "force_include", "exclude", "contextorignore", "ignore", "gitignore", "info/exclude",
 * "core.excludesFile", "path too long".
 */
struct ctx_ignore_reason {
    const char *rule;
    const char *pattern; /* the pattern that decided; "" when none did */
    const char *file;    /* the ignore file, relative to the root; "" for configuration */
    unsigned line;       /* 1-based; 0: none */
};

/*
 * Compiles a source's patterns. `temporary` are patterns of editors' temporary files beyond the
 * built-in table (NULL: none). The output and other outputs below the root are never entered
 * (`outputs`, absolute). When the root lies in a git work tree, git's own ignore files are read too:
 * .git/info/exclude, and the file that core.excludesFile names in the configuration of the
 * repository, the user (source->home, source->config_home) or the system, else git/ignore in the
 * user's configuration folder; one that cannot be read is left out. -EINVAL with error for a pattern
 * that cannot be read; -ENOMEM. Keeps nothing borrowed.
 */
int ctx_ignore_rules_new(const struct ctx_source *source, const struct ctx_string_list *temporary,
                         const char *const *outputs, size_t n_outputs,
                         struct ctx_ignore_rules **ret_rules, struct ctx_error *error);
/*
 * The rules of a source of a configuration: with its patterns of temporary files, and the outputs of
 * all its sources.
 */
int ctx_ignore_rules_configured(const struct ctx_config *config, const struct ctx_source *source,
                                struct ctx_ignore_rules **ret_rules, struct ctx_error *error);
void ctx_ignore_rules_free(struct ctx_ignore_rules *rules);

/*
 * Whether git's own ignore files, and the configuration that names the user's, are as they were
 * when the rules were made; stats each of them.
 */
bool ctx_ignore_rules_current(const struct ctx_ignore_rules *rules);
/*
 * The path of git's i-th own ignore file, whether it is there or not, so that its editing can be
 * waited for; NULL beyond the last. Borrowed.
 */
const char *ctx_ignore_rules_outer_file(const struct ctx_ignore_rules *rules, size_t i);

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

/*
 * The same for a caller that has read the directory: `present` is the sum of ctx_ignore_file_bit()
 * over its names, and files that are not there are not asked for.
 */
int ctx_ignore_dir_make(const struct ctx_ignore_rules *rules, const struct ctx_ignore_dir *parent,
                        const char *path, int dirfd, unsigned present,
                        struct ctx_ignore_dir **ret_dir, struct ctx_error *error);

/* Whether a directory was taken away and is entered for force_include's sake alone. */
bool ctx_ignore_dir_is_excluded(const struct ctx_ignore_dir *dir);

/* The verdict on one entry of a directory. `reason` may be NULL. Pure; any thread. */
enum ctx_verdict ctx_ignore_check(const struct ctx_ignore_dir *dir, const char *name, bool is_dir,
                                  struct ctx_ignore_reason *reason);

/* Whether a name is an ignore file, whose change alters verdicts below its directory. */
bool ctx_ignore_is_file(const char *name);
/* A bit of its own for each ignore file's name; 0 for other names. */
unsigned ctx_ignore_file_bit(const char *name);

#endif
