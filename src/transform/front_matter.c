/*
 * The front matter stage: cuts the source's front matter off and reads it. What it says joins the
 * document only when all of it could be read; else it is kept as it was written, as metadata_raw.
 * Pure; any thread.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "transform/raw_title.h"
#include "transform/stage.h"
#include "transform/text_count.h"
#include "transform/toml.h"
#include "transform/yaml.h"

static const char rule[] = "front_matter";

/* Where front matter lies in the text. */
struct extent {
    bool toml;
    size_t begin; /* of what is between the fences */
    size_t end;
    size_t body;    /* past the closing fence's line */
    uint32_t lines; /* up to there */
};

/* What was read so far. */
struct fields {
    char *title;
    char *description;
    char **topics;
    size_t n_topics;
    struct ctx_buffer metadata;
};

static bool is_fence(const char *line, size_t len, const char *fence)
{
    if (len < 3 || memcmp(line, fence, 3) != 0)
        return false;
    for (size_t i = 3; i < len; i++)
        if (line[i] != ' ' && line[i] != '\t')
            return false;
    return true;
}

static size_t line_length(const char *text, size_t len)
{
    const char *newline = memchr(text, '\n', len);
    return newline ? (size_t)(newline - text) : len;
}

/* Only the very first line opens front matter, and only when a later one closes it. */
static bool find_extent(const char *text, size_t len, struct extent *ret)
{
    size_t first = line_length(text, len);
    bool toml = is_fence(text, first, "+++");
    if (!toml && !is_fence(text, first, "---"))
        return false;
    uint32_t lines = 1;
    for (size_t at = first + 1; at < len;) {
        size_t line = line_length(text + at, len - at);
        lines++;
        if (is_fence(text + at, line, toml ? "+++" : "---") ||
            (!toml && is_fence(text + at, line, "..."))) {
            size_t body = at + line < len ? at + line + 1 : len;
            *ret = (struct extent){ toml, first + 1, at, body, lines };
            return true;
        }
        at += line + 1;
    }
    return false;
}

static bool is_blank(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* A copy with white space trimmed and, when `fold`, each run of it folded into one blank. */
static char *tidy(const char *text, size_t len, bool fold)
{
    while (len > 0 && is_blank(text[len - 1]))
        len--;
    while (len > 0 && is_blank(*text)) {
        text++;
        len--;
    }
    char *copy = malloc(len + 1);
    if (!copy)
        return NULL;
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (!fold || !is_blank(text[i]))
            copy[n++] = text[i];
        else if (!is_blank(text[i - 1]))
            copy[n++] = ' ';
    }
    copy[n] = '\0';
    return copy;
}

static int add_topic(struct fields *fields, const char *text, size_t len)
{
    CTX_AUTO_FREE char *topic = tidy(text, len, true);
    if (!topic)
        return -ENOMEM;
    if (!*topic)
        return 0;
    size_t n = fields->n_topics;
    if ((n & (n - 1)) == 0) { /* full: room for a power of two, as for none */
        char **topics = reallocarray(fields->topics, n ? 2 * n : 1, sizeof(*topics));
        if (!topics)
            return -ENOMEM;
        fields->topics = topics;
    }
    fields->topics[fields->n_topics++] = CTX_TAKE(topic);
    return 0;
}

/* A list, or one string whose commas part it. */
static int take_topics(struct fields *fields, const struct ctx_yaml_entry *entry)
{
    const char *text = entry->scalars;
    int r = 0;
    for (size_t i = 0; r == 0 && i < entry->n_scalars; i++) {
        size_t len = strlen(text);
        size_t begin = 0;
        while (r == 0 && entry->kind == CTX_YAML_SCALAR &&
               begin + strcspn(text + begin, ",") < len) {
            size_t part = strcspn(text + begin, ",");
            r = add_topic(fields, text + begin, part);
            begin += part + 1;
        }
        if (r == 0)
            r = add_topic(fields, text + begin, len - begin);
        text += len + 1;
    }
    return r;
}

/* A list of scalars reads as its members joined by commas: a title such as `[slug]`, unquoted. */
static int take_text(char **field, const struct ctx_yaml_entry *entry, bool fold)
{
    size_t len = 0;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    for (size_t i = 0; i < entry->n_scalars; i++) {
        const char *scalar = entry->scalars + len;
        len += strlen(scalar) + 1;
        ctx_buffer_puts(&text, i > 0 ? "," : "");
        ctx_buffer_puts(&text, scalar);
    }
    if (ctx_buffer_status(&text) < 0)
        return -ENOMEM;
    CTX_AUTO_FREE char *copy = tidy(ctx_buffer_str(&text), text.len, fold);
    if (!copy)
        return -ENOMEM;
    if (*copy && !*field)
        *field = CTX_TAKE(copy);
    return 0;
}

static int take_title(struct fields *fields, const struct ctx_yaml_entry *entry)
{
    return take_text(&fields->title, entry, true);
}

static int take_description(struct fields *fields, const struct ctx_yaml_entry *entry)
{
    return take_text(&fields->description, entry, false);
}

/* The keys that mean something here; sorted. */
static const struct {
    const char *key; /* as JSON */
    int (*take)(struct fields *fields, const struct ctx_yaml_entry *entry);
} known[] = {
    { "\"description\"", take_description },
    { "\"keywords\"", take_topics },
    { "\"tags\"", take_topics },
    { "\"title\"", take_title },
    { "\"topics\"", take_topics },
};

