/*
 * Fenced code: the shortest backtick fence that its content allows, the language in lower case.
 * The content is never touched. A part of the normalise stage.
 */
#include <string.h>

#include "transform/normalise/normaliser.h"

enum {
    SHORTEST = 3,
    LONGEST = 255, /* cmark-gfm keeps a fence's length in a byte */
    FOOTNOTE_INDENT = 4,
};

static struct ctx_line opening_line(const struct ctx_normaliser *normaliser,
                                    const struct ctx_node *fence)
{
    struct ctx_line line = ctx_normalise_line(normaliser, fence->first);
    size_t column = fence->column < line.len ? fence->column : line.len;
    return (struct ctx_line){ line.bytes + column, line.len - column, line.at + column };
}

static size_t run_of(const struct ctx_line *line, size_t at, char mark)
{
    size_t n = 0;
    while (at + n < line->len && line->bytes[at + n] == mark)
        n++;
    return n;
}

/* The closing line from its fence on; false when the line does not close it. */
static bool closing_line(const struct ctx_normaliser *normaliser, const struct ctx_node *fence,
                         uint32_t at, char mark, size_t length, struct ctx_line *ret_line)
{
    struct ctx_line line;
    if (at >= normaliser->tree.n_lines || !ctx_normalise_block_line(normaliser, fence, at, &line))
        return false;
    size_t n = run_of(&line, 0, mark);
    if (n < (length < LONGEST ? length : LONGEST) || n != ctx_normalise_trimmed(&line))
        return false;
    *ret_line = line;
    return true;
}

void ctx_normalise_find_fence_end(const struct ctx_normaliser *normaliser, struct ctx_node *fence)
{
    struct ctx_line line = opening_line(normaliser, fence);
    char mark = line.len ? line.bytes[0] : '`';
    uint32_t next = fence->first + fence->rows + 1;
    fence->last = next - 1;
    if (closing_line(normaliser, fence, next, mark, run_of(&line, 0, mark), &line))
        fence->last = next;
}

/* The length that no run of backticks at the beginning of a line reaches. */
static size_t length_for(const struct ctx_normaliser *normaliser, const struct ctx_node *fence)
{
    size_t length = SHORTEST;
    for (uint32_t i = fence->first + 1; i <= fence->first + fence->rows; i++) {
        struct ctx_line line = ctx_normalise_line(normaliser, i);
        if (!memchr(line.bytes, '`', line.len))
            continue;
        ctx_normalise_content(normaliser, fence, i, &line);
        size_t n = run_of(&line, ctx_normalise_indent(&line), '`');
        if (n >= length)
            length = n + 1;
    }
    return length;
}

/* The language: the info string's beginning, up to what frameworks put behind it. */
static size_t language_length(const char *info, size_t len)
{
    size_t n = 0;
    while (n < len && !strchr("{,:[(= \t", info[n])) {
        if (info[n] == '&' || info[n] == '\\')
            return 0; /* an entity's case matters */
        n++;
    }
    return n;
}

/* Writes the info string; a backtick, which a backtick fence cannot have there, as an entity. */
static size_t write_info(char *to, const char *info, size_t len)
{
    size_t language = language_length(info, len);
    char *begin = to;
    for (size_t i = 0; i < len; i++) {
        if (info[i] == '`') {
            memcpy(to, "&#96;", 5);
            to += 5;
        } else {
            bool upper = i < language && info[i] >= 'A' && info[i] <= 'Z';
            *to++ = (char)(upper ? info[i] - 'A' + 'a' : info[i]);
        }
    }
    return (size_t)(to - begin);
}

static void write_opening(struct ctx_normaliser *normaliser, const struct ctx_line *line,
                          size_t old_length, size_t length)
{
    struct ctx_line info = { line->bytes + old_length, line->len - old_length, 0 };
    info.len = ctx_normalise_trimmed(&info);
    size_t indent = ctx_normalise_indent(&info);
    char *room = ctx_edits_room(&normaliser->edits, length + 5 * info.len);
    if (!room)
        return;
    memset(room, '`', length);
    size_t len = length + write_info(room + length, info.bytes + indent, info.len - indent);
    ctx_normalise_replace(normaliser, line->at, line->len, room, len);
}

static void write_closing(struct ctx_normaliser *normaliser, const struct ctx_line *line,
                          size_t length)
{
    char *room = ctx_edits_room(&normaliser->edits, length);
    if (!room)
        return;
    memset(room, '`', length);
    ctx_normalise_replace(normaliser, line->at, line->len, room, length);
}

/* A continuation line's prefix for a container's content; its length, also when `to` is NULL. */
static size_t write_prefix(const struct ctx_tree *tree, uint32_t container, char *to)
{
    uint32_t n = 0;
    size_t len = 0;
    for (uint32_t at = container; at != 0; at = tree->nodes[at].parent)
        if (tree->nodes[at].kind != CTX_NODE_LIST)
            tree->chain[n++] = at;
    while (n > 0) {
        const struct ctx_node *node = &tree->nodes[tree->chain[--n]];
        bool quote = node->kind == CTX_NODE_QUOTE;
        size_t width = node->kind == CTX_NODE_ITEM ? node->indent : quote ? 2 : FOOTNOTE_INDENT;
        if (to) {
            memset(to + len, ' ', width);
            if (quote)
                to[len] = '>';
        }
        len += width;
    }
    return len;
}

/* Closes a fence that the text's end leaves open, so that its last blank lines stay code. */
static void close_at_end(struct ctx_normaliser *normaliser, const struct ctx_node *fence,
                         size_t length)
{
    size_t prefix = write_prefix(&normaliser->tree, fence->parent, NULL);
    char *room = ctx_edits_room(&normaliser->edits, prefix + length + 1);
    if (!room)
        return;
    write_prefix(&normaliser->tree, fence->parent, room);
    memset(room + prefix, '`', length);
    room[prefix + length] = '\n';
    size_t end = normaliser->tree.lines[fence->last + 1];
    ctx_edits_add(&normaliser->edits, end, 0, room, prefix + length + 1);
}

void ctx_normalise_fence(struct ctx_normaliser *normaliser, const struct ctx_node *fence)
{
    struct ctx_line opening = opening_line(normaliser, fence);
    char mark = opening.len ? opening.bytes[0] : '\0';
    size_t old_length = run_of(&opening, 0, mark);
    if ((mark != '`' && mark != '~') || old_length < SHORTEST)
        return;
    bool canonical = mark == '`' && old_length == SHORTEST;
    size_t length = canonical ? SHORTEST : length_for(normaliser, fence);
    if (length > LONGEST)
        return;
    write_opening(normaliser, &opening, old_length, length);
    struct ctx_line closing;
    if (fence->last > fence->first + fence->rows) {
        if (closing_line(normaliser, fence, fence->last, mark, old_length, &closing))
            write_closing(normaliser, &closing, length);
    } else if (ctx_normalise_is_last(normaliser, fence)) {
        close_at_end(normaliser, fence, length);
    }
}
