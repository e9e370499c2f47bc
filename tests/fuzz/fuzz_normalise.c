/* The normalise stage: the HTML is the same but for white space, a second pass changes nothing. */
#include <stdint.h>
#include <stdio.h>

#include "../unit/transform/html_oracle.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    size_t at;
    /* What the pipeline never hands on; and white space that the parser's parts differ in. */
    if (ctx_transform_setup() < 0 || memchr(text, '\0', size) || memchr(text, '\r', size) ||
        memchr(text, '\f', size) || memchr(text, '\v', size) || !ctx_utf8_valid(text, size, &at))
        return 0;
    struct ctx_buffer out;
    const char *verdict = oracle_verdict(text, size, &out);
    if (verdict) {
        fprintf(stderr, "%s\n--- in:\n%.*s\n--- out:\n%s\n", verdict, (int)size, text,
                ctx_buffer_str(&out));
        abort();
    }
    ctx_buffer_deinit(&out);
    return 0;
}
