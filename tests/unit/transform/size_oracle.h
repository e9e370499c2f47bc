#ifndef CTX_TEST_SIZE_ORACLE_H
#define CTX_TEST_SIZE_ORACLE_H

/*
 * The judge of the size stage: what a profile makes of a page, compared with what lossless does. Only
 * code differs, none is over its threshold, JSON stays JSON, the words that rules saved are those that
 * are gone, and a second pass changes nothing. For tests; one thread.
 */

#include <jansson.h>

#include "contextor/transform.h"
#include "html_oracle.h"
#include "transform/languages.h"
#include "transform/text_count.h"

static const char size_left_long[] = "long code was left as it is";

/* What was seen, for tests to say. */
static unsigned size_n_shortened, size_n_json, size_n_whole;

/* A page under one profile. */
struct size_page {
    struct ctx_document document;
    cmark_parser *parser;
    cmark_node *root;
};

static inline int size_transform(const char *path, const struct ctx_buffer *text,
                                 const struct ctx_transform_options *options,
                                 struct ctx_document *document)
{
    struct ctx_transform_context context = {
        .options = options, .path = path, .repo = "o/n", .ref = "main", .repo_path = ""
    };
    struct ctx_error error;
    ctx_document_init(document);
    return ctx_transform(ctx_buffer_str(text), text->len, &context, document, &error);
}

static inline bool size_make_page(const char *path, const struct ctx_buffer *text,
                                  const struct ctx_transform_options *options,
                                  struct size_page *page)
{
    if (size_transform(path, text, options, &page->document) < 0)
        return false;
    const struct ctx_buffer *body = &page->document.body;
    page->root = oracle_parse(ctx_buffer_str(body), body->len, &page->parser);
    return true;
}

static inline void size_deinit_page(struct size_page *page)
{
    cmark_node_free(page->root);
    cmark_parser_free(page->parser);
    ctx_document_deinit(&page->document);
}

static inline cmark_node *size_next_code(cmark_iter *iter)
{
    for (cmark_event_type event; (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;) {
        cmark_node *node = cmark_iter_get_node(iter);
        if (event == CMARK_EVENT_ENTER && cmark_node_get_type(node) == CMARK_NODE_CODE_BLOCK)
            return node;
    }
    return NULL;
}

static inline size_t size_count_lines(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static inline bool size_is_json(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    json_decref(value);
    return value != NULL;
}

/* One block of code, as lossless has it and as the profile does. */
static inline const char *size_judge_code(const char *whole, const char *info, const char *left,
                                          size_t most, size_t most_json)
{
    struct ctx_language language = ctx_language_find(info, ctx_language_length(info, strlen(info)));
    size_t limit = language.form == CTX_CODE_LINES ? most : most_json;
    if (size_count_lines(whole) <= limit)
        return strcmp(whole, left) == 0 ? NULL : "short code was changed";
    size_n_shortened++;
    if (strcmp(whole, left) == 0)
        return size_left_long;
    if (size_count_lines(left) > limit)
        return "code is over the threshold";
    if (language.form != CTX_CODE_JSON || !size_is_json(whole))
        return NULL;
    size_n_json++;
    return size_is_json(left) ? NULL : "JSON is none any more";
}

/* Compares code block by code block, and empties each, so that what is left can be compared. */
static inline const char *size_judge_blocks(struct size_page *whole, struct size_page *left,
                                            size_t most, size_t most_json)
{
    cmark_iter *a = cmark_iter_new(whole->root), *b = cmark_iter_new(left->root);
    const char *verdict = NULL;
    for (;;) {
        cmark_node *x = size_next_code(a), *y = size_next_code(b);
        if (!x != !y)
            verdict = "there is more or less code";
        if (!x || !y)
            break;
        const char *said = size_judge_code(cmark_node_get_literal(x), cmark_node_get_fence_info(x),
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
static inline int64_t size_sum_savings(const struct ctx_document *document, uint64_t *ret_dropped)
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

/*
 * Around a dropped block, normalising may take a quote's marks on blank lines away, or close a fence;
 * that counts for no rule.
 */
static inline const char *size_judge_savings(const struct ctx_document *whole,
                                             const struct ctx_document *left)
{
    uint64_t before = ctx_text_count(ctx_buffer_str(&whole->body), whole->body.len).words;
    uint64_t after = ctx_text_count(ctx_buffer_str(&left->body), left->body.len).words;
    uint64_t dropped_before, dropped;
    int64_t saved_before = size_sum_savings(whole, &dropped_before);
    int64_t saved = size_sum_savings(left, &dropped) - saved_before;
    int64_t rest = (int64_t)before - (int64_t)after - saved;
    return llabs(rest) <= (int64_t)(dropped - dropped_before) ? NULL : "saved words do not add up";
}

static inline const char *size_judge_again(const char *path, const struct ctx_document *left,
                                           const struct ctx_transform_options *options)
{
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document again;
    if (size_transform(path, &left->body, options, &again) < 0)
        return "failed the second time";
    return again.body.len == left->body.len &&
                   memcmp(ctx_buffer_str(&again.body), ctx_buffer_str(&left->body),
                          left->body.len) == 0
               ? NULL
               : "the second pass changes it";
}

/* A page that would be MDX without what goes stays whole; there are few. */
static inline bool size_is_whole(const struct size_page *whole, const struct size_page *left)
{
    bool same =
        strcmp(ctx_buffer_str(&whole->document.body), ctx_buffer_str(&left->document.body)) == 0;
    size_n_whole += same;
    return same;
}

/*
 * What is wrong with the page under these options, whose thresholds are given; NULL when nothing is.
 * `same_blocks`: no rule drops blocks.
 */
static inline const char *size_verdict(const char *path, const struct ctx_buffer *text,
                                       const struct ctx_transform_options *options, size_t most,
                                       size_t most_json, bool same_blocks)
{
    static const struct ctx_transform_options lossless = { .profile = CTX_PROFILE_LOSSLESS };
    struct size_page whole, left;
    if (!size_make_page(path, text, &lossless, &whole)) {
        ctx_document_deinit(&whole.document);
        return "lossless failed";
    }
    const char *verdict = "failed";
    if (size_make_page(path, text, options, &left)) {
        verdict = size_judge_again(path, &whole.document, &lossless);
        if (verdict)
            verdict = "lossless: the second pass changes it";
        else
            verdict = size_judge_again(path, &left.document, options);
        if (!verdict)
            verdict = size_judge_savings(&whole.document, &left.document);
        if (!verdict && same_blocks)
            verdict = size_judge_blocks(&whole, &left, most, most_json);
        if (verdict && strcmp(verdict, size_left_long) == 0 && size_is_whole(&whole, &left))
            verdict = NULL;
        size_deinit_page(&left);
    } else {
        ctx_document_deinit(&left.document);
    }
    size_deinit_page(&whole);
    return verdict;
}

#endif
