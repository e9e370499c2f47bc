#ifndef CTX_DOCUMENT_IGNORE_FILE_H
#define CTX_DOCUMENT_IGNORE_FILE_H

#include "document/glob.h"

/* One ignore file, as gitignore(5) reads it. Immutable once made; any thread may match. */

struct ctx_ignore_pattern {
    struct ctx_glob glob;
    bool negated;
    unsigned line;    /* 1-based */
    const char *text; /* as written, blanks at its end cut */
};

struct ctx_ignore_file;

/*
 * The patterns of `len` bytes of text; NULL when there are none. `label` names the file in reasons;
 * copied. 0 or -ENOMEM.
 */
int ctx_ignore_file_new(const char *label, const char *text, size_t len,
                        struct ctx_ignore_file **ret_file);
void ctx_ignore_file_free(struct ctx_ignore_file *file);

const char *ctx_ignore_file_label(const struct ctx_ignore_file *file);
/* Whether it has more than CTX_LIMIT_IGNORE_PATTERNS, of which the rest were left out. */
bool ctx_ignore_file_is_cut(const struct ctx_ignore_file *file);

/*
 * The last pattern that matches an entry; NULL when none does. `path` is relative to the file's own
 * directory, `name` its last component.
 */
const struct ctx_ignore_pattern *ctx_ignore_file_match(const struct ctx_ignore_file *file,
                                                       const char *name, size_t name_len,
                                                       const char *path, size_t path_len,
                                                       bool is_dir);

#endif
