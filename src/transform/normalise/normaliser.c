/* What the parts of the normalise stage share: lines and simple edits. One draft, one thread. */
#include "transform/normalise/normaliser.h"

#include <string.h>

enum { CODE_INDENT = 4 };

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
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

bool ctx_normalise_block_line(const struct ctx_normaliser *normaliser, const struct ctx_node *node,
                              uint32_t line, struct ctx_line *ret_line)
{
    struct ctx_place place;
    bool whole = ctx_tree_place(&normaliser->tree, node->parent, line, &place);
    uint32_t column = place.column;
    ctx_place_skip_blanks(&normaliser->tree, line, &place);
    *ret_line = ctx_normalise_line(normaliser, line);
    ret_line->bytes += place.byte;
    ret_line->len -= place.byte;
    ret_line->at += place.byte;
    return whole && place.column - column < CODE_INDENT;
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

bool ctx_normalise_is_empty_task(const struct ctx_line *line)
{
    size_t len = ctx_normalise_trimmed(line);
    const char *end = line->bytes + len;
    if (len < 3 || end[-1] != ']' || !strchr(" xX", end[-2]) || end[-3] != '[')
        return false;
    for (size_t i = 0; i < len - 3; i++)
        if (!strchr(" \t\f\v>-+*.)0123456789", line->bytes[i]))
            return false;
    return true;
}

bool ctx_normalise_is_rule_like(const struct ctx_line *line)
{
    for (size_t i = 0; i < line->len; i++)
        if (line->bytes[i] == '\0' || !strchr("-*+\\ \t", line->bytes[i]))
            return false;
    return true;
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

bool ctx_normalise_may_be_definition(const char *bytes, size_t len)
{
    if (len == 0 || bytes[0] != '[')
        return false;
    for (size_t i = 1; i < len && bytes[i] != '['; i++) {
        if (bytes[i] == ']')
            return i + 1 < len && bytes[i + 1] == ':';
        i += bytes[i] == '\\';
    }
    return false;
}
