#ifndef CTX_TRANSFORM_MDX_JS_H
#define CTX_TRANSFORM_MDX_JS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "contextor/buffer.h"

/*
 * A recogniser for the JavaScript that MDX holds: expressions in braces and ESM. It knows where an
 * expression ends and whether it is one; it builds nothing. Pure; any thread. Linear in what it
 * reads; nesting beyond CTX_LIMIT_NESTING does not parse.
 */

/* What a scanner answers instead of the offset past what it read. */
enum {
    CTX_SCAN_BAD = -1,  /* it does not parse, and more input would not help */
    CTX_SCAN_MORE = -2, /* the input ended inside */
    CTX_SCAN_TEXT = -3, /* it is not of that kind at all */
};

enum ctx_js_braces {
    CTX_JS_BRACES_CHILD,     /* `{…}` among text: may be empty or a comment */
    CTX_JS_BRACES_ATTRIBUTE, /* `name={…}`: an expression */
    CTX_JS_BRACES_SPREAD,    /* `{...props}` in a tag */
};

/* `at` is at the `{`. The offset past the matching `}`, or CTX_SCAN_BAD, CTX_SCAN_MORE. */
ssize_t ctx_js_braces(const char *text, size_t len, size_t at, enum ctx_js_braces kind);

/*
 * `text` begins with import or export declarations: the offset of the line end before the first
 * blank line outside of brackets (or of the end); CTX_SCAN_BAD when there is something else among
 * them, CTX_SCAN_MORE when the last one is not complete.
 */
ssize_t ctx_js_module(const char *text, size_t len);

enum ctx_js_value {
    CTX_JS_VALUE_COMMENT, /* nothing but white space and comments */
    CTX_JS_VALUE_TEXT,    /* a string, a number or a template without substitutions */
    CTX_JS_VALUE_OTHER,
};

/* What the inside of braces is; a text's value is appended to `ret` (may be NULL). */
enum ctx_js_value ctx_js_value(const char *text, size_t len, struct ctx_buffer *ret);

/*
 * The `index`th string of an array literal of strings (`['npm', 'yarn']`), appended to `ret`; an
 * element that is an object gives its `label`, `title` or `value`. Whether there is one.
 */
bool ctx_js_array_text(const char *text, size_t len, size_t index, struct ctx_buffer *ret);

/* Length of the identifier at the beginning of `text`; 0 when there is none. */
size_t ctx_js_identifier(const char *text, size_t len);

#endif
