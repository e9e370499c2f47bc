#ifndef CTX_BASE_URL_H
#define CTX_BASE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "contextor/buffer.h"

/* Addresses of files in a repository on GitHub. Pure; any thread. */

enum ctx_url_view {
    CTX_URL_BLOB, /* the page that shows a file */
    CTX_URL_TREE, /* the page that shows a directory */
    CTX_URL_RAW,  /* the file's bytes: what an image's address must be */
};

/* Whether `repo` names an owner too ("owner/name"): without one there is no address. */
bool ctx_url_has_owner(const char *repo);

/*
 * Appends the path percent-encoded for a URL's path (RFC 3986, 3.3): unreserved characters,
 * sub-delimiters, ':', '@' and '/' stay. With `keep_encoded`, a '%' with two hex digits stays too.
 * 0, -ENOMEM, -EFBIG.
 */
int ctx_url_append_path(struct ctx_buffer *buffer, const char *path, size_t len, bool keep_encoded);

/*
 * Appends "https://github.com/OWNER/NAME/blob/REF" (or tree; or the raw host's address), up to and
 * without the slash before the path. 0, -ENOMEM, -EFBIG.
 */
int ctx_url_append_root(struct ctx_buffer *buffer, enum ctx_url_view view, const char *repo,
                        const char *ref);

/*
 * Appends the address of one source file: its blob page; with no owner to name, the path from the
 * repository's root. 0, -ENOMEM, -EFBIG.
 */
int ctx_url_append_source(struct ctx_buffer *buffer, const char *repo, const char *ref,
                          const char *repo_path, const char *path);

#endif
