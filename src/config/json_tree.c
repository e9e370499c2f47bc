/*
 * jansson parses and judges the text; a second pass over text that is known to be good finds where
 * each value stands and pairs it with jansson's.
 *
 * jansson's hazards: its error column counts code points of the line, not bytes; of two members
 * with one key it silently keeps the last; decoding stops at the first error. Hence UTF-8 is
 * checked before, and duplicates are found here.
 */
#include "config/json_tree.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"

enum { SHOWN_MAX = 60 }; /* bytes of a value that a message shows */

struct scan {
    const char *at, *end;
    unsigned line;
    struct ctx_json_node *container; /* what is open; NULL before the document and after it */
    json_t *seen;                    /* per open container: key → its node, as a number */
    const char *key;
    unsigned key_line;
    bool expect_key;
    struct ctx_config_arena *arena;
    struct ctx_json_tree *tree;
};

/* What people write that JSON has not, and what to do: the first whose text jansson's holds. */
static const struct {
    const char *text, *remedy;
} remedies[] = {
    { "near '/'", "JSON has no comments: remove it" },
    { "near '#'", "JSON has no comments: remove it" },
    { "near '''", "use double quotes" },
    { "string or '}' expected near '}'", "remove the comma before it" },
    { "unexpected token near ']'", "remove the comma before it" },
    { "string or '}' expected near", "put the key in double quotes, or remove a comma" },
    { "'}' expected near", "put a comma before it, or close the object" },
    { "']' expected near", "put a comma before it, or close the array" },
    { "':' expected near", "put a colon after the key" },
    { "'[' or '{' expected", "begin with '{'" },
    { "premature end of input", "close what is open: a quote, '}' or ']'" },
    { "end of file expected", "remove what follows the closing '}'" },
};

static const char *remedy_for(const char *text)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(remedies); i++)
        if (strstr(text, remedies[i].text))
            return remedies[i].remedy;
    return "mend it there";
}

static unsigned line_of(const char *text, size_t at)
{
    unsigned line = 1;
    for (size_t i = 0; i < at; i++)
        line += text[i] == '\n';
    return line;
}

static int parse_text(const char *text, size_t len, const char *file, json_t **ret_root,
                      struct ctx_diagnostics *diagnostics)
{
    size_t at;
    if (!ctx_utf8_valid(text, len, &at)) {
        struct ctx_place place = { file, line_of(text, at), NULL };
        ctx_diagnostics_add(diagnostics, CTX_SEVERITY_ERROR, &place,
                            "not UTF-8 (byte 0x%02x at offset %zu); save the file as UTF-8",
                            (unsigned char)text[at], at);
        return -EINVAL;
    }
    json_error_t error;
    json_t *root = json_loadb(text, len, 0, &error);
    if (!root && json_error_code(&error) == json_error_out_of_memory)
        return -ENOMEM;
    if (!root) {
        struct ctx_place place = { file, error.line > 0 ? (unsigned)error.line : 1, NULL };
        ctx_diagnostics_add(diagnostics, CTX_SEVERITY_ERROR, &place, "broken JSON: %s; %s",
                            error.text, remedy_for(error.text));
        return -EINVAL;
    }
    if (!json_is_object(root)) {
        struct ctx_place place = { file, 1, NULL };
        ctx_diagnostics_add(diagnostics, CTX_SEVERITY_ERROR, &place,
                            "an array, not an object; begin with '{'");
        json_decref(root);
        return -EINVAL;
    }
    *ret_root = root;
    return 0;
}

/* The string that begins at the quote `at`, decoded; `*at` is left behind it. */
static const char *take_string(struct scan *scan)
{
    const char *from = scan->at++;
    while (scan->at < scan->end && *scan->at != '"')
        scan->at += *scan->at == '\\' ? 2 : 1;
    scan->at++;
    json_t *string = json_loadb(from, (size_t)(scan->at - from), JSON_DECODE_ANY, NULL);
    const char *copy =
        ctx_config_arena_string(scan->arena, string ? json_string_value(string) : "");
    json_decref(string);
    return copy;
}

static const json_t *value_of(const struct scan *scan)
{
    const struct ctx_json_node *container = scan->container;
    if (!container)
        return scan->tree->root;
    if (scan->key)
        return json_object_get(container->value, scan->key);
    size_t index = container->last_child ? container->last_child->index + 1 : 0;
    return json_array_get(container->value, index);
}

/* Marks the earlier of two members with one key; a table of keys keeps this linear. */
static void note_duplicate(struct scan *scan, struct ctx_json_node *node)
{
    json_t *keys = json_array_get(scan->seen, json_array_size(scan->seen) - 1);
    const json_t *known = json_object_get(keys, node->key);
    if (known) {
        struct ctx_json_node *earlier = (struct ctx_json_node *)(intptr_t)json_integer_value(known);
        earlier->superseded = true;
        node->duplicate_of = earlier->line;
    }
    if (json_object_set_new(keys, node->key, json_integer((json_int_t)(intptr_t)node)) < 0)
        scan->arena->failed = true;
}

static struct ctx_json_node *add_node(struct scan *scan)
{
    struct ctx_json_node *node = ctx_config_arena_alloc(scan->arena, sizeof(*node));
    if (!node)
        return NULL;
    struct ctx_json_node *container = scan->container;
    *node = (struct ctx_json_node){
        .value = value_of(scan),
        .key = scan->key,
        .is_object = *scan->at == '{',
        .line = scan->key ? scan->key_line : scan->line,
        .parent = container,
    };
    if (!container) {
        scan->tree->top = node;
        return node;
    }
    node->index = container->last_child ? container->last_child->index + 1 : 0;
    if (container->last_child)
        container->last_child->next = node;
    else
        container->children = node;
    container->last_child = node;
    if (node->key)
        note_duplicate(scan, node);
    scan->key = NULL;
    return node;
}

