/*
 * Plain blocks: what is told without the parser is what the parser tells. Where footnotes may be
 * referred to, only fences are told without it, so each text is parsed with and without such a sign.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "contextor/transform.h"
#include "random.h"
#include "transform/markdown.h"

enum { DOCUMENTS = 20000, LONGEST = 24 };

static const char *const pieces[] = {
    "\n",
    "\n",
    "\n",
    "\n",
    "\n\n",
    "\n\n",
    " \n",
    "\t\n",
    "a",
    "a b",
    "b ",
    "c  \n",
    "\xC3\xA9",
    "*a*",
    "**",
    "* a",
    "*",
    "_a_",
    "__",
    "_",
    "`a`",
    "``",
    "```\n",
    "```js\n",
    "``` a`\n",
    "~~~\n",
    "   ```\n",
    "    ```\n",
    "````\n",
    "# a\n",
    "#\n",
    "## a #\n",
    "####### ",
    "#a",
    "  # a\n",
    "===\n",
    "---\n",
    "- - -\n",
    "- a\n",
    "  - b\n",
    "1. a\n",
    "2) a\n",
    "12 a",
    "1a",
    "\n\na\n\n- a\n",
    "  - a\n",
    "    - b\n",
    "   1. c\n",
    "\na\n\n1. a\n",
    "> a b\n",
    ">\n",
    "\n\na\n\n> ",
    "+ a\n",
    "> a\n",
    ">",
    "    ",
    "  ",
    "[a]",
    "[a]: /u\n",
    "[a]:\n",
    "[a\n",
    "'t'\n",
    "[ ] ",
    "]",
    "| a |\n",
    "| b | c |",
    "|---|\n",
    "|-|-|\n",
    "-|-\n",
    "|:-: | -:",
    "|",
    "\\",
    "\\|",
    "| |\n",
    "||\n",
    "|  \n",
    ":-:\n",
    ":",
    "---\n\n",
    "a\n- b\n",
    "\n# A\n<!--",
    "<a b>",
    "</a>\n",
    "1.2\n",
    "***\n",
    "<!--\n",
    "-->\n",
    "<div>\n",
    "</div>\n",
    "<b>",
    "<pre>\n",
    "</pre>\n",
    "![a](b)",
    "(a)",
    "\"a\"",
    "{a}",
    "&amp;",
    "\f",
    "\v",
    "\xC2\xA0",
    "=",
    "+",
    "~",
    "<",
    "1.\n",
    "-\n",
};

/* A node as text: what the tree's header says that it has, without the parser's handle. */
static void put_node(struct ctx_buffer *out, const struct ctx_node *node)
{
    ctx_buffer_printf(out, "kind %d in %u at %u: lines %u-%u column %u previous %u", node->kind,
                      node->parent, node->depth, node->first,
                      ctx_node_is_leaf(node) ? node->last : 0, node->column, node->previous);
    ctx_buffer_printf(out, " rows %u columns %u level %u marks %d %d tight %d merged %d indent %u",
                      node->rows, node->columns, node->level, node->mark, node->out_mark,
                      node->tight, node->merged, node->indent);
    ctx_buffer_printf(out, " content %u %u %u\n", node->content.byte, node->content.column,
                      node->content.inside);
}

static void put_tree(struct ctx_buffer *out, const char *body, const char *end)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    struct ctx_tree tree;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    ctx_buffer_puts(&text, body);
    ctx_buffer_puts(&text, end);
    struct ctx_arena *arena = ctx_arena_of_thread();
    ctx_arena_reset(arena, CTX_LIMIT_PARSE_MEMORY(text.len), 0);
    assert_int_equal(ctx_markdown_parse(arena, text.data, text.len, &tree), 0);
    for (uint32_t i = 0; i < tree.n_nodes; i++)
        put_node(out, &tree.nodes[i]);
    for (uint32_t i = 0; i < tree.n_leaves; i++)
        ctx_buffer_printf(out, "leaf %u\n", tree.leaves[i]);
    ctx_arena_reset(arena, 0, 0);
}

static void assert_same_trees(const char *body)
{
    CTX_AUTO_BUFFER struct ctx_buffer plain;
    CTX_AUTO_BUFFER struct ctx_buffer parsed;
    ctx_buffer_init(&plain, SIZE_MAX / 2);
    ctx_buffer_init(&parsed, SIZE_MAX / 2);
    put_tree(&plain, body, "\n\n<!-- [ -->\n");
    put_tree(&parsed, body, "\n\n<!-- [^ -->\n");
    if (strcmp(plain.data, parsed.data) != 0)
        fail_msg("%s\n--- plain:\n%s--- parsed:\n%s", body, plain.data, parsed.data);
}

