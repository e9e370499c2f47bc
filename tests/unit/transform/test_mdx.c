#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "transform/mdx/scan.h"
#include "transform/stage.h"

/* One draft through the stage alone. */
struct run {
    struct ctx_transform_options options;
    struct ctx_transform_context context;
    struct ctx_document document;
    struct ctx_draft draft;
};

static void run_deinit(struct run *run)
{
    ctx_buffer_deinit(&run->draft.text);
    ctx_document_deinit(&run->document);
}

static int run_stage(struct run *run, const char *path, const char *text, size_t len)
{
    *run = (struct run){ 0 };
    run->context.options = &run->options;
    run->context.path = path;
    ctx_document_init(&run->document);
    run->draft.context = &run->context;
    run->draft.document = &run->document;
    run->draft.first_line = 1;
    ctx_buffer_init(&run->draft.text, 8 * len + (1 << 20));
    ctx_buffer_append(&run->draft.text, text, len);
    return ctx_stage_mdx(&run->draft, NULL);
}

static void assert_becomes(const char *path, const char *text, const char *expected)
{
    CTX_CLEANUP(run_deinit) struct run run;
    CTX_CLEANUP(run_deinit) struct run again;
    assert_int_equal(run_stage(&run, path, text, strlen(text)), 0);
    assert_string_equal(ctx_buffer_str(&run.draft.text), expected);
    assert_int_equal(run_stage(&again, path, expected, strlen(expected)), 0);
    assert_string_equal(ctx_buffer_str(&again.draft.text), expected);
}

static enum ctx_grammar grammar_of(const char *path, const char *text)
{
    CTX_CLEANUP(run_deinit) struct run run;
    assert_int_equal(run_stage(&run, path, text, strlen(text)), 0);
    return run.draft.grammar;
}

static void mdx_grammar_is_chosen_by_path_and_text(void **state)
{
    (void)state;
    static const char *const mdx[] = {
        "<A/>\n",
        "a <B.c/> d\n",
        "<>x</>\n",
        "{/* c */}\n",
        "import a from 'b'\n",
        "- <A>\n  x\n  </A>\n",
        "export const a = 1\n\n# b\n",
    };
    static const char *const gfm[] = {
        "plain\n",
        "<div>x</div>\n",
        "{user}\n",
        "Array<T>\n",
        "`<A/>`\n",
        "```\n<A/>\n```\n",
        "<A>\n",
        "<A/> <!-- -->\n",
        "<A/> {#id}\n",
        "import the box\n",
        "<A/>\n\n1 <3\n",
        "<A/> <br>\n",
        "x <A\n\n/>\n",
        "> <A>\n\n</A>\n",
        "<A/>\n\nimport it first.\n",
        "*a <B>b* c</B> {d e}\n",
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(mdx); i++)
        if (grammar_of("a.md", mdx[i]) != CTX_GRAMMAR_MDX)
            fail_msg("plain: %s", mdx[i]);
    for (size_t i = 0; i < CTX_ARRAY_LEN(gfm); i++)
        if (grammar_of("a.md", gfm[i]) != CTX_GRAMMAR_GFM)
            fail_msg("MDX: %s", gfm[i]);
    assert_int_equal(grammar_of("a.MDX", "plain\n"), CTX_GRAMMAR_MDX);
}

static void mdx_plain_markdown_stays(void **state)
{
    (void)state;
    static const char text[] = "import things at home.\n\n{user} Array<T> <b>x</b>\n\n    <A/>\n";
    assert_becomes("a.md", text, text);
}

static void mdx_children_are_dedented(void **state)
{
    (void)state;
    assert_becomes("a.mdx", "<A>\n    text\n      more\n\n    - a\n      - b\n\n        c\n</A>\n",
                   "text\nmore\n\n- a\n  - b\n\n    c\n");
    assert_becomes("a.mdx", "<A>\n        ```js\n        a\n          b\n        ```\n</A>\n",
                   "```js\na\n  b\n```\n");
    assert_becomes("a.mdx", "1. a\n\n   <A>\n       text\n   </A>\n", "1. a\n\n   text\n");
    assert_becomes("a.mdx", "> <A>\n>     text\n> </A>\n", "> text\n");
}

static void mdx_code_is_never_touched(void **state)
{
    (void)state;
    static const char fence[] = "~~~mdx\nimport a from 'b'\n<A>{x}</A>\n{/* c */}\n:::note\n~~~\n";
    assert_becomes("a.mdx", fence, fence);
    assert_becomes("a.mdx", "`<A>` ``{`x`}`` `a\n<B>` c <D/>\n", "`<A>` ``{`x`}`` `a\n<B>` c\n");
}

