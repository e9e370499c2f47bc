/* From values to the structs that the program reads. Pure but for the arena; one thread. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "config/resolve.h"

static void store_number(const struct ctx_key *key, uint64_t number, char *at)
{
    unsigned small = (unsigned)number;
    if (key->at.size == sizeof(number))
        memcpy(at, &number, sizeof(number));
    else
        memcpy(at, &small, sizeof(small));
}

static void store_value(const struct ctx_key *key, const struct ctx_value *value, char *object)
{
    char *at = object + key->at.offset;
    bool boolean = value->number != 0;
    switch (key->type) {
    case CTX_KEY_BOOLEAN:
        memcpy(at, &boolean, sizeof(boolean));
        break;
    case CTX_KEY_NUMBER:
    case CTX_KEY_NUMBER_OR_AUTO:
    case CTX_KEY_CHOICE:
        store_number(key, value->number, at);
        break;
    case CTX_KEY_LIST:
        memcpy(at, &value->list, sizeof(value->list));
        break;
    default:
        memcpy(at, &value->text, sizeof(value->text));
        break;
    }
}

void ctx_layer_store(const struct ctx_key *tree, const struct ctx_layer *layer, enum ctx_slot first,
                     enum ctx_slot end, void *object)
{
    for (size_t i = 0; i < tree->n_children; i++) {
        const struct ctx_key *key = &tree->children[i];
        bool wanted = key->slot >= first && key->slot < end && key->at.size > 0;
        if (wanted && layer->values[key->slot].set)
            store_value(key, &layer->values[key->slot], object);
        if (key->type == CTX_KEY_OBJECT)
            ctx_layer_store(key, layer, first, end, object);
    }
}

static int by_name(const void *a, const void *b)
{
    const struct ctx_component_rule *left = a, *right = b;
    return strcmp(left->name, right->name);
}

static void store_components(const struct ctx_value *value, struct ctx_config_arena *arena,
                             struct ctx_transform_options *options)
{
    struct ctx_component_rule *rules =
        ctx_config_arena_alloc(arena, value->list.n * sizeof(*rules));
    if (!rules || value->list.n == 0)
        return;
    for (size_t i = 0; i < value->list.n; i++)
        rules[i] = (struct ctx_component_rule){ value->list.items[i], value->words.items[i] };
    qsort(rules, value->list.n, sizeof(*rules), by_name);
    options->components = rules;
    options->n_components = value->list.n;
}

static void store_languages(const struct ctx_value *value, struct ctx_config_arena *arena,
                            struct ctx_transform_options *options)
{
    struct ctx_string_list languages = { 0 };
    for (size_t i = 0; i < value->list.n; i++) {
        char *language = ctx_config_arena_string(arena, value->list.items[i]);
        for (char *c = language; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        ctx_config_arena_append(arena, &languages, language);
    }
    options->code.preserve_languages = (const char *const *)languages.items;
    options->code.n_preserve_languages = languages.n;
}

static void store_rules(const struct ctx_value *value, struct ctx_config_arena *arena,
                        struct ctx_transform_options *options)
{
    struct ctx_string_list off = { 0 };
    for (size_t i = 0; i < value->list.n; i++)
        if (strcmp(value->words.items[i], "false") == 0)
            ctx_config_arena_append(arena, &off, value->list.items[i]);
    options->rules_off = (const char *const *)off.items;
    options->n_rules_off = off.n;
}

void ctx_layer_store_transform(const struct ctx_layer *layer, struct ctx_config_arena *arena,
                               struct ctx_transform_options *options)
{
    const struct ctx_value *values = layer->values;
    if (values[CTX_SLOT_COMPONENTS].set)
        store_components(&values[CTX_SLOT_COMPONENTS], arena, options);
    if (values[CTX_SLOT_PRESERVE_LANGUAGES].set)
        store_languages(&values[CTX_SLOT_PRESERVE_LANGUAGES], arena, options);
    if (values[CTX_SLOT_RULES].set)
        store_rules(&values[CTX_SLOT_RULES], arena, options);
    const struct ctx_value *anchors = &values[CTX_SLOT_PRESERVE_ANCHORS];
    options->links.drop_anchors = anchors->set && anchors->number == 0;
}
