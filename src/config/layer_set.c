/* Layers that come from flags and from what was found, and laying one layer over another. */
#include "config/layer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"

enum { TEXT_MAX = 1024, NAMES_MAX = 32 };

void ctx_value_complain(const struct ctx_value *value, enum ctx_severity severity,
                        struct ctx_diagnostics *diagnostics, const char *format, ...)
{
    char text[TEXT_MAX * 4];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct ctx_place place = { value->file, value->line, value->key_path };
    ctx_diagnostics_add(diagnostics, severity, &place, "%s", text);
}

static bool bad_choice(const struct ctx_reader *reader, const struct ctx_key *key,
                       const struct ctx_value *value, const char *text)
{
    const char *names[NAMES_MAX];
    size_t n = 0;
    for (; n < NAMES_MAX && key->name_at(n); n++)
        names[n] = key->name_at(n);
    char expected[TEXT_MAX];
    ctx_key_expects(key, expected, sizeof(expected));
    const char *near = ctx_suggest(text, names, n, sizeof(names[0]));
    const char *quoted = ctx_json_quote(text, reader->arena);
    if (near)
        ctx_value_complain(value, reader->severity, reader->diagnostics,
                           "unknown value %s; did you mean \"%s\"?", quoted, near);
    else
        ctx_value_complain(value, reader->severity, reader->diagnostics,
                           "unknown value %s; give %s", quoted, expected);
    return false;
}

static bool check(const struct ctx_reader *reader, const struct ctx_key *key,
                  const struct ctx_value *value, const char *text)
{
    const char *wrong = key->check ? key->check(text) : NULL;
    if (wrong)
        ctx_value_complain(value, reader->severity, reader->diagnostics, "%s %s",
                           ctx_json_quote(text, reader->arena), wrong);
    return !wrong;
}

/* "a, b" as two words; nothing between commas is let pass. */
static bool set_words(const struct ctx_reader *reader, const struct ctx_key *key, const char *text,
                      struct ctx_value *value)
{
    for (const char *at = text; *at;) {
        at += strspn(at, " \t,");
        size_t len = strcspn(at, ",");
        const char *next = at + len;
        while (len > 0 && (at[len - 1] == ' ' || at[len - 1] == '\t'))
            len--;
        char *word = ctx_config_arena_bytes(reader->arena, at, len);
        if (len > 0 && !check(reader, key, value, word))
            return false;
        if (len > 0)
            ctx_config_arena_append(reader->arena, &value->list, word);
        at = next;
    }
    return true;
}

static struct ctx_value flag_value(const struct ctx_reader *reader, const char *name)
{
    return (struct ctx_value){ .origin = reader->origin, .file = reader->file, .key_path = name };
}

bool ctx_layer_set_text(const struct ctx_reader *reader, const struct ctx_key *key,
                        const char *name, const char *text, struct ctx_layer *layer)
{
    struct ctx_value value = flag_value(reader, name);
    bool good;
    if (key->type == CTX_KEY_LIST) {
        good = set_words(reader, key, text, &value);
    } else if (key->type == CTX_KEY_CHOICE) {
        int index = ctx_key_name_index(key, text);
        good = index >= 0 || bad_choice(reader, key, &value, text);
        value.number = (uint64_t)index;
    } else {
        good = check(reader, key, &value, text);
    }
    value.text = ctx_config_arena_string(reader->arena, text);
    value.set = good;
    if (good)
        layer->values[key->slot] = value;
    return good;
}

bool ctx_layer_set_number(const struct ctx_reader *reader, const struct ctx_key *key,
                          const char *name, uint64_t number, struct ctx_layer *layer)
{
    struct ctx_value value = flag_value(reader, name);
    bool ranged = key->type == CTX_KEY_NUMBER || key->type == CTX_KEY_NUMBER_OR_AUTO;
    if (ranged && (number < key->min || number > key->max)) {
        char expected[TEXT_MAX];
        ctx_key_expects(key, expected, sizeof(expected));
        ctx_value_complain(&value, reader->severity, reader->diagnostics,
                           "%lld is out of range; give %s", (long long)number, expected);
        return false;
    }
    value.number = number;
    value.set = true;
    layer->values[key->slot] = value;
    return true;
}

void ctx_layer_set_found(struct ctx_layer *layer, enum ctx_slot slot, char *text)
{
    layer->values[slot] =
        (struct ctx_value){ .set = true, .origin = CTX_ORIGIN_REPOSITORY, .text = text };
}

static size_t find(const struct ctx_string_list *list, const char *name)
{
    size_t i = 0;
    while (i < list->n && strcmp(list->items[i], name) != 0)
        i++;
    return i;
}

/* The values of two maps, those of `upper` first asked. Arrays of `lower` are not written to. */
static void join(struct ctx_value *joined, const struct ctx_value *lower,
                 const struct ctx_value *upper, struct ctx_config_arena *arena)
{
    *joined = *upper;
    joined->list = joined->words = (struct ctx_string_list){ 0 };
    for (size_t i = 0; i < lower->list.n; i++) {
        if (find(&upper->list, lower->list.items[i]) < upper->list.n)
            continue;
        ctx_config_arena_append(arena, &joined->list, lower->list.items[i]);
        if (lower->words.n > i)
            ctx_config_arena_append(arena, &joined->words, lower->words.items[i]);
    }
    for (size_t i = 0; i < upper->list.n; i++) {
        ctx_config_arena_append(arena, &joined->list, upper->list.items[i]);
        if (upper->words.n > i)
            ctx_config_arena_append(arena, &joined->words, upper->words.items[i]);
    }
}

static bool is_joined(enum ctx_slot slot)
{
    return slot == CTX_SLOT_COMPONENTS || slot == CTX_SLOT_RULES || slot == CTX_SLOT_EXCLUDE;
}

void ctx_layer_lay(struct ctx_layer *lower, const struct ctx_layer *upper, enum ctx_slot first,
                   enum ctx_slot end, struct ctx_config_arena *arena)
{
    for (int slot = (int)first; slot < (int)end; slot++) {
        struct ctx_value *below = &lower->values[slot];
        const struct ctx_value *above = &upper->values[slot];
        if (!above->set)
            continue;
        struct ctx_value laid = *above;
        if (is_joined((enum ctx_slot)slot) && below->set)
            join(&laid, below, above, arena);
        *below = laid;
    }
}
