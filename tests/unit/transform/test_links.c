/* The links stage, on whole documents. */
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

#define BLOB "https://github.com/o/n/blob/main/docs/"
#define TREE "https://github.com/o/n/tree/main/docs/"
#define RAW "https://raw.githubusercontent.com/o/n/main/docs/"

static const struct ctx_transform_options repository;
static const struct ctx_transform_options with_base = {
    .links = { .base_url = "https://site.dev/docs/" },
};
static const struct ctx_transform_options base = {
    .links = { .target = CTX_LINKS_BASE_URL, .base_url = "https://site.dev" },
};
static const struct ctx_transform_options mirror = { .links = { .target = CTX_LINKS_MIRROR } };
static const struct ctx_transform_options gitlab = {
    .links = { .forge = CTX_FORGE_GITLAB, .web = "https://gitlab.com/g/o/n" },
};
static const struct ctx_transform_options server = {
    .links = { .forge = CTX_FORGE_BITBUCKET_SERVER, .web = "https://b.dev/projects/o/repos/n" },
};
static const struct ctx_transform_options no_anchors = { .links = { .drop_anchors = true } };

static struct ctx_transform_context context_of(const struct ctx_transform_options *options)
{
    return (struct ctx_transform_context){
        .options = options,
        .path = "guide/deep/a.md",
        .repo = "o/n",
        .ref = "main",
        .repo_path = "docs",
    };
}

static void transform(const char *source, const struct ctx_transform_context *context,
                      struct ctx_document *document)
{
    struct ctx_error error;
    ctx_document_init(document);
    if (ctx_transform(source, strlen(source), context, document, &error) < 0)
        fail_msg("%s", error.text);
}

/* Also: a second pass changes nothing. */
static void check_in(const struct ctx_transform_context *context, const char *source,
                     const char *expected)
{
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document once;
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document twice;
    transform(source, context, &once);
    assert_string_equal(ctx_buffer_str(&once.body), expected);
    transform(ctx_buffer_str(&once.body), context, &twice);
    assert_string_equal(ctx_buffer_str(&twice.body), expected);
}

static void check_with(const struct ctx_transform_options *options, const char *source,
                       const char *expected)
{
    struct ctx_transform_context context = context_of(options);
    check_in(&context, source, expected);
}

static void check(const char *source, const char *expected)
{
    check_with(&repository, source, expected);
}

/* The parser has no block for them when a paragraph goes on below. */
static void links_defined_right_above_text(void **state)
{
    (void)state;
    check("[a]: b.md\n[c]:\n  d.png\ntext [a] ![c] [e]: f.md\n",
          "[a]: " BLOB "guide/deep/b.md\n[c]:\n  " RAW
          "guide/deep/d.png\ntext [a] ![c] [e]: f.md\n");
    check("> [a]: b.md\n> text [a]\n", "> [a]: " BLOB "guide/deep/b.md\n> text [a]\n");
    check("- [a]: b.md\n  text [a]\n", "- [a]: " BLOB "guide/deep/b.md\n  text [a]\n");
    check("[a]: b c.md\ntext [a]\n", "[a]: b c.md\ntext [a]\n");
    check("text\n[a]: b.md\n", "text\n[a]: b.md\n");
}

static void links_lead_to_the_repository_s_host(void **state)
{
    (void)state;
    check_with(&gitlab, "[a](b.md#c) ![d](e.png) [f](../)\n",
               "[a](https://gitlab.com/g/o/n/-/blob/main/docs/guide/deep/b.md#c) "
               "![d](https://gitlab.com/g/o/n/-/raw/main/docs/guide/deep/e.png) "
               "[f](https://gitlab.com/g/o/n/-/tree/main/docs/guide)\n");
    check_with(
        &server, "[a](b.md?x=1#c) <a href='b.md?x'>d</a>\n",
        "[a](https://b.dev/projects/o/repos/n/browse/docs/guide/deep/b.md?at=main&amp;x=1#c) "
        "<a href='https://b.dev/projects/o/repos/n/browse/docs/guide/deep/b.md"
        "?at=main&amp;x'>d</a>\n");
}

