#ifndef CTX_CONFIG_JSON_TREE_H
#define CTX_CONFIG_JSON_TREE_H

#include <jansson.h>
#include <stdbool.h>

#include "config/arena.h"

/*
 * A JSON document in which each value knows its line, its key and its parent, which jansson does
 * not tell. Children stand in the order in which the file has them.
 */
struct ctx_json_node {
    const json_t *value;   /* borrowed from the tree */
    const char *key;       /* NULL in arrays and for the document itself */
    bool is_object;        /* as written; of a superseded member, `value` is the later one's */
    size_t index;          /* among its parent's children */
    unsigned line;         /* of the key, or of the value where there is no key; 1-based */
    unsigned duplicate_of; /* line of an earlier member of the same key; 0: none */
    bool superseded;       /* a later member has the same key: this one has no say */
    struct ctx_json_node *parent, *next, *children, *last_child;
};

struct ctx_json_tree {
    json_t *root; /* owned */
    struct ctx_json_node *top;
};

/*
 * Parses a document, an object at its top. A byte order mark is let pass. 0; -EINVAL with one
 * error in `diagnostics` (broken JSON, not UTF-8, no object) that names file and line; -ENOMEM.
 * Nodes are the arena's. Any thread.
 */
int ctx_json_tree_parse(const char *text, size_t len, const char *file,
                        struct ctx_config_arena *arena, struct ctx_json_tree *ret_tree,
                        struct ctx_diagnostics *diagnostics);
void ctx_json_tree_deinit(struct ctx_json_tree *tree);

/* "sources[0].transforms.links", and "" for the document; odd keys are quoted. In the arena. */
const char *ctx_json_node_path(const struct ctx_json_node *node, struct ctx_config_arena *arena);

/* A string's value; NULL when the node holds no string. Borrowed. */
const char *ctx_json_node_string(const struct ctx_json_node *node);

/* A string in JSON's quotes, cut when it is long; for messages. In the arena. */
const char *ctx_json_quote(const char *string, struct ctx_config_arena *arena);

/* What a node holds, for messages: `"x"`, `5`, `an object`. Cut when long. In the arena. */
const char *ctx_json_node_describe(const struct ctx_json_node *node,
                                   struct ctx_config_arena *arena);

#endif
