/* The page's formats: front matter, hash, index line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the headers above. */
#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "contextor/page.h"

static const struct ctx_transform_options balanced = { .profile = CTX_PROFILE_BALANCED };
static const struct ctx_transform_options lossless = { .profile = CTX_PROFILE_LOSSLESS };
static const char *const configured[] = { "framework", "Docs" };

static struct ctx_page_context context_of(const struct ctx_transform_options *options,
                                          const char *path)
{
    return (struct ctx_page_context){
        .transform = { .options = options,
                       .path = path,
                       .repo = "o/n",
                       .ref = "main",
                       .repo_path = "docs" },
        .slug = "n__a",
        .topics = configured,
        .n_topics = 2,
        .fetched_at = 1700000000,
    };
}

static void make(struct ctx_page *page, const char *source, const struct ctx_page_context *context)
{
    ctx_page_init(page);
    assert_int_equal(ctx_page_make(source, strlen(source), context, page, NULL), 0);
}

/* The lines of the front matter without their values, as one string. */
static void assert_keys(const struct ctx_page *page, const char *keys)
{
    CTX_AUTO_BUFFER struct ctx_buffer found;
    ctx_buffer_init(&found, 65536);
    const char *line = page->mdc.data + 4;
    while (strncmp(line, "---\n", 4) != 0) {
        ctx_buffer_append(&found, line, strcspn(line, ":\n"));
        ctx_buffer_putc(&found, '\n');
        line = strchr(line, '\n') + 1;
    }
    assert_string_equal(ctx_buffer_str(&found), keys);
}

static void page_begins_as_the_format_says(void **state)
{
    (void)state;
    struct ctx_page_context context = context_of(&balanced, "a.md");
    CTX_CLEANUP(ctx_page_deinit) struct ctx_page page;
    make(&page, "---\ntitle: T\ntags: [docs, New]\nx: 1\n---\n\nsome text\n", &context);
    static const char head[] =
        "---\nschema: \"mdc/1.0\"\nsource:\n  repo: \"o/n\"\n  ref: \"main\"\n"
        "  path: \"a.md\"\n"
        "  url: \"https://github.com/o/n/blob/main/docs/a.md\"\n"
        "title: \"T\"\ntopics:\n  - \"framework\"\n  - \"Docs\"\n"
        "  - \"New\"\ncontent_hash: \"";
    assert_memory_equal(page.mdc.data, head, strlen(head));
    static const char middle[] = "\"\nfetched_at: \"2023-11-14T22:13:20Z\"\nslug: \"n__a\"\n"
                                 "license: \"See source repository\"\nstats:\n";
    assert_memory_equal(page.mdc.data + strlen(head) + 64, middle, strlen(middle));
}

static void page_keys_stand_in_order(void **state)
{
    (void)state;
    static const char keys[] =
        "schema\nsource\n  repo\n  ref\n  path\n  url\ntitle\ndescription\ntopics\n  - "
        "\"framework\"\n"
        "  - \"Docs\"\ncontent_hash\nfetched_at\nslug\nlicense\nstats\n  lines\n  words\n"
        "  characters\n  tokens\n  tokens_estimated_words\n  tokens_estimated_chars\n"
        "  code_blocks\n  inline_code\n  links\n  headings\n";
    static const char source[] = "---\ndescription: d\nx: {a: 1}\n---\ntext\n";
    struct ctx_page_context context = context_of(&balanced, "a.md");
    CTX_CLEANUP(ctx_page_deinit) struct ctx_page page;
    make(&page, source, &context);
    assert_keys(&page, keys);
    struct ctx_page_context all = context_of(&lossless, "a.md");
    CTX_CLEANUP(ctx_page_deinit) struct ctx_page full;
    make(&full, source, &all);
    char more[1024];
    snprintf(more, sizeof(more), "%smetadata\n", keys);
    assert_keys(&full, more);
    assert_non_null(strstr(full.mdc.data, "\nmetadata: {\"x\": {\"a\": 1}}\n---\n\n"));
}

