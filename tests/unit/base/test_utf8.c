/* UTF-8 against RFC 3629's edges, and SHA-256 against FIPS 180-4's vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/utf8.h"

static void utf8_round_trips_every_scalar_value(void **state)
{
    (void)state;
    for (uint32_t point = 1; point <= 0x10FFFF; point++) {
        char bytes[4];
        uint32_t back;
        if (point >= 0xD800 && point <= 0xDFFF)
            continue;
        size_t len = ctx_utf8_encode(point, bytes);
        if (ctx_utf8_decode(bytes, len, &back) != len || back != point)
            fail_msg("U+%X", point);
    }
}

static void utf8_refuses_what_the_rfc_excludes(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "\x80",         "\xC0\xAF",         "\xC1\xBF",         "\xE0\x9F\xBF",     "\xED\xA0\x80",
        "\xF0\x8F\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82",         "\xFF",
        "\xC3(",        "\xE2(\xA1",        "\xF0\x9F\x98",     "\xF0\x28\x8C\xBC", "\xFE",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        size_t at = 99;
        CTX_AUTO_BUFFER struct ctx_buffer text;
        ctx_buffer_init(&text, 100);
        ctx_buffer_puts(&text, "12345678ab");
        ctx_buffer_puts(&text, wrong[i]);
        assert_false(ctx_utf8_valid(text.data, text.len, &at));
        assert_int_equal(at, 10);
        CTX_AUTO_BUFFER struct ctx_buffer lossy;
        ctx_buffer_init(&lossy, 100);
        ctx_utf8_append_lossy(&lossy, text.data, text.len);
        assert_true(ctx_utf8_valid(lossy.data, lossy.len, NULL));
    }
}

static void digest_agrees_with_the_standard(void **state)
{
    (void)state;
    unsigned char digest[CTX_DIGEST_SIZE];
    char hex[CTX_DIGEST_HEX_SIZE];
    ctx_digest("abc", 3, digest);
    ctx_digest_hex(digest, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ctx_digest("", 0, digest);
    ctx_digest_hex(digest, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_round_trips_every_scalar_value),
        cmocka_unit_test(utf8_refuses_what_the_rfc_excludes),
        cmocka_unit_test(digest_agrees_with_the_standard),
    };
    ctx_digest_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
