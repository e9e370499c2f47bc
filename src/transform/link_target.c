/*
 * Link targets. A relative path is taken as a file system and GitHub take it: against the folder
 * of the document. Pure; any thread.
 */
#include "transform/link_target.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/slug.h"
#include "base/url.h"

/* A path in the repository, percent-encoded, and what the destination said of it. */
struct resolved {
    struct ctx_buffer path;
    bool written;   /* segments are a link's, which may be encoded already; else a file's */
    bool directory; /* it ended with a slash or with dots */
    bool named;     /* it named more than dots and an index */
};

static const char root_relative[] = "root-relative";
static const char no_base[] = "no base_url";
static const char no_owner[] = "no owner";
static const char above[] = "above the root";
static const char own_index[] = "the root's own index";
static const char alias[] = "alias";

static bool has_scheme(const char *path, size_t len)
{
    size_t i = 0;
    while (i < len && ((path[i] | 0x20) >= 'a' && (path[i] | 0x20) <= 'z'
                           ? true
                           : i > 0 && path[i] && strchr("0123456789+.-", path[i])))
        i++;
    return i > 0 && i < len && path[i] == ':';
}

static bool starts_with(const char *path, size_t len, const char *start)
{
    size_t n = strlen(start);
    return len >= n && memcmp(path, start, n) == 0;
}

static bool is_absolute(const char *path, size_t len)
{
    return len == 0 || has_scheme(path, len) || starts_with(path, len, "//") ||
           starts_with(path, len, "www.");
}

/* Names that a site's build resolves, and templates that it fills in. */
static bool is_alias(const char *path, size_t len)
{
    static const char *const starts[] = { "@/", "@site/", "~/", "$" };
    static const char *const parts[] = { "{{", "{%", "<%", "${" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(starts); i++)
        if (starts_with(path, len, starts[i]))
            return true;
    for (size_t i = 0; i < CTX_ARRAY_LEN(parts); i++)
        if (ctx_bytes_find(path, len, parts[i]))
            return true;
    return false;
}

static bool is_index(const char *name, size_t len)
{
    static const char *const stems[] = { "index", "readme" };
    static const char *const extensions[] = { "", ".md", ".mdx", ".mdc", ".html", ".htm" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(stems); i++) {
        size_t stem = strlen(stems[i]);
        if (len < stem || strncasecmp(name, stems[i], stem) != 0)
            continue;
        for (size_t k = 0; k < CTX_ARRAY_LEN(extensions); k++)
            if (strlen(extensions[k]) == len - stem &&
                strncasecmp(name + stem, extensions[k], len - stem) == 0)
                return true;
    }
    return false;
}

/* Parentheses in a path may stay only when they match: the destination may have no brackets. */
static bool parentheses_match(const char *path, size_t len)
{
    size_t depth = 0;
    for (size_t i = 0; i < len; i++) {
        if (path[i] == '(')
            depth++;
        else if (path[i] == ')' && depth-- == 0)
            return false;
    }
    return depth == 0;
}

/*
 * Encodes so that the result may stand in any kind of destination: no entity begins in it, no
 * quote ends it.
 */
static void append_encoded(struct ctx_buffer *out, const char *path, size_t len, bool parentheses,
                           bool keep_encoded)
{
    size_t from = 0;
    for (size_t i = 0; i < len; i++) {
        char byte = path[i];
        bool parenthesis = byte == '(' || byte == ')';
        if (byte != '&' && byte != '\'' && (parentheses || !parenthesis))
            continue;
        ctx_url_append_path(out, path + from, i - from, keep_encoded);
        ctx_buffer_printf(out, "%%%02X", (unsigned)path[i]);
        from = i + 1;
    }
    ctx_url_append_path(out, path + from, len - from, keep_encoded);
}

/* One segment more; false: ".." above the root. */
static bool append_segment(struct resolved *resolved, const char *name, size_t len,
                           bool parentheses)
{
    struct ctx_buffer *path = &resolved->path;
    if (len == 0 || (len == 1 && name[0] == '.'))
        return true;
    if (len == 2 && memcmp(name, "..", 2) == 0) {
        if (path->len == 0)
            return false;
        const char *slash = memrchr(path->data, '/', path->len);
        ctx_buffer_truncate(path, slash ? (size_t)(slash - path->data) : 0);
        return true;
    }
    if (path->len > 0)
        ctx_buffer_putc(path, '/');
    append_encoded(path, name, len, parentheses, resolved->written);
    return true;
}

