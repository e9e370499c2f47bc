#ifndef CTX_BASE_SUGGEST_H
#define CTX_BASE_SUGGEST_H

#include <stddef.h>

/*
 * The name that was probably meant by `given`: the nearest of `n` names by edits (an exchange of
 * neighbours is one), when a third of its letters at most are wrong; else NULL. `stride` is the
 * size of the rows that begin with, or are, the `const char *` name. Names longer than 63 bytes
 * are never suggested. Pure; any thread.
 */
const char *ctx_suggest(const char *given, const void *names, size_t n, size_t stride);

#endif
