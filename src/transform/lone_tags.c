/*
 * Lone tags. Two walks: the first pairs the tags that stand alone, the second writes. Invariant:
 * found tags are in the order of their lines; one is written only when `taken`.
 */
#include "transform/lone_tags.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "transform/html_lines.h"
#include "transform/line_walk.h"
#include "transform/mdx/render.h"

enum { COLUMNS = 3 }; /* of spaces that may stand before a tag */

struct lone_tag {
    struct ctx_tag tag;
    uint32_t line;
    size_t begin, next; /* of its line, and of the one after it */
    bool taken;
};

struct lone_tags {
    struct lone_tag *items;
    size_t n;
    size_t capacity;
};

static int add(struct lone_tags *tags, const struct lone_tag *tag)
{
    if (tags->n == tags->capacity) {
        size_t capacity = tags->capacity ? 2 * tags->capacity : 32;
        void *items = reallocarray(tags->items, capacity, sizeof(*tags->items));
        if (!items)
            return -ENOMEM;
        tags->items = items;
        tags->capacity = capacity;
    }
    tags->items[tags->n++] = *tag;
    return 0;
}

static bool next_is_blank(const struct ctx_line_walk *w)
{
    struct ctx_line next = ctx_line_at(w->s, w->len, w->at);
    return w->at >= w->len || ctx_line_is_blank(&next);
}

/* A tag that is all of the line, in the document itself: no list, no quote, no code around it. */
static bool read_tag(const struct ctx_line_walk *w, struct ctx_tag *ret)
{
    if (w->is_code || w->column > COLUMNS || w->in_list || w->s[w->content] != '<' ||
        strspn(w->s + w->line.begin, " ") < w->column)
        return false;
    size_t len = w->line.end - w->content;
    while (len && strchr(" \t", w->s[w->content + len - 1]))
        len--;
    ssize_t end = ctx_tag_read(w->s + w->content, len, 0, ret);
    return end == (ssize_t)len && ret->name.len > 1 && ctx_tag_is_component(ret->name) &&
           !memchr(ret->name.data, '_', ret->name.len);
}

/* How many lines from the walk's on, up to a blank one, are such tags; 0: others are among them. */
static uint32_t count_tags(const struct ctx_line_walk *walk)
{
    struct ctx_line_walk ahead = *walk;
    struct ctx_tag tag;
    uint32_t n = 0;
    while (read_tag(&ahead, &tag)) {
        n++;
        if (next_is_blank(&ahead))
            return n;
        ctx_line_walk_next(&ahead);
    }
    return 0;
}

/* Takes the tag, with the open one that it closes. `open` holds indexes of tags. */
static void pair(struct lone_tags *tags, size_t *open, size_t *n_open)
{
    struct lone_tag *last = &tags->items[tags->n - 1];
    if (last->tag.self_closing) {
        last->taken = true;
    } else if (!last->tag.closing) {
        if (*n_open < CTX_LIMIT_NESTING)
            open[(*n_open)++] = tags->n - 1;
    } else {
        for (size_t i = *n_open; i > 0; i--) {
            struct lone_tag *other = &tags->items[open[i - 1]];
            if (other->tag.name.len != last->tag.name.len ||
                memcmp(other->tag.name.data, last->tag.name.data, last->tag.name.len) != 0)
                continue;
            other->taken = last->taken = true;
            *n_open = i - 1;
            return;
        }
    }
}

static int find(const struct ctx_buffer *text, struct lone_tags *tags)
{
    size_t open[CTX_LIMIT_NESTING];
    size_t n_open = 0;
    struct ctx_line_walk walk;
    struct ctx_html_lines html = { 0 };
    uint32_t left = 0; /* of the lines of tags that the walk is in */
    ctx_line_walk_init(&walk, ctx_buffer_str(text), text->len);
    while (ctx_line_walk_next(&walk)) {
        struct lone_tag tag = {
            .line = walk.number,
            .begin = walk.line.begin,
            .next = walk.line.next,
        };
        bool goes_on = html.ends || html.until_blank;
        ctx_html_lines_take(&html, &walk);
        if (!goes_on && html.until_blank)
            left = count_tags(&walk);
        if (left > 0 && read_tag(&walk, &tag.tag)) {
            left--;
            int r = add(tags, &tag);
            if (r < 0)
                return r;
            pair(tags, open, &n_open);
        }
    }
    return 0;
}

