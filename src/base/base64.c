/* Base64, strict: what decodes has one encoding only. Pure. */
#include "base/base64.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int ctx_base64_encode(struct ctx_buffer *buffer, const void *bytes, size_t len)
{
    const unsigned char *in = bytes;
    for (size_t at = 0; at < len; at += 3) {
        size_t n = len - at < 3 ? len - at : 3;
        uint32_t group = (uint32_t)in[at] << 16;
        group |= n > 1 ? (uint32_t)in[at + 1] << 8 : 0;
        group |= n > 2 ? in[at + 2] : 0;
        char out[4] = { alphabet[group >> 18], alphabet[group >> 12 & 63],
                        n > 1 ? alphabet[group >> 6 & 63] : '=',
                        n > 2 ? alphabet[group & 63] : '=' };
        ctx_buffer_append(buffer, out, sizeof(out));
    }
    return ctx_buffer_status(buffer);
}

/* The value of four characters and how many bytes they stand for; 0 when they are not Base64. */
static size_t decode_group(const char text[4], uint32_t *ret_group)
{
    uint32_t group = 0;
    size_t n = text[2] == '=' && text[3] == '=' ? 1 : text[3] == '=' ? 2 : 3;
    for (size_t i = 0; i < n + 1; i++) {
        const char *digit = text[i] ? strchr(alphabet, text[i]) : NULL;
        if (!digit)
            return 0;
        group |= (uint32_t)(digit - alphabet) << (18 - 6 * i);
    }
    if (group & (0xFFFFFFu >> (8 * n)))
        return 0; /* bits that no encoder sets */
    *ret_group = group;
    return n;
}

int ctx_base64_decode(struct ctx_buffer *buffer, const char *text, size_t len)
{
    size_t start = buffer->len;
    int status = len % 4 ? -EINVAL : 0;
    for (size_t at = 0; !status && at < len; at += 4) {
        uint32_t group;
        size_t n = decode_group(text + at, &group);
        if (n == 0 || (n < 3 && at + 4 < len)) {
            status = -EINVAL;
            break;
        }
        char out[3] = { (char)(group >> 16), (char)(group >> 8), (char)group };
        status = ctx_buffer_append(buffer, out, n);
    }
    if (status)
        ctx_buffer_truncate(buffer, start);
    return status;
}
