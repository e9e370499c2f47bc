#ifndef CTX_TRANSFORM_TEXT_COUNT_H
#define CTX_TRANSFORM_TEXT_COUNT_H

#include <stddef.h>
#include <stdint.h>

/* Sizes of UTF-8 text, as Python's str methods give them. */
struct ctx_text_count {
    uint64_t lines;      /* len(text.splitlines()) */
    uint64_t words;      /* len(text.split()) */
    uint64_t characters; /* len(text) */
};

/* Counts valid UTF-8 in one pass. Pure; any thread. */
struct ctx_text_count ctx_text_count(const char *text, size_t len);

/*
 * How many words the text has more when `removed` bytes at `at` are replaced by `len` bytes; as
 * many as ctx_text_count() of the whole finds, at the cost of what is replaced alone.
 */
int64_t ctx_text_words_change(const char *text, size_t text_len, size_t at, size_t removed,
                              const char *bytes, size_t len);

/* Where the text begins and, in ret_len, how long it is without white space: str.strip(). */
const char *ctx_text_strip(const char *text, size_t len, size_t *ret_len);

#endif
