#ifndef CTX_DOCUMENT_PAGE_CODEC_H
#define CTX_DOCUMENT_PAGE_CODEC_H

#include "contextor/page.h"

/*
 * A page's making as bytes, for worker processes: ctx_page_make()'s arguments become a request,
 * what it made, or its error, a reply. Flat records of length-prefixed fields in native byte order:
 * both ends are one build on one machine (the worker's version is checked when it starts). Decoding
 * trusts nothing. Pure; any thread.
 */

/* What a request and a reply may add to the document's and the page's own bytes. */
#define CTX_PAGE_CODEC_OVERHEAD (4 * 1024 * 1024)

/*
 * Appends a request's head for a document of `len` bytes; the document's bytes follow it, unchanged,
 * as the caller sends them. 0, -ENOMEM, -EFBIG.
 */
int ctx_page_request_encode(const struct ctx_page_context *context, size_t len,
                            struct ctx_buffer *head);

/* A decoded request: strings and bytes borrow from the decoded bytes. */
struct ctx_page_request {
    struct ctx_page_context context; /* its options are `options` */
    struct ctx_transform_options options;
    const char *bytes;
    size_t len;
    void *arrays; /* owned */
};

/* 0; -EPROTO: no request; -ENOMEM. Keep the request where it is: it points into itself. */
int ctx_page_request_decode(const char *data, size_t len, struct ctx_page_request *ret_request);
void ctx_page_request_deinit(struct ctx_page_request *request);

/* Appends a reply: a page, or the error that its making gave. 0, -ENOMEM, -EFBIG. */
int ctx_page_reply_encode(const struct ctx_page *page, struct ctx_buffer *reply);
int ctx_page_reply_encode_error(int code, const struct ctx_error *error, struct ctx_buffer *reply);

/*
 * 0: ret_page (initialised by the caller) has what was made. The error that its making gave, with
 * its line. -EPROTO: no reply; -ENOMEM. Nothing is written to ret_page on failure.
 */
int ctx_page_reply_decode(const char *data, size_t len, struct ctx_page *ret_page,
                          struct ctx_error *error);

#endif