static bool open_container(struct scan *scan)
{
    struct ctx_json_node *node = add_node(scan);
    if (!node)
        return false;
    if (json_array_append_new(scan->seen, json_object()) < 0) {
        scan->arena->failed = true;
        return false;
    }
    scan->container = node;
    scan->expect_key = *scan->at == '{';
    scan->at++;
    return true;
}

static bool scan_string(struct scan *scan)
{
    if (scan->expect_key) {
        scan->key_line = scan->line;
        scan->key = take_string(scan);
        scan->expect_key = false;
        return true;
    }
    bool ok = add_node(scan);
    take_string(scan);
    return ok;
}

static bool scan_literal(struct scan *scan)
{
    while (scan->at < scan->end && !strchr(",]} \t\r\n", *scan->at))
        scan->at++;
    return add_node(scan);
}

static void close_container(struct scan *scan)
{
    json_array_remove(scan->seen, json_array_size(scan->seen) - 1);
    scan->container = scan->container->parent;
    scan->expect_key = false;
    scan->at++;
}

/* One token of text that jansson has accepted. False when memory is out. */
static bool scan_token(struct scan *scan)
{
    switch (*scan->at) {
    case '{':
    case '[':
        return open_container(scan);
    case '}':
    case ']':
        close_container(scan);
        return true;
    case ',':
        scan->expect_key = scan->container->is_object;
        scan->at++;
        return true;
    case '"':
        return scan_string(scan);
    case '\n':
        scan->line++;
        scan->at++;
        return true;
    case ':':
    case ' ':
    case '\t':
    case '\r':
        scan->at++;
        return true;
    default:
        return scan_literal(scan);
    }
}

static int scan_text(const char *text, size_t len, struct ctx_config_arena *arena,
                     struct ctx_json_tree *tree)
{
    struct scan scan = {
        .at = text,
        .end = text + len,
        .line = 1,
        .arena = arena,
        .tree = tree,
        .seen = json_array(),
    };
    bool ok = scan.seen;
    while (ok && scan.at < scan.end)
        ok = scan_token(&scan);
    json_decref(scan.seen);
    return ok && !arena->failed ? 0 : -ENOMEM;
}

int ctx_json_tree_parse(const char *text, size_t len, const char *file,
                        struct ctx_config_arena *arena, struct ctx_json_tree *ret_tree,
                        struct ctx_diagnostics *diagnostics)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t skipped = len >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
    struct ctx_json_tree tree = { 0 };
    int r = parse_text(text + skipped, len - skipped, file, &tree.root, diagnostics);
    if (r == 0)
        r = scan_text(text + skipped, len - skipped, arena, &tree);
    if (r < 0)
        ctx_json_tree_deinit(&tree);
    else
        *ret_tree = tree;
    return r;
}

void ctx_json_tree_deinit(struct ctx_json_tree *tree)
{
    json_decref(tree->root);
    *tree = (struct ctx_json_tree){ 0 };
}

static bool plain_key(const char *key)
{
    for (const char *c = key; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("_-$", *c))
            return false;
    return key[0] != '\0' && strlen(key) <= SHOWN_MAX;
}

const char *ctx_json_node_path(const struct ctx_json_node *node, struct ctx_config_arena *arena)
{
    if (!node->parent)
        return "";
    const char *parent = ctx_json_node_path(node->parent, arena);
    if (!node->key)
        return ctx_config_arena_printf(arena, "%s[%zu]", parent, node->index);
    if (plain_key(node->key))
        return ctx_config_arena_printf(arena, "%s%s%s", parent, parent[0] ? "." : "", node->key);
    return ctx_config_arena_printf(arena, "%s[%s]", parent, ctx_json_quote(node->key, arena));
}

const char *ctx_json_node_string(const struct ctx_json_node *node)
{
    return json_string_value(node->value);
}

/* Cuts a string to what a message shows, on a character's boundary. */
static const char *shown(const char *string, struct ctx_config_arena *arena)
{
    size_t len = strlen(string);
    if (len <= SHOWN_MAX)
        return string;
    size_t cut = SHOWN_MAX;
    while (cut > 0 && ((unsigned char)string[cut] & 0xc0) == 0x80)
        cut--;
    return ctx_config_arena_printf(arena, "%.*s…", (int)cut, string);
}

const char *ctx_json_quote(const char *string, struct ctx_config_arena *arena)
{
    json_t *value = json_string(shown(string, arena));
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    const char *quoted = ctx_config_arena_string(arena, text ? text : "\"\"");
    free(text);
    json_decref(value);
    return quoted;
}

const char *ctx_json_node_describe(const struct ctx_json_node *node, struct ctx_config_arena *arena)
{
    switch (json_typeof(node->value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return ctx_json_quote(json_string_value(node->value), arena);
    case JSON_INTEGER:
        return ctx_config_arena_printf(arena, "%" JSON_INTEGER_FORMAT,
                                       json_integer_value(node->value));
    case JSON_REAL:
        return ctx_config_arena_printf(arena, "%.15g", json_real_value(node->value));
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    default:
        return "null";
    }
}
