#ifndef CTX_TRANSFORM_JSON_ELIDE_H
#define CTX_TRANSFORM_JSON_ELIDE_H

#include <stddef.h>

#include "contextor/buffer.h"

/* A run of whole members of one container, and the JSON that stands for it. */
struct ctx_json_cut {
    size_t begin, end; /* of what goes */
    size_t members;    /* how many */
    size_t lines;      /* newlines in what goes */
};

/*
 * Chooses the run to leave out of JSON (comments and trailing commas allowed) so that `most` lines
 * or fewer are left, and appends its marker: "N members omitted" as a member. The run that
 * leaves the most is taken, with about `head` lines before it; when no one run is enough, all of the text
 * goes for a container of one line with the marker alone. `text` ends with a newline. `ret_cut` is
 * written on success. 0; CTX_UNCHANGED when it is not JSON, or has no members; -ENOMEM. Pure; any
 * thread.
 */
int ctx_json_elide(const char *text, size_t len, size_t most, size_t head,
                   struct ctx_buffer *marker, struct ctx_json_cut *ret_cut);

#endif
