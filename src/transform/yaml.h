#ifndef CTX_TRANSFORM_YAML_H
#define CTX_TRANSFORM_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contextor/buffer.h"

/* Reads front matter: one YAML mapping, entry by entry, its values given as JSON. */

enum ctx_yaml_kind {
    CTX_YAML_NULL,
    CTX_YAML_SCALAR,
    CTX_YAML_SEQUENCE,
    CTX_YAML_MAPPING,
};

/* One entry of the mapping. Borrowed for the call. */
struct ctx_yaml_entry {
    enum ctx_yaml_kind kind;
    const char *key;     /* as a JSON string, quotes included */
    size_t key_len;      /* bytes of `key` */
    const char *json;    /* the value; numbers as written, dates and the like as strings */
    size_t json_len;     /* bytes of `json` */
    const char *scalars; /* a scalar as written, or a sequence's scalars; each ends with NUL */
    size_t n_scalars;    /* how many those are */
    bool only_scalars;   /* a sequence that holds nothing else; a scalar */
};

/* Called for each entry in order. 0, or a negative errno, which ends the reading. */
typedef int (*ctx_yaml_entry_fn)(void *context, const struct ctx_yaml_entry *entry);

struct ctx_yaml_problem {
    const char *text; /* static: what is wrong */
    uint32_t line;    /* 1-based, in `text`; 0: not known */
};

/*
 * Reads `len` bytes as one mapping (nothing at all is an empty one). -EINVAL: not one, or over the
 * limits on depth, key length and size after aliases (CTX_LIMIT_YAML_*), or a key stands twice;
 * `ret_problem` says which. `entry` may have been called before that is known. -ENOMEM. Any thread.
 */
int ctx_yaml_read(const char *text, size_t len, ctx_yaml_entry_fn entry, void *context,
                  struct ctx_yaml_problem *ret_problem);

#endif
