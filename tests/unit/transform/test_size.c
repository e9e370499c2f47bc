/* The size stage, on whole documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the headers above. */
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "contextor/transform.h"
#include "transform/languages.h"

static const struct ctx_transform_options balanced = { .profile = CTX_PROFILE_BALANCED };
static const struct ctx_transform_options compact = { .profile = CTX_PROFILE_COMPACT };
static const struct ctx_transform_options lossless = { .profile = CTX_PROFILE_LOSSLESS };

static void transform(const char *source, const struct ctx_transform_options *options,
                      struct ctx_document *document)
{
    struct ctx_transform_context context = {
        .options = options,
        .path = "a.md",
        .repo = "o/n",
        .ref = "main",
        .repo_path = "",
    };
    struct ctx_error error;
    ctx_document_init(document);
    if (ctx_transform(source, strlen(source), &context, document, &error) < 0)
        fail_msg("%s", error.text);
}

/* Also: a second pass changes nothing. */
static void check(const struct ctx_transform_options *options, const char *source,
                  const char *expected)
{
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document once;
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document twice;
    transform(source, options, &once);
    assert_string_equal(ctx_buffer_str(&once.body), expected);
    transform(ctx_buffer_str(&once.body), options, &twice);
    assert_string_equal(ctx_buffer_str(&twice.body), expected);
}

/* Lines "x1" to "xN", each behind a prefix. */
static void put_lines(struct ctx_buffer *out, const char *prefix, unsigned first, unsigned last)
{
    for (unsigned i = first; i <= last; i++)
        ctx_buffer_printf(out, "%sx%u\n", prefix, i);
}

/* A fence of `n` lines in a container, and what has to become of it. */
static void check_fence(const struct ctx_transform_options *options, const char *opening,
                        const char *prefix, unsigned n, unsigned head, const char *marker,
                        unsigned tail)
{
    CTX_AUTO_BUFFER struct ctx_buffer source;
    CTX_AUTO_BUFFER struct ctx_buffer expected;
    ctx_buffer_init(&source, 1 << 20);
    ctx_buffer_init(&expected, 1 << 20);
    ctx_buffer_printf(&source, "%s\n", opening);
    put_lines(&source, prefix, 1, n);
    ctx_buffer_printf(&source, "%s```\n", prefix);
    ctx_buffer_printf(&expected, "%s\n", opening);
    put_lines(&expected, prefix, 1, marker ? head : n);
    if (marker) {
        ctx_buffer_printf(&expected, "%s%s\n", prefix, marker);
        put_lines(&expected, prefix, n - tail + 1, n);
    }
    ctx_buffer_printf(&expected, "%s```\n", prefix);
    check(options, source.data, expected.data);
}

static void size_elides_at_the_thresholds(void **state)
{
    (void)state;
    check_fence(&balanced, "```py", "", 25, 0, NULL, 0);
    check_fence(&balanced, "```py", "", 26, 8, "# … 13 lines omitted …", 5);
    check_fence(&compact, "```py", "", 15, 0, NULL, 0);
    check_fence(&compact, "```py", "", 16, 5, "# … 8 lines omitted …", 3);
    check_fence(&lossless, "```py", "", 500, 0, NULL, 0);
}

/* The ancestor wrote "// ..." into every language. */
static void size_marker_is_a_comment_of_the_language(void **state)
{
    (void)state;
    static const struct {
        const char *opening, *marker;
    } cases[] = {
        { "```js", "// … 13 lines omitted …" },
        { "```jsx {3,4} title=\"a.jsx\"", "// … 13 lines omitted …" },
        { "```ts{1,2}", "// … 13 lines omitted …" },
        { "```html", "<!-- … 13 lines omitted … -->" },
        { "```css", "/* … 13 lines omitted … */" },
        { "```yaml", "# … 13 lines omitted …" },
        { "```sql", "-- … 13 lines omitted …" },
        { "```clojure", "; … 13 lines omitted …" },
        { "```latex", "% … 13 lines omitted …" },
        { "```mdx", "{/* … 13 lines omitted … */}" },
        { "```diff", "… 13 lines omitted …" },
        { "```text", "… 13 lines omitted …" },
        { "```nosuch", "… 13 lines omitted …" },
        { "```", "… 13 lines omitted …" },
        { "```json", "// … 13 lines omitted …" }, /* it is none */
        { "```jsonl", "\"13 lines omitted\"" },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(cases); i++)
        check_fence(&balanced, cases[i].opening, "", 26, 8, cases[i].marker, 5);
}

