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

/* A line's end: bytes that thematic breaks, and hard breaks, are made of. Found once a line. */
struct tail {
    uint32_t line;
    struct ctx_line bytes;
    size_t from;    /* from here on there is nothing else */
    size_t bullets; /* past the last bullet */
    size_t trimmed; /* past the last byte that is no blank */
};

static struct tail tail_of(const struct ctx_normaliser *normaliser, uint32_t index)
{
    struct ctx_line line = ctx_normalise_line(normaliser, index);
    struct tail tail = { index, line, ctx_normalise_trimmed(&line), 0, 0 };
    tail.trimmed = tail.from;
    while (tail.from > 0) {
        char byte = line.bytes[tail.from - 1];
        if (byte != ' ' && byte != '\t' && byte != '\\' && !is_bullet(byte))
            break;
        if (is_bullet(byte) && tail.bullets == 0)
            tail.bullets = tail.from;
        tail.from--;
    }
    return tail;
}

/* Whether the item's marker could make a thematic break, with what is beside it on its line. */
static bool is_near_rule(const struct ctx_tree *tree, const struct ctx_node *item,
                         const struct tail *tail)
{
    size_t rest = item->column + 1;
    if (tail->trimmed <= rest) {
        const struct ctx_node *above = &tree->nodes[tree->nodes[item->parent].parent];
        return above->kind == CTX_NODE_ITEM && above->first == item->first;
    }
    return tail->from <= rest && tail->bullets > rest;
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
    struct tail tail = { .line = UINT32_MAX };
    for (uint32_t i = 1; i < tree->n_nodes; i++) {
        const struct ctx_node *item = &tree->nodes[i];
        struct ctx_node *list = item->kind == CTX_NODE_ITEM ? list_of(tree, item) : NULL;
        if (!list)
            continue;
        if (tail.line != item->first)
            tail = tail_of(normaliser, item->first);
        if (item->column >= tail.bytes.len || tail.bytes.bytes[item->column] != list->mark ||
            is_near_rule(tree, item, &tail) || ctx_normalise_is_math(normaliser, item->first))
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
