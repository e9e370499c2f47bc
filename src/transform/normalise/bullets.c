/*
 * Bullets: `-`, and `*` for a list that directly follows one with `-`, since the change of the
 * bullet is what sets the two apart. A list keeps its own where another would make a thematic
 * break of an item's line. A bullet is one byte and stays one, so nothing moves. A part of the
 * normalise stage.
 */
#include <string.h>

#include "transform/normalise/normaliser.h"

static const char bullets[] = "-*+";

static bool is_bullet(char byte)
{
    return byte != '\0' && strchr(bullets, byte);
}

/* Whether the rest of the line holds only what thematic breaks, and hard breaks, are made of. */
static bool looks_like_rule(const struct ctx_line *line, size_t at)
{
    bool any = false, other = false;
    for (size_t i = at; i < line->len; i++) {
        bool blank = line->bytes[i] == ' ' || line->bytes[i] == '\t';
        any |= is_bullet(line->bytes[i]);
        other |= !blank;
        if (!blank && !is_bullet(line->bytes[i]) && line->bytes[i] != '\\')
            return false;
    }
    return any || !other;
}

/* Whether the marker could make one of its line, with the markers beside it. */
static bool is_near_rule(const struct ctx_tree *tree, const struct ctx_node *item,
                         const struct ctx_line *line)
{
    if (!looks_like_rule(line, item->column + 1))
        return false;
    const struct ctx_node *list = &tree->nodes[item->parent];
    const struct ctx_node *above = &tree->nodes[list->parent];
    bool inner = above->kind == CTX_NODE_ITEM && above->first == item->first;
    return inner || ctx_normalise_trimmed(line) > item->column + 1;
}

static struct ctx_node *list_of(struct ctx_tree *tree, const struct ctx_node *item)
{
    struct ctx_node *list = &tree->nodes[item->parent];
    return list->kind == CTX_NODE_LIST && is_bullet(list->mark) ? list : NULL;
}

/* Lists that must stay as they are get level 1. */
static void find_fixed(struct ctx_normaliser *normaliser)
{
    struct ctx_tree *tree = &normaliser->tree;
    for (uint32_t i = 1; i < tree->n_nodes; i++) {
        if (tree->nodes[i].kind != CTX_NODE_ITEM)
            continue;
        struct ctx_node *list = list_of(tree, &tree->nodes[i]);
        if (!list)
            continue;
        struct ctx_line line = ctx_normalise_line(normaliser, tree->nodes[i].first);
        size_t column = tree->nodes[i].column;
        if (column >= line.len || line.bytes[column] != list->mark ||
            is_near_rule(tree, &tree->nodes[i], &line))
            list->level = 1;
    }
}

/* A bullet that neither of two neighbours has. */
static char third_bullet(char a, char b)
{
    const char *bullet = bullets;
    while (*bullet == a || *bullet == b)
        bullet++;
    return *bullet;
}

/* Two neighbours with different bullets are held apart by nothing else. */
static bool touch(const struct ctx_node *a, const struct ctx_node *b)
{
    return a->mark != b->mark && a->mark != '\0';
}

static void choose(struct ctx_tree *tree, struct ctx_node *list)
{
    struct ctx_node *previous = &tree->nodes[list->previous];
    bool touches = list->previous && touch(previous, list);
    if (list->level == 0) {
        list->out_mark = touches && previous->out_mark == '-' ? '*' : '-';
        return;
    }
    if (!touches || previous->out_mark != list->mark)
        return;
    struct ctx_node *first = &tree->nodes[previous->previous];
    bool first_touches = previous->previous && touch(first, previous);
    previous->out_mark = third_bullet(list->mark, first_touches ? first->out_mark : list->mark);
}

void ctx_normalise_choose_bullets(struct ctx_normaliser *normaliser)
{
    struct ctx_tree *tree = &normaliser->tree;
    find_fixed(normaliser);
    for (uint32_t i = 1; i < tree->n_nodes; i++)
        if (tree->nodes[i].kind == CTX_NODE_LIST && is_bullet(tree->nodes[i].mark))
            choose(tree, &tree->nodes[i]);
}

void ctx_normalise_write_bullets(struct ctx_normaliser *normaliser)
{
    struct ctx_tree *tree = &normaliser->tree;
    for (uint32_t i = 1; i < tree->n_nodes; i++) {
        const struct ctx_node *item = &tree->nodes[i];
        if (item->kind != CTX_NODE_ITEM)
            continue;
        const struct ctx_node *list = list_of(tree, item);
        if (list && list->out_mark != list->mark)
            normaliser->text[tree->lines[item->first] + item->column] = list->out_mark;
    }
}
