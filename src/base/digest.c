/* SHA-256, by libgcrypt (LGPL; the one file that includes it). Any thread after setup. */
#include "base/digest.h"

#include <errno.h>
#include <gcrypt.h>

int ctx_digest_setup(void)
{
    if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
        return 0;
    if (!gcry_check_version(GCRYPT_VERSION))
        return -ENOTSUP;
    gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    return 0;
}

void ctx_digest(const void *bytes, size_t len, unsigned char ret_digest[CTX_DIGEST_SIZE])
{
    gcry_md_hash_buffer(GCRY_MD_SHA256, ret_digest, bytes, len);
}

void ctx_digest_hex(const unsigned char digest[CTX_DIGEST_SIZE], char ret_hex[CTX_DIGEST_HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < CTX_DIGEST_SIZE; i++) {
        ret_hex[2 * i] = digits[digest[i] >> 4];
        ret_hex[2 * i + 1] = digits[digest[i] & 15];
    }
    ret_hex[2 * CTX_DIGEST_SIZE] = '\0';
}
