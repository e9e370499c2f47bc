/*
 * The whole transform. The first byte chooses grammar, dialect and profile, the rest is the document:
 * whatever it is, the body is valid UTF-8, and transforming it does not fail again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "contextor/transform.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int transform(const char *text, size_t len, unsigned kind, struct ctx_document *ret)
{
    static const enum ctx_profile profiles[] = { CTX_PROFILE_LOSSLESS, CTX_PROFILE_BALANCED,
                                                 CTX_PROFILE_COMPACT };
    struct ctx_transform_options options = {
        .profile = profiles[kind / 8 % CTX_ARRAY_LEN(profiles)],
        .dialect = (enum ctx_dialect)(kind / 2 % 4),
    };
    struct ctx_transform_context context = {
        .options = &options,
        .path = kind % 2 ? "a/b.md" : "a/b.mdx",
        .repo = "acme/docs",
        .ref = "main",
        .repo_path = "",
    };
    struct ctx_error error;
    return ctx_transform(text, len, &context, ret, &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int ready = 1;
    if (ready > 0)
        ready = ctx_transform_setup();
    if (size == 0)
        return 0;
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document first;
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document second;
    ctx_document_init(&first);
    ctx_document_init(&second);
    if (transform((const char *)data + 1, size - 1, data[0], &first) < 0)
        return 0;
    const char *body = ctx_buffer_str(&first.body);
    if (!ctx_utf8_valid(body, first.body.len, NULL))
        abort();
    if (transform(body, first.body.len, data[0], &second) < 0)
        abort();
#ifdef CTX_FUZZ_IDEMPOTENCE
    if (second.body.len != first.body.len ||
        memcmp(ctx_buffer_str(&second.body), body, first.body.len) != 0) {
        fprintf(stderr, "first:\n%s\nsecond:\n%s\n", body, ctx_buffer_str(&second.body));
        abort();
    }
#endif
    return 0;
}
