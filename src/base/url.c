/* Addresses of files in a repository. Pure; any thread. */
#include "base/url.h"

#include <ctype.h>
#include <string.h>

bool ctx_url_has_owner(const char *repo)
{
    const char *slash = strchr(repo, '/');
    return slash && slash != repo && slash[1] != '\0';
}

static bool stays(unsigned char byte)
{
    if (byte >= 0x80 || byte <= 0x20)
        return false;
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || strchr("-._~!$&'()*+,;=:@/", byte) != NULL;
}

static bool is_encoded(const char *bytes, size_t len)
{
    return len >= 3 && bytes[0] == '%' && isxdigit((unsigned char)bytes[1]) &&
           isxdigit((unsigned char)bytes[2]);
}

int ctx_url_append_path(struct ctx_buffer *buffer, const char *path, size_t len, bool keep_encoded)
{
    for (size_t i = 0; i < len; i++) {
        if (stays((unsigned char)path[i]) || (keep_encoded && is_encoded(path + i, len - i)))
            ctx_buffer_putc(buffer, path[i]);
        else
            ctx_buffer_printf(buffer, "%%%02X", (unsigned)(unsigned char)path[i]);
    }
    return ctx_buffer_status(buffer);
}

int ctx_url_append_root(struct ctx_buffer *buffer, enum ctx_url_view view, const char *repo,
                        const char *ref)
{
    static const char *const hosts[] = {
        [CTX_URL_BLOB] = "https://github.com/",
        [CTX_URL_TREE] = "https://github.com/",
        [CTX_URL_RAW] = "https://raw.githubusercontent.com/",
    };
    static const char *const parts[] = {
        [CTX_URL_BLOB] = "/blob/",
        [CTX_URL_TREE] = "/tree/",
        [CTX_URL_RAW] = "/",
    };
    ctx_buffer_puts(buffer, hosts[view]);
    ctx_url_append_path(buffer, repo, strlen(repo), false);
    ctx_buffer_puts(buffer, parts[view]);
    return ctx_url_append_path(buffer, ref, strlen(ref), false);
}

int ctx_url_append_source(struct ctx_buffer *buffer, const char *repo, const char *ref,
                          const char *repo_path, const char *path)
{
    if (ctx_url_has_owner(repo)) {
        ctx_url_append_root(buffer, CTX_URL_BLOB, repo, ref);
        ctx_buffer_putc(buffer, '/');
    }
    if (*repo_path) {
        ctx_url_append_path(buffer, repo_path, strlen(repo_path), false);
        ctx_buffer_putc(buffer, '/');
    }
    return ctx_url_append_path(buffer, path, strlen(path), false);
}
