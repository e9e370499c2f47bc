#ifndef CTX_TRANSFORM_ELIDE_H
#define CTX_TRANSFORM_ELIDE_H

#include "transform/patch.h"

/* Elision of the middle of long code and data, in one block. */

/* How much of code may stay. */
struct ctx_elision {
    size_t code;       /* the most lines of code */
    size_t head, tail; /* lines that stay of longer code, before and after the marker */
    size_t json;       /* the most lines of JSON */
    size_t json_head;  /* about how many of longer JSON stay before the marker */
};

/* A profile's thresholds; `max_lines`, unless 0, takes the place of both. */
struct ctx_elision ctx_elision_of(enum ctx_profile profile, size_t max_lines);

/*
 * When block `index` is a fence or indented code: adds to the patch what shortens it, and counts it.
 * Languages that the options preserve stay whole. 1 when it was shortened, 0, or -ENOMEM.
 */
int ctx_elide(struct ctx_draft *draft, size_t index, const struct ctx_elision *elision,
              struct ctx_patch *patch);

#endif
