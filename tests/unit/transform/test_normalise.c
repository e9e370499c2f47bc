/* The normalise stage, form by form: what goes in and exactly what comes out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "html_oracle.h"

struct example {
    const char *in, *out;
};

/* Each must come out as told, unchanged from a second pass, and with the same HTML. */
static void check(const struct example *examples, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct ctx_buffer out;
        const char *verdict = oracle_verdict(examples[i].in, strlen(examples[i].in), &out);
        if (verdict || strcmp(ctx_buffer_str(&out), examples[i].out) != 0)
            fail_msg("%s\n--- in:\n%s--- out:\n%s--- expected:\n%s", verdict ? verdict : "differs",
                     examples[i].in, ctx_buffer_str(&out), examples[i].out);
        ctx_buffer_deinit(&out);
    }
}

static void normalise_headings(void **state)
{
    (void)state;
    static const struct example examples[] = {
        { "# a\n", "# a\n" },
        { "#  a  #\n", "# a\n" },
        { "  ##\ta ##  \n", "## a\n" },
        { "# a # #\n", "# a # #\n" },
        { "# a # ###\n", "# a # #\n" },
        { "#\n", "#\n" },
        { "## ##\n", "##\n" },
        { "# a#\n", "# a#\n" },
        { "# a \\#\n", "# a \\#\n" },
        { "a\n===\n", "# a\n" },
        { "a\n---", "## a\n" },
        { "a\nb\n  c\n==\n", "# a b c\n" },
        { "a #\n===\n", "# a # #\n" },
        { "#######\n===\n", "# ####### #\n" },
        { "> a\n> ===\n", "> # a\n" },
        { "- a\n  ---\n", "- ## a\n" },
        { "a\\\nb\n===\n", "a\\\nb\n===\n" },
        { "a\n===\nb\n", "# a\n\nb\n" },
        { "[a][b]: c\n===\n\n[b]: /u\n", "# [a][b]: c\n\n[b]: /u\n" },
        { "[a\\]: c\n===\n", "# [a\\]: c\n" },
        { "[a]: c\n===\n", "[a]: c\n===\n" },
    };
    check(examples, CTX_ARRAY_LEN(examples));
}

static void normalise_fences(void **state)
{
    (void)state;
    static const struct example examples[] = {
        { "~~~ JS\na\n~~~\n", "```js\na\n```\n" },
        { "``````\na\n``````\n", "```\na\n```\n" },
        { "~~~~\n```\na\n```\n~~~~\n", "````\n```\na\n```\n````\n" },
        { "```JSX {1,3} Title=\"A\"   \na  \n```  \n", "```jsx {1,3} Title=\"A\"\na  \n```\n" },
        { "``` TS:App.TSX\n```\n", "```ts:App.TSX\n```\n" },
        { "~~~ a`b\n~~~\n", "```a&#96;b\n```\n" },
        { "```\na\n\n\n", "```\na\n\n\n```\n" },
        { "- ~~~\n  a\n\n", "- ```\n  a\n\n  ```\n" },
        { "> ~~~\n> a\nb\n", "> ```\n> a\n\nb\n" },
        { "  ~~~\n  a\n ~~~\n", "  ```\n  a\n ```\n" },
        { "```", "```\n```\n" },
    };
    check(examples, CTX_ARRAY_LEN(examples));
}

static void normalise_lists(void **state)
{
    (void)state;
    static const struct example examples[] = {
        { "* a\n* b\n", "- a\n- b\n" },
        { "+ a\n* b\n- c\n", "- a\n\n* b\n\n- c\n" },
        { "* a\n  + b\n", "- a\n  - b\n" },
        { "1) a\n2) b\n", "1) a\n2) b\n" },
        { "+ + +\n", "+ + +\n" },
        { "* a\n\n\n\n* b\n", "- a\n\n- b\n" },
        { "* a\n  # b\n", "- a\n  # b\n" },
        { "* a\n\n  # b\n  c\n", "- a\n\n  # b\n\n  c\n" },
        { "* [ ] a\n* [x] b  \n", "- [ ] a\n- [x] b\n" },
        { "* --\n", "* --\n" },
    };
    check(examples, CTX_ARRAY_LEN(examples));
}

