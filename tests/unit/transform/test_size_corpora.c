/*
 * The size stage on real pages: those of ../shared/corpora, when it is there. What balanced and
 * compact make of a page is compared with what lossless does: only code differs, no code is over its
 * threshold, JSON stays JSON, the words that rules saved are those that are gone, and a second pass
 * changes nothing. compact's dropping rules are off where blocks are compared.
 */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the headers above. */
#include <cmocka.h>

#include "contextor/transform.h"
#include "corpora.h"
#include "html_oracle.h"
#include "transform/languages.h"
#include "transform/text_count.h"

static unsigned n_wrong, n_shortened, n_json;

/* A page under one profile. */
struct page {
    struct ctx_document document;
    cmark_parser *parser;
    cmark_node *root;
};

static void complain(const char *path, const char *profile, const char *what)
{
    n_wrong++;
    print_error("%s: %s: %s\n", path, profile, what);
}

static int transform(const char *path, const struct ctx_buffer *text,
                     const struct ctx_transform_options *options, struct ctx_document *document)
{
    struct ctx_transform_context context = {
        .options = options, .path = path, .repo = "o/n", .ref = "main", .repo_path = ""
    };
    struct ctx_error error;
    ctx_document_init(document);
    return ctx_transform(ctx_buffer_str(text), text->len, &context, document, &error);
}

static bool make_page(const char *path, const struct ctx_buffer *text,
                      const struct ctx_transform_options *options, struct page *page)
{
    if (transform(path, text, options, &page->document) < 0)
        return false;
    const struct ctx_buffer *body = &page->document.body;
    page->root = oracle_parse(ctx_buffer_str(body), body->len, &page->parser);
    return true;
}

static void deinit_page(struct page *page)
{
    cmark_node_free(page->root);
    cmark_parser_free(page->parser);
    ctx_document_deinit(&page->document);
}

