/*
 * The normalise stage on small documents that are made to be hard: each construct beside, inside
 * and right after each other one. The HTML is the same before and after, a second pass changes
 * nothing, and what the judge of stable Markdown looks for is gone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "html_oracle.h"

// clang-format off
static const char *const documents[] = {
    "- a\n\n```\nb\n```\n",
    "- a\n\n* b\n",
    "- a\n\n\n    indented\n",
    "- a\n* b\n+ c\n- d\n* e\n",
    "* a\n\n\n* b\n\n\n\n* c\n",
    "1. a\n2. b\n\n3. c\n",
    "1. a\n1) b\n- c\n",
    "3. a\n   b\n      c\n",
    "999999999. a\n999999999. b\n",
    "1. [x] a\n2. [ ] b\n",
    "- [ ] \n- [x]\n- [X] c\n",
    "-\n  a\n",
    "-\n\n  a\n",
    "-   \n    a\n",
    "- \n- a\n-\n",
    "*\n*\n+\n",
    "- - - a\n",
    "- * + a\n",
    "* * *\n- a\n",
    "- ***\n- ---\n- ___\n",
    "+ ---\n* ***\n",
    "- -\n- *\n- +\n",
    "- a\n  - b\n    - c\n  - d\n- e\n",
    "- a\n - b\n  - c\n   - d\n",
    "-\ta\n\n\tb\n",
    "1.\ta\n\n\tb\n",
    " - a\n\n   b\n\n  c\n",
    "- a\n\n  b\n- c\n",
    "- a\n- b\n\n  c\n- d\n  # e\n",
    "- # a\n  b\n- ## c #\n",
    "- > a\n  > # b\n- c\n",
    "- > a\n>\n> b\n",
    "> - a\n> - b\n>\n>   c\n",
    "> - a\n>\n>\n> - b\n",
    "> a\nb\n> c\n",
    "> a\n---\n",
    "> a\n===\n",
    "> a\n\n> b\n",
    "> a\n>\n\n>\n> b\n",
    ">\n",
    ">\n>\n> a\n",
    ">a\n>b\n>> c\n> d\n",
    "> > > a\n> b\nc\n",
    "> ```\n> a\n",
    "> ```\n> a\n> ```\nb\n",
    "> ~~~ js\n>  a\n>\n> b\n> ~~~\n",
    ">     a\n>\n>     b\n",
    "> <div>\n> a  \n> </div>\n",
    "> | a |\n> |-|\n> | b\n",
    "> | a |\n> |-|\nb\n",
    "> # a\n> ---\n> b\n",
    ">\ta\n>\n>\tb\n",
    "```js \"\\\"a\"\na\n```\n",
    "``` a &amp; b\n```\n",
    "~~~ &Ouml; X\n~~~\n",
    "~~~ a\\`b`\n~~~\n",
    "```\n```\n```\n```\n",
    "```\na\n````\nb\n```\n",
    "````\n```\n````\n",
    "`````md\n````js\n```\n````\n`````\n",
    "~~~\n~~~~\na\n",
    "~~~\n ```\n  ````\n~~~\n",
    "```\n    ```\n```\n",
    "   ```\n   a\n  b\n   ```\n",
    "    ```\n    a\n    ```\n",
    "a\n```\nb\n```\nc\n",
    "# a\n```\nb\n```\n# c\n",
    "```\n\n\n",
    "```\n  \n",
    "- ```\n\n\n  a\n  ```\n",
    "- ```\n  a\n b\n",
    "1. ~~~ X\n   a\n   ~~~\n2. b\n",
    "- a\n  ~~~\n  b\n  ~~~\n  c\n",
    "```Python title=\"A B.py\"\nx  \n\t\n```  \n",
    "``` {.JS #Id}\n```\n",
    "```js{1,3-5} Foo\n```\n",
    "```C++\n```\n",
    "```\tTS\t X\t\n```\n",
    "~~~~~~~~~~\na\n~~~~~~~~~~~~\n",
    "```\na\n``` b\n```\n",
    "a  \nb\n",
    "a   \t\nb\n",
    "a\t  \nb\n",
    "a \nb \nc\n",
    "a\\\nb\n",
    "a\\\\  \nb\n",
    "a\\\\\\  \nb\n",
    "a\\ \nb\n",
    "**a**  \nb\n",
    "**a:**  \nb\n",
    "**`a`**  \nb **c**\n",
    "_a._  \n_b_\n",
    "*a  \nb*\n",
    "~~a~~  \nb\n",
    "a*  \n*b\n",
    "[a  \nb](/c)\n",
    "[a  \nb]\n\n[a b]: /c\n",
    "[a](/b  \n\"c\")\n",
    "![a  \nb](/c \"d  \ne\")\n",
    "`a  \nb`\n",
    "`a  \nb` ``c \nd``  \ne\n",
    "``a ` b  \nc``\n",
    "`a  \nb\n",
    "<b c=\"d  \ne\">f</b>  \ng\n",
    "<!-- a  \nb -->  \nc\n",
    "a <!-- b  \nc --> d\n",
    "a <?b  \nc?> d\n",
    "https://a.b/c  \nd\n",
    "(https://a.b/c)  \nd\n",
    "<https://a.b/c>  \nd\n",
    "[a](https://a.b/c)  \nd\n",
    "**https://a.b/c**  \nd\n",
    "www.a.b  \nc\n",
    "me@a.b  \nc\n",
    "a&nbsp;  \nb\n",
    "a\302\240  \nb\n",
    "\303\251*  \n*b\n",
    "| a |  \n- b\n",
    "a | b  \n-|-\n",
    "a |  \n-|-\n",
    "a  \n\n\n  b\n",
    "a\n    b\n\tc\n",
    "a\n   # b\n",
    "#\ta\n",
    "#a\n",
    "####### a\n",
    "# \n",
    "#\n#\n",
    "# #\n",
    "## # ##\n",
    "# a # b #\n",
    "# a \\#\n",
    "# a \\\\#\n",
    "# a \\ #\n",
    "# `#`\n",
    "# a  \nb\n",
    "   # a   #####   \n",
    "a\n=\n",
    "a\n-\n",
    "a\n---\n---\n",
    "a\n  ===  \n",
    "a\nb\n===\nc\n",
    "  a\n    b\n===\n",
    "a #\n---\n",
    "a ##\n===\n",
    "\\# a\n===\n",
    "#a\n===\n",
    "`a\nb`\n===\n",
    "<b\nc>\n===\n",
    "a\\\nb\n===\n",
    "a  \nb\n===\n",
    "[a]: /b\nc\n===\n",
    "[a]: /b\n===\n[a]\n",
    "[a](<b\nc>)\n===\n",
    "[a\nb](c)\n---\n",
    "a | b\n===\n",
    "- a\n  ===\n  b\n",
    "- a\n===\n",
    "- [ ] a\n  ---\n",
    "1. a\n---\n",
    "---\na: b\n---\n",
    "---\n",
    "--- \n\na\n",
    "- - -\n",
    "***\n---\n___\n",
    "a\n\n---\n",
    "a\n***\nb\n",
    "  * * *  \n",
    "_ _ _ _\n",
    "# a\n---\n",
    "```\n```\n---\n",
    "|a|\n|-|\n---\n",
    "|a|\n|-|\n***\n",
    "<div>\n---\n</div>\n",
    "<!-- a -->\n---\n",
    "[a]: /b\n---\n",
    "| a | b |\n|--|--|\n| c | d |\n",
    "a|b\n-|-\nc\n\nd\n",
    "|a|b|\n|:-|-:|\n|c|\n|d|e|f|\n",
    "|   a   |\n|:---:|\n|   |\n",
    "| a \\| b | `c \\| d` |\n|-|-|\n| \\\\| e | f |\n",
    "| a |\n| - |\n| b\\ |\n",
    "x\n| a |\n|-|\n| b |\n",
    "x  \ny\n| a |\n|-|\n",
    "x `a \\| b`\n| a |\n|-|\n",
    "[a]: /b\n| a |\n|-|\n",
    "- | a |\n  |-|\n  | b |\n- c\n",
    "- x\n  | a |\n  |-|\n",
    "| a |\n|-|\n> b\n",
    "| a |\n|-|\n# b\n",
    "| a |\n|-|\n- b\n",
    "| a |\n|-|\nb | c\n",
    "||\n|-|\n",
    "| a | |\n|-|-|\n| | b |\n",
    "a |\n-|\n",
    "| **a | b** |\n|-|-|\n",
    "| ~~x \\| y~~ |\n|-|\n",
    "|a|\n|-|\n\n|b|\n|-|\n",
    "|\302\240|\n|-|\n",
    "<div>\na\n\n*b*\n</div>\n",
    "<div>  \n  a\t\n</div>  \nb\n",
    "<!-- a\n\n\n   b -->   \nc\n",
    "<pre>\n\n a  \n\n</pre>  \nb\n",
    "<script>\n\n a  \n</script>\n",
    "<style>\n a  \n\n</style> b\n",
    "<?a\n\n?>\nb\n",
    "<!A\n\n>\nb\n",
    "<![CDATA[\n\n]]>\nb\n",
    "<a>\nb\n</a>\n",
    "a\n<div>\nb\n</div>\n",
    "a\n<b>\nc\n",
    "- <div>\n  a\n  </div>\n- b\n",
    "- <!-- a\n\n  b -->\n  c\n",
    "- <!-- a\n# b\n",
    "<details>\n<summary>a</summary>\n\nb\n\n</details>\n",
    "<div><pre>\n a  \n\n b  \n</pre></div>\n",
    "[a]: /b\n",
    "[a]: /b 'c\nd'\n[e]: /f\n\n[a] [e]\n",
    "[a]:\n  /b\n  \"c\"\n\n[a]\n",
    "[a]: /b\nc [a]\n",
    "[a]: /b  \nc  \nd [a]\n",
    "> [a]: /b\n\n[a]\n",
    "- [a]: /b\n- [a]\n",
    "- [a]: /b\n\n\n  c [a]\n",
    "* a\n\n[b]: /c\n\n* d [b]\n",
    "- a\n\n[b]: /c\n\n+ d [b]\n",
    "[^1]\n\n[^1]: a\n    b\n\n    c\n",
    "[^1]\n\n[^1]: a\n[^2]: b\n",
    "[^1]: a\n\n    ~~~ X\n    b\n    ~~~\n\n[^1]\n",
    "[^1]: not used\n\n    ~~~\n    a  \n    ~~~\n\n\n\nb\n",
    "a[^1]\n\n[^1]:\n    b\n",
    "a[^1]\n\n[^1]: b\n   \n    c\n",
    "a[^1]\n\n- [^1]: b\n- c\n",
    "> a[^1]\n>\n> [^1]: b\n> c\n",
    "[^1]\n\n[^1]: a\n# b\n",
    "    a\n\n\n    b\n",
    "    a\n  \n      b  \nc\n",
    "\ta\n\t\tb\n",
    "a\n\n\n\n    b\n",
    "# a\n    b\n",
    "\n\n    a\n",
    " a\n  b\n   c\n    d\n",
    "\\`a  \nb`\n",
    "&#96;a  \nb\n",
    "a\n+ b\n1. c\n2) d\n",
    "<!A\nxtps://a.b/c)  \nd\n",
    "<!a `>  \nb`\n`\n",
    "a\n-|\n|  \nb\n",
    "**a https://b.c**  \nd\n",
    "https://a.b/`c  \nd`\n",
    "[a https://b.c  \nd\n",
    "`**a` b:**  \nc **d**\n",
    "[](<  \nc>)\n",
    "[a]:\n\t>\n",
    "[\\^\n]\n===\n",
    "[^\n]\n---\n",
    "h<!--` \nd `--->\n",
    "a <!--->  \nb-->\n",
    "a <!-- b  \n--->  \nc\n",
    "<n e=  \ne=e>\n",
    "e<!A  \n://  \nA\n",
    "a\n2. b\n",
    "a\n*\n",
    "a\n-\nb\n",
    "a\n\n-\n",
    "\342\200\250a  \nb\n",
    "a\343\200\200\nb\n",
    "\357\273\277a\n",
};
// clang-format on

enum { MOST_SHOWN = 10 };

static unsigned n_wrong;

static void check(const char *text, size_t len)
{
    struct ctx_buffer out;
    const char *verdict = oracle_verdict(text, len, &out);
    if (verdict && n_wrong++ < MOST_SHOWN)
        print_error("%s\n--- in:\n%.*s--- out:\n%s", verdict, (int)len, text, ctx_buffer_str(&out));
    ctx_buffer_deinit(&out);
}

static void normalise_tricky_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < CTX_ARRAY_LEN(documents); i++)
        check(documents[i], strlen(documents[i]));
    assert_int_equal(n_wrong, 0);
}

/* Every document behind every other, with a blank line between and without. */
static void normalise_tricky_in_pairs(void **state)
{
    (void)state;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    for (size_t i = 0; i < CTX_ARRAY_LEN(documents); i++)
        for (size_t j = 0; j < CTX_ARRAY_LEN(documents); j++) {
            ctx_buffer_clear(&text);
            ctx_buffer_puts(&text, documents[i]);
            if ((i + j) % 2)
                ctx_buffer_putc(&text, '\n');
            ctx_buffer_puts(&text, documents[j]);
            check(text.data, text.len);
        }
    assert_int_equal(n_wrong, 0);
}

