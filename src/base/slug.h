#ifndef CTX_BASE_SLUG_H
#define CTX_BASE_SLUG_H

/*
 * Slugs name pages: "<last part of repo>__<folder>__<stem>", each part in lower case, blanks turned
 * into '-', whatever is neither word character nor '-' removed, runs of '-' folded, '-' trimmed.
 * The rule, its collisions included, is the ancestor's; ctx_slug_disambiguate() settles those.
 */

enum { CTX_SLUG_SIZE = 256 }; /* fits CTX_LIMIT_SLUG, a suffix and NUL */

/* The plain slug of a source-relative path. Pure; any thread. */
void ctx_slug(const char *repo, const char *path, char ret_slug[CTX_SLUG_SIZE]);

/*
 * The slug of a path whose plain slug a bytewise smaller path holds: the plain one, '-' and 8 hex
 * digits of the path's SHA-256. Pure; any thread.
 */
void ctx_slug_disambiguate(const char *repo, const char *path, char ret_slug[CTX_SLUG_SIZE]);

#endif
