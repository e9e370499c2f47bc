/*
 * The codec of page requests and replies. Each record is written by one function and read by its
 * neighbour, field by field in one order; what is read is checked as an outsider's, for the worker
 * that made it may have been taken over by its document. Pure; any thread.
 */
#include "document/page_codec.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/record.h"
#include "base/utf8.h"

/* First numbers of the records; the lowest byte is the format's version. */
static const uint64_t REQUEST = UINT64_C(0x6374787265710002);
static const uint64_t REPLY = UINT64_C(0x6374787265700002);

static void put_strings(struct ctx_buffer *buffer, const char *const *strings, size_t n)
{
    ctx_record_put_number(buffer, n);
    for (size_t i = 0; i < n; i++)
        ctx_record_put_string(buffer, strings[i]);
}

static void put_options(struct ctx_buffer *buffer, const struct ctx_transform_options *options)
{
    ctx_record_put_number(buffer, options->profile);
    ctx_record_put_number(buffer, options->dialect);
    ctx_record_put_number(buffer, options->n_components);
    for (size_t i = 0; i < options->n_components; i++) {
        ctx_record_put_string(buffer, options->components[i].name);
        ctx_record_put_string(buffer, options->components[i].form);
    }
    ctx_record_put_number(buffer, options->links.target);
    ctx_record_put_string(buffer, options->links.base_url);
    ctx_record_put_number(buffer, options->links.drop_anchors);
    ctx_record_put_number(buffer, options->links.forge);
    ctx_record_put_string(buffer, options->links.web);
    put_strings(buffer, options->code.preserve_languages, options->code.n_preserve_languages);
    ctx_record_put_number(buffer, options->code.max_lines);
    put_strings(buffer, options->rules_off, options->n_rules_off);
}

int ctx_page_request_encode(const struct ctx_page_context *context, size_t len,
                            struct ctx_buffer *head)
{
    static const struct ctx_transform_options defaults = { 0 };
    const struct ctx_transform_context *transform = &context->transform;
    ctx_record_put_number(head, REQUEST);
    put_options(head, transform->options ? transform->options : &defaults);
    ctx_record_put_string(head, transform->path);
    ctx_record_put_string(head, transform->repo);
    ctx_record_put_string(head, transform->ref);
    ctx_record_put_string(head, transform->repo_path);
    ctx_record_put_number(head, transform->memory_limit);
    ctx_record_put_number(head, transform->deadline_ms);
    ctx_record_put_string(head, context->slug);
    put_strings(head, context->topics, context->n_topics);
    ctx_record_put_number(head, (uint64_t)context->fetched_at);
    ctx_record_put_number(head, len);
    return ctx_buffer_status(head);
}

/* The room that the arrays of a request are cut from, sized by what a record can hold. */
struct arena {
    char *at;
    size_t left;
};

/* `n` things of `size` bytes, each of which took at least 8 bytes of the record. */
static void *cut(struct arena *arena, struct ctx_record *record, uint64_t n, size_t size)
{
    if (n > arena->left / size) {
        record->failed = true;
        return NULL;
    }
    void *array = arena->at;
    arena->at += n * size;
    arena->left -= n * size;
    return array;
}

static const char *const *get_strings(struct ctx_record *record, struct arena *arena, size_t *ret_n)
{
    uint64_t n = ctx_record_number(record);
    const char **strings = cut(arena, record, n, sizeof(*strings));
    for (uint64_t i = 0; strings && i < n && !record->failed; i++)
        strings[i] = ctx_record_text(record);
    *ret_n = strings ? (size_t)n : 0;
    return n ? strings : NULL;
}

static void get_options(struct ctx_record *record, struct arena *arena,
                        struct ctx_transform_options *options)
{
    options->profile = (enum ctx_profile)ctx_record_number_to(record, CTX_PROFILE_COMPACT);
    options->dialect = (enum ctx_dialect)ctx_record_number_to(record, CTX_DIALECT_LIQUID);
    uint64_t n = ctx_record_number(record);
    struct ctx_component_rule *rules = cut(arena, record, n, sizeof(*rules));
    for (uint64_t i = 0; rules && i < n && !record->failed; i++) {
        rules[i].name = ctx_record_text(record);
        rules[i].form = ctx_record_text(record);
    }
    options->components = n ? rules : NULL;
    options->n_components = rules ? (size_t)n : 0;
    options->links.target = (enum ctx_link_target)ctx_record_number_to(record, CTX_LINKS_MIRROR);
    options->links.base_url = ctx_record_string(record);
    options->links.drop_anchors = ctx_record_number_to(record, 1);
    options->links.forge = (enum ctx_forge)ctx_record_number_to(record, CTX_FORGE_SOURCEHUT);
    options->links.web = ctx_record_string(record);
    options->code.preserve_languages =
        get_strings(record, arena, &options->code.n_preserve_languages);
    options->code.max_lines = (unsigned)ctx_record_number_to(record, UINT32_MAX);
    options->rules_off = get_strings(record, arena, &options->n_rules_off);
}

