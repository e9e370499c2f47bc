/* Sizes of text, against figures that Python gave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the headers above. */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
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

/* Short lines are counted a character at a time, long texts many at once: the sums must agree. */
static void text_count_of_a_text_is_the_sum_of_its_lines(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "a",
        " ",
        "bc",
        "\t",
        "word",
        "  ",
        "-",
        "x y",
        "\x1F",
        "",
        "\xC2\xA0",
        "\xE6\xBC\xA2",
        "\xC3\xA9",
        "\xE3\x80\x80",
        "\xE3\x80\x82",
        "\xE2\x80\x83",
        "\xE2\x80\x99",
        "\xE2\x80\xAF",
        "\xE2\x81\x9F",
        "\xE1\x9A\x80",
        "\xE1\x9A\x81",
        "\xF0\x9F\x98\x80",
    };
    static char text[200000];
    unsigned seed = 7;
    for (int round = 0; round < 50; round++) {
        size_t len = 0;
        struct ctx_text_count sum = { 0 };
        for (int line = 0; line < 2000; line++) {
            char bytes[16] = "x";
            for (int i = rand_r(&seed) % 4; i > 0; i--)
                if (strlen(bytes) < 9)
                    strcat(bytes, pieces[(unsigned)rand_r(&seed) % CTX_ARRAY_LEN(pieces)]);
            struct ctx_text_count count = ctx_text_count(bytes, strlen(bytes));
            sum.lines += count.lines;
            sum.words += count.words;
            sum.characters += count.characters + 1;
            len += (size_t)sprintf(text + len, "%s\n", bytes);
        }
        struct ctx_text_count count = ctx_text_count(text, len);
        assert_int_equal(count.lines, sum.lines);
        assert_int_equal(count.words, sum.words);
        assert_int_equal(count.characters, sum.characters);
    }
}

/* As many as counting both texts finds, wherever words and characters are cut. */
static void text_count_of_a_change_is_that_of_the_whole(void **state)
{
    (void)state;
    static const char *const pieces[] = { "a",        " ", "bc", "\n", "\xC2\xA0", "\xE3\x80\x80",
                                          "\xC3\xA9", "" };
    unsigned seed = 11;
    for (int round = 0; round < 20000; round++) {
        char parts[4][64] = { "" }; /* before, removed, put there, after */
        char old[256], new[256];
        for (int part = 0; part < 4; part++)
            for (int i = rand_r(&seed) % 5; i > 0; i--)
                strcat(parts[part], pieces[(unsigned)rand_r(&seed) % 8]);
        sprintf(old, "%s%s%s", parts[0], parts[1], parts[3]);
        sprintf(new, "%s%s%s", parts[0], parts[2], parts[3]);
        int64_t change = ctx_text_words_change(old, strlen(old), strlen(parts[0]), strlen(parts[1]),
                                               parts[2], strlen(parts[2]));
        assert_int_equal(change, (int64_t)ctx_text_count(new, strlen(new)).words -
                                     (int64_t)ctx_text_count(old, strlen(old)).words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_count_agrees_with_python),
        cmocka_unit_test(text_count_of_a_text_is_the_sum_of_its_lines),
        cmocka_unit_test(text_count_of_a_change_is_that_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
