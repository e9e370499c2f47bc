/* Props as text: labels, kinds of callouts, images. Reads tags, appends to buffers. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "transform/mdx/escape.h"
#include "transform/mdx/render.h"

struct ctx_tag ctx_render_tag(const struct ctx_mdx_render *r, size_t token)
{
    const struct ctx_mdx_token *t = &r->scan->tokens[token];
    return ctx_tag_reread(r->s, t->begin, t->end);
}

const struct ctx_component *ctx_render_row(const struct ctx_mdx_render *r, struct ctx_span name)
{
    return ctx_component_find(r->options, name);
}

static bool is_picture(const char *path)
{
    static const char *const endings[] = { ".png", ".jpg",  ".jpeg", ".gif",
                                           ".svg", ".webp", ".avif", ".bmp" };
    size_t len = strcspn(path, "?#");
    for (size_t i = 0; i < CTX_ARRAY_LEN(endings); i++) {
        size_t n = strlen(endings[i]);
        if (len >= n && strncasecmp(path + len - n, endings[i], n) == 0)
            return true;
    }
    return false;
}

/* Without a row, a component that has an address is a link, a card or a picture. */
static const struct ctx_component *by_address(const struct ctx_mdx_render *r,
                                              const struct ctx_tag *tag)
{
    static const struct ctx_component media = { "", CTX_FORM_IMAGE, "Media" };
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, r->out->limit);
    if (ctx_props_href(r, tag, &text) && ctx_props_is_address(text.data)) {
        ctx_buffer_clear(&text);
        bool labelled = ctx_props_label(r, tag, NULL, NULL, &text);
        return ctx_component_generic(labelled ? CTX_FORM_CARD : CTX_FORM_LINK);
    }
    ctx_buffer_clear(&text);
    if (!tag->self_closing || !ctx_props_src(r, tag, &text) || !ctx_props_is_address(text.data))
        return NULL;
    return is_picture(text.data) ? ctx_component_generic(CTX_FORM_IMAGE) : &media;
}

struct ctx_span ctx_props_badge_name(const struct ctx_tag *tag)
{
    static const char suffix[] = "Badge";
    size_t n = strlen(suffix);
    struct ctx_span name = tag->name;
    bool badge =
        tag->self_closing && name.len > n && memcmp(name.data + name.len - n, suffix, n) == 0;
    name.len -= badge ? n : name.len;
    return name;
}

const struct ctx_component *ctx_render_row_of(const struct ctx_mdx_render *r,
                                              const struct ctx_tag *tag)
{
    const struct ctx_component *row = ctx_component_find(r->options, tag->name);
    if (row || !ctx_tag_is_component(tag->name))
        return row;
    if (ctx_props_badge_name(tag).len > 0)
        return ctx_component_generic(CTX_FORM_BADGE);
    if (tag->attributes.len == 0)
        return NULL;
    return by_address(r, tag);
}

/* The text of a prop that is an element: `title={<>text</>}`. */
static bool elements(const struct ctx_mdx_render *r, const struct ctx_tag *tag, const char *name,
                     struct ctx_buffer *ret)
{
    struct ctx_attribute attr;
    return ctx_tag_find(tag, name, &attr) && attr.kind == CTX_ATTR_EXPRESSION &&
           ctx_jsx_prop_text(r, attr.value, ret);
}

bool ctx_props_text(const struct ctx_mdx_render *r, const struct ctx_tag *tag, const char *name,
                    struct ctx_buffer *ret)
{
    CTX_AUTO_BUFFER struct ctx_buffer raw;
    ctx_buffer_init(&raw, ret->limit);
    if (!ctx_tag_text(tag, name, &raw))
        return elements(r, tag, name, ret);
    size_t begin = strspn(raw.data, " \t\n");
    while (raw.len > begin && strchr(" \t\n", raw.data[raw.len - 1]))
        ctx_buffer_truncate(&raw, raw.len - 1);
    if (raw.len == begin)
        return false;
    ctx_escape_prose(ret, raw.data + begin, raw.len - begin, r->place == CTX_MDX_IN_CELL);
    return true;
}

static bool listed(const char *list, const char *word, size_t len)
{
    return ctx_component_lists(list, (struct ctx_span){ word, len });
}

