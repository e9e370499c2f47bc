#include "base/base64.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

/* RFC 4648, section 10, and bytes that are no text. */
static const struct {
    const char *bytes;
    size_t len;
    const char *text;
} vectors[] = {
    { "", 0, "" },
    { "f", 1, "Zg==" },
    { "fo", 2, "Zm8=" },
    { "foo", 3, "Zm9v" },
    { "foob", 4, "Zm9vYg==" },
    { "fooba", 5, "Zm9vYmE=" },
    { "foobar", 6, "Zm9vYmFy" },
    { "\xff\xfe\x00\xfb", 4, "//4A+w==" },
};

static void base64_encodes_and_decodes(void **state)
{
    (void)state;
    for (size_t i = 0; i < CTX_ARRAY_LEN(vectors); i++) {
        CTX_AUTO_BUFFER struct ctx_buffer text, bytes;
        ctx_buffer_init(&text, 100);
        ctx_buffer_init(&bytes, 100);
        assert_int_equal(ctx_base64_encode(&text, vectors[i].bytes, vectors[i].len), 0);
        assert_string_equal(ctx_buffer_str(&text), vectors[i].text);
        assert_int_equal(ctx_base64_decode(&bytes, vectors[i].text, strlen(vectors[i].text)), 0);
        assert_int_equal(bytes.len, vectors[i].len);
        assert_memory_equal(ctx_buffer_str(&bytes), vectors[i].bytes, vectors[i].len);
    }
}

static void base64_refuses_what_no_encoder_writes(void **state)
{
    (void)state;
    static const char *const wrong[] = { "Z",    "Zg",     "Zg=",  "Zh==", "Zm9=", "Zg==Zg==",
                                         "Zm 9", "Zm9v\n", "====", "=g==", "Z-_v" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(wrong); i++) {
        CTX_AUTO_BUFFER struct ctx_buffer bytes;
        ctx_buffer_init(&bytes, 100);
        ctx_buffer_puts(&bytes, "kept");
        assert_int_equal(ctx_base64_decode(&bytes, wrong[i], strlen(wrong[i])), -EINVAL);
        assert_string_equal(ctx_buffer_str(&bytes), "kept");
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_encodes_and_decodes),
        cmocka_unit_test(base64_refuses_what_no_encoder_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
