/* JSON with lines. */
#include "config/json_tree.h"

#include "config_fixture.h"

struct tree {
    struct ctx_config_arena arena;
    struct ctx_json_tree tree;
    struct ctx_diagnostics diagnostics;
};

static int parse(struct tree *t, const char *text, size_t len)
{
    *t = (struct tree){ 0 };
    return ctx_json_tree_parse(text, len, "f.json", &t->arena, &t->tree, &t->diagnostics);
}

static void forget(struct tree *t)
{
    ctx_json_tree_deinit(&t->tree);
    ctx_config_arena_deinit(&t->arena);
    ctx_diagnostics_deinit(&t->diagnostics);
}

static const struct ctx_json_node *child(const struct ctx_json_node *node, size_t index)
{
    for (node = node->children; node && node->index != index; node = node->next)
        ;
    return node;
}

static void assert_node(struct tree *t, const struct ctx_json_node *node, unsigned line,
                        const char *path)
{
    assert_non_null(node);
    assert_int_equal(node->line, line);
    assert_string_equal(ctx_json_node_path(node, &t->arena), path);
}

static void json_tree_knows_lines_and_paths(void **state)
{
    (void)state;
    static const char text[] =
        "\n{ \"a\":\n  1, \"b\": [ {\n\"c\\u0041\":{}},\r\n  [true,\n\"x\\\"]}\"]"
        "],\n \"d.e\": -1.5e3 }\n";
    struct tree t;
    assert_int_equal(parse(&t, text, strlen(text)), 0);
    const struct ctx_json_node *top = t.tree.top;
    assert_node(&t, top, 2, "");
    assert_node(&t, child(top, 0), 2, "a");
    assert_node(&t, child(top, 1), 3, "b");
    const struct ctx_json_node *b = child(top, 1);
    assert_node(&t, child(b, 0), 3, "b[0]");
    assert_node(&t, child(child(b, 0), 0), 4, "b[0].cA");
    assert_node(&t, child(b, 1), 5, "b[1]");
    assert_node(&t, child(child(b, 1), 1), 6, "b[1][1]");
    assert_string_equal(ctx_json_node_string(child(child(b, 1), 1)), "x\"]}");
    assert_node(&t, child(top, 2), 7, "[\"d.e\"]");
    assert_null(child(top, 3));
    forget(&t);
}

static void json_tree_notes_duplicates(void **state)
{
    (void)state;
    static const char text[] =
        "{\"a\": {\"x\": 1},\n\"b\": {\"a\": 1},\n\"\\u0061\": 2,\n\"a\": 3}";
    struct tree t;
    assert_int_equal(parse(&t, text, strlen(text)), 0);
    assert_true(child(t.tree.top, 0)->superseded);
    assert_int_equal(child(t.tree.top, 0)->duplicate_of, 0);
    assert_int_equal(child(t.tree.top, 2)->duplicate_of, 1);
    assert_true(child(t.tree.top, 2)->superseded);
    assert_int_equal(child(t.tree.top, 3)->duplicate_of, 3);
    assert_false(child(t.tree.top, 3)->superseded);
    assert_int_equal(child(child(t.tree.top, 1), 0)->duplicate_of, 0);
    forget(&t);
}

static void json_tree_lets_a_byte_order_mark_pass(void **state)
{
    (void)state;
    static const char text[] = "\xef\xbb\xbf{\"a\": 1}";
    struct tree t;
    assert_int_equal(parse(&t, text, strlen(text)), 0);
    assert_node(&t, child(t.tree.top, 0), 1, "a");
    forget(&t);
}

static void json_tree_says_what_is_broken(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        { "", "f.json:1: broken JSON: '[' or '{' expected near end of file; begin with '{'" },
        { "{\"a\": 1,\n}", "f.json:2: broken JSON: string or '}' expected near '}'; remove the "
                           "comma before it" },
        { "{\"a\": [1,\n\n2,]}", "f.json:3: broken JSON: unexpected token near ']'; remove the "
                                 "comma before it" },
        { "{\n // x\n}",
          "f.json:2: broken JSON: string or '}' expected near '/'; JSON has no comments: "
          "remove it" },
        { "{\"a\": 1\n\"b\": 2}",
          "f.json:2: broken JSON: '}' expected near '\"b\"'; put a comma before it, or close the "
          "object" },
        { "{\"a\": 1} x", "f.json:1: broken JSON: end of file expected near 'x'; remove what "
                          "follows the closing '}'" },
        { "[]", "f.json:1: an array, not an object; begin with '{'" },
        { "{\"a\":\n \"b\xff\"}",
          "f.json:2: not UTF-8 (byte 0xff at offset 9); save the file as UTF-8" },
        { "{\"a\":\n \"\\ud800\"}",
          "f.json:2: broken JSON: invalid Unicode '\\uD800' near '\"\\ud800\"'; mend it there" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tree t;
        assert_int_equal(parse(&t, cases[i].text, strlen(cases[i].text)), -EINVAL);
        assert_int_equal(t.diagnostics.n, 1);
        assert_string_equal(t.diagnostics.items[0].text, cases[i].says);
        forget(&t);
    }
}

/* Nothing in it is quadratic: this takes minutes when duplicates are looked for one by one. */
static void json_tree_takes_many_members(void **state)
{
    (void)state;
    enum { MEMBERS = 100000 };
    struct ctx_buffer text;
    ctx_buffer_init(&text, 8u << 20);
    ctx_buffer_putc(&text, '{');
    for (unsigned i = 0; i < MEMBERS; i++)
        ctx_buffer_printf(&text, "%s\"k%u\":%u", i ? "," : "", i / 2, i);
    ctx_buffer_putc(&text, '}');
    struct tree t;
    assert_int_equal(parse(&t, text.data, text.len), 0);
    assert_int_equal(t.tree.top->last_child->duplicate_of, 1);
    forget(&t);
    ctx_buffer_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_tree_knows_lines_and_paths),
        cmocka_unit_test(json_tree_notes_duplicates),
        cmocka_unit_test(json_tree_lets_a_byte_order_mark_pass),
        cmocka_unit_test(json_tree_says_what_is_broken),
        cmocka_unit_test(json_tree_takes_many_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
