/* Looking keys up in the tables, and saying what they take. Pure; any thread. */
#include <stdio.h>
#include <string.h>

#include "config/keys.h"

const struct ctx_key *ctx_key_child(const struct ctx_key *key, const char *name)
{
    for (size_t i = 0; i < key->n_children; i++)
        if (strcmp(key->children[i].name, name) == 0)
            return &key->children[i];
    return NULL;
}

const struct ctx_key *ctx_key_of_slot(const struct ctx_key *tree, enum ctx_slot slot)
{
    for (size_t i = 0; i < tree->n_children; i++) {
        const struct ctx_key *key = &tree->children[i];
        if (key->slot == slot && slot != CTX_SLOT_NONE)
            return key;
        const struct ctx_key *below = ctx_key_of_slot(key, slot);
        if (below)
            return below;
    }
    return NULL;
}

int ctx_key_name_index(const struct ctx_key *key, const char *name)
{
    const char *known;
    for (size_t i = 0; key->name_at && (known = key->name_at(i)); i++)
        if (strcmp(known, name) == 0)
            return (int)i;
    return -1;
}

static void append(char *text, size_t size, const char *more)
{
    size_t len = strlen(text);
    snprintf(text + len, size - len, "%s", more);
}

void ctx_key_expects(const struct ctx_key *key, char *ret_text, size_t size)
{
    static const char *const plain[] = {
        [CTX_KEY_OBJECT] = "an object {…}",
        [CTX_KEY_OBJECTS] = "an array of objects [{…}]",
        [CTX_KEY_BOOLEAN] = "true or false",
        [CTX_KEY_NUMBER] = "a whole number",
        [CTX_KEY_NUMBER_OR_AUTO] = "\"auto\" or a whole number",
        [CTX_KEY_TEXT] = "a string",
        [CTX_KEY_PATH] = "a path, as a string",
        [CTX_KEY_CHOICE] = "one of ",
        [CTX_KEY_LIST] = "an array of strings",
        [CTX_KEY_SWITCHES] = "an object of names and true or false",
        [CTX_KEY_COMPONENTS] = "an object of components and forms, or an array of components",
        [CTX_KEY_IGNORED] = "anything",
    };
    snprintf(ret_text, size, "%s", plain[key->type]);
    if (key->type == CTX_KEY_NUMBER || key->type == CTX_KEY_NUMBER_OR_AUTO) {
        size_t len = strlen(ret_text);
        snprintf(ret_text + len, size - len, " from %llu to %llu", (unsigned long long)key->min,
                 (unsigned long long)key->max);
    }
    for (size_t i = 0; key->type == CTX_KEY_CHOICE && key->name_at(i); i++) {
        append(ret_text, size, i > 0 ? ", \"" : "\"");
        append(ret_text, size, key->name_at(i));
        append(ret_text, size, "\"");
    }
}
