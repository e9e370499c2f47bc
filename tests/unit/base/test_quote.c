/* Strings that JSON and YAML read alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the headers above. */
#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quote.h"

static void check(const char *text, const char *expected)
{
    CTX_AUTO_BUFFER struct ctx_buffer out;
    ctx_buffer_init(&out, 4096);
    assert_int_equal(ctx_quote_str(&out, text), 0);
    assert_string_equal(ctx_buffer_str(&out), expected);
}

static void quote_escapes_what_json_must(void **state)
{
    (void)state;
    check("", "\"\"");
    check("a \"b\" \\ c", "\"a \\\"b\\\" \\\\ c\"");
    check("\b\t\n\f\r\x01\x1f", "\"\\b\\t\\n\\f\\r\\u0001\\u001f\"");
}

static void quote_escapes_what_yaml_calls_unprintable_or_a_break(void **state)
{
    (void)state;
    check("\x7f", "\"\\u007f\"");
    check("a\xC2\x85z\xC2\x9Fz", "\"a\\u0085z\\u009fz\"");
    check("\xE2\x80\xA8\xE2\x80\xA9", "\"\\u2028\\u2029\"");
    check("\xEF\xBB\xBF\xEF\xBF\xBF", "\"\\ufeff\\uffff\"");
}

static void quote_keeps_other_text(void **state)
{
    (void)state;
    check("Zażółć 漢字 \xF0\x9F\x98\x80 / 'x': #y", "\"Zażółć 漢字 \xF0\x9F\x98\x80 / 'x': #y\"");
}

static void quote_replaces_bytes_that_are_not_utf8(void **state)
{
    (void)state;
    check("a\xFFz\xC3", "\"a\\ufffdz\\ufffd\"");
}

static void quote_reads_back_as_json(void **state)
{
    (void)state;
    char text[0x2100 * 3];
    size_t len = 0;
    for (unsigned i = 1; i < 0x80; i++)
        text[len++] = (char)i;
    CTX_AUTO_BUFFER struct ctx_buffer out;
    ctx_buffer_init(&out, 65536);
    assert_int_equal(ctx_quote(&out, text, len), 0);
    json_t *json = json_loadb(out.data, out.len, JSON_DECODE_ANY, NULL);
    assert_non_null(json);
    assert_int_equal(json_string_length(json), len);
    assert_memory_equal(json_string_value(json), text, len);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quote_escapes_what_json_must),
        cmocka_unit_test(quote_escapes_what_yaml_calls_unprintable_or_a_break),
        cmocka_unit_test(quote_keeps_other_text),
        cmocka_unit_test(quote_replaces_bytes_that_are_not_utf8),
        cmocka_unit_test(quote_reads_back_as_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