static void get_context(struct ctx_record *record, struct arena *arena,
                        struct ctx_page_context *context)
{
    context->transform.path = ctx_record_text(record);
    context->transform.repo = ctx_record_text(record);
    context->transform.ref = ctx_record_text(record);
    context->transform.repo_path = ctx_record_string(record);
    context->transform.memory_limit = (size_t)ctx_record_number_to(record, SIZE_MAX);
    context->transform.deadline_ms = ctx_record_number(record);
    context->slug = ctx_record_text(record);
    context->topics = get_strings(record, arena, &context->n_topics);
    context->fetched_at = (int64_t)ctx_record_number(record);
}

int ctx_page_request_decode(const char *data, size_t len, struct ctx_page_request *ret_request)
{
    struct ctx_record record = { .at = data, .left = len };
    struct ctx_page_request request = { 0 };
    if (ctx_record_number(&record) != REQUEST)
        return -EPROTO;
    /* The head is small; its arrays take no more room than it does itself. */
    struct arena arena = { .left = len < CTX_PAGE_CODEC_OVERHEAD ? len : CTX_PAGE_CODEC_OVERHEAD };
    CTX_AUTO_FREE void *arrays = calloc(1, arena.left);
    if (!arrays)
        return -ENOMEM;
    arena.at = arrays;
    get_options(&record, &arena, &request.options);
    get_context(&record, &arena, &request.context);
    request.len = (size_t)ctx_record_number(&record);
    request.bytes = record.at;
    if (record.failed || request.len != record.left || request.len > CTX_LIMIT_DOCUMENT)
        return -EPROTO;
    *ret_request = request;
    ret_request->arrays = CTX_TAKE(arrays);
    ret_request->context.transform.options = &ret_request->options;
    return 0;
}

void ctx_page_request_deinit(struct ctx_page_request *request)
{
    free(request->arrays);
    *request = (struct ctx_page_request){ 0 };
}

static void put_report(struct ctx_buffer *buffer, const struct ctx_report *report)
{
    ctx_record_put_number(buffer, report->n_entries);
    for (size_t i = 0; i < report->n_entries; i++) {
        const struct ctx_report_entry *entry = &report->entries[i];
        ctx_record_put_number(buffer, entry->loss);
        ctx_record_put_string(buffer, entry->rule);
        ctx_record_put_string(buffer, entry->name);
        ctx_record_put_number(buffer, entry->count);
        ctx_record_put_number(buffer, entry->line);
        ctx_record_put_number(buffer, entry->amount);
        ctx_record_put_number(buffer, (uint64_t)entry->saved.bytes);
        ctx_record_put_number(buffer, (uint64_t)entry->saved.words);
    }
}

/* -ENOMEM; what is malformed sets `failed`. */
static int get_report(struct ctx_record *record, struct ctx_report *report)
{
    uint64_t n = ctx_record_number(record);
    for (uint64_t i = 0; i < n && !record->failed; i++) {
        struct ctx_report_entry entry = { 0 };
        entry.loss = (enum ctx_loss)ctx_record_number_to(record, CTX_LOSS_COUNT - 1);
        entry.rule = ctx_record_text(record);
        entry.name = (char *)ctx_record_text(record);
        entry.count = (uint32_t)ctx_record_number_to(record, UINT32_MAX);
        entry.line = (uint32_t)ctx_record_number_to(record, UINT32_MAX);
        entry.amount = ctx_record_number(record);
        entry.saved.bytes = (int64_t)ctx_record_number(record);
        entry.saved.words = (int64_t)ctx_record_number(record);
        int r = record->failed ? 0 : ctx_report_add_entry(report, &entry);
        if (r < 0)
            return r;
    }
    return 0;
}

/* The numbers of a page, in the order of the record. */
#define STATS(X) X(lines) X(words) X(characters) X(code_blocks) X(inline_code) X(links) X(headings)