static void links_resolves_against_the_document(void **state)
{
    (void)state;
    check("[a](b.md)\n", "[a](" BLOB "guide/deep/b.md)\n");
    check("[a](./b.md) [c](../d/e.md)\n",
          "[a](" BLOB "guide/deep/b.md) [c](" BLOB "guide/d/e.md)\n");
    check("[a](../../../src/x.c)\n", "[a](https://github.com/o/n/blob/main/src/x.c)\n");
    check("[a](x/../y//z)\n", "[a](" BLOB "guide/deep/y/z)\n");
    check("[a](sub/)\n", "[a](" TREE "guide/deep/sub)\n");
    check("[a](..)\n", "[a](" TREE "guide)\n");
    check("[a](../index.md)\n", "[a](" BLOB "guide/index.md)\n");
}

static void links_images_get_their_bytes_address(void **state)
{
    (void)state;
    check("![a](b.png)\n", "![a](" RAW "guide/deep/b.png)\n");
    check("[![a](b.png)](c.md)\n", "[![a](" RAW "guide/deep/b.png)](" BLOB "guide/deep/c.md)\n");
    check("![a][i] [b][l]\n\n[i]: b.png\n[l]: b.png\n",
          "![a][i] [b][l]\n\n[i]: " RAW "guide/deep/b.png\n[l]: " BLOB "guide/deep/b.png\n");
}

/* The ancestor added a second title, and rewrote inside of fences. */
static void links_keeps_all_but_the_path(void **state)
{
    (void)state;
    check("[a](b.md \"T\") [c](d.md 'T' )\n",
          "[a](" BLOB "guide/deep/b.md \"T\") [c](" BLOB "guide/deep/d.md 'T' )\n");
    check("[a](b.md?x=1&amp;y=%20#f-1)\n", "[a](" BLOB "guide/deep/b.md?x=1&amp;y=%20#f-1)\n");
    check("[a](<b c.md#x y> \"T\")\n", "[a](<" BLOB "guide/deep/b%20c.md#x y> \"T\")\n");
    check("[*a* `b`](b.md)\n", "[*a* `b`](" BLOB "guide/deep/b.md)\n");
}

static void links_destinations_are_unescaped_and_encoded(void **state)
{
    (void)state;
    check("[a](b_(c).md)\n", "[a](" BLOB "guide/deep/b_(c).md)\n");
    check("[a](b\\(c.md)\n", "[a](" BLOB "guide/deep/b%28c.md)\n");
    check("[a](b%20c%zz.md)\n", "[a](" BLOB "guide/deep/b%20c%25zz.md)\n");
    check("[a](b&amp;c&#x26;d.md)\n", "[a](" BLOB "guide/deep/b%26c%26d.md)\n");
    check("[a](b\\#c.md)\n", "[a](" BLOB "guide/deep/b\\#c.md)\n");
    check("[a](é.md)\n", "[a](" BLOB "guide/deep/%C3%A9.md)\n");
    check("[a]([id].md)\n", "[a](" BLOB "guide/deep/%5Bid%5D.md)\n");
}

static void links_leaves_what_is_absolute(void **state)
{
    (void)state;
    static const char source[] =
        "[a](https://x.y) [b](//x.y/z) [c](mailto:a@b.c) [d](#frag) [e](?q=1) [f]() "
        "[g](www.x.y) <https://x.y> ![h](data:image/png;base64,AA) [i][i]\n\n"
        "[i]: https://x.y/z\n";
    check(source, source);
}

static void links_leaves_what_it_cannot_tell_and_counts_it(void **state)
{
    (void)state;
    static const char source[] = "[a](/x) [b](../../../../up.md) [c](@site/d.md) "
                                 "[d]({{url}}/e) [e](../../README.md) [f](../..)\n";
    check(source, source);
    struct ctx_transform_context context = context_of(&repository);
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document document;
    transform(source, &context, &document);
    uint32_t kept = 0;
    for (size_t i = 0; i < document.report.n_entries; i++)
        if (document.report.entries[i].loss == CTX_LOSS_KEPT)
            kept += document.report.entries[i].count;
    assert_int_equal(kept, 6);
}