static void normalise_spacing(void **state)
{
    (void)state;
    static const struct example examples[] = {
        { "\n\n a\n\n\n\nb\n\n\n", " a\n\nb\n" },
        { "# a\nb\n- c\n# d\n", "# a\n\nb\n\n- c\n\n# d\n" },
        { "> a\n> \n> \n> b\n>\n", "> a\n>\n> b\n" },
        { "> # a\n> b\n", "> # a\n>\n> b\n" },
        { "", "" },
        { " \n\t\n", "" },
        { "a\n[b]: c\n\n[d]: e  \n\n\nf", "a\n[b]: c\n\n[d]: e\n\nf\n" },
        { "[^1]\n\n[^1]: a\n  \n    b\n", "[^1]\n\n[^1]: a\n  \n    b\n" },
        { "[^1]: no use \n[^2]: b\t\n\n[^3]: c \n", "[^1]: no use\n[^2]: b\n\n[^3]: c\n" },
        { "[^1]: no use \n    more \n", "[^1]: no use \n    more \n" },
        { "[^1]: ``` \n", "[^1]: ``` \n" },
        { "import a from 'b'\n# c\n", "import a from 'b'\n# c\n" },
        { "important\n# c\n", "important\n\n# c\n" },
        { "<!-- a\n\n\n b -->\nc\n", "<!-- a\n\n\n b -->\n\nc\n" },
    };
    check(examples, CTX_ARRAY_LEN(examples));
}

static void normalise_line_ends(void **state)
{
    (void)state;
    static const struct example examples[] = {
        { "a  \nb \nc\t\n", "a\\\nb\nc\n" },
        { "`a  \nb`  \nc\n", "`a  \nb`\\\nc\n" },
        { "<a  \nb=\"c  \nd\">  \ne\n", "<a\nb=\"c\nd\">\\\ne\n" },
        { "a\\  \nb\n", "a\\  \nb\n" },
        { "a\\ \nb\n", "a\\ \nb\n" },
        { "see https://a.b/c  \nd\n", "see https://a.b/c<br />\nd\n" },
        { "[a](https://b.c)  \nd\n", "[a](https://b.c)\\\nd\n" },
        { "[a](b  \n\"c  \nd\")  \ne\n", "[a](b\n\"c\nd\")\\\ne\n" },
        { "> a  \nb\n", "> a\\\nb\n" },
        { "- [ ]  \n", "- [ ]  \n" },
        { "<div>  \n  a \n</div>\n", "<div>\n  a\n</div>\n" },
        { "<pre>  \n  a \n</pre>\n", "<pre>  \n  a \n</pre>\n" },
        { "    a  \n\n      \n    b\n", "    a  \n\n      \n    b\n" },
    };
    check(examples, CTX_ARRAY_LEN(examples));
}

static void normalise_rules(void **state)
{
    (void)state;
    static const struct example examples[] = {
        { "---\n", "***\n" },
        { "a\n\n___\nb\n", "a\n\n---\n\nb\n" },
        { "a\n* * *\n", "a\n\n---\n" },
        { "- a\n  ***\n", "- a\n  ***\n" },
        { "- ***\n", "- ***\n" },
        { "> ***\n", "> ***\n" },
        { "[a]: b\n***\n", "[a]: b\n***\n" },
    };
    check(examples, CTX_ARRAY_LEN(examples));
}

static void normalise_tables(void **state)
{
    (void)state;
    static const struct example examples[] = {
        { "a | b\n:-|-:\nc | d\n", "| a | b |\n| :-- | --: |\n| c | d |\n" },
        { "|  a   |  b |\n|------|:--:|\n| c | d | e |\n| f |\n",
          "| a | b |\n| --- | :-: |\n| c | d | e |\n| f |\n" },
        { "| a |\n|-|\n| `x \\| y` |\n", "| a |\n| --- |\n| `x \\| y` |\n" },
        { "| a || b |\n|-|-|-|\n", "| a | | b |\n| --- | --- | --- |\n" },
        { "> a|b\n> -|-\n> c|d\n", "> | a | b |\n> | --- | --- |\n> | c | d |\n" },
        { "- a|b\n  -|-\n", "- | a | b |\n  | --- | --- |\n" },
    };
    check(examples, CTX_ARRAY_LEN(examples));
}

static int set_up(void **state)
{
    (void)state;
    return ctx_transform_setup();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normalise_headings),  cmocka_unit_test(normalise_fences),
        cmocka_unit_test(normalise_lists),     cmocka_unit_test(normalise_spacing),
        cmocka_unit_test(normalise_line_ends), cmocka_unit_test(normalise_rules),
        cmocka_unit_test(normalise_tables),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
