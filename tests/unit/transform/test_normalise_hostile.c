/*
 * Inputs that cost the parser quadratic time or unbounded memory: each must end within its bounds,
 * with a page or with an error that names the limit, and leave the thread fit for the next one.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "html_oracle.h"

enum {
    DEADLINE_MS = 300,
    ENOUGH_S = 20, /* for the slowest machine under sanitizers; quadratic would be minutes */
};

/* Behind a paragraph, has the parser find its inlines, which it needs not do without. */
static const char inner_blank[] = " \nz";

static void repeat(struct ctx_buffer *text, const char *part, size_t times)
{
    for (size_t i = 0; i < times; i++)
        ctx_buffer_puts(text, part);
}

static int normalise_bounded(struct ctx_buffer *text, size_t memory, uint64_t ms,
                             struct ctx_error *error)
{
    struct ctx_transform_context context = { .memory_limit = memory, .deadline_ms = ms };
    struct ctx_document document = { 0 };
    struct ctx_draft draft = { .context = &context, .document = &document, .first_line = 1 };
    ctx_buffer_init(&draft.text, SIZE_MAX / 2);
    ctx_buffer_append(&draft.text, text->data, text->len);
    ctx_outline_init(&draft.outline);
    int r = ctx_stage_normalise(&draft, error);
    ctx_buffer_deinit(&draft.text);
    ctx_outline_deinit(&draft.outline);
    return r;
}

static void check_next_document(void)
{
    static const char text[] = "a\n==\n* b  \n";
    struct ctx_buffer out;
    struct ctx_error error;
    assert_int_equal(oracle_normalise(text, strlen(text), &out, &error), 0);
    assert_string_equal(out.data, "# a\n\n- b\n");
    ctx_buffer_deinit(&out);
}

/* Runs within the deadline, and some; 0, -ETIME and -ENOMEM are all right. */
static int check_bounded(struct ctx_buffer *text)
{
    struct ctx_error error = { "" };
    time_t begin = time(NULL);
    int r = normalise_bounded(text, CTX_LIMIT_PARSE_MEMORY(text->len), DEADLINE_MS, &error);
    assert_true(time(NULL) - begin < ENOUGH_S);
    if (r == -ETIME)
        assert_non_null(strstr(error.text, "takes more than"));
    else if (r == -ENOMEM)
        assert_non_null(strstr(error.text, "MiB"));
    else
        assert_int_equal(r, 0);
    ctx_buffer_deinit(text);
    check_next_document();
    return r;
}

static void normalise_hostile_repeated(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "![[]()",  "a <?", "<!A ",  "<![CDATA[", "a <!--",  "[a](<b",      "[",      "]",
        "![",      "*",    "_a",    "~~",        "`",       "``` `",       "<",      "<a b=",
        "&",       "\\",   "> ",    "- ",        "1. ",     "* a\n  ",     "a\n",    "[a]: b\n",
        "|",       "|-",   "#",     "<a b=\"",   "[^a]",    "[^a]: b\n\n", "- [ ] ", "    a\n\n",
        "\t",      "  \n", ">\n\n", "<div>\n",   "a  \n`",  "[a](  \n",    "<a\n",   "www.",
        "http://", "a@b",  "(",     "\"",        "*a **b ", "a**b__",
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(parts); i++) {
        struct ctx_buffer text;
        ctx_buffer_init(&text, SIZE_MAX / 2);
        repeat(&text, parts[i], 1000000 / strlen(parts[i]));
        ctx_buffer_puts(&text, inner_blank);
        print_message("%s\n", parts[i]);
        check_bounded(&text);
    }
}

static void normalise_hostile_wide_table(void **state)
{
    (void)state;
    struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    repeat(&text, "|a", 60000);
    repeat(&text, "|\n|-", 1);
    repeat(&text, "|-", 59999);
    ctx_buffer_puts(&text, "|\n");
    check_bounded(&text);
}

static void normalise_hostile_missing_cells(void **state)
{
    (void)state;
    struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    repeat(&text, "|a", 30000);
    repeat(&text, "|\n|-", 1);
    repeat(&text, "|-", 29999);
    repeat(&text, "|\n", 1);
    repeat(&text, "a\n", 30000);
    check_bounded(&text);
}

static void normalise_hostile_late_delimiter(void **state)
{
    (void)state;
    struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    repeat(&text, "a\n", 500000);
    ctx_buffer_puts(&text, "|-|\n");
    check_bounded(&text);
}

/* Blank lines below deep items are matched with each, and nothing is allocated on the way. */
static void normalise_hostile_blank_lines_in_deep_lists(void **state)
{
    (void)state;
    struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    repeat(&text, "- ", 100000);
    ctx_buffer_puts(&text, "a\n");
    repeat(&text, "\n", 500000);
    ctx_buffer_puts(&text, "b\n");
    check_bounded(&text);
}

static void normalise_hostile_lazy_lines_in_deep_quotes(void **state)
{
    (void)state;
    struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    repeat(&text, "> ", 100000);
    repeat(&text, "a  \n", 200000);
    check_bounded(&text);
}

static void normalise_hostile_blanks_behind_deep_bullets(void **state)
{
    (void)state;
    struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    repeat(&text, "* ", 100000);
    repeat(&text, " ", 500000);
    repeat(&text, "\n  a", 1);
    check_bounded(&text);
}

static void normalise_hostile_staircase(void **state)
{
    (void)state;
    struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    for (size_t i = 0; i < 1000; i++) {
        ctx_buffer_fill(&text, ' ', 2 * i);
        ctx_buffer_puts(&text, "* a\n");
    }
    assert_int_equal(check_bounded(&text), 0);
}

static void normalise_hostile_reports_time(void **state)
{
    (void)state;
    struct ctx_error error = { "" };
    struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    repeat(&text, "![[]()", 1000000);
    ctx_buffer_puts(&text, inner_blank);
    assert_int_equal(normalise_bounded(&text, SIZE_MAX, 50, &error), -ETIME);
    assert_non_null(strstr(error.text, "takes more than"));
    ctx_buffer_deinit(&text);
    check_next_document();
}

static void normalise_hostile_reports_memory(void **state)
{
    (void)state;
    struct ctx_error error = { "" };
    struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    repeat(&text, "*a _b ", 200000);
    ctx_buffer_puts(&text, inner_blank);
    assert_int_equal(normalise_bounded(&text, 8 * CTX_MIB, 0, &error), -ENOMEM);
    assert_non_null(strstr(error.text, "8 MiB"));
    ctx_buffer_deinit(&text);
    check_next_document();
}

static int set_up(void **state)
{
    (void)state;
    return ctx_transform_setup();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normalise_hostile_repeated),
        cmocka_unit_test(normalise_hostile_wide_table),
        cmocka_unit_test(normalise_hostile_missing_cells),
        cmocka_unit_test(normalise_hostile_late_delimiter),
        cmocka_unit_test(normalise_hostile_blank_lines_in_deep_lists),
        cmocka_unit_test(normalise_hostile_lazy_lines_in_deep_quotes),
        cmocka_unit_test(normalise_hostile_blanks_behind_deep_bullets),
        cmocka_unit_test(normalise_hostile_staircase),
        cmocka_unit_test(normalise_hostile_reports_time),
        cmocka_unit_test(normalise_hostile_reports_memory),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
