#ifndef CTX_BASE_BYTES_H
#define CTX_BASE_BYTES_H

#include <stddef.h>
#include <string.h>

/*
 * Where `needle`, which is not empty, begins in `len` bytes; NULL: nowhere. Faster than memmem(3) by
 * far where the needle's first byte is rare: it is memchr(3) for that. Pure; any thread.
 */
static inline const char *ctx_bytes_find(const char *bytes, size_t len, const char *needle)
{
    size_t n = strlen(needle);
    if (len < n)
        return NULL;
    const char *last = bytes + len - n;
    for (const char *at = bytes; at <= last; at++) {
        at = memchr(at, needle[0], (size_t)(last - at) + 1);
        if (!at || (at[n - 1] == needle[n - 1] && memcmp(at, needle, n) == 0))
            return at;
    }
    return NULL;
}

#endif