static void page_keeps_malformed_front_matter_as_one_string(void **state)
{
    (void)state;
    struct ctx_page_context context = context_of(&balanced, "a.md");
    CTX_CLEANUP(ctx_page_deinit) struct ctx_page page;
    make(&page, "---\na: b: c\n\"x\n---\ntext\n", &context);
    assert_non_null(strstr(page.mdc.data, "\nmetadata_raw: \"a: b: c\\n\\\"x\\n\"\n---\n\n"));
    assert_int_equal(page.report.n_entries, 1);
}

/* The hash is of the body's bytes, after the empty line. */
static void page_hash_is_of_the_body(void **state)
{
    (void)state;
    struct ctx_page_context context = context_of(&balanced, "a.md");
    CTX_CLEANUP(ctx_page_deinit) struct ctx_page page;
    make(&page, "some text\n", &context);
    assert_memory_equal(page.mdc.data + page.body_offset - 5, "---\n\n", 5);
    assert_string_equal(page.mdc.data + page.body_offset, "some text\n");
    unsigned char digest[CTX_DIGEST_SIZE];
    char hex[CTX_DIGEST_HEX_SIZE];
    ctx_digest(page.mdc.data + page.body_offset, page.mdc.len - page.body_offset, digest);
    ctx_digest_hex(digest, hex);
    assert_non_null(strstr(page.mdc.data, hex));
    assert_non_null(strstr(page.entry.data, hex));
}

static void page_empty_topics_are_an_empty_list(void **state)
{
    (void)state;
    struct ctx_page_context context = context_of(&balanced, "a.md");
    context.n_topics = 0;
    CTX_CLEANUP(ctx_page_deinit) struct ctx_page page;
    make(&page, "text\n", &context);
    assert_non_null(strstr(page.mdc.data, "\ntopics: []\n"));
    assert_non_null(strstr(page.entry.data, "\"topics\": []"));
}

static void page_time_stamp_stands_where_it_says(void **state)
{
    (void)state;
    struct ctx_page_context context = context_of(&balanced, "a.md");
    CTX_CLEANUP(ctx_page_deinit) struct ctx_page page;
    make(&page, "text\n", &context);
    static const char stamp[] = "2023-11-14T22:13:20Z";
    assert_memory_equal(page.mdc.data + page.fetched_at_offset, stamp, CTX_FETCHED_AT_LEN);
    assert_memory_equal(page.entry.data + page.entry_fetched_at_offset, stamp, CTX_FETCHED_AT_LEN);
    context.fetched_at = INT64_MAX;
    CTX_CLEANUP(ctx_page_deinit) struct ctx_page late;
    make(&late, "text\n", &context);
    assert_memory_equal(late.mdc.data + late.fetched_at_offset, "9999-12-31T23:59:59Z",
                        CTX_FETCHED_AT_LEN);
}

/* The ancestor stamped the time of the run: the same source gave other bytes. */
static void page_is_a_function_of_its_source(void **state)
{
    (void)state;
    struct ctx_page_context context = context_of(&balanced, "a.md");
    CTX_CLEANUP(ctx_page_deinit) struct ctx_page one;
    CTX_CLEANUP(ctx_page_deinit) struct ctx_page two;
    make(&one, "# x\n\ntext\n", &context);
    make(&two, "# x\n\ntext\n", &context);
    assert_string_equal(one.mdc.data, two.mdc.data);
    assert_string_equal(one.entry.data, two.entry.data);
}

