#ifndef CTX_DOCUMENT_IDENTITY_H
#define CTX_DOCUMENT_IDENTITY_H

#include <stdbool.h>

#include "contextor/error.h"

/*
 * .contextor/source.json: which source an output directory belongs to. Two identities are the same
 * source when their roots are, or when both repository and name are (a tree that was moved or
 * cloned anew).
 */

struct ctx_identity {
    const char *name; /* the source's, as configured */
    const char *root; /* absolute */
    const char *repo; /* owner/name, or the folder's name */
};

/*
 * Checks the identity file below `statefd` (the directory .contextor, fd borrowed) against `mine`
 * and records it when there is none, or when it differs and is the same source or `adopt` is set.
 * -EEXIST with a line that names the other source; -EBADMSG for a file that cannot be read as one;
 * else errno. `output` is the output's path for the messages. Any thread.
 */
int ctx_identity_claim(int statefd, const char *output, const struct ctx_identity *mine, bool adopt,
                       struct ctx_error *error);

#endif
