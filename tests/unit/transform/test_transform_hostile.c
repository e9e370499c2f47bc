/*
 * Hostile input through all stages: what is repeated here costs some stage more than its share, if
 * any does. A document eight times as long takes about eight times as long (CPU time, which other
 * processes do not count in), or ends in an error that names a limit; so for both grammars and
 * all dialects.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
/* cmocka.h needs the headers above. */
#include <cmocka.h>

#include "base/cleanup.h"
#include "contextor/transform.h"

enum {
    SHORT = 25000,
    TIMES = 8,
    LENIENCE = 3, /* caches, and steps of buffers that grow */
};

static const double slack = 0.3; /* seconds */

static double cpu_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int transform(const struct ctx_buffer *text, const char *path, enum ctx_dialect dialect)
{
    const struct ctx_transform_options options = {
        .profile = CTX_PROFILE_LOSSLESS,
        .dialect = dialect,
    };
    const struct ctx_transform_context context = {
        .options = &options, .path = path, .repo = "o/n", .ref = "main", .repo_path = ""
    };
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document document;
    ctx_document_init(&document);
    struct ctx_error error = { "" };
    int r = ctx_transform(ctx_buffer_str(text), text->len, &context, &document, &error);
    if (r < 0)
        assert_true(r == -ETIME || r == -ENOMEM || r == -EFBIG);
    return r;
}

typedef void (*compose_fn)(struct ctx_buffer *text, const char *part, size_t len);

static double time_of(compose_fn compose, const char *part, size_t len, const char *path,
                      enum ctx_dialect dialect, int *ret_code)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    compose(&text, part, len);
    double begin = cpu_seconds();
    *ret_code = transform(&text, path, dialect);
    return cpu_seconds() - begin;
}

static void check(compose_fn compose, const char *part, const char *path, enum ctx_dialect dialect)
{
    int code;
    double little = time_of(compose, part, SHORT, path, dialect, &code);
    double much = time_of(compose, part, (size_t)SHORT * TIMES, path, dialect, &code);
    if (code == 0 && much > LENIENCE * TIMES * little + slack)
        fail_msg("%s: %s: %.3f s, and %.3f s for %d times as much", path, part, little, much,
                 TIMES);
}

static void repeat(struct ctx_buffer *text, const char *part, size_t len)
{
    size_t n = strlen(part);
    for (size_t at = 0; at + n <= len; at += n)
        ctx_buffer_append(text, part, n);
}

static void hostile_repeated(void **state)
{
    (void)state;
    static const char *const parts[] = {
        /* MDX */
        "{",
        "}",
        "{/*",
        "{`${",
        "{/a",
        "{a ? <B>",
        "<A>",
        "<A>\n",
        "<A>\n  ",
        "</A>",
        "<>",
        "<A b={",
        "<A b=\"",
        "<A {...a} ",
        "<A\nb=\"c\"\n",
        "- <A>\n",
        "> <A>\n",
        "| <A> | {b} |\n",
        "import a from \"b\"\n",
        "import {\n",
        "export const a = {\n",
        "{'a'}",
        "<a.",
        "<A b=<C ",
        /* HTML */
        "<b>",
        "</b>",
        "<script>\n",
        "<style>\nx\n\n",
        "<details>\n<summary>a</summary>\n",
        "<table><tr><td>\n",
        "<img srcset=\"a b, ",
        "<a href=x>",
        "<!-- \n\n",
        "&ensp;",
        "&#x1F600;",
        /* containers, directives, navigation */
        ":::note\n",
        "::: tip a\n\n",
        "::::: a\n:::\n",
        "[[toc]]\n",
        "<<< @/a\n",
        "{{#include a}}\n",
        "<!--@include: a-->\n",
        "> [!NOTE]\n",
        "[Edit this page](x)\n",
        "[\xE2\x86\x90 Previous](x) | ",
        "- [Edit this page](x)\n",
        /* links */
        "[a](",
        "[[a](b)](",
        "[a](b.md \"",
        "[a](<b.md",
        "[a][b] ",
        "![a](b.png) ",
        "<http://a>",
        "[a]: b.md\n",
        "[a]: <b\n",
        "http://a.b/)",
        "\xE2\x80\x94 ",
        /* front matter */
        "---\n",
        "+++\n",
        "---\na: b\n",
        "\xEF\xBB\xBF",
        "\r",
        "...\n",
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(parts); i++) {
        check(repeat, parts[i], "a.md", CTX_DIALECT_NONE);
        check(repeat, parts[i], "a.mdx", CTX_DIALECT_NONE);
    }
}

