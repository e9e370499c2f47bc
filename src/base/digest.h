#ifndef CTX_BASE_DIGEST_H
#define CTX_BASE_DIGEST_H

#include <stddef.h>

enum { CTX_DIGEST_SIZE = 32, CTX_DIGEST_HEX_SIZE = 65 };

/*
 * Prepares libgcrypt; call once, before threads are started. 0, or -ENOTSUP when the installed
 * libgcrypt is older than the one compiled against.
 */
int ctx_digest_setup(void);

/* SHA-256 of `len` bytes (FIPS 180-4). Any thread. */
void ctx_digest(const void *bytes, size_t len, unsigned char ret_digest[CTX_DIGEST_SIZE]);

/* A digest as 64 lower-case hex digits and NUL. */
void ctx_digest_hex(const unsigned char digest[CTX_DIGEST_SIZE], char ret_hex[CTX_DIGEST_HEX_SIZE]);

#endif