/* Appends all segments of a path; the last one may be an index or nothing. */
static bool append_segments(struct resolved *resolved, const char *path, size_t len)
{
    bool parentheses = parentheses_match(path, len);
    for (size_t at = 0; at <= len;) {
        const char *slash = memchr(path + at, '/', len - at);
        size_t n = slash ? (size_t)(slash - path) - at : len - at;
        const char *name = path + at;
        bool dots = n == 0 || (n == 1 && name[0] == '.') || (n == 2 && memcmp(name, "..", 2) == 0);
        resolved->directory = dots;
        resolved->named |= !dots && (slash || !is_index(name, n));
        if (!append_segment(resolved, name, n, parentheses))
            return false;
        at += n + 1;
    }
    return true;
}

/* The folder of the document, from its repository's root. */
static void append_folder(struct resolved *resolved, const struct ctx_transform_context *context)
{
    append_segments(resolved, context->repo_path, strlen(context->repo_path));
    const char *slash = strrchr(context->path, '/');
    if (slash)
        append_segments(resolved, context->path, (size_t)(slash - context->path));
    resolved->named = false;
    resolved->written = true;
}

/* The part of a resolved path below the source's root; NULL: it is outside. */
static const char *below_source(const struct ctx_transform_context *context,
                                const struct resolved *resolved)
{
    struct resolved root = { 0 };
    ctx_buffer_init(&root.path, SIZE_MAX / 2);
    append_segments(&root, context->repo_path, strlen(context->repo_path));
    size_t len = root.path.len;
    const char *path = ctx_buffer_str(&resolved->path);
    bool below = starts_with(path, resolved->path.len, ctx_buffer_str(&root.path)) &&
                 (len == 0 || path[len] == '/' || path[len] == '\0');
    ctx_buffer_deinit(&root.path);
    if (!below)
        return NULL;
    return path + len + (len > 0 && path[len] == '/');
}

struct ctx_url_place ctx_link_place(const struct ctx_transform_context *context)
{
    return (struct ctx_url_place){
        .forge = context->options->links.forge,
        .web = context->options->links.web,
        .repo = context->repo,
        .ref = context->ref,
    };
}

static int to_repository(const struct ctx_transform_context *context, enum ctx_link_use use,
                         const struct resolved *resolved, struct ctx_buffer *ret,
                         const char **ret_why)
{
    const char *below = below_source(context, resolved);
    struct ctx_url_place place = ctx_link_place(context);
    if (!ctx_url_has_address(&place)) {
        *ret_why = no_owner;
        return CTX_LINK_KEPT;
    }
    /* It resolves against source.url; its blob page would not say that it is the index. */
    if (!resolved->named && (!below || !*below || is_index(below, strlen(below)))) {
        *ret_why = own_index;
        return CTX_LINK_KEPT;
    }
    enum ctx_url_view view = resolved->directory ? CTX_URL_TREE : CTX_URL_BLOB;
    if (use == CTX_LINK_MEDIA)
        view = CTX_URL_RAW;
    ctx_url_append_before(ret, view, &place);
    ctx_buffer_append(ret, ctx_buffer_str(&resolved->path), resolved->path.len);
    ctx_url_append_behind(ret, view, &place);
    return CTX_LINK_REWRITTEN;
}

/* The base and a path with one slash between them. */
static void append_joined(struct ctx_buffer *ret, const char *base, const char *path, size_t len)
{
    size_t base_len = strlen(base);
    while (base_len > 0 && base[base_len - 1] == '/')
        base_len--;
    ctx_buffer_append(ret, base, base_len);
    ctx_buffer_putc(ret, '/');
    ctx_buffer_append(ret, path, len);
}

static int to_base(const struct ctx_transform_context *context, const struct resolved *resolved,
                   struct ctx_buffer *ret, const char **ret_why)
{
    const char *below = below_source(context, resolved);
    const char *base = context->options->links.base_url;
    if (!base || !below) {
        *ret_why = base ? above : no_base;
        return CTX_LINK_KEPT;
    }
    append_joined(ret, base, below, strlen(below));
    if (resolved->directory && *below)
        ctx_buffer_putc(ret, '/');
    return CTX_LINK_REWRITTEN;
}

static int hex_value(char byte)
{
    return byte <= '9' ? byte - '0' : (byte | 0x20) - 'a' + 10;
}

/* Percent-decodes what append_encoded() and the author encoded. */
static void append_decoded(struct ctx_buffer *out, const char *path)
{
    for (; *path; path++) {
        if (*path == '%' && hex_value(path[1]) * 16 + hex_value(path[2]) > 0) {
            ctx_buffer_putc(out, (char)(hex_value(path[1]) * 16 + hex_value(path[2])));
            path += 2;
        } else {
            ctx_buffer_putc(out, *path);
        }
    }
}

enum mirror_name { NOT_MIRRORED, PAGE, ADD_EXTENSION, ADD_INDEX };

