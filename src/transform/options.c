/* Names of profiles, dialects and link targets, as configuration and the command line spell them. */
#include "contextor/transform.h"

#include <string.h>

#include "base/cleanup.h"

static const char *const profiles[] = {
    [CTX_PROFILE_BALANCED] = "balanced",
    [CTX_PROFILE_LOSSLESS] = "lossless",
    [CTX_PROFILE_COMPACT] = "compact",
};

static const char *const dialects[] = {
    [CTX_DIALECT_NONE] = "none",
    [CTX_DIALECT_MDN] = "mdn",
    [CTX_DIALECT_HUGO] = "hugo",
    [CTX_DIALECT_LIQUID] = "liquid",
};

static const char *const link_targets[] = {
    [CTX_LINKS_REPOSITORY] = "repository",
    [CTX_LINKS_BASE_URL] = "base_url",
    [CTX_LINKS_MIRROR] = "mirror",
};

static int find(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    return -1;
}

int ctx_profile_from_name(const char *name)
{
    return find(profiles, CTX_ARRAY_LEN(profiles), name);
}

const char *ctx_profile_name(enum ctx_profile profile)
{
    return profiles[profile];
}

int ctx_dialect_from_name(const char *name)
{
    return find(dialects, CTX_ARRAY_LEN(dialects), name);
}

const char *ctx_dialect_name(enum ctx_dialect dialect)
{
    return dialects[dialect];
}

int ctx_link_target_from_name(const char *name)
{
    return find(link_targets, CTX_ARRAY_LEN(link_targets), name);
}

const char *ctx_link_target_name(enum ctx_link_target target)
{
    return link_targets[target];
}
