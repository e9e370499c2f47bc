#ifndef CTX_TRANSFORM_MDX_SEAM_H
#define CTX_TRANSFORM_MDX_SEAM_H

#include <stdbool.h>

#include "transform/mdx/tags.h"

/*
 * Seams: where markup was taken out of a line, so that what stood on both sides of it touches. A
 * tag separates as punctuation does; without it code spans would run together, emphasis would not
 * begin or end, an address would not stop. Pure; any thread.
 */
enum ctx_seam {
    CTX_SEAM_NONE,
    CTX_SEAM_CUT,   /* markup was taken out */
    CTX_SEAM_APART, /* and its two sides did not touch: words, elements next to each other */
    CTX_SEAM_BLOCK, /* and one of its sides was a block */
    CTX_SEAM_JOIN,  /* and markup was written that holds on to what follows */
};

/* What closes a seam. */
struct ctx_seam_edit {
    size_t cut;  /* bytes to take off the end of the line */
    size_t skip; /* bytes to leave out at the head of what follows */
    bool apart;  /* something must come between the two */
};

/*
 * How the seam between the line so far and what follows, neither of them empty, is closed. `next`
 * is followed by a NUL, or by what comes after it.
 */
struct ctx_seam_edit ctx_seam_edit(enum ctx_seam seam, struct ctx_span line, struct ctx_span next);

#endif
