/* The effective configuration as JSON, by the table of keys. jansson steals what is set. Pure. */
#include "config/describe.h"

#include <string.h>

#include "base/digest.h"
#include "config/resolve.h"

static json_t *list_to_json(const struct ctx_string_list *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->n; i++)
        json_array_append_new(array, json_string(list->items[i]));
    return array;
}

static json_t *map_to_json(const struct ctx_value *value, bool switches)
{
    json_t *object = json_object();
    for (size_t i = 0; i < value->list.n; i++) {
        const char *word = value->words.items[i];
        json_object_set_new(object, value->list.items[i],
                            switches ? json_boolean(strcmp(word, "true") == 0) : json_string(word));
    }
    return object;
}

static json_t *value_to_json(const struct ctx_key *key, const struct ctx_value *value)
{
    switch (key->type) {
    case CTX_KEY_BOOLEAN:
        return json_boolean(value->number);
    case CTX_KEY_NUMBER_OR_AUTO:
        return value->number ? json_integer((json_int_t)value->number) : json_string("auto");
    case CTX_KEY_NUMBER:
        return json_integer((json_int_t)value->number);
    case CTX_KEY_LIST:
        return list_to_json(&value->list);
    case CTX_KEY_SWITCHES:
    case CTX_KEY_COMPONENTS:
        return map_to_json(value, key->type == CTX_KEY_SWITCHES);
    default:
        return json_string(value->text);
    }
}

static json_t *describe_value(const struct ctx_key *key, const char *prefix,
                              const struct ctx_value *value)
{
    json_t *described = json_object();
    json_object_set_new(described, "key",
                        json_sprintf("%s%s%s", prefix, prefix[0] ? "." : "", key->name));
    json_object_set_new(described, "value", value->set ? value_to_json(key, value) : json_null());
    json_object_set_new(described, "origin", json_string(ctx_origin_name(value->origin)));
    if (value->file)
        json_object_set_new(described, "file", json_string(value->file));
    if (value->file && value->line > 0)
        json_object_set_new(described, "line", json_integer(value->line));
    if (!value->set && key->otherwise)
        json_object_set_new(described, "otherwise", json_string(key->otherwise));
    return described;
}

static void describe_layer(const struct ctx_key *tree, const char *prefix,
                           const struct ctx_layer *layer, enum ctx_slot first, enum ctx_slot end,
                           json_t *values)
{
    for (size_t i = 0; i < tree->n_children; i++) {
        const struct ctx_key *key = &tree->children[i];
        if (key->slot >= first && key->slot < end)
            json_array_append_new(values, describe_value(key, prefix, &layer->values[key->slot]));
        if (key->type == CTX_KEY_OBJECT) {
            json_t *path = json_sprintf("%s%s%s", prefix, prefix[0] ? "." : "", key->name);
            describe_layer(key, path ? json_string_value(path) : key->name, layer, first, end,
                           values);
            json_decref(path);
        }
    }
}

static json_t *describe_source(const struct ctx_source *source)
{
    char hex[CTX_DIGEST_HEX_SIZE];
    ctx_digest_hex(source->fingerprint, hex);
    json_t *values = json_array();
    if (source->values)
        describe_layer(ctx_key_child(&ctx_config_key, "sources"), "", source->values, CTX_SLOT_NAME,
                       CTX_SLOT_SOURCE_END, values);
    return json_pack("{s:s, s:s, s:s?, s:s, s:o}", "name", source->name, "repo_path",
                     source->repo_path, "preset", source->preset, "fingerprint", hex, "values",
                     values);
}

json_t *ctx_config_describe(const struct ctx_config *config)
{
    json_t *values = json_array(), *sources = json_array();
    if (config->memory)
        describe_layer(&ctx_config_key, "", config->memory->values, CTX_SLOT_SOCKET,
                       CTX_SLOT_GLOBAL_END, values);
    for (size_t i = 0; i < config->n_sources; i++)
        json_array_append_new(sources, describe_source(&config->sources[i]));
    return json_pack("{s:o, s:o}", "values", values, "sources", sources);
}

json_t *ctx_diagnostics_to_json(const struct ctx_diagnostics *diagnostics)
{
    json_t *array = json_array();
    for (size_t i = 0; i < diagnostics->n; i++) {
        const struct ctx_diagnostic *item = &diagnostics->items[i];
        json_t *object =
            json_pack("{s:s, s:s, s:s*, s:s*}", "severity", ctx_severity_name(item->severity),
                      "text", item->text, "file", item->file, "key", item->key);
        if (item->line > 0)
            json_object_set_new(object, "line", json_integer(item->line));
        json_array_append_new(array, object);
    }
    return array;
}