static void page_entry_is_compact_json_in_order(void **state)
{
    (void)state;
    struct ctx_page_context context = context_of(&balanced, "d/a \"b\".md");
    CTX_CLEANUP(ctx_page_deinit) struct ctx_page page;
    make(&page, "---\ntitle: \"T\\L\"\n---\nsome text\n", &context);
    static const char head[] =
        "{\"slug\": \"n__a\", \"title\": \"T\\u2028\", \"path\": \"d/a \\\"b\\\".md\", "
        "\"repo\": \"o/n\", \"ref\": \"main\", "
        "\"topics\": [\"framework\", \"Docs\"], \"content_hash\": \"";
    assert_memory_equal(page.entry.data, head, strlen(head));
    assert_null(strchr(page.entry.data, '\n'));
    json_t *entry = json_loadb(page.entry.data, page.entry.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(entry);
    json_t *stats = json_object_get(entry, "stats");
    assert_int_equal(json_object_size(entry), 9);
    assert_int_equal(json_object_size(stats), 10);
    assert_int_equal(json_integer_value(json_object_get(stats, "words")), 2);
    assert_int_equal(json_integer_value(json_object_get(stats, "tokens")), 2);
    assert_int_equal(json_integer_value(json_object_get(stats, "tokens_estimated_chars")), 2);
    json_decref(entry);
}

static void page_path_that_is_not_utf8_is_given_twice(void **state)
{
    (void)state;
    struct ctx_page_context context = context_of(&balanced, "a\xFF.md");
    CTX_CLEANUP(ctx_page_deinit) struct ctx_page page;
    make(&page, "text\n", &context);
    assert_non_null(strstr(page.mdc.data,
                           "\n  path: \"a\\ufffd.md\"\n  path_b64: \"Yf8ubWQ=\"\n"
                           "  url: \"https://github.com/o/n/blob/main/docs/a%FF.md\"\n"));
    assert_non_null(
        strstr(page.entry.data, "\"path\": \"a\\ufffd.md\", \"path_b64\": \"Yf8ubWQ=\", \"repo\""));
}

static void page_title_falls_back_to_the_file_name(void **state)
{
    (void)state;
    static const struct {
        const char *path, *title;
    } cases[] = {
        { "guide/getting-started.md", "\ntitle: \"getting-started\"\n" },
        { "guide/index.md", "\ntitle: \"guide\"\n" },
        { "a/b/README.md", "\ntitle: \"b\"\n" },
        { "README.md", "\ntitle: \"README\"\n" },
        { ".md", "\ntitle: \".md\"\n" },
        { "v1.2.md", "\ntitle: \"v1.2\"\n" },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(cases); i++) {
        struct ctx_page_context context = context_of(&balanced, cases[i].path);
        CTX_CLEANUP(ctx_page_deinit) struct ctx_page page;
        make(&page, "text\n", &context);
        assert_non_null(strstr(page.mdc.data, cases[i].title));
    }
}

static void page_of_bytes_that_are_not_utf8_is_refused(void **state)
{
    (void)state;
    struct ctx_page_context context = context_of(&balanced, "a.md");
    CTX_CLEANUP(ctx_page_deinit) struct ctx_page page;
    ctx_page_init(&page);
    struct ctx_error error;
    assert_int_equal(ctx_page_make("a\xFF", 2, &context, &page, &error), -EILSEQ);
    assert_int_equal(page.mdc.len, 0);
}

static int setup(void **state)
{
    (void)state;
    return ctx_digest_setup() < 0 || ctx_transform_setup() < 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_begins_as_the_format_says),
        cmocka_unit_test(page_keys_stand_in_order),
        cmocka_unit_test(page_keeps_malformed_front_matter_as_one_string),
        cmocka_unit_test(page_hash_is_of_the_body),
        cmocka_unit_test(page_empty_topics_are_an_empty_list),
        cmocka_unit_test(page_time_stamp_stands_where_it_says),
        cmocka_unit_test(page_is_a_function_of_its_source),
        cmocka_unit_test(page_entry_is_compact_json_in_order),
        cmocka_unit_test(page_path_that_is_not_utf8_is_given_twice),
        cmocka_unit_test(page_title_falls_back_to_the_file_name),
        cmocka_unit_test(page_of_bytes_that_are_not_utf8_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
