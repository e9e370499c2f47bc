/* The codec of pages: there and back, every cut, every flipped byte, and what a liar may send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "document/page_codec.h"

static const struct ctx_component_rule RULES[] = { { "Foo", "drop" }, { "Sandpack", "unwrap" } };
static const char *const LANGUAGES[] = { "json", "mermaid" };
static const char *const RULES_OFF[] = { "badges" };
static const char *const TOPICS[] = { "framework", "caf\xC3\xA9" };
static const char DOCUMENT[] = "# One\0\xFF\n";
enum { DOCUMENT_LEN = sizeof(DOCUMENT) - 1 };

static const struct ctx_transform_options OPTIONS = {
    .profile = CTX_PROFILE_COMPACT,
    .dialect = CTX_DIALECT_HUGO,
    .components = RULES,
    .n_components = 2,
    .links = { .target = CTX_LINKS_MIRROR,
               .base_url = "https://e.org",
               .drop_anchors = true,
               .forge = CTX_FORGE_SOURCEHUT,
               .web = "https://git.e.org/~o/n" },
    .code = { .preserve_languages = LANGUAGES, .n_preserve_languages = 2, .max_lines = 40 },
    .rules_off = RULES_OFF,
    .n_rules_off = 1,
};

static const struct ctx_page_context CONTEXT = {
    .transform = { .options = &OPTIONS,
                   .path = "a/not-utf8-\xFF.md",
                   .repo = "o/n",
                   .ref = "main",
                   .repo_path = "docs",
                   .memory_limit = 12345,
                   .deadline_ms = 777 },
    .slug = "n__a__b",
    .topics = TOPICS,
    .n_topics = 2,
    .fetched_at = -5,
};

static void make_request(const struct ctx_page_context *context, struct ctx_buffer *ret)
{
    ctx_buffer_init(ret, CTX_MIB);
    assert_int_equal(ctx_page_request_encode(context, DOCUMENT_LEN, ret), 0);
    ctx_buffer_append(ret, DOCUMENT, DOCUMENT_LEN);
}

static void page_codec_request_round_trip(void **state)
{
    (void)state;
    CTX_AUTO_BUFFER struct ctx_buffer bytes;
    make_request(&CONTEXT, &bytes);
    struct ctx_page_request request;
    assert_int_equal(ctx_page_request_decode(bytes.data, bytes.len, &request), 0);
    const struct ctx_transform_context *transform = &request.context.transform;
    const struct ctx_transform_options *options = transform->options;
    assert_int_equal(options->profile, CTX_PROFILE_COMPACT);
    assert_int_equal(options->dialect, CTX_DIALECT_HUGO);
    assert_int_equal(options->n_components, 2);
    assert_string_equal(options->components[1].name, "Sandpack");
    assert_string_equal(options->components[1].form, "unwrap");
    assert_int_equal(options->links.target, CTX_LINKS_MIRROR);
    assert_string_equal(options->links.base_url, "https://e.org");
    assert_true(options->links.drop_anchors);
    assert_int_equal(options->links.forge, CTX_FORGE_SOURCEHUT);
    assert_string_equal(options->links.web, "https://git.e.org/~o/n");
    assert_int_equal(options->code.n_preserve_languages, 2);
    assert_string_equal(options->code.preserve_languages[0], "json");
    assert_int_equal(options->code.max_lines, 40);
    assert_int_equal(options->n_rules_off, 1);
    assert_string_equal(options->rules_off[0], "badges");
    assert_string_equal(transform->path, CONTEXT.transform.path);
    assert_string_equal(transform->repo, "o/n");
    assert_string_equal(transform->ref, "main");
    assert_string_equal(transform->repo_path, "docs");
    assert_int_equal(transform->memory_limit, 12345);
    assert_int_equal(transform->deadline_ms, 777);
    assert_string_equal(request.context.slug, "n__a__b");
    assert_int_equal(request.context.n_topics, 2);
    assert_string_equal(request.context.topics[1], TOPICS[1]);
    assert_int_equal(request.context.fetched_at, -5);
    assert_int_equal(request.len, DOCUMENT_LEN);
    assert_memory_equal(request.bytes, DOCUMENT, DOCUMENT_LEN);
    ctx_page_request_deinit(&request);
}

static void page_codec_request_of_defaults(void **state)
{
    (void)state;
    const struct ctx_page_context context = {
        .transform = { .path = "a.md", .repo = "o/n", .ref = "main" }, .slug = "s"
    };
    CTX_AUTO_BUFFER struct ctx_buffer bytes;
    make_request(&context, &bytes);
    struct ctx_page_request request;
    assert_int_equal(ctx_page_request_decode(bytes.data, bytes.len, &request), 0);
    assert_non_null(request.context.transform.options);
    assert_null(request.context.transform.options->links.base_url);
    assert_null(request.context.transform.options->components);
    assert_null(request.context.transform.repo_path);
    assert_null(request.context.topics);
    ctx_page_request_deinit(&request);
}

static void fill_page(struct ctx_page *page)
{
    ctx_page_init(page);
    ctx_buffer_puts(&page->mdc, "fetched_at: 2024-01-02T03:04:05Z\n---\n\nBody\n");
    ctx_buffer_puts(&page->entry, "{\"t\":\"2024-01-02T03:04:05Z\"}");
    page->fetched_at_offset = 12;
    page->body_offset = page->mdc.len - 5;
    page->entry_fetched_at_offset = 6;
    page->stats = (struct ctx_stats){ 1, 2, 3, 4, 5, 6, 7 };
    page->words_in = 9;
    ctx_report_add(&page->report, CTX_LOSS_ELIDED, "code", "js", 2, 8, 30);
    ctx_report_add(&page->report, CTX_LOSS_DROPPED, "esm", "", 0, 1, 1);
}

static void page_codec_reply_round_trip(void **state)
{
    (void)state;
    struct ctx_page page, back;
    CTX_AUTO_BUFFER struct ctx_buffer bytes;
    ctx_buffer_init(&bytes, CTX_MIB);
    fill_page(&page);
    ctx_page_init(&back);
    assert_int_equal(ctx_page_reply_encode(&page, &bytes), 0);
    assert_int_equal(ctx_page_reply_decode(bytes.data, bytes.len, &back, NULL), 0);
    ctx_buffer_clear(&bytes); /* the page keeps nothing of it */
    assert_string_equal(back.mdc.data, page.mdc.data);
    assert_string_equal(back.entry.data, page.entry.data);
    assert_int_equal(back.fetched_at_offset, page.fetched_at_offset);
    assert_int_equal(back.body_offset, page.body_offset);
    assert_int_equal(back.entry_fetched_at_offset, page.entry_fetched_at_offset);
    assert_memory_equal(&back.stats, &page.stats, sizeof(page.stats));
    assert_int_equal(back.words_in, 9);
    assert_int_equal(back.report.n_entries, 2);
    assert_string_equal(back.report.entries[0].rule, "code");
    assert_string_equal(back.report.entries[0].name, "js");
    assert_int_equal(back.report.entries[0].amount, 30);
    assert_int_equal(back.report.entries[1].loss, CTX_LOSS_DROPPED);
    ctx_page_deinit(&page);
    ctx_page_deinit(&back);
}

