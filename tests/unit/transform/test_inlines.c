/* The inline scanner: what it finds in a block's raw lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the headers above. */
#include <cmocka.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "transform/inlines.h"

static const char definitions[] = "[ref]: ./r.md\n[Two  Words]: <a b> 'title'\n";

/* "kind:text" for each item, parted by blanks; a link's destination or label after '>'. */
static void describe(struct ctx_buffer *out, const char *text, const struct ctx_inline *item)
{
    static const char *const names[] = {
        [CTX_INLINE_CODE] = "code",       [CTX_INLINE_LINK] = "link",
        [CTX_INLINE_IMAGE] = "image",     [CTX_INLINE_AUTOLINK] = "auto",
        [CTX_INLINE_ADDRESS] = "address", [CTX_INLINE_HTML] = "html",
    };
    struct ctx_span target = item->label.end ? item->label : item->destination;
    ctx_buffer_printf(out, "%s%s:", out->len ? " " : "", names[item->kind]);
    ctx_buffer_append(out, text + item->text.begin, item->text.end - item->text.begin);
    if (item->kind == CTX_INLINE_LINK || item->kind == CTX_INLINE_IMAGE) {
        ctx_buffer_putc(out, '>');
        ctx_buffer_append(out, text + target.begin, target.end - target.begin);
    }
}

static void check_kind(enum ctx_block_kind kind, const char *source, const char *expected)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    CTX_AUTO_BUFFER struct ctx_buffer out;
    ctx_buffer_init(&text, 1 << 20);
    ctx_buffer_init(&out, 1 << 20);
    ctx_buffer_puts(&text, definitions);
    ctx_buffer_puts(&text, source);
    CTX_CLEANUP(ctx_outline_deinit) struct ctx_outline outline;
    ctx_outline_init(&outline);
    *ctx_outline_append(&outline) = (struct ctx_block){
        .kind = CTX_BLOCK_DEFINITIONS,
        .end = strlen(definitions),
    };
    struct ctx_block block = {
        .kind = kind,
        .begin = strlen(definitions),
        .content = strlen(definitions),
        .end = text.len,
        .in_quote = 1,
    };
    struct ctx_labels *labels = ctx_labels_new(text.data, &outline);
    CTX_CLEANUP(ctx_inlines_deinit) struct ctx_inlines inlines;
    ctx_inlines_init(&inlines);
    assert_int_equal(ctx_inlines_scan(&inlines, text.data, &block, labels), 0);
    for (size_t i = 0; i < inlines.n_items; i++)
        describe(&out, text.data, &inlines.items[i]);
    ctx_labels_free(labels);
    assert_string_equal(ctx_buffer_str(&out), expected);
}

static void check(const char *source, const char *expected)
{
    check_kind(CTX_BLOCK_PARAGRAPH, source, expected);
}

static void inlines_finds_links_and_images(void **state)
{
    (void)state;
    check("a [b](c) d", "link:b>c");
    check("![b](c \"t\")", "image:b>c");
    check("[b](<c d> 't')", "link:b><c d>");
    check("[b](c(d)e)", "link:b>c(d)e");
    check("[b](c\\)d)", "link:b>c\\)d");
    check("[b]()", "link:b>");
    check("[b](\n> c\n> (t))", "link:b>c");
    check("[![a](b)](c)", "image:a>b link:![a](b)>c");
    check("![[a](b)](c)", "link:a>b image:[a](b)>c");
}

static void inlines_needs_what_a_link_needs(void **state)
{
    (void)state;
    check("[b] (c)", "");
    check("[b](c d)", "");
    check("[b](c \"t)", "");
    check("[b](<c\nd>)", "html:<c\nd>");
    check("[b](c", "");
    check("\\[b](c)", "");
    check("[b\\](c)", "");
    check("[a [b](c) d](e)", "link:b>c");
    check("[b](a(b)", "");
}

static void inlines_resolves_references(void **state)
{
    (void)state;
    check("[REF]", "link:REF>REF");
    check("[a][ref]", "link:a>ref");
    check("[two\nwords][]", "link:two\nwords>two\nwords");
    check("![a][ref]", "image:a>ref");
    check("[a][none] [none]", "");
    check("[a][none][ref]", "link:none>ref");
    check("[^ref]", "");
}

static void inlines_code_and_html_bind_tighter(void **state)
{
    (void)state;
    check("`[a](b)`", "code:[a](b)");
    check("[a`](b)`", "code:](b)");
    check("``a`b``", "code:a`b");
    check("`a``", "");
    check("\\`a`", "");
    check("[a<b c=\"](d)\">", "html:<b c=\"](d)\">");
    check("<http://a.b/[c](d)>", "auto:<http://a.b/[c](d)>");
    check("<!-- [a](b) --> <a@b.c>", "html:<!-- [a](b) --> auto:<a@b.c>");
    check("<a\n> b=c>", "html:<a\n> b=c>");
    check("a < b [c](d)", "link:c>d");
}

static void inlines_counts_addresses(void **state)
{
    (void)state;
    check("see https://a.b/c, www.d.e or f@g.h.", "address:: address:w address:@");
    check("[https://a.b](c)", "link:https://a.b>c");
    check("xhttp://a.b a:b w ww. @x", "");
}

static void inlines_table_cells_stand_alone(void **state)
{
    (void)state;
    check_kind(CTX_BLOCK_TABLE, "| `a | b` |\n| - | - |\n| [c](d\\|e) | `f` |\n",
               "link:c>d\\|e code:f");
}

static void inlines_other_blocks_have_none(void **state)
{
    (void)state;
    check_kind(CTX_BLOCK_FENCE, "[a](b)", "");
    check_kind(CTX_BLOCK_HTML, "[a](b)", "");
}

/* Each of these made a scanner quadratic somewhere. */
static void inlines_hostile_input_is_linear(void **state)
{
    (void)state;
    static const char *const units[] = {
        "[",       "![",   "]",         "![[]()", "[a](",  "[a](b",   "[a](<b",   "[a](b \"",
        "[a](b (", "`",    "`a``b",     "<",      "<a ",   "<a b=\"", "<a b='\"", "a <?",
        "<!A ",    "<!--", "<![CDATA[", "\\",     "[a][b", "[[a]]",   "[a][]",    "http://",
        "a@",      "a@b.", "(((",       "[a](((", "[ref]", "![ref][", "w",        "www.",
    };
    enum { SIZE = 2000000 };
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, 2 * SIZE);
    CTX_CLEANUP(ctx_inlines_deinit) struct ctx_inlines inlines;
    ctx_inlines_init(&inlines);
    for (size_t i = 0; i < CTX_ARRAY_LEN(units); i++) {
        ctx_buffer_clear(&text);
        while (text.len < SIZE)
            ctx_buffer_puts(&text, units[i]);
        struct ctx_block block = { .kind = CTX_BLOCK_PARAGRAPH, .end = text.len };
        clock_t begin = clock();
        assert_int_equal(ctx_inlines_scan(&inlines, text.data, &block, NULL), 0);
        double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
        if (seconds > 3)
            fail_msg("%s: %.1f s", units[i], seconds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inlines_finds_links_and_images),
        cmocka_unit_test(inlines_needs_what_a_link_needs),
        cmocka_unit_test(inlines_resolves_references),
        cmocka_unit_test(inlines_code_and_html_bind_tighter),
        cmocka_unit_test(inlines_counts_addresses),
        cmocka_unit_test(inlines_table_cells_stand_alone),
        cmocka_unit_test(inlines_other_blocks_have_none),
        cmocka_unit_test(inlines_hostile_input_is_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