static cmark_node *next_code(cmark_iter *iter)
{
    for (cmark_event_type event; (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;) {
        cmark_node *node = cmark_iter_get_node(iter);
        if (event == CMARK_EVENT_ENTER && cmark_node_get_type(node) == CMARK_NODE_CODE_BLOCK)
            return node;
    }
    return NULL;
}

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static bool is_json(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    json_decref(value);
    return value != NULL;
}

/* One block of code, as lossless has it and as the profile does. */
static const char *judge_code(const char *whole, const char *info, const char *left, size_t most,
                              size_t most_json)
{
    struct ctx_language language = ctx_language_find(info, ctx_language_length(info, strlen(info)));
    size_t limit = language.form == CTX_CODE_LINES ? most : most_json;
    if (count_lines(whole) <= limit)
        return strcmp(whole, left) == 0 ? NULL : "short code was changed";
    n_shortened++;
    if (strcmp(whole, left) == 0)
        return "long code was left as it is";
    if (count_lines(left) > limit)
        return "code is over the threshold";
    if (language.form != CTX_CODE_JSON || !is_json(whole))
        return NULL;
    n_json++;
    return is_json(left) ? NULL : "JSON is none any more";
}

/* Compares code block by code block, and empties each, so that what is left can be compared. */
static const char *judge_blocks(struct page *whole, struct page *left, size_t most,
                                size_t most_json)
{
    cmark_iter *a = cmark_iter_new(whole->root), *b = cmark_iter_new(left->root);
    const char *verdict = NULL;
    for (;;) {
        cmark_node *x = next_code(a), *y = next_code(b);
        if (!x != !y)
            verdict = "there is more or less code";
        if (!x || !y)
            break;
        const char *said = judge_code(cmark_node_get_literal(x), cmark_node_get_fence_info(x),
                                      cmark_node_get_literal(y), most, most_json);
        verdict = verdict ? verdict : said;
        cmark_node_set_literal(x, "");
        cmark_node_set_literal(y, "");
    }
    cmark_iter_free(a);
    cmark_iter_free(b);
    char *before = cmark_render_html(whole->root, CMARK_OPT_UNSAFE, NULL);
    char *after = cmark_render_html(left->root, CMARK_OPT_UNSAFE, NULL);
    if (!verdict && strcmp(before, after) != 0)
        verdict = "what is not code was changed";
    free(before);
    free(after);
    return verdict;
}

/* Words that rules saved, and blocks that they dropped. */
static int64_t sum_savings(const struct ctx_document *document, uint64_t *ret_dropped)
{
    int64_t saved = 0;
    *ret_dropped = 0;
    for (size_t i = 0; i < document->report.n_entries; i++) {
        const struct ctx_report_entry *entry = &document->report.entries[i];
        saved += entry->saved.words;
        *ret_dropped += entry->loss == CTX_LOSS_DROPPED && entry->saved.bytes ? entry->count : 0;
    }
    return saved;
}

/* Around a dropped block, a quote's marks on blank lines may go, which count for no rule. */
static const char *judge_savings(const struct ctx_document *whole, const struct ctx_document *left)
{
    uint64_t before = ctx_text_count(ctx_buffer_str(&whole->body), whole->body.len).words;
    uint64_t after = ctx_text_count(ctx_buffer_str(&left->body), left->body.len).words;
    uint64_t dropped_before, dropped;
    int64_t saved_before = sum_savings(whole, &dropped_before);
    int64_t saved = sum_savings(left, &dropped) - saved_before;
    int64_t rest = (int64_t)before - (int64_t)after - saved;
    return rest >= 0 && rest <= (int64_t)(dropped - dropped_before) ? NULL
                                                                    : "saved words do not add up";
}

static const char *judge_again(const char *path, const struct ctx_document *left,
                               const struct ctx_transform_options *options)
{
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document again;
    if (transform(path, &left->body, options, &again) < 0)
        return "failed the second time";
    return again.body.len == left->body.len &&
                   memcmp(ctx_buffer_str(&again.body), ctx_buffer_str(&left->body),
                          left->body.len) == 0
               ? NULL
               : "the second pass changes it";
}

static const char *const all_rules[] = { "badges", "decorative_images", "ornament_lines" };

static const struct {
    const char *name;
    struct ctx_transform_options options;
    size_t most, most_json;
    bool same_blocks;
} profiles[] = {
    { "balanced", { .profile = CTX_PROFILE_BALANCED }, 25, 20, true },
    { "balanced, 12 lines",
      { .profile = CTX_PROFILE_BALANCED, .code = { .max_lines = 12 } },
      12,
      12,
      true },
    { "balanced, 1 line",
      { .profile = CTX_PROFILE_BALANCED, .code = { .max_lines = 1 } },
      1,
      1,
      true },
    { "compact without rules",
      { .profile = CTX_PROFILE_COMPACT,
        .rules_off = all_rules,
        .n_rules_off = CTX_ARRAY_LEN(all_rules) },
      15,
      10,
      true },
    { "compact", { .profile = CTX_PROFILE_COMPACT }, 15, 10, false },
};

static void check_profile(const char *path, const struct ctx_buffer *text, size_t i)
{
    static const struct ctx_transform_options lossless = { .profile = CTX_PROFILE_LOSSLESS };
    struct page whole, left;
    if (!make_page(path, text, &lossless, &whole)) {
        ctx_document_deinit(&whole.document);
        complain(path, "lossless", "failed");
        return;
    }
    if (make_page(path, text, &profiles[i].options, &left)) {
        const char *verdict = judge_again(path, &left.document, &profiles[i].options);
        if (!verdict)
            verdict = judge_savings(&whole.document, &left.document);
        if (!verdict && profiles[i].same_blocks)
            verdict = judge_blocks(&whole, &left, profiles[i].most, profiles[i].most_json);
        if (verdict)
            complain(path, profiles[i].name, verdict);
        deinit_page(&left);
    } else {
        ctx_document_deinit(&left.document);
        complain(path, profiles[i].name, "failed");
    }
    deinit_page(&whole);
}

static void check_page(const char *path, const struct ctx_buffer *text)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(profiles); i++)
        check_profile(path, text, i);
}

static void size_corpora(void **state)
{
    (void)state;
    unsigned n = corpora_each(check_page);
    if (n == 0) {
        print_message("skipped: no corpora in %s/../shared/corpora\n", CTX_TEST_ROOT);
        skip();
    }
    print_message("%u pages, %u blocks shortened, %u of them JSON, %u wrong\n", n, n_shortened,
                  n_json, n_wrong);
    assert_int_equal(n_wrong, 0);
}

static int set_up(void **state)
{
    (void)state;
    return ctx_transform_setup();
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(size_corpora) };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