static void plain_blocks_are_what_the_parser_finds(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "# A\n\ntext\nmore\n\n## B\ntext\n```\n\n# c\n```\ntext\n",
        "- a\n\nb\n\n- c\n",
        "- a\n\n  b\n\nc\n\n    code\n",
        "> a\nb\n\nc\n",
        "<!--\n\ntext\n\n# a\n\n-->\n\ntext\n",
        "  ```\n\ntext\n\n# a\n\n  ```\n\ntext\n",
        "- ```\n\ntext\n\n  ```\n\ntext\n",
        "a\n===\n\na\nb\n---\n",
        "a\n-|-\n\n| a |\n|---|\n| b |\n\n| a |\n|-|-|\n",
        "| a | b |\n|---|---|\n| c |\n|\n\n| a |\n|---|\n| b |\nc\n",
        "| a \\| b |\n|---|\n|\n\n|| a |\n|---|---|\n",
        "[a]: /u\ntext\n\n[a]:\n/u\n\n[a](b)\n\n[a\n\n[a]\n: /u\n",
        "a  \nb\n\na\nb  \n\n*a*\n* b\n\n**\n\n***\n",
        "```js\na\n````\n\n``` a`\n\n~~~ a`\n```\n~~~\n\n````\n```\n",
        "text\n\n- a\n- b\n\n# A\n- c\n\n\n\n  text\n",
        "\xEF\xBB\xBF# A\n\ntext\n",
        "\xEF\xBB\xBFtext\n\n# A\n\ntext\n",
        "a\n--b\n\na\n--\n\na\n-|-\n\na\n-b|\n\na\n++b\n=c\n~~d\n#e\n\n~~~ f\n",
        "---\na\n\n---\n\n***\nb\n___\n\n- c\n\n---\n\n- d\n---\n\n# E\n---\nf\n---\n",
        "a\n- b\n- c\n\nd\n1. e\n\nf\n2. g\n\nh\n- i\n  - j\n\nk\n-\n\nl\n+ m\n- n\n",
        "a\n\n<!-- b -->\nc\n\n<!-- d\n\ne -->f\n# G\n<!-->\n\nh\n<!-- i -->\n\n<!-- j\n\nk\n",
        "<a id=\"b\"></a>\n\nc\n\n<a id=\"d\">\n</a>\n\ne\n1.30](f)\n1.\n\n<a b>c</a>\nd\n",
        "a\n\n- b\n  - c\n    d\n  - e\n    1. f\n    2. g\n- h\ni\n\nj\n",
        "a\n\n1. b\n   - c\n     - d\n       - e\n         - f\n           - g\n2. h\n\ni\n",
        "a\n\n- b\n  2. c\n\nd\n\n- e\n   - f\n- g\n\nh\n\n- i\n  - j\n  * k\n\nl\n\n- m\n  - "
        "n\n\n  o\n",
        "a\n\n- b\n - c\n\nd\n\n-   e\n    + f\n    g\n+ h\n\ni\n\n10. j\n    * k\n11. l\n# M\n",
        "text",
        "# A\n- a\n- b c\n  d\ne\n\ntext\n\n1. a\n3.   b\n\n# B\n",
        "a\n\n- b\n\n- c\n\na\n\n- b\n\n  c\n\na\n\n- b\n\n      c\n\na\n\n- b\n\n* c\n",
        "a\n\n* [b](c)\n* [ ] d\n\na\n\n* [b]: /u\n\na\n\n- [b\n  c]: /u\n\na\n\n-\n- b\n",
        "a\n\n1. b\n2) c\n\na\n\n- b  \n  c\n\na\n\n- b\n===\n\na\n\n- b\n# C\n\n-     b\n",
        "a\n\n- b\n\n[c]: /u\n1. d\n",
        "a\n\n> b\n> c\n>\n> d\n\n    e\n\n> f\ng\n\na\n\n>  h\n>i\n\n>\n> j\n# K\n",
        "a\n\n> [!NOTE]\n> b\n\n> [c]:\n> /u\n\na\n\n> - d\n\na\n\n> e  \n> f\n>\n\n> g\n",
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(bodies); i++)
        assert_same_trees(bodies[i]);
}

static void plain_blocks_in_soup(void **state)
{
    (void)state;
    CTX_AUTO_BUFFER struct ctx_buffer body;
    ctx_buffer_init(&body, SIZE_MAX / 2);
    for (int i = 0; i < DOCUMENTS; i++) {
        ctx_buffer_clear(&body);
        for (uint32_t n = 1 + next_below(LONGEST); n > 0; n--)
            ctx_buffer_puts(&body, pieces[next_below(CTX_ARRAY_LEN(pieces))]);
        assert_same_trees(body.data);
    }
}

static int set_up(void **state)
{
    (void)state;
    return ctx_transform_setup();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_blocks_are_what_the_parser_finds),
        cmocka_unit_test(plain_blocks_in_soup),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
