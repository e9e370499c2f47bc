/* The outline that the normalise stage leaves: each block with its place in the new text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "html_oracle.h"

static const char *const kind_names[] = {
    [CTX_BLOCK_PARAGRAPH] = "paragraph", [CTX_BLOCK_HEADING] = "heading",
    [CTX_BLOCK_FENCE] = "fence",         [CTX_BLOCK_INDENTED_CODE] = "code",
    [CTX_BLOCK_HTML] = "html",           [CTX_BLOCK_TABLE] = "table",
    [CTX_BLOCK_RULE] = "rule",           [CTX_BLOCK_DEFINITIONS] = "definitions",
};

/* Writes each block as "kind level depth item quote [info] |lines|content|". */
static void describe(const struct ctx_draft *draft, struct ctx_buffer *out)
{
    for (size_t i = 0; i < draft->outline.n_blocks; i++) {
        const struct ctx_block *block = &draft->outline.blocks[i];
        const char *text = draft->text.data;
        ctx_buffer_printf(out, "%s %d %u %d %d [%.*s] |%.*s|%.*s|\n", kind_names[block->kind],
                          block->level, block->depth, block->in_item, block->in_quote,
                          (int)block->info_len, text + block->info,
                          (int)(block->end - block->begin), text + block->begin,
                          (int)(block->end - block->content), text + block->content);
    }
}

static void check(const char *in, const char *expected)
{
    struct ctx_document document = { 0 };
    struct ctx_transform_context context = { 0 };
    struct ctx_draft draft = { .context = &context, .document = &document };
    CTX_AUTO_BUFFER struct ctx_buffer out;
    struct ctx_error error;
    ctx_buffer_init(&out, SIZE_MAX / 2);
    ctx_buffer_init(&draft.text, SIZE_MAX / 2);
    ctx_buffer_puts(&draft.text, in);
    ctx_outline_init(&draft.outline);
    assert_int_equal(ctx_stage_normalise(&draft, &error), 0);
    describe(&draft, &out);
    assert_string_equal(ctx_buffer_str(&out), expected);
    ctx_outline_deinit(&draft.outline);
    ctx_buffer_deinit(&draft.text);
}

static void outline_places_blocks_in_the_new_text(void **state)
{
    (void)state;
    check("\n\na\nb\n==\n~~~ JS x\nc\n~~~\n***\n<div>  \n</div>\n",
          "heading 1 0 0 0 [] |# a b\n|# a b\n|\n"
          "fence 0 0 0 0 [js x] |```js x\nc\n```\n|```js x\nc\n```\n|\n"
          "rule 0 0 0 0 [] |---\n|---\n|\n"
          "html 0 0 0 0 [] |<div>\n</div>\n|<div>\n</div>\n|\n");
}

static void outline_tells_containers(void **state)
{
    (void)state;
    check("> * a\n>   b\n>\n> # c\nd\n", "paragraph 0 2 1 1 [] |> - a\n>   b\n|a\n>   b\n|\n"
                                         "heading 1 1 0 1 [] |> # c\n|# c\n|\n"
                                         "paragraph 0 0 0 0 [] |d\n|d\n|\n");
}

static void outline_has_definitions(void **state)
{
    (void)state;
    check("a\n\n\n[b]: c\n[d]: e\n\n\n|f|\n|-|\n",
          "paragraph 0 0 0 0 [] |a\n|a\n|\n"
          "definitions 0 0 0 0 [] |[b]: c\n[d]: e\n|[b]: c\n[d]: e\n|\n"
          "table 0 0 0 0 [] || f |\n| --- |\n|| f |\n| --- |\n|\n");
}

static void outline_closes_the_last_fence(void **state)
{
    (void)state;
    check("- ```\n  a\n", "fence 0 1 1 0 [] |- ```\n  a\n  ```\n|```\n  a\n  ```\n|\n");
}

/* Footnotes stand at the end of the parser's tree, and in their places here. */
static void outline_is_in_the_order_of_lines(void **state)
{
    (void)state;
    check("[^1]: a\n\nb[^1]\n\n    c\n", "paragraph 0 1 0 0 [] |[^1]: a\n|a\n|\n"
                                         "paragraph 0 0 0 0 [] |b[^1]\n|b[^1]\n|\n"
                                         "code 0 0 0 0 [] |    c\n|    c\n|\n");
}

static int set_up(void **state)
{
    (void)state;
    return ctx_transform_setup();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outline_places_blocks_in_the_new_text),
        cmocka_unit_test(outline_tells_containers),
        cmocka_unit_test(outline_has_definitions),
        cmocka_unit_test(outline_closes_the_last_fence),
        cmocka_unit_test(outline_is_in_the_order_of_lines),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
