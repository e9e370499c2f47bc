/*
 * Renders a page: front matter, one empty line, the body; and the page's index line. The order of
 * keys, and that strings are quoted as JSON, is a format that users' scripts read. Pure; any
 * thread.
 */
#include "contextor/page.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/quote.h"
#include "base/url.h"
#include "base/utf8.h"
#include "transform/link_target.h"

static const char license[] = "See source repository";

/* What a page is rendered from. */
struct sheet {
    const struct ctx_page_context *context;
    const struct ctx_document *document;
    char hash[CTX_DIGEST_HEX_SIZE];
    char fetched_at[CTX_FETCHED_AT_LEN + 1];
};

/* One number of `stats`; the table gives the order in both formats. */
struct figure {
    const char *name;
    uint64_t value;
};

enum { N_FIGURES = 10 };

static void get_figures(const struct ctx_stats *stats, struct figure ret_figures[N_FIGURES])
{
    uint64_t tokens = ctx_tokens_estimate(stats->words);
    const struct figure figures[N_FIGURES] = {
        { "lines", stats->lines },
        { "words", stats->words },
        { "characters", stats->characters },
        { "tokens", tokens },
        { "tokens_estimated_words", tokens },
        { "tokens_estimated_chars", stats->characters / 4 },
        { "code_blocks", stats->code_blocks },
        { "inline_code", stats->inline_code },
        { "links", stats->links },
        { "headings", stats->headings },
    };
    memcpy(ret_figures, figures, sizeof(figures));
}

/* Times that the format has no room for are taken as its first or last. */
static void format_time(int64_t seconds, char ret_text[CTX_FETCHED_AT_LEN + 1])
{
    static const int64_t last = INT64_C(253402300799); /* 9999-12-31T23:59:59Z */
    time_t time = (time_t)(seconds < 0 ? 0 : seconds > last ? last : seconds);
    struct tm tm;
    gmtime_r(&time, &tm);
    strftime(ret_text, CTX_FETCHED_AT_LEN + 1, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static bool is_utf8(const char *path)
{
    return ctx_utf8_valid(path, strlen(path), NULL);
}

static void put_pair(struct ctx_buffer *out, const char *key, const char *value)
{
    ctx_buffer_puts(out, key);
    ctx_buffer_puts(out, ": ");
    ctx_quote_str(out, value);
    ctx_buffer_putc(out, '\n');
}

static void put_base64(struct ctx_buffer *out, const char *path)
{
    ctx_buffer_putc(out, '"');
    ctx_base64_encode(out, path, strlen(path));
    ctx_buffer_putc(out, '"');
}

static void put_source(struct ctx_buffer *out, const struct ctx_transform_context *transform)
{
    ctx_buffer_puts(out, "source:\n");
    put_pair(out, "  repo", transform->repo);
    put_pair(out, "  ref", transform->ref);
    ctx_buffer_puts(out, "  path: ");
    ctx_quote_str(out, transform->path);
    if (!is_utf8(transform->path)) {
        ctx_buffer_puts(out, "\n  path_b64: ");
        put_base64(out, transform->path);
    }
    ctx_buffer_puts(out, "\n  url: \"");
    struct ctx_url_place place = ctx_link_place(transform);
    ctx_url_append_source(out, &place, transform->repo_path, transform->path);
    ctx_buffer_puts(out, "\"\n");
}

typedef void (*topic_fn)(struct ctx_buffer *out, const char *topic, size_t index);

static bool is_new_topic(const char *const *seen, size_t n, const char *topic)
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(seen[i], topic) == 0)
            return false;
    return true;
}

