#ifndef CTX_TRANSFORM_MDX_DATA_H
#define CTX_TRANSFORM_MDX_DATA_H

#include "transform/mdx/render.h"

/* Between the parts that write data in props as lists (data.c, data_item.c). */
struct ctx_data_writer {
    const struct ctx_mdx_render *r;
    uint32_t line; /* of the element */
    struct ctx_buffer *out;
    char marker;
    unsigned depth;
};

/* Writes an object as an item; `key` is its name, or empty. False: it says nothing. */
bool ctx_data_put_item(struct ctx_data_writer *w, struct ctx_span object, struct ctx_span key);
/* Appends a text, or elements, as Markdown; whether the value is of that kind, and says something. */
bool ctx_data_prose(const struct ctx_data_writer *w, struct ctx_span value, struct ctx_buffer *ret);
/* Whether the value is a literal that begins with that bracket. */
bool ctx_data_is(struct ctx_span value, char open);

#endif
