/* UTF-8 (RFC 3629). Pure; any thread. */
#include "base/utf8.h"

#include <string.h>

#include "base/lanes.h"

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

size_t ctx_utf8_decode(const char *bytes, size_t len, uint32_t *ret_point)
{
    const unsigned char *b = (const unsigned char *)bytes;
    if (len == 0)
        return 0;
    if (b[0] < 0x80) {
        *ret_point = b[0];
        return 1;
    }
    size_t need = b[0] >= 0xF0 ? 4 : b[0] >= 0xE0 ? 3 : 2;
    if (b[0] < 0xC2 || b[0] > 0xF4 || len < need)
        return 0;
    uint32_t point = b[0] & (0x7Fu >> need);
    for (size_t i = 1; i < need; i++) {
        if (!is_continuation(b[i]))
            return 0;
        point = point << 6 | (b[i] & 0x3F);
    }
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    if (point < least[need] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
        return 0;
    *ret_point = point;
    return need;
}

size_t ctx_utf8_encode(uint32_t point, char *ret_bytes)
{
    if (point < 0x80) {
        ret_bytes[0] = (char)point;
        return 1;
    }
    size_t len = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    for (size_t i = len; --i > 0; point >>= 6)
        ret_bytes[i] = (char)(0x80 | (point & 0x3F));
    ret_bytes[0] = (char)(lead[len] | point);
    return len;
}

/* Skips ASCII many bytes at a time: documents are mostly that. */
static size_t skip_ascii(const char *bytes, size_t len, size_t at)
{
    for (; len - at >= 2 * CTX_LANES; at += 2 * CTX_LANES) {
        ctx_lanes both = ctx_lanes_load(bytes + at) | ctx_lanes_load(bytes + at + CTX_LANES);
        if (ctx_lanes_any(both & 0x80))
            break;
    }
    while (at < len && (unsigned char)bytes[at] < 0x80)
        at++;
    return at;
}

bool ctx_utf8_valid(const char *bytes, size_t len, size_t *ret_at)
{
    uint32_t point;
    for (size_t i = 0; i < len;) {
        i = skip_ascii(bytes, len, i);
        if (i == len)
            break;
        size_t n = ctx_utf8_decode(bytes + i, len - i, &point);
        if (n == 0) {
            if (ret_at)
                *ret_at = i;
            return false;
        }
        i += n;
    }
    return true;
}

size_t ctx_utf8_count(const char *bytes, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += !is_continuation((unsigned char)bytes[i]);
    return count;
}

int ctx_utf8_append_lossy(struct ctx_buffer *buffer, const char *bytes, size_t len)
{
    size_t begin = 0;
    size_t at;
    while (!ctx_utf8_valid(bytes + begin, len - begin, &at)) {
        ctx_buffer_append(buffer, bytes + begin, at);
        ctx_buffer_puts(buffer, "\xEF\xBF\xBD");
        begin += at + 1;
    }
    return ctx_buffer_append(buffer, bytes + begin, len - begin);
}
