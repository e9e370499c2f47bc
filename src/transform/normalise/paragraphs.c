/*
 * Paragraphs: no blanks at line ends. Two spaces that break the line become a backslash; blanks
 * in code spans stay. Whether a line end is text is scanned, and taken only when the scan finds
 * as many line breaks as the parser did. A part of the normalise stage.
 */
#include <string.h>

#include "transform/markdown.h"
#include "transform/normalise/newlines.h"
#include "transform/normalise/normaliser.h"

/* A paragraph's lines, joined without their prefixes. */
struct content {
    char *text;
    size_t len;
    uint8_t *newlines; /* what each stands in */
    uint32_t n_newlines;
};

static bool ends_with_blank(const struct ctx_line *line)
{
    char last = line->len ? line->bytes[line->len - 1] : '\0';
    return last == ' ' || last == '\t';
}

static bool ends_with_two_spaces(const struct ctx_line *line)
{
    return line->len >= 2 && line->bytes[line->len - 1] == ' ' && line->bytes[line->len - 2] == ' ';
}

static bool ends_with_odd_backslashes(const char *bytes, size_t len)
{
    size_t n = 0;
    while (n < len && bytes[len - 1 - n] == '\\')
        n++;
    return n % 2 == 1;
}

static struct ctx_line line_of(const struct ctx_normaliser *normaliser,
                               const struct ctx_node *paragraph, uint32_t index)
{
    struct ctx_line line;
    if (index > paragraph->first) {
        ctx_normalise_content(normaliser, paragraph, index, &line);
    } else {
        line = ctx_normalise_line(normaliser, index);
        size_t column = paragraph->column < line.len ? paragraph->column : line.len;
        line = (struct ctx_line){ line.bytes + column, line.len - column, line.at + column };
    }
    size_t indent = ctx_normalise_indent(&line);
    return (struct ctx_line){ line.bytes + indent, line.len - indent, line.at + indent };
}

static bool join_lines(struct ctx_normaliser *normaliser, const struct ctx_node *paragraph,
                       struct content *content)
{
    size_t begin = normaliser->tree.lines[paragraph->first];
    size_t end = normaliser->tree.lines[paragraph->last + 1];
    content->n_newlines = paragraph->last - paragraph->first;
    content->text = ctx_edits_room(&normaliser->edits, end - begin);
    content->newlines = (uint8_t *)ctx_edits_room(&normaliser->edits, content->n_newlines + 1);
    if (!content->text || !content->newlines)
        return false;
    for (uint32_t i = paragraph->first; i <= paragraph->last; i++) {
        struct ctx_line line = line_of(normaliser, paragraph, i);
        memcpy(content->text + content->len, line.bytes, line.len);
        content->len += line.len;
        if (i < paragraph->last)
            content->text[content->len++] = '\n';
    }
    return true;
}

static bool is_text(enum ctx_newline kind)
{
    return kind == CTX_NEWLINE_TEXT || kind == CTX_NEWLINE_TOUCHY || kind == CTX_NEWLINE_URL;
}

/* Whether the scan and the parser agree on the line breaks. */
static bool agrees(const struct content *content, const struct ctx_node *paragraph)
{
    struct ctx_breaks breaks = ctx_markdown_breaks(paragraph);
    const char *line = content->text;
    uint32_t soft = 0, hard = 0;
    for (uint32_t i = 0; i < content->n_newlines; i++) {
        const char *end = strchr(line, '\n');
        struct ctx_line bytes = { line, (size_t)(end - line), 0 };
        line = end + 1;
        if (!is_text(content->newlines[i]))
            continue;
        if (ends_with_two_spaces(&bytes) || ends_with_odd_backslashes(bytes.bytes, bytes.len))
            hard++;
        else
            soft++;
    }
    return soft == breaks.soft && hard == breaks.hard;
}

/*
 * Writes a hard break without blanks. Behind a bare URL that is inline HTML, which renders the
 * same. Behind a lone backslash nothing fits, and the spaces stay, as at a touchy newline.
 */
