#ifndef CTX_BASE_URL_H
#define CTX_BASE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/forge.h"
#include "contextor/buffer.h"

/* Addresses of files in a repository. Pure; any thread. */

struct ctx_url_place {
    enum ctx_forge forge;
    const char *web;  /* the repository's own address; NULL: `repo` at the forge's public host */
    const char *repo; /* "owner/name" */
    const char *ref;
};

/* Whether files have addresses there: without an owner in `repo`, or a host, they have none. */
bool ctx_url_has_address(const struct ctx_url_place *place);

/*
 * Appends the path percent-encoded for a URL's path (RFC 3986, 3.3): unreserved characters,
 * sub-delimiters, ':', '@' and '/' stay. With `keep_encoded`, a '%' with two hex digits stays too.
 * 0, -ENOMEM, -EFBIG.
 */
int ctx_url_append_path(struct ctx_buffer *buffer, const char *path, size_t len, bool keep_encoded);

/*
 * Appends what stands before a path ("https://github.com/OWNER/NAME/blob/REF/") and what stands
 * behind it ("" or "?at=REF"). The place has an address. 0, -ENOMEM, -EFBIG.
 */
int ctx_url_append_before(struct ctx_buffer *buffer, enum ctx_url_view view,
                          const struct ctx_url_place *place);
int ctx_url_append_behind(struct ctx_buffer *buffer, enum ctx_url_view view,
                          const struct ctx_url_place *place);

/*
 * Appends the address of one source file: its blob page; where files have none, the path from the
 * repository's root. 0, -ENOMEM, -EFBIG.
 */
int ctx_url_append_source(struct ctx_buffer *buffer, const struct ctx_url_place *place,
                          const char *repo_path, const char *path);

#endif
