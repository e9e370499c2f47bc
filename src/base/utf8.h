#ifndef CTX_BASE_UTF8_H
#define CTX_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contextor/buffer.h"

/* UTF-8 by RFC 3629: no surrogates, no overlong forms, nothing over U+10FFFF. Pure; any thread. */

/* Length of the character that `bytes` begins with, 1 to 4; 0 when it is not valid, or len is 0. */
size_t ctx_utf8_decode(const char *bytes, size_t len, uint32_t *ret_point);

/* Writes a code point, at most 4 bytes, and returns how many. */
size_t ctx_utf8_encode(uint32_t point, char *ret_bytes);

/* Whether all bytes are valid; else ret_at (may be NULL) is the offset of the first that is not. */
bool ctx_utf8_valid(const char *bytes, size_t len, size_t *ret_at);

/* How many code points valid UTF-8 holds. */
size_t ctx_utf8_count(const char *bytes, size_t len);

/* Appends the bytes with each invalid one replaced by U+FFFD. 0, -ENOMEM, -EFBIG. */
int ctx_utf8_append_lossy(struct ctx_buffer *buffer, const char *bytes, size_t len);

#endif
