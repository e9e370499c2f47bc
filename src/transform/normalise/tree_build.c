/*
 * What a tree has beside its nodes: where lines begin, the leaves in their order, where containers
 * begin. Everything lives in the arena, which jumps out when memory is out.
 */
#include <stdlib.h>
#include <string.h>

#include "transform/normalise/tree.h"

void ctx_tree_index_lines(struct ctx_arena *arena, struct ctx_tree *tree, size_t len)
{
    uint32_t capacity = (uint32_t)(len / 32) + 16;
    uint32_t *lines = ctx_arena_must_grow(arena, NULL, capacity * sizeof(*lines));
    uint32_t n = 0;
    size_t at = 0;
    while (at < len) {
        if (n + 2 > capacity) {
            capacity *= 2;
            lines = ctx_arena_must_grow(arena, lines, capacity * sizeof(*lines));
        }
        lines[n++] = (uint32_t)at;
        const char *newline = memchr(tree->text + at, '\n', len - at);
        at = newline ? (size_t)(newline - tree->text) + 1 : len;
    }
    lines[n] = (uint32_t)len;
    tree->lines = lines;
    tree->n_lines = n;
}

static int by_line(const void *a, const void *b, void *context)
{
    const struct ctx_node *nodes = context;
    const struct ctx_node *x = &nodes[*(const uint32_t *)a];
    const struct ctx_node *y = &nodes[*(const uint32_t *)b];
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return (x->column > y->column) - (x->column < y->column);
}

static void list_leaves(struct ctx_arena *arena, struct ctx_tree *tree)
{
    tree->leaves = ctx_arena_must_grow(arena, NULL, (tree->n_leaves + 1) * sizeof(uint32_t));
    uint32_t n = 0;
    bool sorted = true;
    for (uint32_t i = 1; i < tree->n_nodes; i++) {
        if (!ctx_node_is_leaf(&tree->nodes[i]))
            continue;
        tree->leaves[n] = i;
        sorted &= n == 0 || by_line(&tree->leaves[n - 1], &i, tree->nodes) < 0;
        n++;
    }
    if (!sorted)
        qsort_r(tree->leaves, n, sizeof(*tree->leaves), by_line, tree->nodes);
}

static void measure_containers(struct ctx_arena *arena, struct ctx_tree *tree, uint32_t deepest)
{
    tree->chain = ctx_arena_must_grow(arena, NULL, (deepest + 2) * sizeof(uint32_t));
    if (tree->n_nodes == tree->n_leaves + 1)
        return;
    tree->begins = ctx_arena_must_alloc(arena, tree->n_lines + 1);
    for (uint32_t i = 1; i < tree->n_nodes; i++) {
        struct ctx_node *node = &tree->nodes[i];
        if (ctx_node_is_leaf(node))
            continue;
        tree->begins[node->first] = 1;
        ctx_tree_measure(tree, i);
    }
}

void ctx_tree_finish(struct ctx_arena *arena, struct ctx_tree *tree, uint32_t deepest)
{
    list_leaves(arena, tree);
    measure_containers(arena, tree, deepest);
}