/* The configured topics, then the document's own, each once, however its case. */
static int for_topics(const struct sheet *sheet, struct ctx_buffer *out, topic_fn put)
{
    size_t n_configured = sheet->context->n_topics;
    size_t n = n_configured + sheet->document->n_topics;
    CTX_AUTO_FREE const char **seen = calloc(n ? n : 1, sizeof(*seen));
    if (!seen)
        return -ENOMEM;
    size_t n_seen = 0;
    for (size_t i = 0; i < n && n_seen < CTX_LIMIT_TOPICS; i++) {
        const char *topic = i < n_configured ? sheet->context->topics[i]
                                             : sheet->document->topics[i - n_configured];
        if (!is_new_topic(seen, n_seen, topic))
            continue;
        put(out, topic, n_seen);
        seen[n_seen++] = topic;
    }
    return n_seen > 0;
}

static void put_topic_line(struct ctx_buffer *out, const char *topic, size_t index)
{
    ctx_buffer_puts(out, index == 0 ? "topics:\n  - " : "  - ");
    ctx_quote_str(out, topic);
    ctx_buffer_putc(out, '\n');
}

static void put_topic_member(struct ctx_buffer *out, const char *topic, size_t index)
{
    ctx_buffer_puts(out, index == 0 ? "" : ", ");
    ctx_quote_str(out, topic);
}

static void put_stats(struct ctx_buffer *out, const struct ctx_stats *stats)
{
    struct figure figures[N_FIGURES];
    get_figures(stats, figures);
    ctx_buffer_puts(out, "stats:\n");
    for (size_t i = 0; i < N_FIGURES; i++) {
        ctx_buffer_puts(out, "  ");
        ctx_buffer_puts(out, figures[i].name);
        ctx_buffer_puts(out, ": ");
        ctx_buffer_put_number(out, (int64_t)figures[i].value);
        ctx_buffer_putc(out, '\n');
    }
}

/* JSON on one line is YAML's flow style. */
static void put_metadata(struct ctx_buffer *out, const struct sheet *sheet)
{
    const struct ctx_document *document = sheet->document;
    bool lossless = sheet->context->transform.options->profile == CTX_PROFILE_LOSSLESS;
    if (lossless && document->metadata.len > 0) {
        ctx_buffer_puts(out, "metadata: ");
        ctx_buffer_append(out, document->metadata.data, document->metadata.len);
        ctx_buffer_putc(out, '\n');
    }
    if (document->metadata_raw.len > 0) {
        ctx_buffer_puts(out, "metadata_raw: ");
        ctx_quote(out, document->metadata_raw.data, document->metadata_raw.len);
        ctx_buffer_putc(out, '\n');
    }
}

static int put_mdc(const struct sheet *sheet, struct ctx_page *page)
{
    const struct ctx_document *document = sheet->document;
    struct ctx_buffer *out = &page->mdc;
    ctx_buffer_puts(out, "---\nschema: \"mdc/1.0\"\n");
    put_source(out, &sheet->context->transform);
    put_pair(out, "title", document->title);
    if (document->description)
        put_pair(out, "description", document->description);
    int topics = for_topics(sheet, out, put_topic_line);
    if (topics < 0)
        return topics;
    if (topics == 0)
        ctx_buffer_puts(out, "topics: []\n");
    put_pair(out, "content_hash", sheet->hash);
    ctx_buffer_puts(out, "fetched_at: \"");
    page->fetched_at_offset = out->len;
    ctx_buffer_printf(out, "%s\"\n", sheet->fetched_at);
    put_pair(out, "slug", sheet->context->slug);
    put_pair(out, "license", license);
    put_stats(out, &document->stats);
    put_metadata(out, sheet);
    ctx_buffer_puts(out, "---\n\n");
    page->body_offset = out->len;
    return ctx_buffer_append(out, ctx_buffer_str(&document->body), document->body.len);
}

static void put_entry_stats(struct ctx_buffer *out, const struct ctx_stats *stats)
{
    struct figure figures[N_FIGURES];
    get_figures(stats, figures);
    for (size_t i = 0; i < N_FIGURES; i++) {
        ctx_buffer_puts(out, i ? ", \"" : "\"");
        ctx_buffer_puts(out, figures[i].name);
        ctx_buffer_puts(out, "\": ");
        ctx_buffer_put_number(out, (int64_t)figures[i].value);
    }
}

