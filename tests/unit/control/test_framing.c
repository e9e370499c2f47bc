#include "control/framing.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "contextor/error.h"

enum { LIMIT = 16 };

static struct ctx_framing framing;

static int setup(void **state)
{
    (void)state;
    ctx_framing_init(&framing, LIMIT);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ctx_framing_deinit(&framing);
    return 0;
}

static void feed(const char *text)
{
    assert_int_equal(ctx_framing_feed(&framing, text, strlen(text)), 0);
}

static void expect_line(const char *expected, bool ended)
{
    const char *line;
    size_t len;
    assert_int_equal(ctx_framing_next(&framing, ended, &line, &len), 0);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(line, expected, len);
}

static void expect_none(bool ended)
{
    const char *line;
    size_t len;
    assert_int_equal(ctx_framing_next(&framing, ended, &line, &len), CTX_UNCHANGED);
}

static void framing_finds_lines_however_they_arrive(void **state)
{
    (void)state;
    static const char stream[] = "one\n\ntwo two\nlast";
    for (size_t chunk = 1; chunk < sizeof(stream); chunk++) {
        ctx_framing_deinit(&framing);
        char seen[64] = "";
        for (size_t at = 0; at < sizeof(stream) - 1; at += chunk) {
            size_t n = sizeof(stream) - 1 - at < chunk ? sizeof(stream) - 1 - at : chunk;
            const char *line;
            size_t len;
            assert_int_equal(ctx_framing_feed(&framing, stream + at, n), 0);
            while (ctx_framing_next(&framing, false, &line, &len) == 0) {
                strncat(seen, line, len);
                strcat(seen, "|");
            }
        }
        assert_string_equal(seen, "one||two two|");
        assert_int_equal(ctx_framing_partial(&framing), 4);
    }
}

static void framing_takes_the_end_of_the_stream_for_a_newline(void **state)
{
    (void)state;
    feed("a\nb");
    expect_line("a", true);
    expect_line("b", true);
    expect_none(true);
    assert_int_equal(ctx_framing_partial(&framing), 0);
}

static void framing_allows_a_line_of_the_limit_and_no_byte_more(void **state)
{
    (void)state;
    const char *line;
    size_t len;
    feed("0123456789abcdef\n");
    expect_line("0123456789abcdef", false);
    feed("0123456789abcdefg");
    assert_int_equal(ctx_framing_next(&framing, false, &line, &len), -EMSGSIZE);
    ctx_framing_deinit(&framing);
    feed("0123456789abcdefg\nx\n");
    assert_int_equal(ctx_framing_next(&framing, false, &line, &len), -EMSGSIZE);
}

static void framing_keeps_nul_bytes(void **state)
{
    (void)state;
    const char *line;
    size_t len;
    assert_int_equal(ctx_framing_feed(&framing, "a\0b\n", 4), 0);
    assert_int_equal(ctx_framing_next(&framing, false, &line, &len), 0);
    assert_int_equal(len, 3);
    assert_memory_equal(line, "a\0b", 3);
}

static void framing_gives_a_long_lines_memory_back(void **state)
{
    (void)state;
    ctx_framing_deinit(&framing);
    ctx_framing_init(&framing, (size_t)1 << 20);
    char chunk[CTX_FRAMING_CHUNK];
    memset(chunk, 'x', sizeof(chunk));
    const char *line;
    size_t len;
    for (int i = 0; i < 8; i++)
        assert_int_equal(ctx_framing_feed(&framing, chunk, sizeof(chunk)), 0);
    feed("\n");
    assert_int_equal(ctx_framing_next(&framing, false, &line, &len), 0);
    assert_int_equal(len, 8 * sizeof(chunk));
    expect_none(false);
    assert_int_equal(ctx_framing_memory(&framing), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(framing_finds_lines_however_they_arrive, setup, teardown),
        cmocka_unit_test_setup_teardown(framing_takes_the_end_of_the_stream_for_a_newline, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(framing_allows_a_line_of_the_limit_and_no_byte_more, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(framing_keeps_nul_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(framing_gives_a_long_lines_memory_back, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
