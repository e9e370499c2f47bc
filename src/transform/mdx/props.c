/* Props as text: labels, addresses, kinds of callouts, images. Reads tags, appends to buffers. */
#include <string.h>

#include "base/cleanup.h"
#include "transform/mdx/escape.h"
#include "transform/mdx/js.h"
#include "transform/mdx/render.h"

struct ctx_tag ctx_render_tag(const struct ctx_mdx_render *r, size_t token)
{
    struct ctx_tag tag = { 0 };
    const struct ctx_mdx_token *t = &r->scan->tokens[token];
    ctx_tag_read(r->s, t->end, t->begin, &tag);
    return tag;
}

const struct ctx_component *ctx_render_row(const struct ctx_mdx_render *r, struct ctx_span name)
{
    return ctx_component_find(r->options, name);
}

bool ctx_props_text(const struct ctx_mdx_render *r, const struct ctx_tag *tag, const char *name,
                    struct ctx_buffer *ret)
{
    CTX_AUTO_BUFFER struct ctx_buffer raw;
    ctx_buffer_init(&raw, ret->limit);
    if (!ctx_tag_text(tag, name, &raw))
        return false;
    size_t begin = strspn(raw.data, " \t\n");
    while (raw.len > begin && strchr(" \t\n", raw.data[raw.len - 1]))
        ctx_buffer_truncate(&raw, raw.len - 1);
    if (raw.len == begin)
        return false;
    ctx_escape_text(ret, raw.data + begin, raw.len - begin, r->place == CTX_MDX_IN_CELL);
    return true;
}

/* Whether a word is in a list of words between blanks. */
static bool listed(const char *list, const char *word, size_t len)
{
    for (const char *p = list; p && *p;) {
        size_t n = strcspn(p, " ");
        if (n == len && memcmp(p, word, len) == 0)
            return true;
        p += n + (p[n] == ' ');
    }
    return false;
}

static void add_prop(const struct ctx_mdx_render *r, const struct ctx_tag *tag, const char *name,
                     struct ctx_buffer *ret, bool *any)
{
    size_t before = ret->len;
    if (*any)
        ctx_buffer_puts(ret, " — ");
    if (ctx_props_text(r, tag, name, ret))
        *any = true;
    else
        ctx_buffer_truncate(ret, before);
}

bool ctx_props_label(const struct ctx_mdx_render *r, const struct ctx_tag *tag,
                     const struct ctx_component *row, const char *skip, struct ctx_buffer *ret)
{
    bool any = false;
    const char *own = row ? row->props : NULL;
    if (tag->attributes.len == 0)
        return false;
    for (const char *p = own; p && *p;) {
        char name[32] = { 0 };
        size_t n = strcspn(p, " ");
        memcpy(name, p, n < sizeof(name) - 1 ? n : sizeof(name) - 1);
        if (!listed(skip, name, n))
            add_prop(r, tag, name, ret, &any);
        p += n + (p[n] == ' ');
    }
    for (const char *const *name = ctx_component_text_props; *name; name++)
        if (!listed(own, *name, strlen(*name)) && !listed(skip, *name, strlen(*name)))
            add_prop(r, tag, *name, ret, &any);
    return any;
}

static bool address(const struct ctx_tag *tag, const char *const *names, struct ctx_buffer *ret)
{
    for (; *names; names++) {
        size_t before = ret->len;
        if (ctx_tag_text(tag, *names, ret))
            return true;
        ctx_buffer_truncate(ret, before);
    }
    return false;
}

bool ctx_props_href(const struct ctx_tag *tag, struct ctx_buffer *ret)
{
    static const char *const names[] = { "href", "to", "url", "link", NULL };
    return address(tag, names, ret);
}

bool ctx_props_src(const struct ctx_tag *tag, struct ctx_buffer *ret)
{
    static const char *const names[] = { "src", "url", "href", NULL };
    return address(tag, names, ret);
}

void ctx_props_kind(const struct ctx_tag *tag, const struct ctx_component *row,
                    struct ctx_buffer *ret)
{
    static const char *const names[] = { "type", "variant", "kind", "level", "intent", NULL };
    if (row && row->kind) {
        ctx_buffer_puts(ret, row->kind);
        return;
    }
    size_t before = ret->len;
    if (!address(tag, names, ret) ||
        strspn(ret->data + before, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") <
            ret->len - before) {
        ctx_buffer_truncate(ret, before);
        ctx_buffer_puts(ret, "Note");
    }
    char *first = ret->data + before;
    if (*first >= 'a' && *first <= 'z')
        *first = (char)(*first - 'a' + 'A');
}

/* The image proper, without the props that follow it. */
static bool image(const struct ctx_mdx_render *r, const struct ctx_tag *tag, bool picture,
                  struct ctx_buffer *ret)
{
    CTX_AUTO_BUFFER struct ctx_buffer src;
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&src, ret->limit);
    ctx_buffer_init(&text, ret->limit);
    if (!ctx_props_src(tag, &src))
        return false;
    const char *name = picture ? "alt" : "title";
    if (!ctx_props_text(r, tag, name, &text) && !picture)
        ctx_escape_text(&text, src.data, src.len, r->place == CTX_MDX_IN_CELL);
    ctx_buffer_puts(ret, picture ? "![" : "[");
    ctx_buffer_append(ret, ctx_buffer_str(&text), text.len);
    ctx_buffer_puts(ret, "](");
    ctx_escape_destination(ret, src.data, src.len);
    ctx_buffer_putc(ret, ')');
    return true;
}

void ctx_props_image(const struct ctx_mdx_render *r, const struct ctx_tag *tag,
                     const struct ctx_component *row, struct ctx_buffer *ret)
{
    bool picture = !row || !row->kind;
    size_t before = ret->len;
    bool written = image(r, tag, picture, ret);
    size_t mark = ret->len;
    if (written)
        ctx_buffer_putc(ret, ' ');
    ctx_buffer_putc(ret, '*');
    if (ctx_props_label(r, tag, row, !written ? "" : picture ? "alt" : "title", ret))
        ctx_buffer_putc(ret, '*');
    else
        ctx_buffer_truncate(ret, written ? mark : before);
}
