#ifndef CONTEXTOR_BUFFER_H
#define CONTEXTOR_BUFFER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A growable byte buffer with a ceiling. `data` is NUL-terminated as soon as anything was
 * appended; it may hold NUL bytes of its own.
 *
 * Errors stick: once an append has failed, later appends do nothing and return the same error, so
 * that a writer may append freely and ask ctx_buffer_status() once, at the end.
 * A buffer belongs to one thread at a time.
 */
struct ctx_buffer {
    char *data;
    size_t len;
    size_t capacity; /* bytes allocated */
    size_t limit;    /* `len` never exceeds this */
    int status;      /* 0, -ENOMEM, or -EFBIG when `limit` was met */
};

/* An empty buffer that may grow to `limit` bytes. Allocates nothing. */
void ctx_buffer_init(struct ctx_buffer *buffer, size_t limit);

/* Frees the bytes; the buffer is as after ctx_buffer_init() with the same limit. */
void ctx_buffer_deinit(struct ctx_buffer *buffer);

/* Forgets the content and the error, keeps the memory for reuse. */
void ctx_buffer_clear(struct ctx_buffer *buffer);

/* Makes room for `more` bytes beyond `len`. 0, -ENOMEM or -EFBIG. */
int ctx_buffer_reserve(struct ctx_buffer *buffer, size_t more);

/*
 * Append bytes, a string, one byte, `count` times one byte, a decimal number, formatted text. 0,
 * -ENOMEM, -EFBIG.
 */
int ctx_buffer_append(struct ctx_buffer *buffer, const void *bytes, size_t len);
int ctx_buffer_puts(struct ctx_buffer *buffer, const char *string);
int ctx_buffer_putc(struct ctx_buffer *buffer, char byte);
int ctx_buffer_fill(struct ctx_buffer *buffer, char byte, size_t count);
int ctx_buffer_put_number(struct ctx_buffer *buffer, int64_t number);
int ctx_buffer_printf(struct ctx_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Replaces `removed` bytes at `at` by `len` bytes. 0, -ENOMEM, -EFBIG. */
int ctx_buffer_splice(struct ctx_buffer *buffer, size_t at, size_t removed, const void *bytes,
                      size_t len);

/* Cuts the content to its first `len` bytes. */
void ctx_buffer_truncate(struct ctx_buffer *buffer, size_t len);

/* The first error of any append: 0, -ENOMEM or -EFBIG. */
int ctx_buffer_status(const struct ctx_buffer *buffer);

/* The content as a string; "" when empty. Borrowed, valid until the next append. */
const char *ctx_buffer_str(const struct ctx_buffer *buffer);

/* Gives the bytes away (free() them; NULL when empty); the buffer is empty again. */
char *ctx_buffer_detach(struct ctx_buffer *buffer, size_t *ret_len);

/* Exchanges two buffers. */
void ctx_buffer_swap(struct ctx_buffer *a, struct ctx_buffer *b);

#endif
