/*
 * The size stage on made-up pages: code of every sort and length, in containers and between prose,
 * JSON of random shape, whole and broken. Judged as real pages are, under random thresholds. A fixed
 * seed; what fails is printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the headers above. */
#include <cmocka.h>

#include "base/cleanup.h"
#include "random.h"
#include "size_oracle.h"

enum { DOCUMENTS = 3000 };

#define PICK(array) ((array)[next_below(CTX_ARRAY_LEN(array))])

static void put_value(struct ctx_buffer *out, unsigned depth, unsigned *budget);

static void put_gap(struct ctx_buffer *out)
{
    static const char *const gaps[] = {
        "\n", "\n", "\n  ", " ", "", "\n\n", " // c\n", "/* c\n */"
    };
    ctx_buffer_puts(out, PICK(gaps));
}

static void put_container(struct ctx_buffer *out, unsigned depth, unsigned *budget)
{
    bool object = next_below(2);
    bool comments = next_below(8) == 0;
    ctx_buffer_putc(out, object ? '{' : '[');
    for (unsigned n = next_below(8), i = 0; i<n && * budget> 0; i++) {
        ctx_buffer_puts(out, i > 0 ? "," : "");
        if (comments)
            put_gap(out);
        else
            ctx_buffer_puts(out, next_below(4) ? "\n" : " ");
        if (object)
            ctx_buffer_printf(out, "\"k%u\": ", next_below(1000000));
        put_value(out, depth + 1, budget);
    }
    ctx_buffer_puts(out, next_below(3) ? "\n" : "");
    ctx_buffer_putc(out, object ? '}' : ']');
}

static void put_value(struct ctx_buffer *out, unsigned depth, unsigned *budget)
{
    static const char *const scalars[] = { "1", "-2.5e3", "true", "null", "\"a b\"", "\"{\\\"[\"" };
    if (*budget > 0)
        --*budget;
    if (depth < 5 && (depth == 0 || next_below(3) == 0))
        put_container(out, depth, budget);
    else
        ctx_buffer_puts(out, PICK(scalars));
}

static void put_json(struct ctx_buffer *out)
{
    unsigned budget = next_below(80);
    put_value(out, 0, &budget);
    if (next_below(10) == 0 && out->len > 3)
        ctx_buffer_truncate(out, out->len - 1 - next_below(2)); /* broken */
    ctx_buffer_putc(out, '\n');
}

static void put_lines(struct ctx_buffer *out)
{
    static const char *const lines[] = { "let a = 1", "    indented", "",
                                         "\ttab",     "# hash",       "---",
                                         "- item",    "> q",          "``",
                                         "~~~",       "import x",     "<div>",
                                         "{/* */}",   "  ",           "\xC3\xA9 \xC2\xA0 x" };
    for (unsigned n = next_below(60); n > 0; n--)
        ctx_buffer_printf(out, "%s\n", PICK(lines));
}

/* Puts text behind a container's prefixes: `first` on its first line, `rest` on the others. */
static void put_behind(struct ctx_buffer *out, const char *text, const char *first,
                       const char *rest)
{
    for (const char *prefix = first; *text; prefix = rest) {
        size_t len = strcspn(text, "\n");
        ctx_buffer_printf(out, "%s%.*s\n", prefix, (int)len, text);
        text += len + (text[len] == '\n');
    }
}

static void put_code(struct ctx_buffer *out)
{
    static const char *const infos[] = { "json",       "jsonc", "js title=\"a\"", "python", "",
                                         "yaml {1,3}", "mdx",   "jsonl",          "diff",   "JSON5",
                                         "html",       "c++" };
    static const struct {
        const char *first, *rest;
    } containers[] = { { "", "" },       { "", "" },         { "> ", "> " },    { "- ", "  " },
                       { "1. ", "   " }, { "> - ", ">   " }, { "    ", "    " } };
    CTX_AUTO_BUFFER struct ctx_buffer code;
    ctx_buffer_init(&code, 1 << 20);
    const char *info = PICK(infos);
    const char *fence = next_below(5) ? "```" : "````";
    size_t container = next_below(CTX_ARRAY_LEN(containers));
    bool indented = container + 1 == CTX_ARRAY_LEN(containers);
    if (!indented)
        ctx_buffer_printf(&code, "%s%s\n", fence, info);
    if (strncasecmp(info, "json", 4) == 0)
        put_json(&code);
    else
        put_lines(&code);
    if (!indented)
        ctx_buffer_printf(&code, "%s\n", fence);
    put_behind(out, ctx_buffer_str(&code), containers[container].first, containers[container].rest);
}

static void put_block(struct ctx_buffer *out)
{
    static const char *const others[] = {
        "A paragraph\nof two lines.\n",
        "## Heading\n",
        "- a\n- b\n",
        "> quote\n",
        "<img src=\"d.png\">\n",
        "<img alt=\"\">\n\n{/* c */}\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n",
        "---\n",
        "![](d.png)\n",
        "* * x * *\n",
    };
    if (next_below(2))
        put_code(out);
    else
        ctx_buffer_puts(out, PICK(others));
    ctx_buffer_puts(out, next_below(6) ? "\n" : "");
}

static void size_soup(void **state)
{
    (void)state;
    static const char *const rules[] = { "badges", "decorative_images", "ornament_lines" };
    unsigned n_wrong = 0;
    for (unsigned i = 0; i < DOCUMENTS; i++) {
        CTX_AUTO_BUFFER struct ctx_buffer text;
        ctx_buffer_init(&text, 1 << 20);
        for (unsigned n = 1 + next_below(5); n > 0; n--)
            put_block(&text);
        bool compact = next_below(2);
        bool drops = next_below(2);
        unsigned most = next_below(3) ? 1 + next_below(30) : 0;
        struct ctx_transform_options options = {
            .profile = compact ? CTX_PROFILE_COMPACT : CTX_PROFILE_BALANCED,
            .code.max_lines = most,
            .rules_off = rules,
            .n_rules_off = drops ? 0 : CTX_ARRAY_LEN(rules),
        };
        const char *verdict = size_verdict(next_below(2) ? "a.md" : "a.mdx", &text, &options,
                                           most      ? most
                                           : compact ? 15
                                                     : 25,
                                           most      ? most
                                           : compact ? 10
                                                     : 20,
                                           !compact || !drops);
        if (verdict && n_wrong++ < 3)
            print_error("document %u, at most %u lines: %s\n%s=====\n", i, most, verdict,
                        text.data);
    }
    print_message("%u blocks shortened, %u of them JSON\n", size_n_shortened, size_n_json);
    assert_int_equal(n_wrong, 0);
    assert_true(size_n_json > 100);
    assert_true(size_n_whole < 20);
}

static int set_up(void **state)
{
    (void)state;
    return ctx_transform_setup();
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(size_soup) };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
