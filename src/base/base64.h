#ifndef CTX_BASE_BASE64_H
#define CTX_BASE_BASE64_H

#include <stddef.h>

#include "contextor/buffer.h"

/* Base64 (RFC 4648, section 4, padded), for paths that are not UTF-8. Pure; any thread. */

/* Appends the bytes, encoded. 0, -ENOMEM, -EFBIG. */
int ctx_base64_encode(struct ctx_buffer *buffer, const void *bytes, size_t len);

/*
 * Appends what the text encodes. -EINVAL when it is not Base64 as above (white space, a missing
 * pad and stray bits included); then nothing is appended. Else 0, -ENOMEM, -EFBIG.
 */
int ctx_base64_decode(struct ctx_buffer *buffer, const char *text, size_t len);

#endif
