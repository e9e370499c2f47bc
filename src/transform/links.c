/*
 * The links stage: rewrites destinations where they are written, block by block of the outline,
 * and drops boilerplate navigation. Whatever is not a destination stays byte for byte. Pure.
 *
 * A second pass finds nothing to do: what was rewritten is absolute, and what was kept is kept.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "transform/boilerplate.h"
#include "transform/destination.h"
#include "transform/html_tag.h"
#include "transform/inlines.h"
#include "transform/link_target.h"
#include "transform/patch.h"
#include "transform/stage.h"

static const char rule[] = "link";

struct links {
    struct ctx_draft *draft;
    const char *text;
    struct ctx_labels *labels;
    struct ctx_inlines inlines;
    struct ctx_patch patch;
    struct ctx_buffer path; /* of the destination being looked at */
    struct ctx_buffer url;  /* what it becomes */
    bool dropped;           /* navigation went: blocks may touch that did not */
};

static int count_kept(struct links *links, const char *why)
{
    return ctx_report_add(&links->draft->document->report, CTX_LOSS_KEPT, rule, why, strlen(why), 0,
                          0);
}

/* Without anchors, a rewritten link loses its fragment. */
static void drop_fragment(struct links *links, size_t suffix, size_t end)
{
    if (!links->draft->context->options->links.drop_anchors)
        return;
    for (size_t at = suffix; at < end; at++) {
        bool entity = at > suffix && links->text[at - 1] == '&';
        if (links->text[at] != '#' || entity)
            continue;
        at -= at > suffix && links->text[at - 1] == '\\';
        ctx_patch_add(&links->patch, at, end - at, "", 0);
        return;
    }
}

/* An address that has a query already goes on with the written one: both kinds of escaping take this. */
static void join_queries(struct links *links, size_t suffix, size_t end)
{
    if (suffix < end && links->text[suffix] == '?' && memchr(links->url.data, '?', links->url.len))
        ctx_patch_add(&links->patch, suffix, 1, "&amp;", 5);
}

/* Rewrites one destination (without angle brackets or quotes), or counts that it stays. */
static int rewrite(struct links *links, struct ctx_span raw, enum ctx_link_use use,
                   enum ctx_escaping escaping)
{
    ctx_buffer_clear(&links->path);
    ctx_buffer_clear(&links->url);
    size_t suffix = ctx_destination_path(links->text, raw, escaping, &links->path);
    const char *why = "";
    int fate = ctx_link_resolve(links->draft->context, use, ctx_buffer_str(&links->path),
                                links->path.len, &links->url, &why);
    if (fate < 0 || ctx_buffer_status(&links->path) < 0)
        return -ENOMEM;
    if (fate == CTX_LINK_KEPT)
        return count_kept(links, why);
    if (fate == CTX_LINK_ABSOLUTE)
        return CTX_UNCHANGED;
    ctx_patch_add(&links->patch, raw.begin, suffix - raw.begin, links->url.data, links->url.len);
    join_queries(links, suffix, raw.end);
    drop_fragment(links, suffix, raw.end);
    return 0;
}

static int rewrite_destination(struct links *links, struct ctx_span raw, enum ctx_link_use use)
{
    if (raw.end > raw.begin && links->text[raw.begin] == '<') {
        raw.begin++;
        raw.end--;
    }
    int r = rewrite(links, raw, use, CTX_ESCAPING_MARKDOWN);
    return r < 0 ? r : 0;
}

static size_t past_bytes(const struct links *links, size_t at, size_t end, const char *bytes)
{
    while (at < end && strchr(bytes, links->text[at]))
        at++;
    return at;
}

/* "a.png 1x, b.png 2x": addresses, each with a descriptor up to the next comma. */
static int rewrite_srcset(struct links *links, struct ctx_span value)
{
    int r = 0;
    size_t at = past_bytes(links, value.begin, value.end, " \t\n,");
    while (at < value.end && r >= 0) {
        size_t past = at;
        while (past < value.end && !strchr(" \t\n", links->text[past]))
            past++;
        size_t end = past;
        while (end > at && links->text[end - 1] == ',')
            end--;
        r = rewrite(links, (struct ctx_span){ at, end }, CTX_LINK_MEDIA, CTX_ESCAPING_ATTRIBUTE);
        while (end == past && past < value.end && links->text[past] != ',')
            end = ++past;
        at = past_bytes(links, past, value.end, " \t\n,");
    }
    return r < 0 ? r : 0;
}

static bool is_named(const struct links *links, const struct ctx_html_attribute *attribute,
                     const char *name)
{
    return strlen(name) == attribute->name_len &&
           strncasecmp(links->text + attribute->name, name, attribute->name_len) == 0;
}

/* An unquoted value gets quotes, as the new one may need them. */
static int rewrite_attribute(struct links *links, const struct ctx_html_attribute *attribute,
                             enum ctx_link_use use)
{
    struct ctx_span value = { attribute->value, attribute->value_end };
    size_t n_edits = links->patch.n_edits;
    if (!attribute->quote)
        ctx_patch_add(&links->patch, value.begin, 0, "\"", 1);
    int r = rewrite(links, value, use, CTX_ESCAPING_ATTRIBUTE);
    if (attribute->quote || r < 0)
        return r < 0 ? r : 0;
    if (links->patch.n_edits == n_edits + 1)
        ctx_patch_undo(&links->patch);
    else
        ctx_patch_add(&links->patch, value.end, 0, "\"", 1);
    return 0;
}

