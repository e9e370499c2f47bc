/*
 * The fingerprint of a source: equal fingerprints give equal bytes for equal documents. Every part
 * is written with its name and its length, so that no two settings serialise alike. Any thread.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/limits.h"
#include "config/resolve.h"

static void put(struct ctx_buffer *text, const char *name, const char *value)
{
    ctx_buffer_printf(text, "%s %zu:", name, value ? strlen(value) : 0);
    ctx_buffer_puts(text, value ? value : "");
    ctx_buffer_putc(text, '\n');
}

static void put_number(struct ctx_buffer *text, const char *name, uint64_t number)
{
    ctx_buffer_printf(text, "%s %llu\n", name, (unsigned long long)number);
}

static void put_list(struct ctx_buffer *text, const char *name, const char *const *items, size_t n)
{
    put_number(text, name, n);
    for (size_t i = 0; i < n; i++)
        put(text, name, items[i]);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A list whose order means nothing. */
static int put_set(struct ctx_buffer *text, const char *name, const char *const *items, size_t n)
{
    const char **sorted = calloc(n + 1, sizeof(*sorted));
    if (!sorted)
        return -1;
    for (size_t i = 0; i < n; i++)
        sorted[i] = items[i];
    qsort(sorted, n, sizeof(*sorted), compare);
    put_list(text, name, sorted, n);
    free(sorted);
    return 0;
}

static int put_transform(struct ctx_buffer *text, const struct ctx_transform_options *options)
{
    put(text, "profile", ctx_profile_name(options->profile));
    put(text, "dialect", ctx_dialect_name(options->dialect));
    for (size_t i = 0; i < options->n_components; i++) {
        put(text, "component", options->components[i].name);
        put(text, "form", options->components[i].form);
    }
    put(text, "links", ctx_link_target_name(options->links.target));
    put(text, "base_url", options->links.base_url);
    put_number(text, "drop_anchors", options->links.drop_anchors);
    put(text, "forge", ctx_forge_name(options->links.forge));
    put(text, "web", options->links.web);
    put_number(text, "max_lines", options->code.max_lines);
    int r = put_set(text, "preserve", options->code.preserve_languages,
                    options->code.n_preserve_languages);
    return r < 0 ? r : put_set(text, "off", options->rules_off, options->n_rules_off);
}

int ctx_fingerprint(const struct ctx_source *source, unsigned char ret_digest[32])
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, 4 * CTX_LIMIT_CONFIG_FILE);
    put_number(&text, "format", CTX_OUTPUT_FORMAT);
    put(&text, "repo", source->repo);
    put(&text, "ref", source->ref);
    put(&text, "repo_path", source->repo_path);
    put_list(&text, "topics", (const char *const *)source->topics.items, source->topics.n);
    if (put_transform(&text, &source->transform) < 0 || ctx_buffer_status(&text) < 0)
        return -ENOMEM;
    ctx_digest(text.data, text.len, ret_digest);
    return 0;
}
