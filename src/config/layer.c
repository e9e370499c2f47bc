/*
 * Reads JSON by the table of keys. Every value is read by the function of its type; a value that
 * is wrong gets one diagnostic and stays unset. Owned by the loader; one thread.
 */
#include "config/layer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/suggest.h"

enum { NAMES_MAX = 128, TEXT_MAX = 1024 };

struct names {
    const char *items[NAMES_MAX];
    size_t n;
};

typedef bool (*read_fn)(const struct ctx_reader *reader, const struct ctx_key *key,
                        const struct ctx_json_node *node, struct ctx_value *value);

const char *ctx_origin_name(enum ctx_origin origin)
{
    static const char *const names[] = {
        [CTX_ORIGIN_DEFAULT] = "default", [CTX_ORIGIN_REPOSITORY] = "repository",
        [CTX_ORIGIN_PRESET] = "preset",   [CTX_ORIGIN_FILE] = "file",
        [CTX_ORIGIN_FLAG] = "flag",
    };
    return names[origin];
}

/* Says what is wrong with a node; returns false, so that a reader can say and fail at once. */
__attribute__((format(printf, 3, 4))) static bool
complain(const struct ctx_reader *reader, const struct ctx_json_node *node, const char *format, ...)
{
    char text[TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct ctx_place place = {
        reader->file,
        node->line,
        ctx_json_node_path(node, reader->arena),
    };
    ctx_diagnostics_add(reader->diagnostics, reader->severity, &place, "%s", text);
    return false;
}

static bool wrong_type(const struct ctx_reader *reader, const struct ctx_key *key,
                       const struct ctx_json_node *node)
{
    char expected[TEXT_MAX / 2];
    ctx_key_expects(key, expected, sizeof(expected));
    return complain(reader, node, "%s is of the wrong type; give %s",
                    ctx_json_node_describe(node, reader->arena), expected);
}

static void key_names(const struct ctx_key *key, struct names *names)
{
    names->n = 0;
    for (size_t i = 0; key->name_at && key->name_at(i) && names->n < NAMES_MAX; i++)
        names->items[names->n++] = key->name_at(i);
}

static bool unknown_name(const struct ctx_reader *reader, const struct ctx_key *key,
                         const struct ctx_json_node *node, const char *what, const char *written)
{
    struct names names;
    key_names(key, &names);
    const char *near = ctx_suggest(written, names.items, names.n, sizeof(names.items[0]));
    const char *quoted = ctx_json_quote(written, reader->arena);
    if (near)
        return complain(reader, node, "unknown %s %s; did you mean \"%s\"?", what, quoted, near);
    CTX_AUTO_BUFFER struct ctx_buffer list;
    ctx_buffer_init(&list, TEXT_MAX / 2);
    for (size_t i = 0; i < names.n; i++)
        ctx_buffer_printf(&list, "%s\"%s\"", i > 0 ? ", " : "", names.items[i]);
    return complain(reader, node, "unknown %s %s; give one of %s", what, quoted,
                    ctx_buffer_str(&list));
}

static bool read_boolean(const struct ctx_reader *reader, const struct ctx_key *key,
                         const struct ctx_json_node *node, struct ctx_value *value)
{
    if (!json_is_boolean(node->value))
        return wrong_type(reader, key, node);
    value->number = json_is_true(node->value);
    return true;
}

static bool out_of_range(const struct ctx_key *key, bool negative, uint64_t number)
{
    return negative || number < key->min || number > key->max;
}

static bool read_number(const struct ctx_reader *reader, const struct ctx_key *key,
                        const struct ctx_json_node *node, struct ctx_value *value)
{
    const char *text = ctx_json_node_string(node);
    if (key->type == CTX_KEY_NUMBER_OR_AUTO && text && strcmp(text, "auto") == 0) {
        value->number = 0;
        return true;
    }
    if (!json_is_integer(node->value))
        return wrong_type(reader, key, node);
    json_int_t number = json_integer_value(node->value);
    if (out_of_range(key, number < 0, (uint64_t)number)) {
        char expected[TEXT_MAX / 2];
        ctx_key_expects(key, expected, sizeof(expected));
        return complain(reader, node, "%" JSON_INTEGER_FORMAT " is out of range; give %s", number,
                        expected);
    }
    value->number = (uint64_t)number;
    return true;
}

static bool read_text(const struct ctx_reader *reader, const struct ctx_key *key,
                      const struct ctx_json_node *node, struct ctx_value *value)
{
    const char *text = ctx_json_node_string(node);
    if (!text)
        return wrong_type(reader, key, node);
    const char *wrong = key->check ? key->check(text) : NULL;
    if (wrong)
        return complain(reader, node, "%s %s", ctx_json_quote(text, reader->arena), wrong);
    value->text = ctx_config_arena_string(reader->arena, text);
    return true;
}

static bool read_choice(const struct ctx_reader *reader, const struct ctx_key *key,
                        const struct ctx_json_node *node, struct ctx_value *value)
{
    const char *text = ctx_json_node_string(node);
    if (!text)
        return wrong_type(reader, key, node);
    int index = ctx_key_name_index(key, text);
    if (index < 0)
        return unknown_name(reader, key, node, "value", text);
    value->number = (uint64_t)index;
    value->text = ctx_config_arena_string(reader->arena, text);
    return true;
}

static bool read_list(const struct ctx_reader *reader, const struct ctx_key *key,
                      const struct ctx_json_node *node, struct ctx_value *value)
{
    if (!json_is_array(node->value))
        return wrong_type(reader, key, node);
    bool good = true;
    for (const struct ctx_json_node *item = node->children; item; item = item->next) {
        const char *text = ctx_json_node_string(item);
        const char *wrong = text && key->check ? key->check(text) : NULL;
        if (!text)
            good = complain(reader, item, "%s is of the wrong type; give a string",
                            ctx_json_node_describe(item, reader->arena));
        else if (wrong)
            good = complain(reader, item, "%s %s", ctx_json_quote(text, reader->arena), wrong);
        else
            ctx_config_arena_append(reader->arena, &value->list,
                                    ctx_config_arena_string(reader->arena, text));
    }
    return good;
}

static bool duplicate(const struct ctx_reader *reader, const struct ctx_json_node *node)
{
    if (node->duplicate_of == 0)
        return false;
    complain(reader, node, "the same key is at line %u already; remove one of them",
             node->duplicate_of);
    return true;
}

static bool read_switch(const struct ctx_reader *reader, const struct ctx_key *key,
                        const struct ctx_json_node *item, struct ctx_value *value)
{
    if (key->name_at && ctx_key_name_index(key, item->key) < 0)
        return unknown_name(reader, key, item, "rule", item->key);
    if (!json_is_boolean(item->value))
        return complain(reader, item, "%s is of the wrong type; give true or false",
                        ctx_json_node_describe(item, reader->arena));
    ctx_config_arena_append(reader->arena, &value->list,
                            ctx_config_arena_string(reader->arena, item->key));
    ctx_config_arena_append(
        reader->arena, &value->words,
        ctx_config_arena_string(reader->arena, json_is_true(item->value) ? "true" : "false"));
    return true;
}

static bool read_component(const struct ctx_reader *reader, const struct ctx_key *key,
                           const struct ctx_json_node *item, struct ctx_value *value)
{
    /* In an array, an item is the name of a component to unwrap. */
    const char *text = ctx_json_node_string(item);
    if (!text)
        return complain(reader, item, "%s is of the wrong type; give a %s as a string",
                        ctx_json_node_describe(item, reader->arena),
                        item->key ? "form's name" : "component's name");
    const char *name = item->key ? item->key : text;
    const char *form = item->key ? text : "unwrap";
    if (name[0] == '\0' || name[strcspn(name, " \t<>{}/\"'=")] != '\0')
        return complain(reader, item,
                        "%s is no component's name; give it as JSX has it: \"Tab\", "
                        "\"Tabs.Tab\"",
                        ctx_json_quote(name, reader->arena));
    if (ctx_key_name_index(key, form) < 0)
        return unknown_name(reader, key, item, "form", form);
    ctx_config_arena_append(reader->arena, &value->list,
                            ctx_config_arena_string(reader->arena, name));
    ctx_config_arena_append(reader->arena, &value->words,
                            ctx_config_arena_string(reader->arena, form));
    return true;
}

static bool read_map(const struct ctx_reader *reader, const struct ctx_key *key,
                     const struct ctx_json_node *node, struct ctx_value *value)
{
    bool components = key->type == CTX_KEY_COMPONENTS;
    if (!json_is_object(node->value) && !(components && json_is_array(node->value)))
        return wrong_type(reader, key, node);
    bool good = true;
    for (const struct ctx_json_node *item = node->children; item; item = item->next) {
        good = !duplicate(reader, item) && good;
        if (item->superseded)
            continue;
        bool read = components ? read_component(reader, key, item, value)
                               : read_switch(reader, key, item, value);
        good = read && good;
    }
    return good;
}

static bool read_nothing(const struct ctx_reader *reader, const struct ctx_key *key,
                         const struct ctx_json_node *node, struct ctx_value *value)
{
    (void)reader, (void)key, (void)node, (void)value;
    return false;
}

static const read_fn readers[] = {
    [CTX_KEY_BOOLEAN] = read_boolean,
    [CTX_KEY_NUMBER] = read_number,
    [CTX_KEY_NUMBER_OR_AUTO] = read_number,
    [CTX_KEY_TEXT] = read_text,
    [CTX_KEY_PATH] = read_text,
    [CTX_KEY_CHOICE] = read_choice,
    [CTX_KEY_LIST] = read_list,
    [CTX_KEY_SWITCHES] = read_map,
    [CTX_KEY_COMPONENTS] = read_map,
    [CTX_KEY_IGNORED] = read_nothing,
};

/* Where in the tree a key of that name is at home: "sources[].profile"; NULL when nowhere. */
static const char *find_home(const struct ctx_key *tree, const char *prefix, const char *name,
                             struct ctx_config_arena *arena)
{
    for (size_t i = 0; i < tree->n_children; i++) {
        const struct ctx_key *key = &tree->children[i];
        const char *path =
            ctx_config_arena_printf(arena, "%s%s%s", prefix, prefix[0] ? "." : "", key->name);
        if (strcmp(key->name, name) == 0 && key->type != CTX_KEY_IGNORED)
            return path;
        if (key->type == CTX_KEY_OBJECTS)
            path = ctx_config_arena_printf(arena, "%s[]", path);
        const char *below = find_home(key, path, name, arena);
        if (below)
            return below;
    }
    return NULL;
}

static void all_names(const struct ctx_key *tree, struct names *names)
{
    for (size_t i = 0; i < tree->n_children && names->n < NAMES_MAX; i++) {
        if (tree->children[i].type != CTX_KEY_IGNORED)
            names->items[names->n++] = tree->children[i].name;
        all_names(&tree->children[i], names);
    }
}

/* A key may be misspelt, in the wrong place, or both. */
static void unknown_key(const struct ctx_reader *reader, const struct ctx_key *key,
                        const struct ctx_json_node *node)
{
    struct names names = { .n = 0 };
    for (size_t i = 0; i < key->n_children && names.n < NAMES_MAX; i++)
        names.items[names.n++] = key->children[i].name;
    const char *near = ctx_suggest(node->key, names.items, names.n, sizeof(names.items[0]));
    const char *home = near ? NULL : find_home(reader->everywhere, "", node->key, reader->arena);
    if (near) {
        complain(reader, node, "unknown key; did you mean \"%s\"?", near);
        return;
    }
    if (home) {
        complain(reader, node, "unknown key here; it belongs to %s", home);
        return;
    }
    names.n = 0;
    all_names(reader->everywhere, &names);
    near = ctx_suggest(node->key, names.items, names.n, sizeof(names.items[0]));
    home = near ? find_home(reader->everywhere, "", near, reader->arena) : NULL;
    if (home)
        complain(reader, node, "unknown key; did you mean %s?", home);
    else
        complain(reader, node, "unknown key; remove it, or see contextord.json(5)");
}

static void read_items(const struct ctx_reader *reader, const struct ctx_key *key,
                       const struct ctx_json_node *node, struct ctx_layer *layer)
{
    size_t n = node->last_child ? node->last_child->index + 1 : 0;
    layer->items = ctx_config_arena_alloc(reader->arena, n * sizeof(*layer->items));
    if (!layer->items)
        return;
    for (const struct ctx_json_node *item = node->children; item; item = item->next) {
        struct ctx_layer *read = &layer->items[layer->n_items];
        if (!json_is_object(item->value)) {
            complain(reader, item, "%s is of the wrong type; give an object {…}",
                     ctx_json_node_describe(item, reader->arena));
            continue;
        }
        ctx_layer_read(reader, key, item, read);
        layer->n_items++;
    }
}

static void read_member(const struct ctx_reader *reader, const struct ctx_key *key,
                        const struct ctx_json_node *node, struct ctx_layer *layer)
{
    if (key->type == CTX_KEY_OBJECTS && json_is_array(node->value)) {
        read_items(reader, key, node, layer);
    } else if (key->type == CTX_KEY_OBJECT && json_is_object(node->value)) {
        ctx_layer_read(reader, key, node, layer);
    } else if (key->type == CTX_KEY_OBJECT || key->type == CTX_KEY_OBJECTS) {
        wrong_type(reader, key, node);
    } else {
        struct ctx_value value = {
            .origin = reader->origin,
            .file = reader->file,
            .line = node->line,
            .key_path = ctx_json_node_path(node, reader->arena),
        };
        value.set = readers[key->type](reader, key, node, &value);
        layer->values[key->slot].given = value.given = true;
        if (value.set)
            layer->values[key->slot] = value;
    }
}

void ctx_layer_read(const struct ctx_reader *reader, const struct ctx_key *key,
                    const struct ctx_json_node *node, struct ctx_layer *layer)
{
    if (!layer->path) {
        layer->path = ctx_json_node_path(node, reader->arena);
        layer->line = node->line;
    }
    for (const struct ctx_json_node *member = node->children; member; member = member->next) {
        const struct ctx_key *known = ctx_key_child(key, member->key);
        duplicate(reader, member);
        if (member->superseded)
            continue;
        if (known)
            read_member(reader, known, member, layer);
        else
            unknown_key(reader, key, member);
    }
}

/* Reads one default out of the table; these are right, as a test makes sure. */
static void read_default(const struct ctx_key *key, struct ctx_config_arena *arena,
                         struct ctx_layer *layer)
{
    struct ctx_diagnostics nobody;
    ctx_diagnostics_init(&nobody);
    struct ctx_reader reader = {
        .origin = CTX_ORIGIN_DEFAULT,
        .severity = CTX_SEVERITY_ERROR,
        .everywhere = key,
        .arena = arena,
        .diagnostics = &nobody,
    };
    const char *text = ctx_config_arena_printf(arena, "{\"%s\": %s}", key->name, key->fallback);
    struct ctx_key object = { .type = CTX_KEY_OBJECT, .children = key, .n_children = 1 };
    struct ctx_json_tree tree = { 0 };
    if (ctx_json_tree_parse(text, strlen(text), NULL, arena, &tree, &nobody) == 0)
        ctx_layer_read(&reader, &object, tree.top, layer);
    ctx_json_tree_deinit(&tree);
    ctx_diagnostics_deinit(&nobody);
}

void ctx_layer_read_defaults(const struct ctx_key *tree, struct ctx_config_arena *arena,
                             struct ctx_layer *layer)
{
    for (size_t i = 0; i < tree->n_children; i++) {
        const struct ctx_key *key = &tree->children[i];
        if (key->fallback && !layer->values[key->slot].set)
            read_default(key, arena, layer);
        ctx_layer_read_defaults(key, arena, layer);
    }
}
