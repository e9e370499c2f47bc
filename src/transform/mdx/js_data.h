#ifndef CTX_TRANSFORM_MDX_JS_DATA_H
#define CTX_TRANSFORM_MDX_JS_DATA_H

#include "transform/mdx/js_cursor.h"
#include "transform/mdx/tags.h"

/*
 * Arrays and objects that are written down: their members, one after the other, as text. Pure; any
 * thread. Linear in what it reads.
 */
struct ctx_js_data {
    struct ctx_js js;
    char close; /* `]` or `}` */
};

struct ctx_js_member {
    struct ctx_span key;   /* without quotes; empty in arrays */
    struct ctx_span value; /* an expression */
};

/* Begins with the members of the literal that `text` is, comments aside; false when it is none. */
bool ctx_js_data_begin(struct ctx_js_data *data, struct ctx_span text);
/* The next member; false after the last one, and where something is no plain member. */
bool ctx_js_data_next(struct ctx_js_data *data, struct ctx_js_member *ret_member);
/* The value of an object's member; false when it has none of that name. */
bool ctx_js_data_find(struct ctx_span object, const char *key, struct ctx_span *ret_value);

#endif
