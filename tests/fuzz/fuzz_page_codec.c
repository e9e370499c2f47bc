/*
 * Requests and replies of worker processes. The first byte says which; what decodes must encode to
 * something that decodes to the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "document/page_codec.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void fuzz_request(const char *data, size_t len)
{
    struct ctx_page_request request, again;
    if (ctx_page_request_decode(data, len, &request) < 0)
        return;
    CTX_AUTO_BUFFER struct ctx_buffer head;
    ctx_buffer_init(&head, 64 * CTX_MIB);
    require(ctx_page_request_encode(&request.context, request.len, &head) == 0);
    require(ctx_buffer_append(&head, request.bytes, request.len) == 0);
    require(ctx_page_request_decode(head.data, head.len, &again) == 0);
    require(again.len == request.len && memcmp(again.bytes, request.bytes, request.len) == 0);
    require(strcmp(again.context.slug, request.context.slug) == 0);
    require(again.context.n_topics == request.context.n_topics);
    ctx_page_request_deinit(&request);
    ctx_page_request_deinit(&again);
}

static void fuzz_reply(const char *data, size_t len)
{
    struct ctx_page page, again;
    struct ctx_error error;
    ctx_page_init(&page);
    ctx_page_init(&again);
    if (ctx_page_reply_decode(data, len, &page, &error) == 0) {
        CTX_AUTO_BUFFER struct ctx_buffer reply;
        ctx_buffer_init(&reply, 64 * CTX_MIB);
        require(ctx_page_reply_encode(&page, &reply) == 0);
        require(ctx_page_reply_decode(reply.data, reply.len, &again, &error) == 0);
        require(again.mdc.len == page.mdc.len && again.report.n_entries == page.report.n_entries);
    }
    ctx_page_deinit(&page);
    ctx_page_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    (data[0] == 'q' ? fuzz_request : fuzz_reply)((const char *)data + 1, size - 1);
    return 0;
}
