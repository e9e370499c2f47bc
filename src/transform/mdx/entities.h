#ifndef CTX_TRANSFORM_MDX_ENTITIES_H
#define CTX_TRANSFORM_MDX_ENTITIES_H

#include <stdbool.h>
#include <stddef.h>

#include "contextor/buffer.h"

/*
 * Character references. Text that is to be Markdown keeps its references, which Markdown knows;
 * only what becomes code has to be decoded. Pure; any thread.
 */

/* Length of the reference that `text` begins with (`&amp;`, `&#39;`), 0 when it is none. */
size_t ctx_entity_length(const char *text, size_t len);

/* Appends the text with its references decoded; false when it holds one that is not known here. */
bool ctx_entities_decode(struct ctx_buffer *ret, const char *text, size_t len);

/* Appends plain text such that decoding gives it back: `&lt;` becomes `&amp;lt;`. */
void ctx_entities_encode(struct ctx_buffer *ret, const char *text, size_t len);

#endif
