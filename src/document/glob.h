#ifndef CTX_DOCUMENT_GLOB_H
#define CTX_DOCUMENT_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Patterns as gitignore(5) has them, compiled once. A pattern without a slash (but at its end) is
 * matched against the last component of a path, at any depth; one with a slash against the whole
 * path, from where the pattern stands. `*` and `?` match no slash; `**` as a whole component matches
 * any number of components; `[...]` classes, `\` escapes. Bytes, not characters.
 *
 * Matching never backtracks over more than one star a component and one `**`: it takes at most
 * (length of the pattern) × (length of the path) steps, whatever both are.
 */
struct ctx_glob {
    unsigned char shape;    /* how to match; glob.c's */
    bool dir_only;          /* a trailing slash: matches directories alone */
    bool needs_path;        /* has a slash: matched against the whole path */
    bool all_below;         /* ends in a whole `**`: what it matches, it matches with all below */
    unsigned len;           /* of `program` */
    unsigned tail;          /* where the literal is in `program` that ends every match; 0: none */
    unsigned char *program; /* the literal bytes, or the steps, of the shape; owned */
};

/*
 * Compiles `len` bytes, without negation or trailing blanks. 0; -EINVAL for a pattern that can never
 * match (an unclosed class, a trailing backslash, nothing at all), which is compiled all the same
 * and never does; -ENOMEM. ret_glob is to be freed by ctx_glob_deinit() but for -ENOMEM.
 */
int ctx_glob_init(struct ctx_glob *ret_glob, const char *pattern, size_t len);
void ctx_glob_deinit(struct ctx_glob *glob);

/*
 * Whether a path matches. `name` is its last component; `path` is relative to where the pattern
 * stands and is not looked at unless needs_path. dir_only is the caller's to check. Pure; any thread.
 */
bool ctx_glob_match(const struct ctx_glob *glob, const char *name, size_t name_len,
                    const char *path, size_t path_len);

/* Whether something below a directory (path with a trailing slash) could match. Pure; any thread. */
bool ctx_glob_could_match_below(const struct ctx_glob *glob, const char *directory, size_t len);

#endif
