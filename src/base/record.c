/*
 * Flat binary records; see the header. Reading is bounded by what is left, whatever a length
 * field says. Pure; any thread.
 */
#include "base/record.h"

#include <string.h>

/* The length that stands for NULL: no field can be so long. */
static const uint64_t NO_STRING = UINT64_MAX;

void ctx_record_put_number(struct ctx_buffer *buffer, uint64_t number)
{
    ctx_buffer_append(buffer, &number, sizeof(number));
}

void ctx_record_put_bytes(struct ctx_buffer *buffer, const void *bytes, size_t len)
{
    ctx_record_put_number(buffer, len);
    ctx_buffer_append(buffer, bytes, len);
    ctx_buffer_putc(buffer, '\0');
}

void ctx_record_put_string(struct ctx_buffer *buffer, const char *string)
{
    if (string)
        ctx_record_put_bytes(buffer, string, strlen(string));
    else
        ctx_record_put_number(buffer, NO_STRING);
}

static void *fail(struct ctx_record *record)
{
    record->failed = true;
    record->left = 0;
    return NULL;
}

static const char *take(struct ctx_record *record, size_t len)
{
    if (record->failed || len > record->left)
        return fail(record);
    const char *bytes = record->at;
    record->at += len;
    record->left -= len;
    return bytes;
}

uint64_t ctx_record_number(struct ctx_record *record)
{
    uint64_t number = 0;
    const char *bytes = take(record, sizeof(number));
    if (bytes)
        memcpy(&number, bytes, sizeof(number));
    return number;
}

uint64_t ctx_record_number_to(struct ctx_record *record, uint64_t most)
{
    uint64_t number = ctx_record_number(record);
    if (number <= most)
        return number;
    fail(record);
    return 0;
}

/* The bytes of a field whose length was read. */
static const char *take_field(struct ctx_record *record, uint64_t len)
{
    if (len >= record->left)
        return fail(record);
    const char *bytes = take(record, (size_t)len + 1);
    return bytes && bytes[len] == '\0' ? bytes : fail(record);
}

const char *ctx_record_bytes(struct ctx_record *record, size_t *ret_len)
{
    uint64_t len = ctx_record_number(record);
    const char *bytes = take_field(record, len);
    *ret_len = bytes ? (size_t)len : 0;
    return bytes;
}

const char *ctx_record_string(struct ctx_record *record)
{
    uint64_t len = ctx_record_number(record);
    if (record->failed || len == NO_STRING)
        return NULL;
    const char *string = take_field(record, len);
    return string && strlen(string) == len ? string : fail(record);
}

const char *ctx_record_text(struct ctx_record *record)
{
    const char *string = ctx_record_string(record);
    return string ? string : fail(record);
}
