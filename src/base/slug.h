#ifndef CTX_BASE_SLUG_H
#define CTX_BASE_SLUG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Slugs name pages: "<last part of repo>__<folder>__<stem>", each part in lower case, blanks turned
 * into '-', whatever is neither word character nor '-' removed, runs of '-' folded, '-' trimmed; over
 * CTX_LIMIT_SLUG bytes it is cut and gets 12 hex digits of the path's SHA-256. The rule, its
 * collisions included, is the ancestor's. Two further forms settle those, so that the names of any
 * set of paths are different, and a function of the set:
 *
 * - plain: has the smallest path, bytewise, of those whose plain slugs are equal;
 * - short: the plain one, '-' and 8 hex digits of the path's SHA-256; each other's, unless a document
 *   is really named so, or another of equal plain slug has the same digits;
 * - long: the plain one, "--" and 48 hex digits, for those. No plain slug has "--" there.
 */

enum { CTX_SLUG_SIZE = 256 }; /* fits CTX_LIMIT_SLUG, a suffix and NUL */

enum ctx_slug_form {
    CTX_SLUG_PLAIN,
    CTX_SLUG_SHORT,
    CTX_SLUG_LONG,
    CTX_SLUG_FORMS,
};

/* The plain slug of a source-relative path. Pure; any thread. */
void ctx_slug(const char *repo, const char *path, char ret_slug[CTX_SLUG_SIZE]);

/* A path's slug in one of its forms. Pure; any thread. */
void ctx_slug_in_form(const char *repo, const char *path, enum ctx_slug_form form,
                      char ret_slug[CTX_SLUG_SIZE]);

/*
 * Whether a slug may be a short form: then the length of the plain one in it, and the number its
 * digits are, which ctx_slug_digits() gives for the path. Pure; any thread.
 */
bool ctx_slug_split(const char *slug, size_t *ret_plain_len, uint32_t *ret_digits);
uint32_t ctx_slug_digits(const char *path);

#endif