static void links_without_owner_stay(void **state)
{
    (void)state;
    struct ctx_transform_context context = context_of(&repository);
    context.repo = "folder";
    check_in(&context, "[a](b.md) ![c](d.png)\n", "[a](b.md) ![c](d.png)\n");
}

static void links_root_relative_go_to_the_base(void **state)
{
    (void)state;
    check_with(&with_base, "[a](/x/y#z) [b](/docs/x) ![c](/i.png) [d](e.md)\n",
               "[a](https://site.dev/docs/x/y#z) [b](https://site.dev/docs/x) "
               "![c](https://site.dev/docs/i.png) [d](" BLOB "guide/deep/e.md)\n");
}

static void links_target_base_url(void **state)
{
    (void)state;
    check_with(&base, "[a](../b.md#c) ![d](e.png) [f](../../../x.md) [g](/h)\n",
               "[a](https://site.dev/guide/b.md#c) ![d](https://site.dev/guide/deep/e.png) "
               "[f](../../../x.md) [g](https://site.dev/h)\n");
}

static void links_target_mirror(void **state)
{
    (void)state;
    check_with(&mirror, "[a](../b.md#c) [d](e) [f](../) ![g](h.png) [i](j.ts)\n",
               "[a](n__guide__b.mdc#c) [d](n__guide__deep__e.mdc) [f](n__guide__index.mdc) "
               "![g](" RAW "guide/deep/h.png) [i](" BLOB "guide/deep/j.ts)\n");
}

static void links_anchors_are_dropped_when_asked(void **state)
{
    (void)state;
    check_with(&no_anchors, "[a](b.md?q#c) [d](#e) [f](https://x.y#z)\n\n[g]: h.md#i 'T'\n",
               "[a](" BLOB "guide/deep/b.md?q) [d](#e) [f](https://x.y#z)\n\n"
               "[g]: " BLOB "guide/deep/h.md 'T'\n");
}

static void links_definitions_wherever_they_stand(void **state)
{
    (void)state;
    check("[a] [b] [c]\n\n[a]: b.md \"T\"\n[b]:\n  <c d.md>\n[c]: /e\n",
          "[a] [b] [c]\n\n[a]: " BLOB "guide/deep/b.md \"T\"\n[b]:\n  <" BLOB
          "guide/deep/c%20d.md>\n[c]: /e\n");
    check("> [a]\n>\n> [a]: b.md\n", "> [a]\n>\n> [a]: " BLOB "guide/deep/b.md\n");
}

static void links_html_attributes(void **state)
{
    (void)state;
    check("<a href=\"b.md\">x</a> <img alt='' src='c.png'> <a href=d.md>y</a>\n",
          "<a href=\"" BLOB "guide/deep/b.md\">x</a> <img alt='' src='" RAW
          "guide/deep/c.png'> <a href=\"" BLOB "guide/deep/d.md\">y</a>\n");
    check("<div>\n<a\n  href=\"b.md?a&amp;b\">x</a>\n<img src=/i.png><a href=https://x>\n</div>\n",
          "<div>\n<a\n  href=\"" BLOB
          "guide/deep/b.md?a&amp;b\">x</a>\n<img src=/i.png><a href=https://x>\n</div>\n");
    check("<source srcset=\"a.png 1x, b.png 2x\">\n",
          "<source srcset=\"" RAW "guide/deep/a.png 1x, " RAW "guide/deep/b.png 2x\">\n");
    check("<!-- <a href=\"b.md\"> -->\n", "<!-- <a href=\"b.md\"> -->\n");
}

static void links_never_touches_code(void **state)
{
    (void)state;
    static const char source[] = "`[a](b.md)` \\[a](b.md)\n\n```md\n[a](b.md)\n```\n\n"
                                 "- x\n\n      [a](b.md)\n\n| `[a](b.md)` |\n| --- |\n";
    check(source, source);
}

static void links_nested_in_containers(void **state)
{
    (void)state;
    check("> - [a](b.md\n>   \"T\")\n>\n>   1. ![c](d.png)\n",
          "> - [a](" BLOB "guide/deep/b.md\n>   \"T\")\n>\n>   1. ![c](" RAW "guide/deep/d.png)\n");
    check("| a |\n| --- |\n| [b](c.md) |\n", "| a |\n| --- |\n| [b](" BLOB "guide/deep/c.md) |\n");
    check("# [b](c.md)\n", "# [b](" BLOB "guide/deep/c.md)\n");
}

