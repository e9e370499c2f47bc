/*
 * Headings: ATX with one space and without a closing sequence; setext becomes ATX unless it holds
 * a hard line break, which one line cannot. A part of the normalise stage.
 */
#include <string.h>

#include "transform/markdown.h"
#include "transform/normalise/normaliser.h"

enum { LEVELS = 6 };

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* The heading's own rest of its first line. */
static struct ctx_line own_line(const struct ctx_normaliser *normaliser,
                                const struct ctx_node *heading)
{
    struct ctx_line line = ctx_normalise_line(normaliser, heading->first);
    size_t column = heading->column < line.len ? heading->column : line.len;
    return (struct ctx_line){ line.bytes + column, line.len - column, line.at + column };
}

static bool looks_atx(const struct ctx_line *line)
{
    size_t n = 0;
    while (n < line->len && line->bytes[n] == '#')
        n++;
    return n > 0 && n <= LEVELS && (n == line->len || is_blank(line->bytes[n]));
}

/* Whether a task's box stands before the text: such a heading is setext. */
static bool is_task(const struct ctx_normaliser *normaliser, const struct ctx_node *heading,
                    const struct ctx_line *first)
{
    struct ctx_line line;
    ctx_normalise_content(normaliser, heading, heading->first, &line);
    return line.at + ctx_normalise_indent(&line) != first->at;
}

static bool is_atx(const struct ctx_normaliser *normaliser, const struct ctx_node *heading,
                   const struct ctx_line *line)
{
    return looks_atx(line) && !is_task(normaliser, heading, line);
}

static bool is_underline(const struct ctx_line *line)
{
    size_t end = ctx_normalise_trimmed(line);
    if (end == 0 || (line->bytes[0] != '=' && line->bytes[0] != '-'))
        return false;
    for (size_t i = 1; i < end; i++)
        if (line->bytes[i] != line->bytes[0])
            return false;
    return true;
}

void ctx_normalise_find_heading_end(const struct ctx_normaliser *normaliser,
                                    struct ctx_node *heading)
{
    struct ctx_line line = own_line(normaliser, heading);
    uint32_t parsed_end = heading->last;
    heading->last = heading->first;
    if (is_atx(normaliser, heading, &line))
        return;
    /* Definitions above the heading's text may have an underline of their own. */
    uint32_t from = heading->first + 1;
    if (line.len > 0 && line.bytes[0] == '[' && parsed_end > from)
        from = parsed_end - 1;
    for (uint32_t i = from; i < normaliser->tree.n_lines; i++) {
        if (ctx_normalise_block_line(normaliser, heading, i, &line) && is_underline(&line)) {
            heading->last = i;
            return;
        }
    }
}

/* Whether a closing sequence would be seen at the end of the text. */
static bool ends_with_hashes(const char *text, size_t len)
{
    size_t n = len;
    while (n > 0 && text[n - 1] == '#')
        n--;
    return n < len && (n == 0 || is_blank(text[n - 1]));
}

/* The text without its closing sequence. */
static size_t without_closing(const char *text, size_t len)
{
    if (!ends_with_hashes(text, len))
        return len;
    while (len > 0 && text[len - 1] == '#')
        len--;
    while (len > 0 && is_blank(text[len - 1]))
        len--;
    return len;
}

/* Writes "## text", with a closing sequence only where the text ends with what looks like one. */
static void write_heading(struct ctx_normaliser *normaliser, const struct ctx_node *heading,
                          size_t at, size_t end, const char *text, size_t len)
{
    size_t begin = heading->depth == 0 ? normaliser->tree.lines[heading->first] : at;
    bool close = ends_with_hashes(text, len);
    size_t new_len = heading->level + (len ? 1 + len : 0) + (close ? 2 : 0);
    char *room = ctx_edits_room(&normaliser->edits, new_len);
    if (!room)
        return;
    char *to = room;
    memset(to, '#', heading->level);
    to += heading->level;
    if (len > 0) {
        *to++ = ' ';
        memcpy(to, text, len);
        to += len;
    }
    if (close)
        memcpy(to, " #", 2);
    ctx_normalise_replace(normaliser, begin, end - begin, room, new_len);
}

