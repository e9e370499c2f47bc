/* A worker's work: a request's bytes in, a reply's bytes out. Pure but for memory. Main thread. */
#include "worker/serve.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "document/page_codec.h"

static int serve_request(const struct ctx_page_request *request, struct ctx_buffer *reply)
{
    struct ctx_page page;
    struct ctx_error error = { "" };
    ctx_page_init(&page);
    int r = ctx_page_make(request->bytes, request->len, &request->context, &page, &error);
    r = r < 0 ? ctx_page_reply_encode_error(r, &error, reply) : ctx_page_reply_encode(&page, reply);
    ctx_page_deinit(&page);
    return r;
}

int ctx_worker_serve(const char *bytes, size_t len, struct ctx_buffer *reply)
{
    struct ctx_page_request request;
    int r = ctx_page_request_decode(bytes, len, &request);
    if (r == -EPROTO) {
        const struct ctx_error error = { "the worker process was sent no valid request" };
        return ctx_page_reply_encode_error(r, &error, reply);
    }
    if (r < 0)
        return r;
    size_t before = reply->len;
    r = serve_request(&request, reply);
    ctx_page_request_deinit(&request);
    if (r != -EFBIG)
        return r;
    const struct ctx_error error = { "the page would be larger than a page may be" };
    ctx_buffer_truncate(reply, before);
    reply->status = 0;
    return ctx_page_reply_encode_error(r, &error, reply);
}

int ctx_worker_self_test(void)
{
    static const char document[] = "# Known\n\nSome `code` and **text**.\n";
    const struct ctx_page_context context = {
        .transform = { .path = "known.md", .repo = "a/b", .ref = "main", .repo_path = "" },
        .slug = "b____known",
    };
    CTX_AUTO_BUFFER struct ctx_buffer request, reply;
    ctx_buffer_init(&request, CTX_MIB);
    ctx_buffer_init(&reply, CTX_MIB);
    ctx_page_request_encode(&context, strlen(document), &request);
    ctx_buffer_puts(&request, document);
    int r = ctx_buffer_status(&request);
    if (r == 0)
        r = ctx_worker_serve(request.data, request.len, &reply);
    if (r < 0)
        return r;
    struct ctx_page page;
    ctx_page_init(&page);
    r = ctx_page_reply_decode(reply.data, reply.len, &page, NULL);
    if (r == 0 && strcmp(page.mdc.data + page.body_offset, document) != 0)
        r = -EBADMSG;
    ctx_page_deinit(&page);
    return r;
}