static void links_boilerplate_goes(void **state)
{
    (void)state;
    check("text\n\n[Edit this page](x)\n", "text\n");
    check("text\n\n---\n\n[← Previous](a.md) | [Next →](b.md)\n", "text\n");
    check("text\n\n**[Edit this page on GitHub](x)** · [Back to top](#top)\n\nmore\n",
          "text\n\nmore\n");
    check("text\n\n- [Edit this page](x)\n- keep\n", "text\n\n- keep\n");
    check("text\n\n- [Edit this page](x)\n- [Share on X](y)\n", "text\n");
    check("text\n[Next → Install](b.md)\n", "text\n");
    check("text\\\n[Edit this page](x)\n", "text\n");
    check("> text\n> [Edit this page](x)\n", "> text\n");
}

/* The ancestor also cut them inside of prose and fences, and left empty list items. */
static void links_prose_about_boilerplate_stays(void **state)
{
    (void)state;
    static const char *const sources[] = {
        "Edit this page\n",
        "Click [Edit this page](https://x) to help.\n",
        "[Edit this page to add your project to the list](https://x)\n",
        "[Next steps](https://x)\n",
        "[← Preview](https://x)\n",
        "[Share on xylophones](https://x)\n",
        "- [Edit this page](https://x)\n\n  more of this item\n",
        "[Edit this page](https://x)\nmore\n",
        "```\n[Edit this page](x)\n```\n",
        "`[Edit this page](x)`\n",
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(sources); i++)
        check(sources[i], sources[i]);
}

static void links_boilerplate_is_counted(void **state)
{
    (void)state;
    struct ctx_transform_context context = context_of(&repository);
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document document;
    transform("a\n\n[← Previous](x) [Next →](y)\n", &context, &document);
    assert_int_equal(document.report.n_entries, 1);
    assert_int_equal(document.report.entries[0].loss, CTX_LOSS_DROPPED);
    assert_string_equal(document.report.entries[0].rule, "boilerplate");
    assert_int_equal(document.report.entries[0].count, 2);
}

static void links_many_stay_linear(void **state)
{
    (void)state;
    CTX_AUTO_BUFFER struct ctx_buffer source;
    ctx_buffer_init(&source, 1 << 24);
    for (int i = 0; i < 20000; i++)
        ctx_buffer_puts(&source, "a [a](b.md) <a href=c.md>\n[Edit this page](x)\n[d]: e.md\n");
    struct ctx_transform_context context = context_of(&repository);
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document document;
    clock_t begin = clock();
    transform(source.data, &context, &document);
    assert_true((double)(clock() - begin) / CLOCKS_PER_SEC < 5);
}

static int setup(void **state)
{
    (void)state;
    return ctx_transform_setup() < 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_defined_right_above_text),
        cmocka_unit_test(links_lead_to_the_repository_s_host),
        cmocka_unit_test(links_resolves_against_the_document),
        cmocka_unit_test(links_images_get_their_bytes_address),
        cmocka_unit_test(links_keeps_all_but_the_path),
        cmocka_unit_test(links_destinations_are_unescaped_and_encoded),
        cmocka_unit_test(links_leaves_what_is_absolute),
        cmocka_unit_test(links_leaves_what_it_cannot_tell_and_counts_it),
        cmocka_unit_test(links_without_owner_stay),
        cmocka_unit_test(links_root_relative_go_to_the_base),
        cmocka_unit_test(links_target_base_url),
        cmocka_unit_test(links_target_mirror),
        cmocka_unit_test(links_anchors_are_dropped_when_asked),
        cmocka_unit_test(links_definitions_wherever_they_stand),
        cmocka_unit_test(links_html_attributes),
        cmocka_unit_test(links_never_touches_code),
        cmocka_unit_test(links_nested_in_containers),
        cmocka_unit_test(links_boilerplate_goes),
        cmocka_unit_test(links_prose_about_boilerplate_stays),
        cmocka_unit_test(links_boilerplate_is_counted),
        cmocka_unit_test(links_many_stay_linear),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
