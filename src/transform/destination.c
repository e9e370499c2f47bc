/* Destinations as they are written in Markdown and in HTML attributes. Pure; any thread. */
#include "transform/destination.h"

#include <string.h>

#include "transform/mdx/entities.h"

static bool is_punctuation(char byte)
{
    bool letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
    return byte > ' ' && byte < 0x7F && !letter && !(byte >= '0' && byte <= '9');
}

/* Appends the byte, escaped byte or entity at `at`, and returns how many bytes it takes. */
static size_t take(const char *text, size_t at, size_t end, enum ctx_escaping escaping,
                   struct ctx_buffer *path)
{
    size_t before = path->len;
    size_t n = text[at] == '&' ? ctx_entity_length(text + at, end - at) : 0;
    if (n > 0 && ctx_entities_decode(path, text + at, n))
        return n;
    ctx_buffer_truncate(path, before);
    bool escaped = text[at] == '\\' && escaping == CTX_ESCAPING_MARKDOWN && at + 1 < end &&
                   is_punctuation(text[at + 1]);
    ctx_buffer_putc(path, text[at + escaped]);
    return 1 + escaped;
}

/* Bytes that are more than a part of the path. */
static const bool marks[256] = { ['&'] = true, ['\\'] = true, ['?'] = true, ['#'] = true };

size_t ctx_destination_path(const char *text, struct ctx_span raw, enum ctx_escaping escaping,
                            struct ctx_buffer *path)
{
    for (size_t at = raw.begin; at < raw.end;) {
        size_t plain = at;
        while (plain < raw.end && !marks[(unsigned char)text[plain]])
            plain++;
        ctx_buffer_append(path, text + at, plain - at);
        at = plain;
        if (at == raw.end)
            break;
        size_t before = path->len;
        size_t n = take(text, at, raw.end, escaping, path);
        if (path->len == before)
            return raw.end; /* memory is out, which the buffer says */
        if (path->data[before] == '?' || path->data[before] == '#') {
            ctx_buffer_truncate(path, before);
            return at;
        }
        at += n;
    }
    return raw.end;
}