/* The slug comes first: whoever merges indexes reads it from the line's start. */
static int put_entry(const struct sheet *sheet, struct ctx_page *page)
{
    const struct ctx_transform_context *transform = &sheet->context->transform;
    struct ctx_buffer *out = &page->entry;
    ctx_buffer_puts(out, "{\"slug\": ");
    ctx_quote_str(out, sheet->context->slug);
    ctx_buffer_puts(out, ", \"title\": ");
    ctx_quote_str(out, sheet->document->title);
    ctx_buffer_puts(out, ", \"path\": ");
    ctx_quote_str(out, transform->path);
    if (!is_utf8(transform->path)) {
        ctx_buffer_puts(out, ", \"path_b64\": ");
        put_base64(out, transform->path);
    }
    ctx_buffer_puts(out, ", \"repo\": ");
    ctx_quote_str(out, transform->repo);
    ctx_buffer_puts(out, ", \"ref\": ");
    ctx_quote_str(out, transform->ref);
    ctx_buffer_puts(out, ", \"topics\": [");
    int topics = for_topics(sheet, out, put_topic_member);
    if (topics < 0)
        return topics;
    ctx_buffer_printf(out, "], \"content_hash\": \"%s\", \"fetched_at\": \"", sheet->hash);
    page->entry_fetched_at_offset = out->len;
    ctx_buffer_printf(out, "%s\", \"stats\": {", sheet->fetched_at);
    put_entry_stats(out, &sheet->document->stats);
    return ctx_buffer_puts(out, "}}");
}

void ctx_page_init(struct ctx_page *page)
{
    *page = (struct ctx_page){ 0 };
    ctx_buffer_init(&page->mdc, SIZE_MAX / 2);
    ctx_buffer_init(&page->entry, SIZE_MAX / 2);
    ctx_report_init(&page->report);
}

void ctx_page_deinit(struct ctx_page *page)
{
    ctx_buffer_deinit(&page->mdc);
    ctx_buffer_deinit(&page->entry);
    ctx_report_deinit(&page->report);
    ctx_page_init(page);
}

static int render(const struct sheet *sheet, size_t source_len, struct ctx_page *page)
{
    page->mdc.limit = CTX_LIMIT_PAGE(source_len);
    page->entry.limit = CTX_LIMIT_PAGE(source_len);
    /* Front matter without metadata takes about 1 KiB. */
    int r = ctx_buffer_reserve(&page->mdc, sheet->document->body.len + CTX_KIB);
    if (r == 0)
        r = put_mdc(sheet, page);
    return r < 0 ? r : put_entry(sheet, page);
}

int ctx_page_make(const char *bytes, size_t len, const struct ctx_page_context *context,
                  struct ctx_page *ret_page, struct ctx_error *error)
{
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document document;
    ctx_document_init(&document);
    int r = ctx_transform(bytes, len, &context->transform, &document, error);
    if (r < 0)
        return r;
    struct sheet sheet = { .context = context, .document = &document };
    unsigned char digest[CTX_DIGEST_SIZE];
    ctx_digest(ctx_buffer_str(&document.body), document.body.len, digest);
    ctx_digest_hex(digest, sheet.hash);
    format_time(context->fetched_at, sheet.fetched_at);
    CTX_CLEANUP(ctx_page_deinit) struct ctx_page page;
    ctx_page_init(&page);
    r = render(&sheet, len, &page);
    if (r == -EFBIG)
        return ctx_error_set(error, r, "the page would be over its limit of %zu bytes",
                             CTX_LIMIT_PAGE(len));
    if (r < 0)
        return ctx_error_set(error, r, "rendering the page: %s", ctx_error_name(r));
    page.stats = document.stats;
    page.words_in = document.words_in;
    page.report = document.report;
    ctx_report_init(&document.report);
    *ret_page = page;
    ctx_page_init(&page);
    return 0;
}
