/* What the parts of the normalise stage share: lines and simple edits. One draft, one thread. */
#include "transform/normaliser.h"

#include <string.h>

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

struct ctx_line ctx_normalise_line(const struct ctx_normaliser *normaliser, uint32_t line)
{
    size_t at = normaliser->tree.lines[line];
    size_t end = normaliser->tree.lines[line + 1];
    return (struct ctx_line){ normaliser->text + at, end - at - 1, at };
}

bool ctx_normalise_content(const struct ctx_normaliser *normaliser, const struct ctx_node *node,
                           uint32_t line, struct ctx_line *ret_line)
{
    *ret_line = ctx_normalise_line(normaliser, line);
    if (node->parent == 0)
        return true;
    struct ctx_place place;
    bool whole = ctx_tree_place(&normaliser->tree, node->parent, line, &place);
    ret_line->bytes += place.byte;
    ret_line->len -= place.byte;
    ret_line->at += place.byte;
    return whole;
}

size_t ctx_normalise_trimmed(const struct ctx_line *line)
{
    size_t len = line->len;
    while (len > 0 && is_blank(line->bytes[len - 1]))
        len--;
    return len;
}

size_t ctx_normalise_indent(const struct ctx_line *line)
{
    size_t indent = 0;
    while (indent < line->len && is_blank(line->bytes[indent]))
        indent++;
    return indent;
}

void ctx_normalise_trim(struct ctx_normaliser *normaliser, const struct ctx_line *line)
{
    size_t trimmed = ctx_normalise_trimmed(line);
    if (trimmed < line->len)
        ctx_edits_add(&normaliser->edits, line->at + trimmed, line->len - trimmed, "", 0);
}

void ctx_normalise_replace(struct ctx_normaliser *normaliser, size_t at, size_t len,
                           const char *bytes, size_t new_len)
{
    if (len != new_len || memcmp(normaliser->text + at, bytes, len) != 0)
        ctx_edits_add(&normaliser->edits, at, len, bytes, new_len);
}