/* Whether a path names a page of this mirror, and what its file is called. */
static enum mirror_name mirror_name_of(const struct resolved *resolved, const char *below)
{
    static const char *const extensions[] = { ".md", ".mdx", ".markdown" };
    if (resolved->directory)
        return ADD_INDEX;
    const char *slash = strrchr(below, '/');
    const char *name = slash ? slash + 1 : below;
    const char *dot = strrchr(name, '.');
    if (!dot)
        return ADD_EXTENSION;
    for (size_t i = 0; i < CTX_ARRAY_LEN(extensions); i++)
        if (strcasecmp(dot, extensions[i]) == 0)
            return PAGE;
    return NOT_MIRRORED;
}

static int to_mirror(const struct ctx_transform_context *context, enum ctx_link_use use,
                     const struct resolved *resolved, struct ctx_buffer *ret, const char **ret_why)
{
    const char *below = below_source(context, resolved);
    enum mirror_name name = below ? mirror_name_of(resolved, below) : NOT_MIRRORED;
    if (use == CTX_LINK_MEDIA || name == NOT_MIRRORED)
        return to_repository(context, use, resolved, ret, ret_why);
    CTX_AUTO_BUFFER struct ctx_buffer path;
    ctx_buffer_init(&path, SIZE_MAX / 2);
    append_decoded(&path, below);
    if (name == ADD_INDEX)
        ctx_buffer_puts(&path, *below ? "/index.md" : "index.md");
    else if (name == ADD_EXTENSION)
        ctx_buffer_puts(&path, ".md");
    if (ctx_buffer_status(&path) < 0)
        return ctx_buffer_status(&path);
    char slug[CTX_SLUG_SIZE];
    ctx_slug(context->repo, ctx_buffer_str(&path), slug);
    append_encoded(ret, slug, strlen(slug), true, false);
    ctx_buffer_puts(ret, ".mdc");
    return CTX_LINK_REWRITTEN;
}

/* A base that the path repeats ("https://host/docs" and "/docs/x") is not doubled. */
static int resolve_root_relative(const char *base, const char *path, size_t len,
                                 struct ctx_buffer *ret, const char **ret_why)
{
    if (!base) {
        *ret_why = root_relative;
        return CTX_LINK_KEPT;
    }
    const char *host = strstr(base, "://");
    const char *base_path = host ? strchr(host + 3, '/') : NULL;
    size_t base_len = base_path ? strlen(base_path) : 0;
    while (base_len > 0 && base_path[base_len - 1] == '/')
        base_len--;
    bool repeated = base_len > 0 && len >= base_len && memcmp(path, base_path, base_len) == 0 &&
                    (len == base_len || path[base_len] == '/');
    size_t from = repeated ? base_len : 0;
    while (from < len && path[from] == '/')
        from++;
    CTX_AUTO_BUFFER struct ctx_buffer rest;
    ctx_buffer_init(&rest, SIZE_MAX / 2);
    append_encoded(&rest, path + from, len - from, parentheses_match(path, len), true);
    append_joined(ret, base, ctx_buffer_str(&rest), rest.len);
    return ctx_buffer_status(&rest) < 0 ? ctx_buffer_status(&rest) : CTX_LINK_REWRITTEN;
}

static int resolve_relative(const struct ctx_transform_context *context, enum ctx_link_use use,
                            struct resolved *resolved, struct ctx_buffer *ret, const char **ret_why)
{
    switch (context->options->links.target) {
    case CTX_LINKS_BASE_URL:
        return to_base(context, resolved, ret, ret_why);
    case CTX_LINKS_MIRROR:
        return to_mirror(context, use, resolved, ret, ret_why);
    default:
        return to_repository(context, use, resolved, ret, ret_why);
    }
}

int ctx_link_resolve(const struct ctx_transform_context *context, enum ctx_link_use use,
                     const char *path, size_t len, struct ctx_buffer *ret, const char **ret_why)
{
    bool mirror = context->options->links.target == CTX_LINKS_MIRROR;
    if (is_absolute(path, len))
        return CTX_LINK_ABSOLUTE;
    if (mirror && len > 4 && memcmp(path + len - 4, ".mdc", 4) == 0 && !memchr(path, '/', len))
        return CTX_LINK_ABSOLUTE; /* a page of this mirror already */
    if (is_alias(path, len)) {
        *ret_why = alias;
        return CTX_LINK_KEPT;
    }
    if (path[0] == '/')
        return resolve_root_relative(context->options->links.base_url, path, len, ret, ret_why);
    struct resolved resolved = { 0 };
    ctx_buffer_init(&resolved.path, SIZE_MAX / 2);
    append_folder(&resolved, context);
    int r = CTX_LINK_KEPT;
    *ret_why = above;
    if (append_segments(&resolved, path, len))
        r = resolve_relative(context, use, &resolved, ret, ret_why);
    if (ctx_buffer_status(&resolved.path) < 0 || ctx_buffer_status(ret) < 0)
        r = -ENOMEM;
    ctx_buffer_deinit(&resolved.path);
    return r;
}