static void mdx_text_that_parses_as_nothing_is_escaped(void **state)
{
    (void)state;
    assert_becomes("a.mdx", "a < b {c d <YOUR_KEY> <3\n", "a < b \\{c d \\<YOUR_KEY> \\<3\n");
    assert_becomes("a.mdx", "\\{a\\} \\<T>\n", "\\{a\\} \\<T>\n");
    assert_becomes("a.mdx", "<https://a.b/c{d}> <x@y.z> <!-- c -->\n",
                   "<https://a.b/c{d}> <x@y.z> <!-- c -->\n");
}

static void mdx_removals_leave_no_markup_behind(void **state)
{
    (void)state;
    assert_becomes("a.mdx", "x\n\n<Foo/> # no heading\n", "x\n\n\\# no heading\n");
    assert_becomes("a.mdx", "x <Foo/> <Bar/>\ny\n", "x\ny\n");
    assert_becomes("a.mdx", "{'1'}. a\n", "1\\. a\n");
    assert_becomes("a.mdx", "{'- a *b* [c] `d` <e> {f}'}\n",
                   "\\- a \\*b\\* \\[c\\] \\`d\\` \\<e> \\{f}\n");
    assert_becomes("a.mdx", "text\n{/* c */}\ntext\n", "text\n\ntext\n");
    assert_becomes("a.mdx", "!<a href=\"u\">t</a>\n", "\\![t](u)\n");
}

/* A tag separates what stands on its two sides; without it they must not become something else. */
static void mdx_seams_keep_what_stood_on_both_sides(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        /* Emphasis begins and ends where it did, and there is none around nothing. */
        { "**<Icon icon=\"x\" /> Title** and **Title <X/>**.\n", "**Title** and **Title**.\n" },
        { "a **{x}** b\n**<A/>** c\n<br/> d\n", "a b\nc\nd\n" },
        { "x <A>_a_</A>b <A>**\"a\"**</A>b\n", "x _a_ b **\"a\"** b\n" },
        { "a<A>_b_</A> **a**<A>b</A>\n", "a _b_ **a**b\n" },
        { "x <A>**a**</A><A>**b**</A>\n", "x **a** **b**\n" },
        { "a <X/> **`b`, *c*** <A>**`t` {x}**</A> d\n", "a **`b`, *c*** **`t`** d\n" },
        { "- <A>**`t`**</A> u\n- <A/> - *a*\n", "- **`t`** u\n- \\- *a*\n" },
        /* Code spans, links, images and addresses stay apart from what comes next. */
        { "see <A>`a`</A><B>`b`</B> or <i>`c`</i><i>`d`</i>\n", "see `a` `b` or `c` `d`\n" },
        { "wow!<A>[a](b)</A> [c]<A>(d)</A>\n", "wow! [a](b) [c] (d)\n" },
        { "see http://a.b/c<A>d</A>, <A>e</A>http://a.b<i>*f* g</i>\n",
          "see http://a.b/c d, e http://a.b *f* g\n" },
        /* Words of props do not touch others; words in inline elements do. */
        { "a<Foo title=\"t\" />b, (<Foo title=\"t\" />), c<Foo title=\"t\"/>.\n",
          "a t b, (t), c t.\n" },
        { "the <Term>API</Term>s, H<sub>2</sub>O\n", "the APIs, H2O\n" },
        { "a<img src=\"s\" alt=\"b\" />c\n", "a ![b](s) c\n" },
        /* Blocks within a line are set apart, in cells by breaks. */
        { "| a |\n|---|\n| x <ul><li>b</li><li>c</li></ul> |\n", "| a |\n|---|\n| x b<br>c |\n" },
        { "a <p>b</p><p>c</p>d\n", "a b c d\n" },
        /* Blanks: one where there were two around a tag; two at the end break a line. */
        { "a <A/> b\n", "a b\n" },
        { "a <A/>  \nb <A/> <B/>\nc\n", "a  \nb\nc\n" },
        { "[<A/> a](b)\n", "[a](b)\n" },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(cases); i++)
        assert_becomes("a.mdx", cases[i][0], cases[i][1]);
}

/* On the lines of a tag that text follows, nothing begins a list or a quote. */
static void mdx_tags_before_text_may_fill_lines(void **state)
{
    (void)state;
    assert_becomes("a.mdx", "<Foo\n  title=\"t\"\n>text</Foo> b\n", "t: text b\n");
    assert_becomes("a.mdx", "- a\n<b>c</b> d \n- e\n<Foo/>\nf\n", "- a\n  **c** d\n- e\n\nf\n");
    assert_becomes("a.mdx", "> <Foo title=\"\n> - t\n> \" a\n> >text</Foo> c\n> > b\n",
                   "> \\- t: text c\n> > b\n");
}