static void write_break(struct ctx_normaliser *normaliser, const struct ctx_line *line,
                        enum ctx_newline kind)
{
    size_t len = ctx_normalise_trimmed(line);
    if (ends_with_odd_backslashes(line->bytes, len))
        return;
    const char *mark = kind != CTX_NEWLINE_URL ? "\\" : normaliser->mdx ? "<br>" : "<br />";
    ctx_normalise_replace(normaliser, line->at + len, line->len - len, mark, strlen(mark));
}

static void normalise_line_end(struct ctx_normaliser *normaliser, const struct ctx_line *line,
                               enum ctx_newline kind)
{
    if (!ends_with_blank(line) || kind == CTX_NEWLINE_CODE)
        return;
    bool text = is_text(kind);
    if (text && ends_with_two_spaces(line)) {
        if (kind != CTX_NEWLINE_TOUCHY)
            write_break(normaliser, line, kind);
    } else if (!text || !ends_with_odd_backslashes(line->bytes, ctx_normalise_trimmed(line))) {
        ctx_normalise_trim(normaliser, line);
    }
}

/* A line that would make a table of the line above, had that one more cell. */
static bool could_delimit(const struct ctx_line *line)
{
    for (size_t i = 0; i < line->len; i++)
        if (!strchr("|:- \t\f\v\\", line->bytes[i]))
            return false;
    return true;
}

/* Whether the paragraph is beyond the rules: definitions, perhaps, or white space as content. */
static bool is_risky(const struct content *content)
{
    return ctx_normalise_may_be_definition(content->text, content->len) ||
           ctx_normalise_is_preformatted(content->text, content->len);
}

static void normalise_inner_lines(struct ctx_normaliser *normaliser,
                                  const struct ctx_node *paragraph)
{
    struct content content = { 0 };
    if (!join_lines(normaliser, paragraph, &content))
        return;
    if (is_risky(&content) || !ctx_inline_newlines(content.text, content.len, content.newlines) ||
        !agrees(&content, paragraph))
        return;
    /* One more cell would make a row of the line. */
    bool below_table =
        normaliser->above && !normaliser->below_blank && normaliser->above->kind == CTX_NODE_TABLE;
    for (uint32_t i = 0; i < content.n_newlines; i++) {
        struct ctx_line line = line_of(normaliser, paragraph, paragraph->first + i);
        struct ctx_line next = line_of(normaliser, paragraph, paragraph->first + i + 1);
        if (i == 0 && ctx_normalise_is_empty_task(&line))
            continue;
        if (is_text(content.newlines[i]) && (could_delimit(&next) || (i == 0 && below_table)))
            content.newlines[i] = CTX_NEWLINE_TOUCHY;
        normalise_line_end(normaliser, &line, content.newlines[i]);
    }
}

/* Form feeds and vertical tabs are white space to some of the parser's parts and not to others. */
static bool has_odd_space(const struct ctx_normaliser *normaliser, const struct ctx_node *paragraph)
{
    size_t begin = normaliser->tree.lines[paragraph->first];
    size_t len = normaliser->tree.lines[paragraph->last + 1] - begin;
    return memchr(normaliser->text + begin, '\f', len) ||
           memchr(normaliser->text + begin, '\v', len);
}

void ctx_normalise_paragraph(struct ctx_normaliser *normaliser, const struct ctx_node *paragraph)
{
    bool inner = false;
    for (uint32_t i = paragraph->first; i < paragraph->last && !inner; i++) {
        struct ctx_line line = ctx_normalise_line(normaliser, i);
        inner = ends_with_blank(&line);
    }
    struct ctx_line last = ctx_normalise_line(normaliser, paragraph->last);
    if ((!inner && !ends_with_blank(&last)) || has_odd_space(normaliser, paragraph))
        return;
    if (inner)
        normalise_inner_lines(normaliser, paragraph);
    last = line_of(normaliser, paragraph, paragraph->last);
    if (paragraph->last > paragraph->first || !ctx_normalise_is_empty_task(&last))
        ctx_normalise_trim(normaliser, &last);
}
