/*
 * URLs of repositories: what git takes for one (git-clone(1), "GIT URLS"), in parts. Pure; any
 * thread.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/forge.h"
#include "base/url.h"
#include "config/repository.h"

struct parts {
    bool http;  /* http or https: the host has its port */
    bool plain; /* http */
    const char *host;
    size_t host_len;
    const char *path; /* without slashes at its ends and ".git" */
    size_t path_len;
};

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Where host and path of a URL on another machine begin; false: it is one of this machine. */
static bool find_host(const char *url, struct parts *ret)
{
    const char *scheme = strstr(url, "://");
    if (scheme) {
        ret->plain = starts(url, "http:");
        ret->http = ret->plain || starts(url, "https:");
        ret->host = scheme + strlen("://");
        ret->path = starts(url, "file:") ? NULL : strchr(ret->host, '/');
        return ret->path != NULL;
    }
    const char *colon = strchr(url, ':'), *slash = strchr(url, '/');
    if (!colon || (slash && slash < colon))
        return false;
    ret->host = url;
    ret->path = colon + 1;
    return true;
}

/* Leaves the user out, and the port of what is no address of pages. */
static void trim_host(struct parts *parts, const char *end)
{
    for (const char *at = parts->host; at < end; at++)
        if (*at == '@')
            parts->host = at + 1;
    const char *bracket = memrchr(parts->host, ']', (size_t)(end - parts->host));
    const char *from = bracket ? bracket : parts->host;
    const char *port = parts->http ? NULL : memchr(from, ':', (size_t)(end - from));
    parts->host_len = (size_t)((port ? port : end) - parts->host);
}

static void trim_path(struct parts *parts)
{
    const char *path = parts->path + strspn(parts->path, "/");
    size_t len = strcspn(path, "?#");
    while (len > 0 && path[len - 1] == '/')
        len--;
    if (len >= 4 && memcmp(path + len - 4, ".git", 4) == 0)
        len -= 4;
    parts->path = path;
    parts->path_len = len;
}

static bool split(const char *url, struct parts *ret)
{
    *ret = (struct parts){ 0 };
    if (!find_host(url, ret))
        return false;
    trim_host(ret, strstr(url, "://") ? ret->path : ret->path - 1);
    trim_path(ret);
    return ret->path_len > 0;
}

char *ctx_repository_name_of_url(const char *url)
{
    struct parts parts;
    if (!split(url, &parts))
        return NULL;
    const char *path = parts.path;
    size_t from = parts.path_len;
    for (int slashes = 0; from > 0; from--)
        if (path[from - 1] == '/' && ++slashes == 2)
            break;
    while (from < parts.path_len && path[from] == '/')
        from++;
    return from < parts.path_len ? strndup(path + from, parts.path_len - from) : NULL;
}

bool ctx_repository_is_named(const char *url, const char *name)
{
    struct parts parts;
    size_t len = strlen(name);
    if (!split(url, &parts) || len > parts.path_len)
        return false;
    size_t from = parts.path_len - len;
    return memcmp(parts.path + from, name, len) == 0 && (from == 0 || parts.path[from - 1] == '/');
}

enum ctx_forge ctx_repository_forge_of_url(const char *url)
{
    struct parts parts;
    return split(url, &parts) ? ctx_forge_of_host(parts.host, parts.host_len) : CTX_FORGE_GITHUB;
}

/* Hosts that take git's connections for another, where the pages are. */
static void leave_gate(struct parts *parts)
{
    static const char *const gates[] = { "ssh.", "altssh." };
    for (size_t i = 0; i < CTX_ARRAY_LEN(gates) && !parts->http; i++) {
        size_t len = strlen(gates[i]);
        if (parts->host_len > len && starts(parts->host, gates[i])) {
            parts->host += len;
            parts->host_len -= len;
        }
    }
}

/* "scm/KEY/name" and "KEY/name" are shown at "projects/KEY/repos/name". */
static void put_server_path(struct ctx_buffer *out, const struct parts *parts)
{
    const char *path = parts->path;
    const char *end = path + parts->path_len;
    const char *name = memrchr(path, '/', parts->path_len);
    const char *before = memrchr(path, '/', (size_t)(name - path));
    const char *key = before ? before + 1 : path;
    size_t context = (size_t)(key - path);
    if (context >= 4 && memcmp(key - 4, "scm/", 4) == 0)
        context -= 4;
    ctx_buffer_append(out, path, context);
    ctx_buffer_puts(out, *key == '~' ? "users/" : "projects/");
    key += *key == '~';
    ctx_buffer_append(out, key, (size_t)(name - key));
    ctx_buffer_puts(out, "/repos");
    ctx_buffer_append(out, name, (size_t)(end - name));
}

char *ctx_repository_web_of_url(const char *url, enum ctx_forge forge)
{
    struct parts parts;
    if (!split(url, &parts) || !memchr(parts.path, '/', parts.path_len))
        return NULL;
    leave_gate(&parts);
    if (parts.host_len == 0 || (!parts.http && !memchr(parts.host, '.', parts.host_len)))
        return NULL;
    CTX_AUTO_BUFFER struct ctx_buffer web;
    ctx_buffer_init(&web, SIZE_MAX / 2);
    ctx_buffer_puts(&web, parts.plain ? "http://" : "https://");
    ctx_buffer_append(&web, parts.host, parts.host_len);
    ctx_buffer_putc(&web, '/');
    if (forge == CTX_FORGE_BITBUCKET_SERVER)
        put_server_path(&web, &parts);
    else
        ctx_buffer_append(&web, parts.path, parts.path_len);
    return ctx_buffer_status(&web) < 0 ? NULL : ctx_buffer_detach(&web, NULL);
}