static void size_repeats_container_prefixes(void **state)
{
    (void)state;
    check_fence(&balanced, "> ```py", "> ", 30, 8, "# … 17 lines omitted …", 5);
    check_fence(&balanced, "- ```py", "  ", 30, 8, "# … 17 lines omitted …", 5);
    check_fence(&balanced, "> 1. a\n>\n>    ```py", ">    ", 30, 8, "# … 17 lines omitted …", 5);
}

static void size_marker_is_indented_as_what_goes(void **state)
{
    (void)state;
    check(
        &compact,
        "```py\nclass A:\n    a\n    b\n    c\n    d\n\n    e\n    f\n    g\n    h\n    i\n    j\n"
        "    k\n    l\n    m\n    n\n```\n",
        "```py\nclass A:\n    a\n    b\n    c\n    d\n    # … 8 lines omitted …\n    l\n    m\n"
        "    n\n```\n");
}

static void size_elides_indented_code(void **state)
{
    (void)state;
    CTX_AUTO_BUFFER struct ctx_buffer source;
    CTX_AUTO_BUFFER struct ctx_buffer expected;
    ctx_buffer_init(&source, 4096);
    ctx_buffer_init(&expected, 4096);
    put_lines(&source, "    ", 1, 20);
    put_lines(&expected, "    ", 1, 5);
    ctx_buffer_puts(&expected, "    … 12 lines omitted …\n");
    put_lines(&expected, "    ", 18, 20);
    check(&compact, source.data, expected.data);
}

static void size_options_are_obeyed(void **state)
{
    (void)state;
    static const char *const languages[] = { "py", "javascript", "shell", "own" };
    const struct ctx_transform_options preserve = {
        .code = { .preserve_languages = languages, .n_preserve_languages = 4 },
    };
    check_fence(&preserve, "```py{1}", "", 100, 0, NULL, 0);
    check_fence(&preserve, "```python", "", 100, 0, NULL, 0);
    check_fence(&preserve, "```js", "", 100, 0, NULL, 0);
    check_fence(&preserve, "```bash", "", 100, 0, NULL, 0);
    check_fence(&preserve, "```own", "", 100, 0, NULL, 0);
    check_fence(&preserve, "```jsx", "", 100, 8, "// … 87 lines omitted …", 5);
    check_fence(&preserve, "```rb", "", 100, 8, "# … 87 lines omitted …", 5);
    const struct ctx_transform_options longer = { .code = { .max_lines = 50 } };
    check_fence(&longer, "```py", "", 50, 0, NULL, 0);
    check_fence(&longer, "```py", "", 51, 8, "# … 38 lines omitted …", 5);
    const struct ctx_transform_options shorter = { .code = { .max_lines = 7 } };
    check_fence(&shorter, "```py", "", 8, 4, "# … 2 lines omitted …", 2);
    const struct ctx_transform_options least = { .code = { .max_lines = 1 } };
    check_fence(&least, "```py", "", 2, 0, "# … 2 lines omitted …", 0);
}

static void size_json_loses_members(void **state)
{
    (void)state;
    CTX_AUTO_BUFFER struct ctx_buffer source;
    CTX_AUTO_BUFFER struct ctx_buffer expected;
    ctx_buffer_init(&source, 4096);
    ctx_buffer_init(&expected, 4096);
    ctx_buffer_puts(&source, "> ```json\n> {\n");
    ctx_buffer_puts(&expected, "> ```json\n> {\n");
    for (unsigned i = 1; i <= 30; i++)
        ctx_buffer_printf(&source, ">   \"k%u\": %u%s\n", i, i, i < 30 ? "," : "");
    for (unsigned i = 1; i <= 9; i++)
        ctx_buffer_printf(&expected, ">   \"k%u\": %u,\n", i, i);
    ctx_buffer_puts(&source, "> }\n> ```\n");
    ctx_buffer_puts(&expected, ">   \"…\": \"21 members omitted\"\n> }\n> ```\n");
    check(&balanced, source.data, expected.data);
}

/* The ancestor took a closing fence for an opening one, and cut the prose between two fences. */
static void size_never_cuts_prose(void **state)
{
    (void)state;
    CTX_AUTO_BUFFER struct ctx_buffer source;
    ctx_buffer_init(&source, 1 << 16);
    ctx_buffer_puts(&source, "```js title=\"a\"\nlet a\n```\n\n");
    put_lines(&source, "", 1, 40);
    ctx_buffer_puts(&source, "\n```js title=\"b\"\nlet b\n```\n");
    check(&compact, source.data, source.data);
}

/* What went may have been why the fence was long. */
static void size_fence_length_follows_its_content(void **state)
{
    (void)state;
    check(&compact, "````md\n1\n2\n3\n4\n5\n```\n```\n6\n7\n8\n9\n10\n11\n12\n13\n14\n````\n",
          "```md\n1\n2\n3\n4\n5\n<!-- … 8 lines omitted … -->\n12\n13\n14\n```\n");
}

