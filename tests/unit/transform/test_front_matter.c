/* The front matter stage: what it cuts off, what it reads, what it keeps as written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the headers above. */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "transform/stage.h"

static const struct ctx_transform_options options;
static const struct ctx_transform_context context = {
    .options = &options,
    .path = "a.md",
    .repo = "o/n",
    .ref = "main",
    .repo_path = "",
};

struct fixture {
    struct ctx_document document;
    struct ctx_draft draft;
};

static void deinit(struct fixture *fixture)
{
    ctx_buffer_deinit(&fixture->draft.text);
    ctx_document_deinit(&fixture->document);
}

static void run_bytes(struct fixture *fixture, const char *source, size_t len)
{
    ctx_document_init(&fixture->document);
    fixture->draft = (struct ctx_draft){
        .context = &context,
        .document = &fixture->document,
        .first_line = 1,
    };
    ctx_buffer_init(&fixture->draft.text, 1 << 26);
    ctx_buffer_append(&fixture->draft.text, source, len);
    assert_int_equal(ctx_stage_front_matter(&fixture->draft, NULL), 0);
}

static void run(struct fixture *fixture, const char *source)
{
    run_bytes(fixture, source, strlen(source));
}

#define WITH(name, source)                                                                         \
    CTX_CLEANUP(deinit) struct fixture name;                                                       \
    run(&name, source)

static void assert_body(const struct fixture *fixture, const char *body)
{
    assert_string_equal(ctx_buffer_str(&fixture->draft.text), body);
}

static void assert_metadata(const struct fixture *fixture, const char *json)
{
    assert_string_equal(ctx_buffer_str(&fixture->document.metadata), json);
}

static void assert_raw(const struct fixture *fixture, const char *raw)
{
    assert_string_equal(ctx_buffer_str(&fixture->document.metadata_raw), raw);
    assert_int_equal(fixture->document.report.n_entries, *raw ? 1 : 0);
    if (*raw)
        assert_int_equal(fixture->document.report.entries[0].loss, CTX_LOSS_WARNING);
}

static void front_matter_gives_title_description_and_topics(void **state)
{
    (void)state;
    WITH(f, "---\ntitle:  \"A: b\"\ndescription: >-\n  two\n  lines\ntags: [x, 'y z']\n"
            "keywords: k1, k2 ,\ntopics:\n- 1.10\n---\n\n# Body\n");
    assert_body(&f, "\n# Body\n");
    assert_string_equal(f.document.title, "A: b");
    assert_string_equal(f.document.description, "two lines");
    assert_int_equal(f.document.n_topics, 5);
    static const char *const topics[] = { "x", "y z", "k1", "k2", "1.10" };
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(f.document.topics[i], topics[i]);
    assert_metadata(&f, "");
    assert_raw(&f, "");
    assert_int_equal(f.draft.first_line, 11);
}

static void front_matter_keeps_the_rest_as_json(void **state)
{
    (void)state;
    WITH(f, "---\ntitle: T\nn: 1.10\nbig: 12345678901234567890\nexp: 1e999\noct: 012\nhex: 0x1F\n"
            "yes: no\nt: True\nempty:\ntilde: ~\ndate: 2024-01-02\ns: !!str 5\n"
            "nested: {a: [1, {b: \"c\\u2028\"}]}\n1: one\n---\n");
    assert_metadata(&f, "{\"n\": 1.10, \"big\": \"12345678901234567890\", \"exp\": \"1e999\", "
                        "\"oct\": \"012\", \"hex\": \"0x1F\", \"yes\": \"no\", \"t\": true, "
                        "\"empty\": null, \"tilde\": null, \"date\": \"2024-01-02\", \"s\": \"5\", "
                        "\"nested\": {\"a\": [1, {\"b\": \"c\\u2028\"}]}, \"1\": \"one\"}");
}

static void front_matter_title_is_as_written(void **state)
{
    (void)state;
    WITH(number, "---\ntitle: 1.10\n---\n");
    assert_string_equal(number.document.title, "1.10");
    WITH(list, "---\ntitle: [slug]\n---\n");
    assert_string_equal(list.document.title, "slug");
    WITH(folded, "---\ntitle: |\n  two\n  lines\n---\n");
    assert_string_equal(folded.document.title, "two lines");
}

static void front_matter_line_separators_are_text(void **state)
{
    (void)state;
    WITH(f, "---\ntitle: a\xE2\x80\xA8"
            "b\xC2\x85"
            "c\xE2\x80\xA9 d\nx: 1\n---\n");
    assert_string_equal(f.document.title, "a b c d");
    assert_raw(&f, "");
}

