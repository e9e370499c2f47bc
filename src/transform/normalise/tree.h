#ifndef CTX_TRANSFORM_NORMALISE_TREE_H
#define CTX_TRANSFORM_NORMALISE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transform/arena.h"

/*
 * The block structure of a text, as cmark-gfm sees it, in records of our own. Lines are counted
 * from 0, columns are bytes from the line's beginning. Everything lives in the thread's arena
 * until its next reset.
 */

enum ctx_node_kind {
    CTX_NODE_DOCUMENT,
    CTX_NODE_QUOTE,
    CTX_NODE_LIST,
    CTX_NODE_ITEM,
    CTX_NODE_FOOTNOTE,
    CTX_NODE_PARAGRAPH, /* from here on: leaves */
    CTX_NODE_HEADING,
    CTX_NODE_FENCE,
    CTX_NODE_INDENTED_CODE,
    CTX_NODE_HTML,
    CTX_NODE_TABLE,
    CTX_NODE_RULE,
};

/* A place on a line. */
struct ctx_place {
    uint32_t byte;   /* from the line's beginning */
    uint32_t column; /* as seen, tabs expanded to 4 */
    uint32_t inside; /* columns of a tab at `byte` that are used up already */
};

struct ctx_node {
    enum ctx_node_kind kind;
    uint32_t parent;   /* index; the document is 0 and its own parent */
    uint32_t depth;    /* containers (quotes, items, footnotes) above it */
    uint32_t first;    /* its lines, first and last */
    uint32_t last;     /* leaves only */
    uint32_t column;   /* where it begins on its first line */
    uint32_t previous; /* list: the list that is its sibling right before; 0: none */
    uint32_t rows;     /* table: rows below the delimiter row; code and HTML: lines of content */
    uint32_t columns;  /* table */
    uint32_t indent;   /* item: columns that a continuation line must be indented by */
    struct ctx_place
        content;   /* quote, item, footnote: where its content begins on its first line */
    uint8_t level; /* heading */
    char mark;     /* list: its bullet as written, 0 when it is numbered */
    char out_mark; /* list: its bullet as it shall be */
    bool tight;    /* list */
    bool merged;   /* paragraph above a table's header, table below a paragraph: one block for us */
    void *handle;  /* of the parser; for ctx_markdown_breaks() */
};

struct ctx_tree {
    const char *text;
    const uint32_t *lines; /* offset of each line, and of the text's end */
    uint32_t n_lines;
    struct ctx_node *nodes;
    uint32_t n_nodes;
    uint32_t *leaves; /* indices of the leaves by line */
    uint32_t n_leaves;
    uint8_t *begins; /* by line: 1 when a container begins on it; NULL: no containers */
    uint32_t *chain; /* room for the deepest chain of containers */
    bool footnotes;  /* the text has footnote definitions */
};

static inline bool ctx_node_is_leaf(const struct ctx_node *node)
{
    return node->kind >= CTX_NODE_PARAGRAPH;
}

/*
 * Where the content of `container` begins on `line`: past "> ", item indentation and so on.
 * False when the line is not in all of its containers (a lazy continuation): the place is then
 * past those that match.
 */
bool ctx_tree_place(const struct ctx_tree *tree, uint32_t container, uint32_t line,
                    struct ctx_place *ret_place);

/* Finds the lines of tree->text. Jumps to the arena's bail when memory is out. */
void ctx_tree_index_lines(struct ctx_arena *arena, struct ctx_tree *tree, size_t len);
/* When all nodes are there, `deepest` of them on the longest way down: fills the rest. Jumps so, too. */
void ctx_tree_finish(struct ctx_arena *arena, struct ctx_tree *tree, uint32_t deepest);

/* Fills `content` and `indent` of a container, whose parent's are known. */
void ctx_tree_measure(const struct ctx_tree *tree, uint32_t container);

/* Past blanks, with columns kept; stops at the line's end. */
void ctx_place_skip_blanks(const struct ctx_tree *tree, uint32_t line, struct ctx_place *place);

#endif
