#ifndef CTX_DOCUMENT_IGNORE_DIR_H
#define CTX_DOCUMENT_IGNORE_DIR_H

#include <stdint.h>

#include "document/ignore_rules.h"

/* The layer of a directory, as ignore_dir.c makes it and ignore.c reads it. */

enum { CTX_IGNORE_KINDS = 3 };

/* The ignore files of a directory, the one that wins first. Bit n of a mask is kind n. */
extern const struct ctx_ignore_kind {
    const char *name;
    const char *rule; /* in reasons */
    int flags;        /* further ones of open(2) */
} ctx_ignore_kinds[CTX_IGNORE_KINDS];

struct ctx_ignore_dir {
    const struct ctx_ignore_rules *rules;
    const struct ctx_ignore_dir *parent; /* NULL: the root */
    struct ctx_ignore_file **files; /* CTX_IGNORE_KINDS of them, some NULL; NULL: none at all */
    uint16_t name_len;
    bool excluded; /* it, or a directory above it, is taken away */
    char name[];   /* "" for the root */
};

/*
 * Whether a directory is taken away by its name and place; `parent` NULL: it is the root, and is
 * not. ignore.c.
 */
bool ctx_ignore_takes_away(const struct ctx_ignore_dir *parent, const char *name);

#endif
