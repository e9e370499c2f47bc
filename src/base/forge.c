/*
 * The table of forges, and the hosts that tell which one runs there. Gitea's shapes without
 * "branch/" or "tag/" are those that it redirects to the right one: a ref does not say which it is.
 */
#include "base/forge.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

static const struct ctx_forge_shape forges[] = {
    [CTX_FORGE_GITHUB] = {
        .name = "github",
        .host = "https://github.com/",
        .raw_host = "https://raw.githubusercontent.com/",
        .raw = "/%r/%p",
        .shapes = { "/blob/%r/%p", "/tree/%r/%p", "/raw/%r/%p" },
    },
    [CTX_FORGE_GITLAB] = {
        .name = "gitlab",
        .host = "https://gitlab.com/",
        .shapes = { "/-/blob/%r/%p", "/-/tree/%r/%p", "/-/raw/%r/%p" },
    },
    [CTX_FORGE_GITEA] = {
        .name = "gitea",
        .host = "https://codeberg.org/",
        .shapes = { "/src/%r/%p", "/src/%r/%p", "/raw/%r/%p" },
    },
    [CTX_FORGE_BITBUCKET] = {
        .name = "bitbucket",
        .host = "https://bitbucket.org/",
        .shapes = { "/src/%r/%p", "/src/%r/%p", "/raw/%r/%p" },
    },
    [CTX_FORGE_BITBUCKET_SERVER] = {
        .name = "bitbucket-server",
        .shapes = { "/browse/%p?at=%r", "/browse/%p?at=%r", "/raw/%p?at=%r" },
    },
    [CTX_FORGE_SOURCEHUT] = {
        .name = "sourcehut",
        .host = "https://git.sr.ht/",
        .shapes = { "/tree/%r/item/%p", "/tree/%r/item/%p", "/blob/%r/%p" },
    },
};

/* Parts of hosts' names; the first that occurs counts. */
static const struct {
    const char *part;
    enum ctx_forge forge;
} hosts[] = {
    { "github", CTX_FORGE_GITHUB },
    { "gitlab", CTX_FORGE_GITLAB },
    { "salsa.debian.org", CTX_FORGE_GITLAB },
    { "invent.kde.org", CTX_FORGE_GITLAB },
    { "code.videolan.org", CTX_FORGE_GITLAB },
    { "framagit.org", CTX_FORGE_GITLAB },
    { "codeberg", CTX_FORGE_GITEA },
    { "forgejo", CTX_FORGE_GITEA },
    { "gitea", CTX_FORGE_GITEA },
    { "gogs", CTX_FORGE_GITEA },
    { "bitbucket.org", CTX_FORGE_BITBUCKET },
    { "bitbucket", CTX_FORGE_BITBUCKET_SERVER },
    { "sr.ht", CTX_FORGE_SOURCEHUT },
    { "sourcehut", CTX_FORGE_SOURCEHUT },
};

const struct ctx_forge_shape *ctx_forge_shape(enum ctx_forge forge)
{
    return &forges[forge];
}

int ctx_forge_from_name(const char *name)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(forges); i++)
        if (strcmp(forges[i].name, name) == 0)
            return (int)i;
    return -1;
}

const char *ctx_forge_name(enum ctx_forge forge)
{
    return forges[forge].name;
}

static bool holds(const char *host, size_t len, const char *part)
{
    size_t n = strlen(part);
    for (size_t i = 0; i + n <= len; i++)
        if (strncasecmp(host + i, part, n) == 0)
            return true;
    return false;
}

enum ctx_forge ctx_forge_of_host(const char *host, size_t len)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(hosts); i++)
        if (holds(host, len, hosts[i].part))
            return hosts[i].forge;
    return CTX_FORGE_GITHUB;
}