/* Elements in one line are blocks of their own, and end with themselves. */
static void mdx_elements_in_a_line_are_apart(void **state)
{
    (void)state;
    assert_becomes("a.mdx", "<Note>a</Note> <b>c</b>\n", "> **Note**\n>\n> a\n\n**c**\n");
    assert_becomes("a.mdx", "<ul><li>a</li></ul> <b>c</b>\n", "+ a\n\n**c**\n");
    assert_becomes("a.mdx", "<ResponseField required />\n", "+ (required)\n");
    assert_becomes("a.mdx", "- :::tip\n  a\n\n  :::\n- b\n", "- > **Tip**\n  >\n  > a\n\n- b\n");
}

/* No link is put around a link. */
static void mdx_links_do_not_nest(void **state)
{
    (void)state;
    assert_becomes("a.mdx", "see <Go href=\"/a\">x [b](c)</Go>.\n", "see x [b](c) ([/a](/a)).\n");
    assert_becomes("a.mdx", "<Go href=\"/a\">\nx [b](c)\n</Go>\n", "[/a](/a)\n\nx [b](c)\n");
    assert_becomes("a.mdx", "<Card href=\"/a\">x [b](c)</Card>\n", "+ [/a](/a): x [b](c)\n");
    assert_becomes("a.mdx", "<Card href=\"/a\" title={<a href=\"/b\">c</a>} />\n",
                   "+ [c](/b) (/a)\n");
}

static void mdx_esm_goes_and_text_like_it_stays(void **state)
{
    (void)state;
    assert_becomes("a.mdx", "import a from 'b'\nexport const c = {\n\n  d: 1,\n}\n\ntext\n",
                   "text\n");
    assert_becomes("a.mdx", "text\nimport a from 'b'\n\n  import c from 'd'\n",
                   "text\nimport a from 'b'\n\n&#105;mport c from 'd'\n");
    assert_becomes("a.mdx", "{a}import c from 'd'\n", "&#105;mport c from 'd'\n");
}

static void mdx_partials_are_references(void **state)
{
    (void)state;
    CTX_CLEANUP(run_deinit) struct run run;
    static const char text[] = "import Part from './_part.mdx'\n\n<Part x={1} />\n";
    assert_int_equal(run_stage(&run, "a.mdx", text, strlen(text)), 0);
    assert_string_equal(run.draft.text.data, "[Part](./_part.mdx)\n");
    bool found = false;
    for (size_t i = 0; i < run.document.report.n_entries; i++)
        found |= run.document.report.entries[i].loss == CTX_LOSS_UNRESOLVED &&
                 run.document.report.entries[i].line == 3;
    assert_true(found);
}

/* What is for humans goes, and is counted, only where agents have text of their own. */
static void mdx_audiences_are_obeyed(void **state)
{
    (void)state;
    CTX_CLEANUP(run_deinit) struct run run;
    static const char humans[] = "<Visibility for=\"humans\">\na\n</Visibility>\n";
    static const char both[] = "<Visibility for=\"humans\">\na\n</Visibility>\n"
                               "<Visibility for=\"agents\">\nb\n</Visibility>\n";
    assert_becomes("a.mdx", humans, "a\n");
    assert_int_equal(run_stage(&run, "a.mdx", both, strlen(both)), 0);
    assert_string_equal(run.draft.text.data, "b\n");
    bool dropped = false;
    for (size_t i = 0; i < run.document.report.n_entries; i++)
        dropped |= run.document.report.entries[i].loss == CTX_LOSS_DROPPED;
    assert_true(dropped);
}

static void mdx_components_follow_configuration(void **state)
{
    (void)state;
    static const struct ctx_component_rule rules[] = { { "Gone", "drop" }, { "Mine", "quote" } };
    CTX_CLEANUP(run_deinit) struct run run = { 0 };
    static const char text[] = "<Gone title=\"x\">y</Gone>\n\n<Mine type=\"tip\">\nz\n</Mine>\n";
    run.options.components = rules;
    run.options.n_components = 2;
    run.context.options = &run.options;
    run.context.path = "a.mdx";
    ctx_document_init(&run.document);
    run.draft = (struct ctx_draft){ .context = &run.context, .document = &run.document };
    ctx_buffer_init(&run.draft.text, 1000);
    ctx_buffer_puts(&run.draft.text, text);
    assert_int_equal(ctx_stage_mdx(&run.draft, NULL), 0);
    assert_string_equal(run.draft.text.data, "> **Tip**\n>\n> z\n");
}

