/* Whether two configurations of a source mean the same. Pure; any thread. */
#include <string.h>

#include "base/digest.h"
#include "config/config.h"

static bool same(const char *one, const char *other)
{
    return one == other || (one && other && strcmp(one, other) == 0);
}

bool ctx_string_list_equal(const struct ctx_string_list *one, const struct ctx_string_list *other)
{
    if (one->n != other->n)
        return false;
    for (size_t i = 0; i < one->n; i++)
        if (!same(one->items[i], other->items[i]))
            return false;
    return true;
}

bool ctx_source_equal(const struct ctx_source *one, const struct ctx_source *other)
{
    return same(one->name, other->name) && same(one->root, other->root) &&
           same(one->output, other->output) &&
           memcmp(one->fingerprint, other->fingerprint, CTX_DIGEST_SIZE) == 0 &&
           ctx_string_list_equal(&one->include, &other->include) &&
           ctx_string_list_equal(&one->exclude, &other->exclude) &&
           ctx_string_list_equal(&one->force_include, &other->force_include) &&
           same(one->home, other->home) && same(one->config_home, other->config_home);
}
