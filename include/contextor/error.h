#ifndef CONTEXTOR_ERROR_H
#define CONTEXTOR_ERROR_H

/*
 * The error model.
 *
 * A function returns 0 on success, a negative errno on failure, and, where its header says so, a
 * positive CTX_* outcome that the caller handles at once. A failure that a person must be told
 * about also fills a struct ctx_error: one line that names the place and the remedy. Functions
 * take `struct ctx_error *error` as an out-parameter that may be NULL; it is written only on
 * failure.
 */

enum {
    CTX_UNCHANGED = 1, /* nothing had to be done */
    CTX_GONE = 2,      /* the file is not there (any more) */
    CTX_CHANGED = 3,   /* the file changed while it was read: try again */
};

enum { CTX_ERROR_TEXT_MAX = 1024 };

struct ctx_error {
    char text[CTX_ERROR_TEXT_MAX]; /* one line, no newline, UTF-8; cut when longer */
};

/*
 * Writes a printf-formatted line into `error` (when it is not NULL) and returns `code`, so that a
 * failure is reported and forwarded in one statement. Any thread.
 */
int ctx_error_set(struct ctx_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The system's text for a negative errno ("No space left on device"). Any thread. */
const char *ctx_error_name(int code);

#endif