/* Every document in a container: its first line behind the marker, the others indented for it. */
static void check_contained(const char *text, const char *first, const char *other)
{
    CTX_AUTO_BUFFER struct ctx_buffer nested;
    ctx_buffer_init(&nested, SIZE_MAX / 2);
    ctx_buffer_puts(&nested, first);
    for (; *text; text++) {
        ctx_buffer_putc(&nested, *text);
        if (*text == '\n' && text[1] && (text[1] != '\n' || *other == '>'))
            ctx_buffer_puts(&nested, other);
    }
    check(nested.data, nested.len);
}

static void normalise_tricky_in_containers(void **state)
{
    (void)state;
    static const struct {
        const char *first, *other;
    } containers[] = {
        { "> ", "> " },
        { ">", ">" },
        { "- ", "  " },
        { "* ", "  " },
        { "1. ", "   " },
        { "10)  ", "     " },
        { "-\t", "\t" },
        { "- > ", "  > " },
        { "> 1. ", ">    " },
        { "a\n\n> ", "> " },
        { "a[^1]\n\n[^1]: ", "    " },
        { "* a\n  + ", "    " },
    };
    for (size_t c = 0; c < CTX_ARRAY_LEN(containers); c++)
        for (size_t i = 0; i < CTX_ARRAY_LEN(documents); i++)
            check_contained(documents[i], containers[c].first, containers[c].other);
    assert_int_equal(n_wrong, 0);
}

static int forget(void **state)
{
    (void)state;
    n_wrong = 0;
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    return ctx_transform_setup();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(normalise_tricky_alone, forget),
        cmocka_unit_test_setup(normalise_tricky_in_containers, forget),
        cmocka_unit_test_setup(normalise_tricky_in_pairs, forget),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
