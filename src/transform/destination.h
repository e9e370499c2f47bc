#ifndef CTX_TRANSFORM_DESTINATION_H
#define CTX_TRANSFORM_DESTINATION_H

#include "transform/link_syntax.h"

/* How a destination is written in the text. */
enum ctx_escaping {
    CTX_ESCAPING_MARKDOWN,  /* backslashes and entities */
    CTX_ESCAPING_ATTRIBUTE, /* entities */
};

/*
 * Appends the path of a destination as written, unescaped (not percent-decoded), and returns where
 * in the text its query or fragment begins; the destination's end when it has neither. Angle
 * brackets are not part of `raw`. Entities that are not known here stay as written. Pure.
 */
size_t ctx_destination_path(const char *text, struct ctx_span raw, enum ctx_escaping escaping,
                            struct ctx_buffer *path);

#endif