int ctx_page_reply_encode(const struct ctx_page *page, struct ctx_buffer *reply)
{
    ctx_record_put_number(reply, REPLY);
    ctx_record_put_number(reply, 0);
    ctx_record_put_bytes(reply, ctx_buffer_str(&page->mdc), page->mdc.len);
    ctx_record_put_bytes(reply, ctx_buffer_str(&page->entry), page->entry.len);
    ctx_record_put_number(reply, page->fetched_at_offset);
    ctx_record_put_number(reply, page->body_offset);
    ctx_record_put_number(reply, page->entry_fetched_at_offset);
#define X(name) ctx_record_put_number(reply, page->stats.name);
    STATS(X)
#undef X
    ctx_record_put_number(reply, page->words_in);
    put_report(reply, &page->report);
    return ctx_buffer_status(reply);
}

int ctx_page_reply_encode_error(int code, const struct ctx_error *error, struct ctx_buffer *reply)
{
    ctx_record_put_number(reply, REPLY);
    ctx_record_put_number(reply, (uint64_t)-code);
    ctx_record_put_string(reply, error->text);
    return ctx_buffer_status(reply);
}

static int get_bytes(struct ctx_record *record, struct ctx_buffer *buffer)
{
    size_t len;
    const char *bytes = ctx_record_bytes(record, &len);
    return bytes ? ctx_buffer_append(buffer, bytes, len) : 0;
}

/* Whether a time stamp of CTX_FETCHED_AT_LEN bytes lies at `offset`. */
static bool holds_stamp(const struct ctx_buffer *buffer, size_t offset)
{
    return buffer->len >= CTX_FETCHED_AT_LEN && offset <= buffer->len - CTX_FETCHED_AT_LEN;
}

static int get_page(struct ctx_record *record, struct ctx_page *page)
{
    int r = get_bytes(record, &page->mdc);
    if (r == 0)
        r = get_bytes(record, &page->entry);
    if (r < 0)
        return r;
    page->fetched_at_offset = (size_t)ctx_record_number_to(record, page->mdc.len);
    page->body_offset = (size_t)ctx_record_number_to(record, page->mdc.len);
    page->entry_fetched_at_offset = (size_t)ctx_record_number_to(record, page->entry.len);
#define X(name) page->stats.name = ctx_record_number(record);
    STATS(X)
#undef X
    page->words_in = ctx_record_number(record);
    r = get_report(record, &page->report);
    if (r < 0)
        return r;
    bool good = !record->failed && record->left == 0 &&
                holds_stamp(&page->mdc, page->fetched_at_offset) &&
                holds_stamp(&page->entry, page->entry_fetched_at_offset) &&
                !memchr(page->entry.data, '\n', page->entry.len) &&
                ctx_utf8_valid(page->entry.data, page->entry.len, NULL) &&
                ctx_utf8_valid(page->mdc.data, page->mdc.len, NULL);
    return good ? 0 : -EPROTO;
}

static int bad_reply(struct ctx_error *error)
{
    return ctx_error_set(error, -EPROTO, "the worker process gave no valid reply");
}

/* The error that a reply carries; its text is made one line of UTF-8. */
static int get_error(struct ctx_record *record, uint64_t code, struct ctx_error *error)
{
    enum { ERRNO_MOST = 4095 }; /* as the kernel bounds it */
    const char *text = ctx_record_text(record);
    if (!text || record->left > 0 || code > ERRNO_MOST)
        return bad_reply(error);
    CTX_AUTO_BUFFER struct ctx_buffer line;
    ctx_buffer_init(&line, CTX_ERROR_TEXT_MAX);
    ctx_utf8_append_lossy(&line, text, strlen(text));
    for (size_t i = 0; i < line.len; i++) {
        if (line.data[i] == '\n' || line.data[i] == '\r')
            line.data[i] = ' ';
    }
    return ctx_error_set(error, -(int)code, "%s", ctx_buffer_str(&line));
}

int ctx_page_reply_decode(const char *data, size_t len, struct ctx_page *ret_page,
                          struct ctx_error *error)
{
    struct ctx_record record = { .at = data, .left = len };
    if (ctx_record_number(&record) != REPLY)
        return bad_reply(error);
    uint64_t code = ctx_record_number(&record);
    if (code != 0)
        return get_error(&record, code, error);
    struct ctx_page page;
    ctx_page_init(&page);
    int r = get_page(&record, &page);
    if (r < 0) {
        ctx_page_deinit(&page);
        return r == -EPROTO ? bad_reply(error)
                            : ctx_error_set(error, r, "no memory for the worker's reply");
    }
    ctx_page_deinit(ret_page);
    *ret_page = page;
    return 0;
}
