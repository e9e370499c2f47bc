#ifndef CTX_DOCUMENT_PAGE_ISOLATED_H
#define CTX_DOCUMENT_PAGE_ISOLATED_H

#include "contextor/page.h"
#include "work/isolate.h"

/*
 * ctx_page_make() in a worker process: the same page, byte for byte, or the same error. Further
 * errors are ctx_isolate_call()'s: -ECHILD, -ETIME, -ENOMEM, and -EPIPE (nothing was tried: make it
 * in this thread instead); -EPROTO. Nothing is written on failure. Any thread.
 */
int ctx_page_make_isolated(struct ctx_isolate *isolate, const char *bytes, size_t len,
                           const struct ctx_page_context *context, struct ctx_page *ret_page,
                           struct ctx_error *error);

#endif
