/*
 * The growable byte buffer. Invariant: data is NULL and capacity 0, or data[len] is NUL and
 * len < capacity <= limit + 1. Owned by whoever initialised it.
 */
#include "contextor/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

void ctx_buffer_init(struct ctx_buffer *buffer, size_t limit)
{
    *buffer = (struct ctx_buffer){ .limit = limit };
}

void ctx_buffer_deinit(struct ctx_buffer *buffer)
{
    free(buffer->data);
    ctx_buffer_init(buffer, buffer->limit);
}

void ctx_buffer_clear(struct ctx_buffer *buffer)
{
    ctx_buffer_truncate(buffer, 0);
    buffer->status = 0;
}

static int fail(struct ctx_buffer *buffer, int code)
{
    if (!buffer->status)
        buffer->status = code;
    return buffer->status;
}

int ctx_buffer_reserve(struct ctx_buffer *buffer, size_t more)
{
    if (buffer->status)
        return buffer->status;
    if (buffer->len > buffer->limit || more > buffer->limit - buffer->len)
        return fail(buffer, -EFBIG);
    size_t need = buffer->len + more + 1;
    if (need <= buffer->capacity)
        return 0;
    size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
    while (capacity < need)
        capacity = capacity <= SIZE_MAX / 2 ? capacity * 2 : need;
    if (capacity - 1 > buffer->limit)
        capacity = buffer->limit + 1;
    char *data = realloc(buffer->data, capacity);
    if (!data)
        return fail(buffer, -ENOMEM);
    data[buffer->len] = '\0';
    buffer->data = data;
    buffer->capacity = capacity;
    return 0;
}

/* Room without a look at the limit, which the capacity keeps. */
static bool has_room(const struct ctx_buffer *buffer, size_t more)
{
    return !buffer->status && more < buffer->capacity - buffer->len;
}

int ctx_buffer_append(struct ctx_buffer *buffer, const void *bytes, size_t len)
{
    int r = has_room(buffer, len) ? 0 : ctx_buffer_reserve(buffer, len);
    if (r < 0)
        return r;
    if (len > 0)
        memcpy(buffer->data + buffer->len, bytes, len);
    buffer->len += len;
    buffer->data[buffer->len] = '\0';
    return 0;
}

int ctx_buffer_puts(struct ctx_buffer *buffer, const char *string)
{
    return ctx_buffer_append(buffer, string, strlen(string));
}

int ctx_buffer_putc(struct ctx_buffer *buffer, char byte)
{
    if (!has_room(buffer, 1))
        return ctx_buffer_append(buffer, &byte, 1);
    char *end = buffer->data + buffer->len++;
    end[0] = byte;
    end[1] = '\0';
    return 0;
}

int ctx_buffer_fill(struct ctx_buffer *buffer, char byte, size_t count)
{
    int r = has_room(buffer, count) ? 0 : ctx_buffer_reserve(buffer, count);
    if (r < 0)
        return r;
    if (count > 0)
        memset(buffer->data + buffer->len, byte, count);
    buffer->len += count;
    buffer->data[buffer->len] = '\0';
    return 0;
}

/* Pages and reports are full of numbers: by printf they took a thirtieth of a build's instructions. */
int ctx_buffer_put_number(struct ctx_buffer *buffer, int64_t number)
{
    enum { LEN_MAX = 20 }; /* of INT64_MIN */
    char digits[LEN_MAX];
    size_t at = sizeof(digits);
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0)
        digits[--at] = '-';
    return ctx_buffer_append(buffer, digits + at, sizeof(digits) - at);
}

/* Formats into what room there is, and again when that was too little. */
int ctx_buffer_printf(struct ctx_buffer *buffer, const char *format, ...)
{
    if (buffer->status)
        return buffer->status;
    size_t room = buffer->capacity - buffer->len;
    va_list args;
    va_start(args, format);
    int len = vsnprintf(room ? buffer->data + buffer->len : NULL, room, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= room) {
        if (room)
            buffer->data[buffer->len] = '\0';
        int r = len < 0 ? fail(buffer, -EINVAL) : ctx_buffer_reserve(buffer, (size_t)len);
        if (r < 0)
            return r;
        va_start(args, format);
        vsnprintf(buffer->data + buffer->len, (size_t)len + 1, format, args);
        va_end(args);
    }
    buffer->len += (size_t)len;
    return 0;
}

int ctx_buffer_splice(struct ctx_buffer *buffer, size_t at, size_t removed, const void *bytes,
                      size_t len)
{
    if (buffer->status)
        return buffer->status;
    if (at > buffer->len || removed > buffer->len - at)
        return fail(buffer, -EINVAL);
    if (len > removed) {
        int r = ctx_buffer_reserve(buffer, len - removed);
        if (r < 0)
            return r;
    }
    if (!buffer->data)
        return 0;
    memmove(buffer->data + at + len, buffer->data + at + removed, buffer->len - at - removed);
    if (len > 0)
        memcpy(buffer->data + at, bytes, len);
    buffer->len = buffer->len - removed + len;
    buffer->data[buffer->len] = '\0';
    return 0;
}

void ctx_buffer_truncate(struct ctx_buffer *buffer, size_t len)
{
    if (len >= buffer->len)
        return;
    buffer->len = len;
    buffer->data[len] = '\0';
}

int ctx_buffer_status(const struct ctx_buffer *buffer)
{
    return buffer->status;
}

const char *ctx_buffer_str(const struct ctx_buffer *buffer)
{
    return buffer->data ? buffer->data : "";
}

char *ctx_buffer_detach(struct ctx_buffer *buffer, size_t *ret_len)
{
    char *data = buffer->data;
    if (ret_len)
        *ret_len = buffer->len;
    ctx_buffer_init(buffer, buffer->limit);
    return data;
}

void ctx_buffer_swap(struct ctx_buffer *a, struct ctx_buffer *b)
{
    struct ctx_buffer c = *a;
    *a = *b;
    *b = c;
}
