/* Sizes of text, against figures that Python gave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the headers above. */
#include <cmocka.h>
#include <string.h>

#include "transform/text_count.h"

static void text_count_agrees_with_python(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t lines, words, characters;
    } cases[] = {
        { "", 0, 0, 0 },
        { "a", 1, 1, 1 },
        { "a b\n", 1, 2, 4 },
        { "a\n\nb", 3, 2, 4 },
        { "\n", 1, 0, 1 },
        { "a\r\nb\rc\n", 3, 3, 7 },
        { "a\vb\fc", 3, 3, 5 },
        { "a\x1c"
          "b\x1d"
          "c\x1e"
          "d\x1f"
          "e",
          4, 5, 9 },
        { "a\xC2\x85"
          "b",
          2, 2, 3 },
        { "a\xE2\x80\xA8"
          "b\xE2\x80\xA9",
          2, 2, 4 },
        { "a\xC2\xA0"
          "b\xE3\x80\x80"
          "c\xE2\x80\x83"
          "d\xE1\x9A\x80"
          "e",
          1, 5, 9 },
        { "a\xE2\x80\x8B"
          "b\xEF\xBB\xBF"
          "c",
          1, 1, 5 }, /* neither is white space */
        { "\xF0\x9F\x98\x80 \xE6\xBC\xA2\xE5\xAD\x97", 1, 2, 4 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ctx_text_count count = ctx_text_count(cases[i].text, strlen(cases[i].text));
        assert_int_equal(count.lines, cases[i].lines);
        assert_int_equal(count.words, cases[i].words);
        assert_int_equal(count.characters, cases[i].characters);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_count_agrees_with_python),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