/* The ancestor wrote YAML's null as the string "None". */
static void front_matter_null_is_no_title(void **state)
{
    (void)state;
    WITH(empty, "---\ntitle:\ndescription: ~\ntags: null\n---\n");
    assert_null(empty.document.title);
    assert_null(empty.document.description);
    assert_int_equal(empty.document.n_topics, 0);
    WITH(blank, "---\ntitle: ' '\ntags: [ '', ~, a]\n---\n");
    assert_null(blank.document.title);
    assert_int_equal(blank.document.n_topics, 1);
    WITH(mapping, "---\ntitle: {a: b}\n---\n");
    assert_null(mapping.document.title);
    assert_metadata(&mapping, "{\"title\": {\"a\": \"b\"}}");
}

static void front_matter_empty_or_comments_only_goes(void **state)
{
    (void)state;
    WITH(empty, "---\n---\nx\n");
    assert_body(&empty, "x\n");
    assert_raw(&empty, "");
    WITH(comments, "---\n# only this\n\n---\nx\n");
    assert_body(&comments, "x\n");
    assert_raw(&comments, "");
    WITH(dots, "--- \ntitle: a\n...\nx\n");
    assert_body(&dots, "x\n");
    assert_string_equal(dots.document.title, "a");
    WITH(unterminated, "---\ntitle: a\n---");
    assert_body(&unterminated, "");
    assert_string_equal(unterminated.document.title, "a");
}

/* The ancestor took everything after a lone rule for front matter. */
static void front_matter_unclosed_is_none(void **state)
{
    (void)state;
    WITH(rule, "---\n\ntext\n");
    assert_body(&rule, "---\n\ntext\n");
    WITH(alone, "---");
    assert_body(&alone, "---");
    WITH(later, "\n---\ntitle: a\n---\n");
    assert_body(&later, "\n---\ntitle: a\n---\n");
    WITH(longer, "----\ntitle: a\n----\n");
    assert_body(&longer, "----\ntitle: a\n----\n");
    WITH(indented, " ---\ntitle: a\n---\n");
    assert_null(indented.document.title);
    WITH(nothing, "");
    assert_body(&nothing, "");
}

static void front_matter_malformed_is_kept_as_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *title; /* what is plain to see of it all the same */
    } broken[] = {
        { "title: a: b\n", "a: b" },
        { "title: [a\n", NULL },
        { "title: 'a\n", "a" },
        { "\ttitle: a\n", NULL },
        { "title: T\nkey: \"\\q\"\n", "T" },
        { "title: T\ntitle: U\n", "U" },
        { "title: T\nx: {a: 1, a: 2}\n", "T" },
        { "title: T\nx: *nowhere\n", "T" },
        { "title: T\nx: &x [*x]\n", "T" },
        { "title: T\n? [a]\n: b\n", "T" },
        { "just text\n", NULL },
        { "- a\n- b\n", NULL },
        { "title: {{ template }}\n", NULL },
        { "title: \x01\n", NULL },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(broken); i++) {
        CTX_AUTO_BUFFER struct ctx_buffer source;
        ctx_buffer_init(&source, 4096);
        ctx_buffer_printf(&source, "---\n%s---\nbody\n", broken[i].text);
        WITH(f, source.data);
        assert_body(&f, "body\n");
        assert_raw(&f, broken[i].text);
        if (broken[i].title)
            assert_string_equal(f.document.title, broken[i].title);
        else
            assert_null(f.document.title);
        assert_metadata(&f, "");
    }
}

static void front_matter_problem_names_its_line(void **state)
{
    (void)state;
    WITH(f, "---\ntitle: T\nkey: a: b\n---\n");
    assert_int_equal(f.document.report.n_entries, 1);
    assert_int_equal(f.document.report.entries[0].line, 3);
    assert_string_equal(f.document.report.entries[0].rule, "front_matter");
}