static int take_entry(void *context, const struct ctx_yaml_entry *entry)
{
    struct fields *fields = context;
    for (size_t i = 0; i < CTX_ARRAY_LEN(known); i++)
        if (entry->only_scalars && entry->kind != CTX_YAML_MAPPING &&
            strlen(known[i].key) == entry->key_len &&
            memcmp(known[i].key, entry->key, entry->key_len) == 0)
            return known[i].take(fields, entry);
    if (entry->json_len == 0)
        return 0;
    ctx_buffer_puts(&fields->metadata, fields->metadata.len ? ", " : "{");
    ctx_buffer_append(&fields->metadata, entry->key, entry->key_len);
    ctx_buffer_puts(&fields->metadata, ": ");
    return ctx_buffer_append(&fields->metadata, entry->json, entry->json_len);
}

static void deinit_fields(struct fields *fields)
{
    free(fields->title);
    free(fields->description);
    for (size_t i = 0; i < fields->n_topics; i++)
        free(fields->topics[i]);
    free(fields->topics);
    ctx_buffer_deinit(&fields->metadata);
}

static void give_fields(struct fields *fields, struct ctx_document *document)
{
    document->title = CTX_TAKE(fields->title);
    document->description = CTX_TAKE(fields->description);
    document->topics = CTX_TAKE(fields->topics);
    document->n_topics = fields->n_topics;
    fields->n_topics = 0;
    if (fields->metadata.len > 0)
        ctx_buffer_putc(&fields->metadata, '}');
    ctx_buffer_swap(&document->metadata, &fields->metadata);
}

static int keep_raw(struct ctx_document *document, const char *text, size_t len, const char *why,
                    uint32_t line)
{
    int r = ctx_buffer_append(&document->metadata_raw, text, len);
    if (r == 0)
        r = ctx_report_add(&document->report, CTX_LOSS_WARNING, rule, why, strlen(why), line, len);
    return r;
}

/* Its title is taken all the same: without it the page would have to be called as its file. */
static int keep_malformed(struct ctx_document *document, const char *text, size_t len,
                          const struct ctx_yaml_problem *problem)
{
    CTX_AUTO_FREE char *raw = ctx_raw_title(text, len);
    char *title = raw ? tidy(raw, strlen(raw), true) : NULL;
    if (raw && !title)
        return -ENOMEM;
    if (title && *title)
        document->title = CTX_TAKE(title);
    free(title);
    return keep_raw(document, text, len, problem->text, problem->line + 1);
}

static int read_extent(struct ctx_document *document, const char *text, const struct extent *extent)
{
    CTX_CLEANUP(deinit_fields) struct fields fields = { 0 };
    ctx_buffer_init(&fields.metadata, SIZE_MAX / 2);
    const char *begin = text + extent->begin;
    size_t len = extent->end - extent->begin;
    int r;
    if (extent->toml) {
        r = ctx_toml_read(begin, len, take_entry, &fields);
        if (r == 0)
            r = keep_raw(document, begin, len, "TOML", 1);
    } else {
        struct ctx_yaml_problem problem = { "", 0 };
        r = ctx_yaml_read(begin, len, take_entry, &fields, &problem);
        if (r == -EINVAL)
            return keep_malformed(document, begin, len, &problem);
    }
    if (r == 0)
        give_fields(&fields, document);
    return r;
}

/* Past the last byte order mark among the blanks that the text begins with; 0: there is none. */
static size_t past_marks(const struct ctx_buffer *text)
{
    static const char mark[] = "\xEF\xBB\xBF";
    size_t past = 0;
    for (size_t at = 0; at < text->len;) {
        if (is_blank(text->data[at])) {
            at++;
        } else if (text->len - at >= 3 && memcmp(text->data + at, mark, 3) == 0) {
            at += 3;
            past = at;
        } else {
            break;
        }
    }
    return past;
}

/*
 * A second pass over the body must not take its beginning for front matter. Of a "---" line the
 * normalise stage takes care; a "+++" line, which no other stage knows, is escaped here, and
 * further byte order marks go.
 */
static int guard_body(struct ctx_buffer *text)
{
    int r = ctx_buffer_splice(text, 0, past_marks(text), NULL, 0);
    size_t at = 0;
    while (at < text->len && is_blank(text->data[at]))
        at++;
    struct extent extent;
    if (r < 0 || at == text->len || text->data[at] != '+' ||
        !find_extent(text->data + at, text->len - at, &extent))
        return r;
    return ctx_buffer_splice(text, at, 0, "\\", 1);
}

int ctx_stage_front_matter(struct ctx_draft *draft, struct ctx_error *error)
{
    (void)error;
    struct ctx_buffer *text = &draft->text;
    draft->document->words_in = ctx_text_count(ctx_buffer_str(text), text->len).words;
    struct extent extent;
    if (!find_extent(ctx_buffer_str(text), text->len, &extent))
        return guard_body(text);
    int r = read_extent(draft->document, text->data, &extent);
    if (r < 0)
        return r;
    draft->first_line = extent.lines + 1;
    r = ctx_buffer_splice(text, 0, extent.body, NULL, 0);
    return r < 0 ? r : guard_body(text);
}
