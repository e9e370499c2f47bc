/* Addresses of files in a repository. Pure; any thread. */
#include "base/url.h"

#include <ctype.h>
#include <string.h>

static bool has_owner(const char *repo)
{
    const char *slash = strchr(repo, '/');
    return slash && slash != repo && slash[1] != '\0';
}

bool ctx_url_has_address(const struct ctx_url_place *place)
{
    return place->web || (ctx_forge_shape(place->forge)->host && has_owner(place->repo));
}

/* Bytes of a path that need no encoding (RFC 3986, 3.3). */
static const bool stays[256] = {
    ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['-'] = true, ['.'] = true,
    ['_'] = true,         ['~'] = true,         ['!'] = true,         ['$'] = true, ['&'] = true,
    ['\''] = true,        ['('] = true,         [')'] = true,         ['*'] = true, ['+'] = true,
    [','] = true,         [';'] = true,         ['='] = true,         [':'] = true, ['@'] = true,
    ['/'] = true,
};

static bool is_encoded(const char *bytes, size_t len)
{
    return len >= 3 && bytes[0] == '%' && isxdigit((unsigned char)bytes[1]) &&
           isxdigit((unsigned char)bytes[2]);
}

int ctx_url_append_path(struct ctx_buffer *buffer, const char *path, size_t len, bool keep_encoded)
{
    size_t from = 0;
    for (size_t i = 0; i < len; i++) {
        if (stays[(unsigned char)path[i]] || (keep_encoded && is_encoded(path + i, len - i)))
            continue;
        ctx_buffer_append(buffer, path + from, i - from);
        ctx_buffer_printf(buffer, "%%%02X", (unsigned)(unsigned char)path[i]);
        from = i + 1;
    }
    return ctx_buffer_append(buffer, path + from, len - from);
}

/* The repository's own address, or what stands for it; returns the shape of what follows. */
static const char *append_repository(struct ctx_buffer *buffer, enum ctx_url_view view,
                                     const struct ctx_url_place *place)
{
    const struct ctx_forge_shape *forge = ctx_forge_shape(place->forge);
    size_t host = forge->host ? strlen(forge->host) : 0;
    bool is_public = !place->web || (host > 0 && strncmp(place->web, forge->host, host) == 0);
    bool raw_host = is_public && view == CTX_URL_RAW && forge->raw_host;
    if (is_public)
        ctx_buffer_puts(buffer, raw_host ? forge->raw_host : forge->host);
    const char *repo = place->web ? place->web + (is_public ? host : 0) : place->repo;
    ctx_url_append_path(buffer, repo, strlen(repo), place->web != NULL);
    return raw_host ? forge->raw : forge->shapes[view];
}

static void append_shape(struct ctx_buffer *buffer, const char *shape, size_t len, const char *ref)
{
    for (size_t i = 0; i < len; i++) {
        if (shape[i] == '%' && shape[i + 1] == 'r') {
            ctx_url_append_path(buffer, ref, strlen(ref), false);
            i++;
        } else {
            ctx_buffer_putc(buffer, shape[i]);
        }
    }
}

int ctx_url_append_before(struct ctx_buffer *buffer, enum ctx_url_view view,
                          const struct ctx_url_place *place)
{
    const char *shape = append_repository(buffer, view, place);
    append_shape(buffer, shape, (size_t)(strstr(shape, "%p") - shape), place->ref);
    return ctx_buffer_status(buffer);
}

int ctx_url_append_behind(struct ctx_buffer *buffer, enum ctx_url_view view,
                          const struct ctx_url_place *place)
{
    const char *behind = strstr(ctx_forge_shape(place->forge)->shapes[view], "%p") + strlen("%p");
    append_shape(buffer, behind, strlen(behind), place->ref);
    return ctx_buffer_status(buffer);
}

int ctx_url_append_source(struct ctx_buffer *buffer, const struct ctx_url_place *place,
                          const char *repo_path, const char *path)
{
    bool has_address = ctx_url_has_address(place);
    if (has_address)
        ctx_url_append_before(buffer, CTX_URL_BLOB, place);
    if (*repo_path) {
        ctx_url_append_path(buffer, repo_path, strlen(repo_path), false);
        ctx_buffer_putc(buffer, '/');
    }
    ctx_url_append_path(buffer, path, strlen(path), false);
    if (has_address)
        ctx_url_append_behind(buffer, CTX_URL_BLOB, place);
    return ctx_buffer_status(buffer);
}
