/* Titles and statistics, on whole documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the headers above. */
#include <cmocka.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "contextor/transform.h"

static const struct ctx_transform_options options;

static void transform(const char *source, const char *path, struct ctx_document *document)
{
    struct ctx_transform_context context = {
        .options = &options,
        .path = path,
        .repo = "o/n",
        .ref = "main",
        .repo_path = "",
    };
    struct ctx_error error;
    ctx_document_init(document);
    if (ctx_transform(source, strlen(source), &context, document, &error) < 0)
        fail_msg("%s", error.text);
}

static void check_title(const char *source, const char *expected)
{
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document document;
    transform(source, "d/name.md", &document);
    assert_string_equal(document.title, expected);
}

static void measure_title_comes_from_front_matter_first(void **state)
{
    (void)state;
    check_title("---\ntitle: A\n---\n# B\n", "A");
    check_title("---\ntitle:\n---\n# B\n", "B");
    check_title("---\ntitle: a: b\n---\n# B\n", "a: b");
    check_title("text\n", "name");
}

/* Malformed front matter is not read, but what it calls the page is plain to see. */
static void measure_title_of_malformed_front_matter(void **state)
{
    (void)state;
    check_title("---\ntitle: One\nlinkTitle: x\nlinkTitle: x\n---\n# B\n", "One");
    check_title("---\ntitle: One\ntitle: Two\n---\n# B\n", "Two");
    check_title("---\na: [\ntitle: 'It''s  \"one\"' # why\n---\n", "It's \"one\"");
    check_title("---\na: [\ntitle: \"{{ \\\"x\\\" }}\" y\n---\n", "{{ \"x\" }}");
    check_title("---\na: [\ntitle: C# and more # why\n---\n", "C# and more");
    check_title("---\na: [\ntitle: \"unclosed\n---\n", "unclosed");
    check_title("---\na: [\ntitle: @scope/name\n---\n", "@scope/name");
    check_title("---\na: [\ntitle: [x\n---\n# B\n", "B");
    check_title("---\na: [\ntitle: >\n  folded\n---\n# B\n", "B");
    check_title("---\na: [\ntitle:\n  below: x\n---\n# B\n", "B");
    check_title("---\na: [\ntitle:x\n  title: y\n---\n# B\n", "B");
    check_title("---\na: [\ntitle: ''\n---\n# B\n", "B");
}

/* The ancestor took a comment inside a fence for the title, and knew no setext. */
static void measure_title_is_the_first_h1(void **state)
{
    (void)state;
    check_title("```sh\n# install\n```\n\n## Two\n\n# One\n\n# More\n", "One");
    check_title("Set\n===\n", "Set");
    check_title("    # code\n\n# Real\n", "Real");
    check_title("\xEF\xBB\xBF# Marked\r\n", "Marked");
    check_title("> # Quoted\n", "Quoted");
    check_title("## Only two\n", "name");
    check_title("# ![only an image](x.png)\n\n# Two\n", "name");
    check_title("#\n", "name");
}

static void measure_title_is_plain_text(void **state)
{
    (void)state;
    check_title("# **Bold** _it_ ~~no~~ `co*d*e` snake_case 2 * 3 #\n",
                "Bold it no co*d*e snake_case 2 * 3");
    check_title("# A [li*nk*](x.md) ![img](y.png) <b>tag</b><br>end\n", "A link tag end");
    check_title("# \\*a\\* &amp; &lt;T&gt; <https://x.y>\n", "*a* & <T> https://x.y");
    check_title("# Name {#the-id}\n", "Name");
    check_title("# Name&ensp;\xC2\xAF\\_&nbsp;&emsp;\n", "Name\u2002\xC2\xAF_");
    check_title("# &NotAName; &Afr;\n", "&NotAName; \U0001D504");
    check_title("# ***x*** **a_b_** *open\n", "x a_b_ *open");
    check_title("# C++ & C# \"q\"\n", "C++ & C# \"q\"");
}

static void measure_counts_what_a_parser_sees(void **state)
{
    (void)state;
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document document;
    transform("# A `b`\n\ntext [a](https://x) <https://y> https://z ![i](https://w) [r] `c`\n\n"
              "```\n[no](x) `no`\n# no\n```\n\n    code\n\n## B\n\n| `d` |\n| --- |\n\n"
              "[r]: https://r\n",
              "a.md", &document);
    assert_int_equal(document.stats.code_blocks, 2);
    assert_int_equal(document.stats.headings, 2);
    assert_int_equal(document.stats.inline_code, 3);
    assert_int_equal(document.stats.links, 4);
    assert_int_equal(document.stats.lines, 17);
}

static void measure_hostile_headings_are_linear(void **state)
{
    (void)state;
    static const char *const units[] = { "*a ", "*a _b ", "**", "![", "`", "&", "{#", "\\*" };
    CTX_AUTO_BUFFER struct ctx_buffer source;
    ctx_buffer_init(&source, 1 << 22);
    for (size_t i = 0; i < CTX_ARRAY_LEN(units); i++) {
        ctx_buffer_clear(&source);
        ctx_buffer_puts(&source, "# ");
        while (source.len < 300000)
            ctx_buffer_puts(&source, units[i]);
        clock_t begin = clock();
        CTX_CLEANUP(ctx_document_deinit) struct ctx_document document;
        transform(source.data, "a.md", &document);
        if ((double)(clock() - begin) / CLOCKS_PER_SEC > 5)
            fail_msg("%s", units[i]);
    }
}

static int setup(void **state)
{
    (void)state;
    return ctx_transform_setup() < 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measure_title_comes_from_front_matter_first),
        cmocka_unit_test(measure_title_of_malformed_front_matter),
        cmocka_unit_test(measure_title_is_the_first_h1),
        cmocka_unit_test(measure_title_is_plain_text),
        cmocka_unit_test(measure_counts_what_a_parser_sees),
        cmocka_unit_test(measure_hostile_headings_are_linear),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
