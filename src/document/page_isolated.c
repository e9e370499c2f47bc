/* Pages made in worker processes: the codec on both sides of one call. Any thread. */
#include "document/page_isolated.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "document/page_codec.h"

/*
 * The transform keeps its own deadline; the worker's is there for when it cannot, and takes in the
 * transport and a machine that has other work: three times as long, and at least a second more.
 */
static uint64_t timeout_ms(size_t len, const struct ctx_page_context *context)
{
    uint64_t deadline_ms = context->transform.deadline_ms;
    return 1000 + 3 * (deadline_ms ? deadline_ms : CTX_LIMIT_TRANSFORM_MS(len));
}

int ctx_page_make_isolated(struct ctx_isolate *isolate, const char *bytes, size_t len,
                           const struct ctx_page_context *context, struct ctx_page *ret_page,
                           struct ctx_error *error)
{
    CTX_AUTO_BUFFER struct ctx_buffer head, reply;
    ctx_buffer_init(&head, CTX_PAGE_CODEC_OVERHEAD);
    ctx_buffer_init(&reply, CTX_LIMIT_PAGE(len) + 2 * CTX_PAGE_CODEC_OVERHEAD);
    int r = ctx_page_request_encode(context, len, &head);
    if (r < 0)
        return ctx_error_set(error, r, "its worker's request cannot be made: %s",
                             ctx_error_name(r));
    const struct iovec parts[] = {
        { .iov_base = head.data, .iov_len = head.len },
        { .iov_base = (void *)bytes, .iov_len = len },
    };
    r = ctx_isolate_call(isolate, parts, CTX_ARRAY_LEN(parts), timeout_ms(len, context), &reply,
                         error);
    if (r < 0)
        return r;
    return ctx_page_reply_decode(ctx_buffer_str(&reply), reply.len, ret_page, error);
}
