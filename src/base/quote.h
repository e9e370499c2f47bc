#ifndef CTX_BASE_QUOTE_H
#define CTX_BASE_QUOTE_H

#include <stddef.h>

#include "contextor/buffer.h"

/*
 * Appends UTF-8 text as one double-quoted string that is JSON and, the same bytes, YAML 1.1 and
 * 1.2: what either calls a line break or not printable is escaped (controls, DEL, U+0080 to U+009F,
 * U+2028, U+2029, U+FEFF, U+FFFE, U+FFFF). A byte that is not UTF-8 becomes U+FFFD. 0, -ENOMEM, -EFBIG. Pure; any thread.
 */
int ctx_quote(struct ctx_buffer *buffer, const char *text, size_t len);

/* The same for a NUL-terminated string. */
int ctx_quote_str(struct ctx_buffer *buffer, const char *text);

#endif