static void normalise_atx(struct ctx_normaliser *normaliser, const struct ctx_node *heading,
                          struct ctx_line line)
{
    struct ctx_line text = { line.bytes + heading->level, line.len - heading->level, 0 };
    text.len = ctx_normalise_trimmed(&text);
    size_t indent = ctx_normalise_indent(&text);
    size_t len = without_closing(text.bytes + indent, text.len - indent);
    if (indent == 1 && len + 1 == text.len && text.len + heading->level == line.len &&
        (heading->depth > 0 || heading->column == 0))
        return;
    write_heading(normaliser, heading, line.at, line.at + line.len, text.bytes + indent, len);
}

static bool holds(const struct ctx_normaliser *normaliser, size_t from, size_t to,
                  const char *needle)
{
    return memmem(normaliser->text + from, to - from, needle, strlen(needle)) != NULL;
}

/* Whether joining the lines of a setext heading, or finding its text, is beyond the rules. */
static bool is_risky(const struct ctx_normaliser *normaliser, const struct ctx_node *heading,
                     size_t from, size_t to)
{
    if (ctx_normalise_may_be_definition(normaliser->text + from, to - from))
        return true;
    struct ctx_line first = { normaliser->text + from,
                              normaliser->tree.lines[heading->first + 1] - 1 - from, from };
    if (ctx_normalise_is_rule_like(&first))
        return true;
    if (heading->last <= heading->first + 1)
        return false;
    if (holds(normaliser, from, to, "[") && holds(normaliser, from, to, "^"))
        return true; /* a footnote's label loses its newline, and keeps a space */
    /* A destination in <> may hold a space but no newline. */
    if (holds(normaliser, from, to, "](") && holds(normaliser, from, to, "<"))
        return true;
    /* A bare URL may take a backtick for its own (GFM's autolinks). */
    if (holds(normaliser, from, to, "`") &&
        (holds(normaliser, from, to, "://") || holds(normaliser, from, to, "www.")))
        return true;
    return ctx_normalise_is_preformatted(normaliser->text + from, to - from) ||
           ctx_markdown_breaks(heading).hard > 0;
}

static void normalise_setext(struct ctx_normaliser *normaliser, const struct ctx_node *heading,
                             struct ctx_line first)
{
    struct ctx_line last = ctx_normalise_line(normaliser, heading->last);
    size_t end = last.at + last.len;
    size_t text_end = last.at;
    if (heading->last == heading->first || is_task(normaliser, heading, &first) ||
        is_risky(normaliser, heading, first.at, text_end))
        return;
    /* Blanks at a line's end may stand in a code span. */
    bool spans = holds(normaliser, first.at, text_end, "`");
    char *room = ctx_edits_room(&normaliser->edits, text_end - first.at);
    if (!room)
        return;
    size_t len = 0;
    for (uint32_t i = heading->first; i < heading->last; i++) {
        struct ctx_line line = first;
        if (i > heading->first)
            ctx_normalise_content(normaliser, heading, i, &line);
        size_t indent = ctx_normalise_indent(&line);
        size_t trimmed = spans && i + 1 < heading->last ? line.len : ctx_normalise_trimmed(&line);
        if (i > heading->first)
            room[len++] = ' ';
        memcpy(room + len, line.bytes + indent, trimmed - indent);
        len += trimmed - indent;
    }
    write_heading(normaliser, heading, first.at, end, room, len);
}

void ctx_normalise_heading(struct ctx_normaliser *normaliser, const struct ctx_node *heading)
{
    struct ctx_line line = own_line(normaliser, heading);
    if (is_atx(normaliser, heading, &line))
        normalise_atx(normaliser, heading, line);
    else
        normalise_setext(normaliser, heading, line);
}