static void page_codec_error_round_trip(void **state)
{
    (void)state;
    const struct ctx_error error = { "two\nlines, and \xFF" };
    struct ctx_error back;
    struct ctx_page page;
    CTX_AUTO_BUFFER struct ctx_buffer bytes;
    ctx_buffer_init(&bytes, CTX_MIB);
    ctx_page_init(&page);
    assert_int_equal(ctx_page_reply_encode_error(-EILSEQ, &error, &bytes), 0);
    assert_int_equal(ctx_page_reply_decode(bytes.data, bytes.len, &page, &back), -EILSEQ);
    assert_string_equal(back.text, "two lines, and \xEF\xBF\xBD");
    ctx_page_deinit(&page);
}

/* The result of a reply's decoding, which leaves nothing behind. */
static int try_reply(const char *data, size_t len)
{
    struct ctx_page page;
    struct ctx_error error;
    ctx_page_init(&page);
    int r = ctx_page_reply_decode(data, len, &page, &error);
    ctx_page_deinit(&page);
    return r;
}

static int try_request(const char *data, size_t len)
{
    struct ctx_page_request request = { 0 };
    int r = ctx_page_request_decode(data, len, &request);
    ctx_page_request_deinit(&request);
    return r;
}

/* Each cut is refused; each flipped byte is refused or read as something else, but harmlessly. */
static void attack(int (*try)(const char *data, size_t len), const struct ctx_buffer *bytes)
{
    assert_int_equal(try(bytes->data, bytes->len), 0);
    for (size_t len = 0; len < bytes->len; len++) {
        /* A copy of that size, so that reading past it is seen. */
        CTX_AUTO_FREE char *copy = malloc(len + (len == 0));
        memcpy(copy, bytes->data, len);
        assert_int_equal(try(copy, len), -EPROTO);
    }
    for (size_t i = 0; i < bytes->len; i++) {
        static const char flips[] = { 1, (char)0x80, (char)0xFF };
        for (size_t flip = 0; flip < sizeof(flips); flip++) {
            bytes->data[i] ^= flips[flip];
            try(bytes->data, bytes->len);
            bytes->data[i] ^= flips[flip];
        }
    }
}

