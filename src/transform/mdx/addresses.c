/* Addresses that props hold: where an element leads, what it shows. Reads tags, appends to buffers. */
#include <string.h>

#include "base/cleanup.h"
#include "transform/mdx/js.h"
#include "transform/mdx/js_data.h"
#include "transform/mdx/render.h"

bool ctx_props_is_address(const char *s)
{
    size_t scheme = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789+.-");
    return *s == '/' || *s == '#' || strncmp(s, "./", 2) == 0 || strncmp(s, "../", 3) == 0 ||
           (scheme > 1 && s[scheme] == ':' && s[scheme + 1] > ' ');
}

bool ctx_props_first(const struct ctx_tag *tag, const char *const *names, struct ctx_buffer *ret)
{
    for (; *names; names++) {
        size_t before = ret->len;
        if (ctx_tag_text(tag, *names, ret))
            return true;
        ctx_buffer_truncate(ret, before);
    }
    return false;
}

/* Functions that put the site's root before a path that has none. */
static bool is_from_root(struct ctx_span function)
{
    return ctx_span_is(function, "useBaseUrl") || ctx_span_is(function, "withBase");
}

/* The one string in a call (`require('./a.png').default`), or the file that a name was given to. */
static bool address_in_expression(const struct ctx_mdx_render *r, struct ctx_span code,
                                  struct ctx_buffer *ret)
{
    size_t n = ctx_js_identifier(code.data, code.len);
    if (n == 0)
        return false;
    const char *end = code.data + code.len;
    const char *at = code.data + n;
    struct ctx_span path = { "", 0 };
    if (at < end && *at == '(') {
        char quote = at + 1 < end ? at[1] : '\0';
        const char *close = NULL;
        if (quote == '"' || quote == '\'')
            close = memchr(at + 2, quote, (size_t)(end - at - 2));
        if (close && close + 1 < end && close[1] == ')')
            path = (struct ctx_span){ at + 2, (size_t)(close - at - 2) };
    } else if (at == end || *at == '.') { /* the import, or its `src` */
        path = ctx_imports_path(r, (struct ctx_span){ code.data, n });
    }
    if (path.len == 0)
        return false;
    size_t before = ret->len;
    int error = ctx_buffer_append(ret, path.data, path.len);
    if (error == 0 && is_from_root((struct ctx_span){ code.data, n }) &&
        !ctx_props_is_address(ret->data + before))
        error = ctx_buffer_splice(ret, before, 0, "/", 1);
    return error == 0;
}

static bool address_in_prop(const struct ctx_mdx_render *r, const struct ctx_tag *tag,
                            const char *name, struct ctx_buffer *ret)
{
    struct ctx_attribute attr;
    return ctx_tag_find(tag, name, &attr) && attr.kind == CTX_ATTR_EXPRESSION &&
           address_in_expression(r, attr.value, ret);
}

bool ctx_props_href(const struct ctx_mdx_render *r, const struct ctx_tag *tag,
                    struct ctx_buffer *ret)
{
    static const char *const names[] = { "href", "to", "url", "link", "homepage", NULL };
    return ctx_props_first(tag, names, ret) || address_in_prop(r, tag, "href", ret) ||
           address_in_prop(r, tag, "to", ret);
}

/* The first picture of those for each theme: `sources={{ light: …, dark: … }}`. */
static bool themed_address(const struct ctx_mdx_render *r, const struct ctx_tag *tag,
                           struct ctx_buffer *ret)
{
    struct ctx_attribute attr;
    struct ctx_js_data data;
    struct ctx_js_member first;
    return ctx_tag_find(tag, "sources", &attr) && attr.kind == CTX_ATTR_EXPRESSION &&
           ctx_js_data_begin(&data, attr.value) && ctx_js_data_next(&data, &first) &&
           (ctx_js_value(first.value.data, first.value.len, ret) == CTX_JS_VALUE_TEXT ||
            address_in_expression(r, first.value, ret));
}

/* Addresses of what is embedded by a number that its host gave it. */
static bool hosted_address(const struct ctx_tag *tag, struct ctx_buffer *ret)
{
    static const struct {
        const char *name, *prefix;
    } hosts[] = {
        { "CodeSandbox", "https://codesandbox.io/s/" },
        { "Gist", "https://gist.github.com/" },
        { "StackBlitz", "https://stackblitz.com/edit/" },
        { "Tweet", "https://x.com/i/status/" },
        { "VideoBoxLink", "https://www.youtube.com/watch?v=" },
        { "Vimeo", "https://vimeo.com/" },
        { "LiteYouTubeEmbed", "https://www.youtube.com/watch?v=" },
        { "YouTubeVideo", "https://www.youtube.com/watch?v=" },
        { "YoutubeVideo", "https://www.youtube.com/watch?v=" },
        { "YouTube", "https://www.youtube.com/watch?v=" },
        { "Youtube", "https://www.youtube.com/watch?v=" },
        { "YoutubeEmbed", "https://www.youtube.com/watch?v=" },
    };
    static const char *const ids[] = { "id", "videoId", "videoID", "video", "embedId", NULL };
    size_t begin = ret->len;
    for (size_t i = 0; i < CTX_ARRAY_LEN(hosts); i++) {
        if (!ctx_span_is(tag->name, hosts[i].name) || !ctx_props_first(tag, ids, ret))
            continue;
        if (ctx_props_is_address(ret->data + begin))
            return true;
        char *query = strchr(ret->data + begin, '?');
        if (query && strchr(hosts[i].prefix, '?'))
            *query = '&'; /* the address has one already */
        return ctx_buffer_splice(ret, begin, 0, hosts[i].prefix, strlen(hosts[i].prefix)) == 0;
    }
    return false;
}

bool ctx_props_src(const struct ctx_mdx_render *r, const struct ctx_tag *tag,
                   struct ctx_buffer *ret)
{
    static const char *const names[] = { "src", "srcLight", "lightSrc", "url", "href", NULL };
    return ctx_props_first(tag, names, ret) || address_in_prop(r, tag, "src", ret) ||
           themed_address(r, tag, ret) || hosted_address(tag, ret);
}
