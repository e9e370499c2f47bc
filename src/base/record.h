#ifndef CTX_BASE_RECORD_H
#define CTX_BASE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contextor/buffer.h"

/*
 * Flat binary records: numbers of 8 bytes in native order, and fields of bytes with their length
 * before and a NUL behind. For two ends on one machine. Pure; any thread.
 */

/* Append; errors stick to the buffer. */
void ctx_record_put_number(struct ctx_buffer *buffer, uint64_t number);
void ctx_record_put_bytes(struct ctx_buffer *buffer, const void *bytes, size_t len);
/* NULL is kept apart from "". */
void ctx_record_put_string(struct ctx_buffer *buffer, const char *string);

/*
 * Reads a record from the front. Errors stick: after the first read past the end, or of a string
 * that is none, everything reads as 0 or NULL and `failed` is set.
 */
struct ctx_record {
    const char *at;
    size_t left;
    bool failed;
};

uint64_t ctx_record_number(struct ctx_record *record);
/* A number that must be at most `most`. */
uint64_t ctx_record_number_to(struct ctx_record *record, uint64_t most);
/* Borrowed bytes, NUL-terminated; NULL when it failed. */
const char *ctx_record_bytes(struct ctx_record *record, size_t *ret_len);
/* A borrowed string without NUL inside; NULL for NULL, or when it failed. */
const char *ctx_record_string(struct ctx_record *record);
/* The same, but NULL is a failure. */
const char *ctx_record_text(struct ctx_record *record);

#endif