static void hostile_templates(void **state)
{
    (void)state;
    static const struct {
        const char *part;
        enum ctx_dialect dialect;
    } parts[] = {
        { "{{A(\"b\")}}", CTX_DIALECT_MDN },
        { "{{A(\"b", CTX_DIALECT_MDN },
        { "{{", CTX_DIALECT_MDN },
        { "{{< a >}}", CTX_DIALECT_HUGO },
        { "{{< a \"b", CTX_DIALECT_HUGO },
        { "{{% a %}}\n", CTX_DIALECT_HUGO },
        { "{{< a >}}\n```\n", CTX_DIALECT_HUGO },
        { "{% raw %}", CTX_DIALECT_LIQUID },
        { "{% a b=\"c", CTX_DIALECT_LIQUID },
        { "{{ a }}", CTX_DIALECT_LIQUID },
        { "{% highlight a %}\n", CTX_DIALECT_LIQUID },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(parts); i++) {
        check(repeat, parts[i].part, "a.md", parts[i].dialect);
        check(repeat, parts[i].part, "a.mdx", parts[i].dialect);
    }
}

static void nest(struct ctx_buffer *text, const char *part, size_t len)
{
    size_t n = len / (2 * strlen(part) + 1);
    for (size_t i = 0; i < n; i++)
        ctx_buffer_puts(text, part);
    ctx_buffer_puts(text, "x\n");
    for (size_t i = 0; i < n; i++) {
        ctx_buffer_puts(text, "</");
        ctx_buffer_puts(text, part + 1);
    }
}

static void compose_links_up(struct ctx_buffer *text, const char *part, size_t len)
{
    ctx_buffer_puts(text, "[a](");
    repeat(text, part, len);
    ctx_buffer_puts(text, "b.md)\n");
}

static void compose_front_matter(struct ctx_buffer *text, const char *part, size_t len)
{
    ctx_buffer_puts(text, "---\n");
    repeat(text, part, len);
    ctx_buffer_puts(text, "\n---\ntext\n");
}

static void compose_keys(struct ctx_buffer *text, const char *part, size_t len)
{
    ctx_buffer_puts(text, part);
    for (unsigned i = 0; text->len < len; i++)
        ctx_buffer_printf(text, "k%u: v\n", i);
    ctx_buffer_puts(text, part);
}

static void compose_definitions(struct ctx_buffer *text, const char *part, size_t len)
{
    for (unsigned i = 0; text->len < len / 2; i++)
        ctx_buffer_printf(text, "[%s%u]: u%u.md\n", part, i, i);
    for (unsigned i = 0; text->len < len; i++)
        ctx_buffer_printf(text, "[%s%u] ", part, i);
}

static void compose_heading(struct ctx_buffer *text, const char *part, size_t len)
{
    ctx_buffer_puts(text, "# ");
    repeat(text, part, len);
}

static void hostile_composed(void **state)
{
    (void)state;
    static const struct {
        compose_fn compose;
        const char *part;
    } parts[] = {
        { nest, "<A>" },
        { nest, "<A>\n" },
        { nest, "<b>" },
        { compose_links_up, "../" },
        { compose_links_up, "a/" },
        { compose_links_up, "%41" },
        { compose_links_up, "(" },
        { compose_front_matter, "a: [" },
        { compose_front_matter, "a: {" },
        { compose_front_matter, "a: &b [*b]\n" },
        { compose_front_matter, "title: a\n" },
        { compose_front_matter, "- " },
        { compose_front_matter, "? " },
        { compose_front_matter, "\"" },
        { compose_front_matter, "tags: [a, b]\nx: |\n" },
        { compose_keys, "---\n" },
        { compose_keys, "+++\n" },
        { compose_definitions, "a" },
        { compose_definitions, "^a" },
        { compose_heading, "&ensp;" },
        { compose_heading, "*a _b" },
        { compose_heading, "[a](b) " },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(parts); i++) {
        check(parts[i].compose, parts[i].part, "a.md", CTX_DIALECT_NONE);
        check(parts[i].compose, parts[i].part, "a.mdx", CTX_DIALECT_NONE);
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
        cmocka_unit_test(hostile_repeated),
        cmocka_unit_test(hostile_templates),
        cmocka_unit_test(hostile_composed),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
