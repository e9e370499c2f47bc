#ifndef CTX_TRANSFORM_LINK_TARGET_H
#define CTX_TRANSFORM_LINK_TARGET_H

#include "base/url.h"
#include "contextor/transform.h"

/* Where a link of a document leads, decided from its path alone, without looking at what exists. */

enum ctx_link_use {
    CTX_LINK_PAGE,  /* a link: something to read */
    CTX_LINK_MEDIA, /* an image, a video: bytes to show */
};

/* What becomes of a destination. */
enum ctx_link_fate {
    CTX_LINK_REWRITTEN,
    CTX_LINK_ABSOLUTE, /* nothing to do: it has a scheme or a host, or stays on its page */
    CTX_LINK_KEPT,     /* it stays as written, though it is relative; counted */
};

/* Where the addresses of the source's files are. Borrowed from the context. */
struct ctx_url_place ctx_link_place(const struct ctx_transform_context *context);

/*
 * Decides on a destination's path (`len` bytes, unescaped, percent-encoded as its author left it;
 * without query and fragment) and, when it is rewritten, appends the new one. `*ret_why`, when it
 * is kept, is a static text. An enum ctx_link_fate, or -ENOMEM. Pure; any thread.
 */
int ctx_link_resolve(const struct ctx_transform_context *context, enum ctx_link_use use,
                     const char *path, size_t len, struct ctx_buffer *ret, const char **ret_why);

#endif