static void mdx_containers_need_their_partner(void **state)
{
    (void)state;
    assert_becomes("a.md", "::: tip\na\n\n:::: x y\nb\n", "::: tip\na\n\n:::: x y\nb\n");
    assert_becomes("a.md", "::: tip T\na\n:::\n", "> **Tip: T**\n>\n> a\n\n");
    assert_becomes("a.mdx", ":::tip\n- a<A/>\n:::\nb\n", "> **Tip**\n>\n> - a\n\nb\n");
    assert_becomes("a.md", "```\n::: tip\n:::\n```\n", "```\n::: tip\n:::\n```\n");
}

/* ---- hostile input ---- */

static double seconds(const char *path, const char *unit, const char *tail, size_t n)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    CTX_CLEANUP(run_deinit) struct run run;
    struct timespec begin, end;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    for (size_t i = 0; i < n; i++)
        ctx_buffer_puts(&text, unit);
    for (size_t i = 0; i < n; i++)
        ctx_buffer_puts(&text, tail);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    run_stage(&run, path, text.data, text.len);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    return (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
}

/*
 * Four times the input takes about four times the processor's time; a quadratic scan would take
 * sixteen. Short runs are noise, and are as good as linear.
 */
static void mdx_hostile_input_costs_linear_time(void **state)
{
    (void)state;
    static const char *const units[][2] = {
        { "<", "" },
        { "{", "" },
        { "<a ", "" },
        { "<a>\n", "" },
        { "<a>", "</a>" },
        { "<A b=\"", "" },
        { "<A b={", "" },
        { "{`${", "" },
        { "{[", "" },
        { "{/*\n\n", "" },
        { "<a b\n\n", "" },
        { "> ", "" },
        { "- ", "" },
        { "` ``", "" },
        { "](<", "" },
        { "$\\a ", "" },
        { "$$ a\n", "" },
        { "$$\n> ", "" },
        { "{#a", "" },
        { "<A title={", "} />" },
        { "<A title={<>a</>} href=\"/b\" />\n\n", "" },
        { "{[<a/>, ", "" },
        { "<Visibility for=\"humans\">\n\na\n\n</Visibility>\n\n", "" },
        { "|a|\n:::b\n|c|\n:::\n", "" },
        { ":::a\n", "" },
        { "import {\n", "" },
        { "</a>", "" },
        { "<a></b>", "" },
        { "<!--", "" },
        { "|a|b|\n|-|-|\n", "" },
        { "<script\n\n", "" },
        { "<A>\n\n", "</A>\n\n" },
        { "{a=>{", "" },
        { "<table><tr><td>", "</td></tr></table>" },
        { "{{#include a}}\n", "" },
        { "export const a = [\n\n", "" },
        { "<A>x</A>\n\n", "" },
        { "[^a]: ", "" },
        { "*<a/>", "" },
        { "**<B/>b<B/>** ", "" },
        { "<summary>a</summary>b ", "" },
        { "<A b={[{ name: 'c', d: [{ name: 'e' }] }]} />\n", "" },
        { "<Go href='/a'>b ", "</Go>" },
    };
    static const char *const paths[] = { "a.mdx", "a.md" };
    for (size_t i = 0; i < 2 * CTX_ARRAY_LEN(units); i++) {
        const char *const *unit = units[i / 2];
        size_t n = 20000 / (strlen(unit[0]) + strlen(unit[1]));
        double once = seconds(paths[i % 2], unit[0], unit[1], n);
        double more = seconds(paths[i % 2], unit[0], unit[1], 4 * n);
        if (more > 0.25 && more > 10 * once)
            fail_msg("%s: '%s': %.3f s, then %.3f s", paths[i % 2], unit[0], once, more);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mdx_grammar_is_chosen_by_path_and_text),
        cmocka_unit_test(mdx_plain_markdown_stays),
        cmocka_unit_test(mdx_children_are_dedented),
        cmocka_unit_test(mdx_code_is_never_touched),
        cmocka_unit_test(mdx_text_that_parses_as_nothing_is_escaped),
        cmocka_unit_test(mdx_removals_leave_no_markup_behind),
        cmocka_unit_test(mdx_seams_keep_what_stood_on_both_sides),
        cmocka_unit_test(mdx_elements_in_a_line_are_apart),
        cmocka_unit_test(mdx_links_do_not_nest),
        cmocka_unit_test(mdx_tags_before_text_may_fill_lines),
        cmocka_unit_test(mdx_esm_goes_and_text_like_it_stays),
        cmocka_unit_test(mdx_partials_are_references),
        cmocka_unit_test(mdx_audiences_are_obeyed),
        cmocka_unit_test(mdx_components_follow_configuration),
        cmocka_unit_test(mdx_containers_need_their_partner),
        cmocka_unit_test(mdx_hostile_input_costs_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