/* What the tag says, rendered as an element without content. */
static int put_label(struct ctx_draft *draft, const struct lone_tag *tag, struct ctx_buffer *out)
{
    CTX_AUTO_BUFFER struct ctx_buffer source;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    CTX_CLEANUP(ctx_mdx_scan_deinit) struct ctx_mdx_scan scan = { 0 };
    ctx_buffer_init(&source, out->limit);
    ctx_buffer_init(&text, out->limit);
    ctx_buffer_putc(&source, '<');
    ctx_buffer_append(&source, tag->tag.name.data, tag->tag.name.len);
    ctx_buffer_putc(&source, ' ');
    ctx_buffer_append(&source, tag->tag.attributes.data, tag->tag.attributes.len);
    ctx_buffer_puts(&source, "/>\n");
    int r = ctx_mdx_scan(&scan, ctx_buffer_str(&source), source.len, false);
    if (r == 0)
        r = ctx_mdx_render(&scan, draft->context->options, &draft->document->report,
                           draft->first_line + tag->line, &text);
    if (r == 0 && text.len > 0) {
        ctx_buffer_putc(out, '\n');
        ctx_buffer_append(out, text.data, text.len);
    }
    return r;
}

static int write_all(struct ctx_draft *draft, const struct lone_tags *tags)
{
    CTX_AUTO_BUFFER struct ctx_buffer out;
    const char *text = ctx_buffer_str(&draft->text);
    size_t from = 0;
    int r = 0;
    ctx_buffer_init(&out, draft->text.limit);
    ctx_buffer_reserve(&out, draft->text.len);
    for (size_t i = 0; i < tags->n && r == 0; i++) {
        const struct lone_tag *tag = &tags->items[i];
        if (!tag->taken)
            continue;
        ctx_buffer_append(&out, text + from, tag->begin - from);
        from = tag->next;
        size_t before = out.len;
        if (!tag->tag.closing)
            r = put_label(draft, tag, &out);
        if (out.len > before && from < draft->text.len && text[from] != '\n')
            ctx_buffer_putc(&out, '\n'); /* a tag that comes next is none of its text */
    }
    ctx_buffer_append(&out, text + from, draft->text.len - from);
    if (r == 0)
        r = ctx_buffer_status(&out);
    if (r == 0)
        ctx_buffer_swap(&draft->text, &out);
    return r;
}

/* Whether `at` is in the first columns of its line, with nothing but spaces before it. */
static bool begins_line(const char *s, const char *at)
{
    size_t n = 0;
    while (n < COLUMNS && at - n > s && at[-1 - (ptrdiff_t)n] == ' ')
        n++;
    return at - n == s || at[-1 - (ptrdiff_t)n] == '\n';
}

/* One look at the text for a component's opening tag that may be all of its line. */
static bool may_have_tags(const char *s, size_t len)
{
    for (const char *p = s; (p = memchr(p, '<', (size_t)(s + len - p))); p++)
        if (begins_line(s, p) &&
            ((p[1] >= 'A' && p[1] <= 'Z') || p[1 + strcspn(p + 1, ".<>/ \t\n")] == '.'))
            return true;
    return false;
}

int ctx_lone_tags(struct ctx_draft *draft)
{
    struct lone_tags tags = { 0 };
    if (!may_have_tags(ctx_buffer_str(&draft->text), draft->text.len))
        return 0;
    int r = find(&draft->text, &tags);
    bool any = false;
    for (size_t i = 0; i < tags.n; i++)
        any |= tags.items[i].taken;
    if (r == 0 && any)
        r = write_all(draft, &tags);
    free(tags.items);
    return r;
}
