/* JSON without a run of its members stays JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the headers above. */
#include <cmocka.h>
#include <jansson.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "transform/json_elide.h"

static int elide(const char *text, size_t most, size_t head, struct ctx_buffer *out)
{
    CTX_AUTO_BUFFER struct ctx_buffer marker;
    ctx_buffer_init(&marker, 4096);
    ctx_buffer_init(out, 1 << 24);
    struct ctx_json_cut cut;
    int r = ctx_json_elide(text, strlen(text), most, head, &marker, &cut);
    if (r == 0) {
        ctx_buffer_append(out, text, cut.begin);
        ctx_buffer_append(out, marker.data, marker.len);
        ctx_buffer_puts(out, text + cut.end);
    }
    return r;
}

static void check(const char *text, size_t most, size_t head, const char *expected)
{
    CTX_AUTO_BUFFER struct ctx_buffer out;
    assert_int_equal(elide(text, most, head, &out), expected ? 0 : 1);
    assert_string_equal(ctx_buffer_str(&out), expected ? expected : "");
}

static void json_elide_takes_the_tail_of_a_container(void **state)
{
    (void)state;
    check("[\n  1,\n  2,\n  3,\n  4,\n  5\n]\n", 5, 2, "[\n  1,\n  \"4 members omitted\"\n]\n");
    check("{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n", 4, 2,
          "{\n  \"a\": 1,\n  \"…\": \"2 members omitted\"\n}\n");
    check("{\n  \"a\": 1,\n  \"b\": 2\n}\n", 3, 2, "{\n  \"…\": \"2 members omitted\"\n}\n");
}

static void json_elide_leaves_as_much_as_may_stay(void **state)
{
    (void)state;
    check("{\n\"a\": 1,\n\"b\": {\n\"c\": 1,\n\"d\": 2,\n\"e\": 3,\n\"f\": 4,\n\"g\": 5\n}\n}\n", 8,
          4, "{\n\"a\": 1,\n\"b\": {\n\"c\": 1,\n\"…\": \"4 members omitted\"\n}\n}\n");
    check("{\n\"a\": [\n1,\n2\n],\n\"b\": [\n3,\n4\n],\n\"c\": 5\n}\n", 8, 6,
          "{\n\"a\": [\n1,\n2\n],\n\"…\": \"2 members omitted\"\n}\n");
    check("{\n\"a\": [\n1,\n2,\n3,\n4,\n5,\n6\n]\n}\n", 7, 4,
          "{\n\"a\": [\n1,\n2,\n\"4 members omitted\"\n]\n}\n");
}

static void json_elide_takes_comments_and_commas_along(void **state)
{
    (void)state;
    check("{\n  // first\n  \"a\": 1, // one\n  // second\n  \"b\": 2, // two\n  /* third */\n"
          "  \"c\": 3, // three\n  // end\n}\n",
          7, 3, "{\n  // first\n  \"a\": 1, // one\n  \"…\": \"2 members omitted\"\n  // end\n}\n");
    check("[\n  1\n  ,\n  2\n  ,\n  3\n]", 5, 2, "[\n  1\n  ,\n  \"2 members omitted\"\n]");
}

static void json_elide_members_may_share_lines(void **state)
{
    (void)state;
    check("[1, 2,\n3, 4,\n5, 6,\n7, 8]\n", 2, 1, "[1, 2,\n\"6 members omitted\"]\n");
}

/* Where no run is enough, one line says how much there was. */
static void json_elide_leaves_one_line_when_nothing_else_fits(void **state)
{
    (void)state;
    check("{\n  \"a\": 1,\n  \"b\": 2\n}\n", 2, 1, "{ \"…\": \"2 members omitted\" }\n");
    check("[\n  1\n]\n", 1, 0, "[\"1 member omitted\"]\n");
    check("[\n\n\n\n]\n", 2, 1, "[]\n");
    check("// 1\n// 2\n// 3\n{\n  \"a\": 1\n}\n// 4\n", 4, 2, "{ \"…\": \"1 member omitted\" }\n");
}

/* The ancestor cut at any line, left brackets open and glued the fence to the end. */
static void json_elide_leaves_what_is_not_json(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "",
        "{",
        "[\n1,\n2\n",
        "{\n\"a\": 1,\n...\n}\n",
        "{ a: 1 }\n",
        "[1]\n[2]\n",
        "[1 2]\n",
        "{\n'a': 1\n}\n",
        "{\n\"a\"\n}\n",
        "[,]\n",
        "text\n",
        "[\"\n\"]\n",
        "[1,,2]\n",
        "[} ",
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(broken); i++)
        check(broken[i], 1, 1, NULL);
    check("\"a\"\n", 0, 0, NULL);
    check("[\n// a\n\n\n]\n", 2, 1, NULL);
}

static void json_elide_result_is_json_within_the_limit(void **state)
{
    (void)state;
    static const char text[] =
        "{\n  \"compilerOptions\": {\n    \"target\": \"ES2020\",\n    \"lib\": [\n      \"DOM\",\n"
        "      \"ES2020\"\n    ],\n    \"strict\": true\n  },\n  \"include\": [\n    \"src\",\n"
        "    \"test\"\n  ],\n  \"exclude\": [\n    \"dist\"\n  ],\n  \"n\": -1.5e3\n}\n";
    for (size_t most = 1; most < 20; most++) {
        CTX_AUTO_BUFFER struct ctx_buffer out;
        assert_int_equal(elide(text, most, most / 2, &out), 0);
        size_t lines = 0;
        for (size_t i = 0; i < out.len; i++)
            lines += out.data[i] == '\n';
        assert_true(lines <= most);
        json_t *json = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(json);
        json_decref(json);
    }
}

static void json_elide_hostile_input_is_linear(void **state)
{
    (void)state;
    static const char *const units[] = { "[", "{\"a\":", "[1,\n", "/*", "//\n", "\"", "1,\n", "," };
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, 1 << 24);
    for (size_t i = 0; i < CTX_ARRAY_LEN(units); i++) {
        ctx_buffer_clear(&text);
        ctx_buffer_puts(&text, "[\n");
        while (text.len < 2000000)
            ctx_buffer_puts(&text, units[i]);
        clock_t begin = clock();
        CTX_AUTO_BUFFER struct ctx_buffer out;
        elide(text.data, 10, 5, &out);
        assert_true((double)(clock() - begin) / CLOCKS_PER_SEC < 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_elide_takes_the_tail_of_a_container),
        cmocka_unit_test(json_elide_leaves_as_much_as_may_stay),
        cmocka_unit_test(json_elide_takes_comments_and_commas_along),
        cmocka_unit_test(json_elide_members_may_share_lines),
        cmocka_unit_test(json_elide_leaves_one_line_when_nothing_else_fits),
        cmocka_unit_test(json_elide_leaves_what_is_not_json),
        cmocka_unit_test(json_elide_result_is_json_within_the_limit),
        cmocka_unit_test(json_elide_hostile_input_is_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