static void size_counts_what_it_elides(void **state)
{
    (void)state;
    CTX_AUTO_BUFFER struct ctx_buffer source;
    ctx_buffer_init(&source, 4096);
    ctx_buffer_puts(&source, "```Py\n");
    put_lines(&source, "", 1, 40);
    ctx_buffer_puts(&source, "```\n");
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document document;
    transform(source.data, &balanced, &document);
    assert_int_equal(document.report.n_entries, 1);
    assert_int_equal(document.report.entries[0].loss, CTX_LOSS_ELIDED);
    assert_string_equal(document.report.entries[0].rule, "code");
    assert_string_equal(document.report.entries[0].name, "py");
    assert_int_equal(document.report.entries[0].amount, 27);
}

static void size_compact_drops_badges(void **state)
{
    (void)state;
    static const char source[] =
        "# A\n\n[![CI](https://github.com/o/n/actions/workflows/ci.yml/badge.svg)](https://ci)\n"
        "[![npm][npm-badge]](https://npm) ![x](https://img.shields.io/x)\n\n"
        "<p align=\"center\">\n  <a href=\"https://a\"><img src=\"https://img.shields.io/y\" "
        "alt=\"y\"></a>\n</p>\n\ntext ![z](https://img.shields.io/z)\n\n"
        "[npm-badge]: https://badge.fury.io/js/x.svg\n";
    check(&compact, source,
          "# A\n\ntext ![z](https://img.shields.io/z)\n\n"
          "[npm-badge]: https://badge.fury.io/js/x.svg\n");
    check(&balanced, source, source);
    static const char *const off[] = { "badges" };
    const struct ctx_transform_options without = {
        .profile = CTX_PROFILE_COMPACT,
        .rules_off = off,
        .n_rules_off = 1,
    };
    check(&without, source, source);
}

static void size_compact_drops_images_that_say_nothing(void **state)
{
    (void)state;
    check(&compact, "a\n\n![](https://x/y.png)\n\n<img src=\"https://x\" alt=\"\">\n\nb\n",
          "a\n\nb\n");
    static const char kept[] = "![what it shows](https://x/y.png)\n\n"
                               "<img src=\"https://x\" alt=\"shown\">\n\n"
                               "[![](https://x/y.png) words](https://z)\n\n"
                               "- ![](https://x/y.png)\n\n  an item of more\n";
    check(&compact, kept, kept);
}

static void size_compact_drops_ornaments(void **state)
{
    (void)state;
    check(&compact, "a\n\n**———**\n\nb\n\n· · ·\n\nc\n", "a\n\nb\n\nc\n");
    static const char kept[] = "a\n\n—\n\nb — — —\n\n---\n\n…\n";
    check(&compact, kept, kept);
}

static void size_rule_names_are_known(void **state)
{
    (void)state;
    size_t n;
    const struct ctx_size_rule *rules = ctx_size_rules(&n);
    assert_int_equal(n, 3);
    for (size_t i = 1; i < n; i++)
        assert_true(strcmp(rules[i - 1].name, rules[i].name) < 0);
}

static void size_languages_are_found(void **state)
{
    (void)state;
    assert_int_equal(ctx_language_length("js{1,2} x", 9), 2);
    assert_int_equal(ctx_language_length("rust,ignore", 11), 4);
    assert_int_equal(ctx_language_length("{.py}", 5), 0);
    static const char *const first_and_last[] = { "actionscript", "zsh-session", "C++",
                                                  "Dockerfile" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(first_and_last); i++)
        assert_string_not_equal(
            ctx_language_find(first_and_last[i], strlen(first_and_last[i])).open, "");
    assert_string_equal(ctx_language_find("diff", 4).open, "");
}

static int setup(void **state)
{
    (void)state;
    return ctx_transform_setup() < 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(size_elides_at_the_thresholds),
        cmocka_unit_test(size_marker_is_a_comment_of_the_language),
        cmocka_unit_test(size_repeats_container_prefixes),
        cmocka_unit_test(size_marker_is_indented_as_what_goes),
        cmocka_unit_test(size_elides_indented_code),
        cmocka_unit_test(size_options_are_obeyed),
        cmocka_unit_test(size_json_loses_members),
        cmocka_unit_test(size_never_cuts_prose),
        cmocka_unit_test(size_fence_length_follows_its_content),
        cmocka_unit_test(size_counts_what_it_elides),
        cmocka_unit_test(size_compact_drops_badges),
        cmocka_unit_test(size_compact_drops_images_that_say_nothing),
        cmocka_unit_test(size_compact_drops_ornaments),
        cmocka_unit_test(size_rule_names_are_known),
        cmocka_unit_test(size_languages_are_found),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
