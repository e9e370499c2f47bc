/*
 * Framing: one message a line. Every byte is looked at once, however it arrives. Pure.
 */
#include "control/framing.h"

#include <errno.h>
#include <string.h>

#include "contextor/error.h"

void ctx_framing_init(struct ctx_framing *framing, size_t limit)
{
    *framing = (struct ctx_framing){ .limit = limit };
    ctx_buffer_init(&framing->buffer, limit + CTX_FRAMING_CHUNK);
}

void ctx_framing_deinit(struct ctx_framing *framing)
{
    ctx_buffer_deinit(&framing->buffer);
    framing->begin = framing->scanned = 0;
}

/* Moves what is left to the front; an empty buffer gives back what a long line took. */
static void compact(struct ctx_framing *framing)
{
    if (framing->begin == 0)
        return;
    if (framing->begin == framing->buffer.len && framing->buffer.capacity > CTX_FRAMING_CHUNK)
        ctx_buffer_deinit(&framing->buffer);
    else
        ctx_buffer_splice(&framing->buffer, 0, framing->begin, NULL, 0);
    framing->scanned -= framing->begin;
    framing->begin = 0;
}

int ctx_framing_feed(struct ctx_framing *framing, const char *bytes, size_t len)
{
    compact(framing);
    return ctx_buffer_append(&framing->buffer, bytes, len);
}

int ctx_framing_next(struct ctx_framing *framing, bool ended, const char **ret_line,
                     size_t *ret_len)
{
    const char *data = ctx_buffer_str(&framing->buffer);
    size_t end = framing->buffer.len;
    const char *newline = memchr(data + framing->scanned, '\n', end - framing->scanned);
    framing->scanned = newline ? (size_t)(newline - data) : end;
    if (framing->scanned - framing->begin > framing->limit)
        return -EMSGSIZE;
    if (!newline && (!ended || framing->begin == end)) {
        compact(framing);
        return CTX_UNCHANGED;
    }
    *ret_line = data + framing->begin;
    *ret_len = framing->scanned - framing->begin;
    framing->begin = framing->scanned += newline ? 1 : 0;
    return 0;
}

size_t ctx_framing_partial(const struct ctx_framing *framing)
{
    return framing->buffer.len - framing->begin;
}

size_t ctx_framing_memory(const struct ctx_framing *framing)
{
    return framing->buffer.capacity;
}