static void front_matter_toml_is_kept_and_its_strings_are_read(void **state)
{
    (void)state;
    static const char toml[] =
        "title = \"A \\\"b\\\" \\u00e9\" # c\ndescription='d\\n'\ndraft = true\n"
        "\"tags\" = [\"x\", 'y',]\nkeywords = [1, 2]\n[extra]\ntopics = [\"no\"]\n";
    CTX_AUTO_BUFFER struct ctx_buffer source;
    ctx_buffer_init(&source, 4096);
    ctx_buffer_printf(&source, "+++\n%s+++\nbody\n", toml);
    WITH(f, source.data);
    assert_body(&f, "body\n");
    assert_raw(&f, toml);
    assert_string_equal(f.document.title, "A \"b\" \xC3\xA9");
    assert_string_equal(f.document.description, "d\\n");
    assert_int_equal(f.document.n_topics, 2);
    assert_metadata(&f, "");
}

static void front_matter_aliases_are_followed_within_limits(void **state)
{
    (void)state;
    WITH(f, "---\na: &x {k: [1]}\nb: *x\nc: &x 2\nd: *x\n---\n");
    assert_metadata(&f, "{\"a\": {\"k\": [1]}, \"b\": {\"k\": [1]}, \"c\": 2, \"d\": 2}");
    CTX_AUTO_BUFFER struct ctx_buffer laughs;
    ctx_buffer_init(&laughs, 1 << 20);
    ctx_buffer_puts(&laughs, "---\na0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol]\n");
    for (int i = 1; i < 20; i++) {
        ctx_buffer_printf(&laughs, "a%d: &a%d [", i, i);
        for (int k = 0; k < 9; k++)
            ctx_buffer_printf(&laughs, "*a%d,", i - 1);
        ctx_buffer_puts(&laughs, "]\n");
    }
    ctx_buffer_puts(&laughs, "---\n");
    WITH(bomb, laughs.data);
    assert_body(&bomb, "");
    assert_metadata(&bomb, "");
    assert_true(bomb.document.metadata_raw.len > 0);
}

static void front_matter_deep_long_or_huge_stays_linear(void **state)
{
    (void)state;
    enum { N = 200000 };
    CTX_AUTO_BUFFER struct ctx_buffer source;
    ctx_buffer_init(&source, 1 << 26);
    ctx_buffer_puts(&source, "---\na: ");
    ctx_buffer_fill(&source, '[', N);
    ctx_buffer_puts(&source, "\n---\nx\n");
    WITH(deep, source.data);
    assert_true(deep.document.metadata_raw.len > N);
    ctx_buffer_clear(&source);
    ctx_buffer_puts(&source, "---\n");
    ctx_buffer_fill(&source, 'k', 2000);
    ctx_buffer_puts(&source, ": v\n---\nx\n");
    WITH(key, source.data);
    assert_true(key.document.metadata_raw.len > 2000);
    ctx_buffer_clear(&source);
    ctx_buffer_puts(&source, "---\n");
    for (int i = 0; i < N; i++)
        ctx_buffer_printf(&source, "k%d: %d\n", i, i);
    ctx_buffer_puts(&source, "---\nx\n");
    WITH(huge, source.data);
    assert_raw(&huge, "");
    assert_true(huge.document.metadata.len > N);
}

/* A body must not look like front matter to a second pass. */
static void front_matter_guards_the_body(void **state)
{
    (void)state;
    WITH(toml, "---\na: 1\n---\n\n+++\nx\n+++\n");
    assert_body(&toml, "\n\\+++\nx\n+++\n");
    WITH(marks, "\xEF\xBB\xBF \xEF\xBB\xBF x");
    assert_body(&marks, " x");
}

static void front_matter_counts_the_words_of_the_source(void **state)
{
    (void)state;
    WITH(f, "---\ntitle: a\n---\nx y\n");
    assert_int_equal(f.document.words_in, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(front_matter_gives_title_description_and_topics),
        cmocka_unit_test(front_matter_keeps_the_rest_as_json),
        cmocka_unit_test(front_matter_title_is_as_written),
        cmocka_unit_test(front_matter_line_separators_are_text),
        cmocka_unit_test(front_matter_null_is_no_title),
        cmocka_unit_test(front_matter_empty_or_comments_only_goes),
        cmocka_unit_test(front_matter_unclosed_is_none),
        cmocka_unit_test(front_matter_malformed_is_kept_as_written),
        cmocka_unit_test(front_matter_problem_names_its_line),
        cmocka_unit_test(front_matter_toml_is_kept_and_its_strings_are_read),
        cmocka_unit_test(front_matter_aliases_are_followed_within_limits),
        cmocka_unit_test(front_matter_deep_long_or_huge_stays_linear),
        cmocka_unit_test(front_matter_guards_the_body),
        cmocka_unit_test(front_matter_counts_the_words_of_the_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