static bool literals(const struct ctx_tag *tag, const char *name, struct ctx_buffer *ret)
{
    struct ctx_attribute attr;
    return ctx_tag_find(tag, name, &attr) && attr.kind == CTX_ATTR_EXPRESSION &&
           ctx_props_literals(attr.value, ret);
}

/* `own`: the component's row names the prop, which may then be an array or an object. */
static void add_prop(const struct ctx_mdx_render *r, const struct ctx_tag *tag, const char *name,
                     bool own, struct ctx_buffer *ret, bool *any)
{
    size_t before = ret->len;
    if (*any)
        ctx_buffer_puts(ret, " — ");
    if (ctx_props_text(r, tag, name, ret) || (own && literals(tag, name, ret)))
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
    uint32_t initials = ctx_tag_initials(tag);
    for (const char *p = own; p && *p;) {
        size_t n = strcspn(p, " ");
        if (ctx_tag_may_have(initials, p) && !listed(skip, p, n)) {
            char name[32] = { 0 };
            memcpy(name, p, n < sizeof(name) - 1 ? n : sizeof(name) - 1);
            add_prop(r, tag, name, true, ret, &any);
        }
        p += n + (p[n] == ' ');
    }
    for (const char *const *name = ctx_component_text_props; *name; name++)
        if (ctx_tag_may_have(initials, *name) &&
            ctx_bytes_find(tag->attributes.data, tag->attributes.len, *name) &&
            !listed(own, *name, strlen(*name)) && !listed(skip, *name, strlen(*name)))
            add_prop(r, tag, *name, false, ret, &any);
    return any;
}

/* Props whose words are no text: looks, and what browsers are told. */
static bool is_setting(struct ctx_span name)
{
    static const char *const names[] = { "allow", "class", "className", "classNames",
                                         "sizes", "style", "viewBox" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(names); i++)
        if (ctx_span_is(name, names[i]))
            return true;
    return false;
}

void ctx_props_sentences(const struct ctx_mdx_render *r, const struct ctx_tag *tag,
                         struct ctx_buffer *ret)
{
    struct ctx_attribute attr;
    size_t at = 0;
    while (ctx_tag_next(tag, &at, &attr)) {
        CTX_AUTO_BUFFER struct ctx_buffer text;
        ctx_buffer_init(&text, ret->limit);
        if (attr.kind != CTX_ATTR_STRING || is_setting(attr.name) ||
            !ctx_attribute_text(&attr, &text) || text.len == 0)
            continue;
        if (strncmp(text.data, "https://", 8) == 0 && !strchr(text.data, ' ')) {
            ctx_buffer_puts(ret, ret->len ? " — [" : "[");
            ctx_escape_text(ret, text.data, text.len, r->place == CTX_MDX_IN_CELL);
            ctx_escape_link_end(ret, text.data, text.len);
            continue;
        }
        if (!(isalpha((unsigned char)*text.data) || (*text.data & 0x80)) || !strchr(text.data, ' '))
            continue;
        ctx_buffer_puts(ret, ret->len ? " — " : "");
        ctx_escape_prose(ret, text.data, text.len, r->place == CTX_MDX_IN_CELL);
    }
}

/* Kinds that say how a callout looks, not what it is. */
static bool is_look(const char *kind)
{
    static const char *const looks[] = { "default", "primary", "secondary", "neutral",
                                         "outline", "subtle",  "soft",      "solid" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(looks); i++)
        if (strcasecmp(kind, looks[i]) == 0)
            return true;
    return false;
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
    if (!ctx_props_first(tag, names, ret) || is_look(ret->data + before) ||
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
    if (!ctx_props_src(r, tag, &src))
        return false;
    const char *name = picture ? "alt" : "title";
    if (!ctx_props_text(r, tag, name, &text) && !picture)
        ctx_escape_text(&text, src.data, src.len, r->place == CTX_MDX_IN_CELL);
    ctx_buffer_puts(ret, picture ? "![" : "[");
    ctx_buffer_append(ret, ctx_buffer_str(&text), text.len);
    ctx_escape_link_end(ret, src.data, src.len);
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