static void page_codec_trusts_no_request(void **state)
{
    (void)state;
    CTX_AUTO_BUFFER struct ctx_buffer bytes;
    make_request(&CONTEXT, &bytes);
    attack(try_request, &bytes);
    ctx_buffer_putc(&bytes, 'x'); /* more than it says */
    assert_int_equal(try_request(bytes.data, bytes.len), -EPROTO);
}

static void page_codec_trusts_no_reply(void **state)
{
    (void)state;
    struct ctx_page page;
    CTX_AUTO_BUFFER struct ctx_buffer bytes;
    ctx_buffer_init(&bytes, CTX_MIB);
    fill_page(&page);
    ctx_page_reply_encode(&page, &bytes);
    attack(try_reply, &bytes);
    ctx_buffer_putc(&bytes, 'x');
    assert_int_equal(try_reply(bytes.data, bytes.len), -EPROTO);
    ctx_page_deinit(&page);
}

static int try_page(const struct ctx_page *page)
{
    CTX_AUTO_BUFFER struct ctx_buffer bytes;
    ctx_buffer_init(&bytes, CTX_MIB);
    ctx_page_reply_encode(page, &bytes);
    return try_reply(bytes.data, bytes.len);
}

static void page_codec_refuses_offsets_and_text_that_lie(void **state)
{
    (void)state;
    struct ctx_page page;
    fill_page(&page);
    assert_int_equal(try_page(&page), 0);
    page.body_offset = page.mdc.len + 1;
    assert_int_equal(try_page(&page), -EPROTO);
    page.body_offset = page.mdc.len;
    assert_int_equal(try_page(&page), 0);
    page.fetched_at_offset = page.mdc.len - CTX_FETCHED_AT_LEN + 1;
    assert_int_equal(try_page(&page), -EPROTO);
    page.fetched_at_offset = SIZE_MAX;
    assert_int_equal(try_page(&page), -EPROTO);
    page.fetched_at_offset = 0;
    page.entry_fetched_at_offset = page.entry.len;
    assert_int_equal(try_page(&page), -EPROTO);
    page.entry_fetched_at_offset = 0;
    page.entry.data[3] = '\n'; /* would be a second line of the index */
    assert_int_equal(try_page(&page), -EPROTO);
    page.entry.data[3] = 'x';
    page.mdc.data[3] = (char)0xFF;
    assert_int_equal(try_page(&page), -EPROTO);
    ctx_page_deinit(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_codec_request_round_trip),
        cmocka_unit_test(page_codec_request_of_defaults),
        cmocka_unit_test(page_codec_reply_round_trip),
        cmocka_unit_test(page_codec_error_round_trip),
        cmocka_unit_test(page_codec_trusts_no_request),
        cmocka_unit_test(page_codec_trusts_no_reply),
        cmocka_unit_test(page_codec_refuses_offsets_and_text_that_lie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