static int rewrite_tag(struct links *links, size_t begin, size_t end, bool in_quote)
{
    static const struct {
        const char *attribute;
        enum ctx_link_use use;
    } table[] = {
        { "href", CTX_LINK_PAGE },
        { "src", CTX_LINK_MEDIA },
        { "poster", CTX_LINK_MEDIA },
    };
    if (links->text[begin + 1] == '/' || ctx_html_is_tag(links->text, begin, end, "base"))
        return 0;
    struct ctx_html_attribute attribute;
    int r = 0;
    while (r >= 0 && ctx_html_next_attribute(links->text, &begin, end, in_quote, &attribute)) {
        if (attribute.value == attribute.value_end)
            continue;
        for (size_t i = 0; i < CTX_ARRAY_LEN(table); i++)
            if (is_named(links, &attribute, table[i].attribute))
                r = rewrite_attribute(links, &attribute, table[i].use);
        if (attribute.quote && is_named(links, &attribute, "srcset"))
            r = rewrite_srcset(links, (struct ctx_span){ attribute.value, attribute.value_end });
    }
    return r;
}

/* Elements whose content is no markup. */
static const char *raw_element(const char *text, size_t at, size_t end)
{
    static const char *const names[] = { "script", "style", "textarea" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(names); i++)
        if (ctx_html_is_tag(text, at, end, names[i]))
            return names[i];
    return NULL;
}

static size_t past_element(const char *text, size_t at, size_t end, const char *name)
{
    for (; at < end; at++) {
        const char *found = memmem(text + at, end - at, "</", 2);
        if (!found)
            break;
        at = (size_t)(found - text);
        if (ctx_html_is_tag(text, at + 1, end, name))
            return at;
    }
    return end;
}

static int rewrite_html(struct links *links, const struct ctx_block *block)
{
    struct ctx_html_ends ends = { 0 };
    for (size_t at = block->content; at < block->end;) {
        const char *found = memchr(links->text + at, '<', block->end - at);
        if (!found)
            break;
        at = (size_t)(found - links->text);
        size_t end = ctx_html_end(links->text, at, block->end, block->in_quote, &ends);
        int r = end ? rewrite_tag(links, at, end, block->in_quote) : 0;
        if (r < 0)
            return r;
        const char *raw = end ? raw_element(links->text, at, end) : NULL;
        at = raw ? past_element(links->text, end, block->end, raw) : end ? end : at + 1;
    }
    return 0;
}

static int rewrite_item(struct links *links, const struct ctx_block *block,
                        const struct ctx_inline *item)
{
    bool image = item->kind == CTX_INLINE_IMAGE;
    if (item->kind == CTX_INLINE_HTML)
        return rewrite_tag(links, item->whole.begin, item->whole.end, block->in_quote);
    if (item->kind != CTX_INLINE_LINK && !image)
        return 0;
    if (item->label.end > item->label.begin) {
        if (image)
            ctx_labels_note_image(links->labels, links->text, item->label);
        return 0;
    }
    return rewrite_destination(links, item->destination, image ? CTX_LINK_MEDIA : CTX_LINK_PAGE);
}

static int rewrite_inlines(struct links *links, size_t index)
{
    struct ctx_block *block = &links->draft->outline.blocks[index];
    int r = ctx_inlines_scan(&links->inlines, links->text, block, links->labels);
    if (r == 0) /* another destination makes no other links */
        ctx_inlines_count(&links->inlines, block);
    if (r == 0)
        r = ctx_boilerplate_drop(links->draft, index, &links->inlines, &links->patch);
    if (r < 0)
        return r;
    links->dropped |= r > 0;
    r = 0;
    for (size_t i = 0; i < links->inlines.n_items && r == 0; i++)
        r = rewrite_item(links, block, &links->inlines.items[i]);
    return r;
}

/* After all else, when it is known which of them are images'. */
static int rewrite_definitions(struct links *links, const struct ctx_block *block)
{
    struct ctx_definition definition;
    int r = 0;
    for (size_t at = block->begin;
         r == 0 && ctx_next_definition(links->text, &at, block->end, true, &definition);) {
        bool image = ctx_labels_is_image(links->labels, links->text, definition.label);
        r = rewrite_destination(links, definition.destination,
                                image ? CTX_LINK_MEDIA : CTX_LINK_PAGE);
    }
    return r;
}

static int rewrite_all(struct links *links)
{
    const struct ctx_outline *outline = &links->draft->outline;
    int r = 0;
    for (size_t i = 0; i < outline->n_blocks && r == 0; i++) {
        if (outline->blocks[i].kind == CTX_BLOCK_HTML)
            r = rewrite_html(links, &outline->blocks[i]);
        else
            r = rewrite_inlines(links, i);
    }
    for (size_t i = 0; i < outline->n_blocks && r == 0; i++)
        if (outline->blocks[i].kind == CTX_BLOCK_DEFINITIONS)
            r = rewrite_definitions(links, &outline->blocks[i]);
    return r;
}

static void deinit_links(struct links *links)
{
    ctx_labels_free(links->labels);
    ctx_inlines_deinit(&links->inlines);
    ctx_patch_deinit(&links->patch);
    ctx_buffer_deinit(&links->path);
    ctx_buffer_deinit(&links->url);
}

int ctx_stage_links(struct ctx_draft *draft, struct ctx_error *error)
{
    CTX_CLEANUP(deinit_links)
    struct links links = { .draft = draft, .text = ctx_buffer_str(&draft->text) };
    ctx_inlines_init(&links.inlines);
    ctx_patch_init(&links.patch);
    ctx_buffer_init(&links.path, SIZE_MAX / 2);
    ctx_buffer_init(&links.url, SIZE_MAX / 2);
    links.labels = ctx_labels_new(links.text, &draft->outline);
    if (!links.labels)
        return -ENOMEM;
    int r = rewrite_all(&links);
    if (r == 0)
        r = ctx_patch_apply(&links.patch, draft);
    if (r == 0 && links.dropped)
        r = ctx_stage_normalise(draft, error);
    return r;
}
