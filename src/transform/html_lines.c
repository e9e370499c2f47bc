/*
 * Blocks of HTML, line by line. A row of the table is a kind of block: how it begins, and what its
 * last line holds. Those that end at a blank line are told by their tag's name, or by a tag that is
 * all of the line. Pure; any thread.
 */
#include "transform/html_lines.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "transform/html_tag.h"

/* As cmark-gfm has them: any of the three elements' ends will do. */
static const char *const raw_ends[] = { "</script>", "</pre>", "</style>", NULL };
static const char *const comment_ends[] = { "-->", NULL };
static const char *const instruction_ends[] = { "?>", NULL };
static const char *const cdata_ends[] = { "]]>", NULL };
static const char *const declaration_ends[] = { ">", NULL };

enum after { ANYTHING, NAME_END, CAPITAL };

static const struct {
    const char *begin;
    enum after after; /* what must follow */
    const char *const *ends;
} kinds[] = {
    { "<script", NAME_END, raw_ends },    { "<pre", NAME_END, raw_ends },
    { "<style", NAME_END, raw_ends },     { "<!--", ANYTHING, comment_ends },
    { "<?", ANYTHING, instruction_ends }, { "<![CDATA[", ANYTHING, cdata_ends },
    { "<!", CAPITAL, declaration_ends },
};

static const char *const block_names[] = {
    "address",  "article",  "aside",    "base",       "basefont", "blockquote", "body",   "caption",
    "center",   "col",      "colgroup", "dd",         "details",  "dialog",     "dir",    "div",
    "dl",       "dt",       "fieldset", "figcaption", "figure",   "footer",     "form",   "frame",
    "frameset", "h1",       "h2",       "h3",         "h4",       "h5",         "h6",     "head",
    "header",   "hr",       "html",     "iframe",     "legend",   "li",         "link",   "main",
    "menu",     "menuitem", "nav",      "noframes",   "ol",       "optgroup",   "option", "p",
    "param",    "section",  "source",   "summary",    "table",    "tbody",      "td",     "tfoot",
    "th",       "thead",    "title",    "tr",         "track",    "ul",
};

/* Whether two letters, or other bytes, may be the same but for case: most names differ here. */
static bool may_equal(char a, char b)
{
    return ((a ^ b) & ~0x20) == 0;
}

static bool ends_name(const char *bytes, size_t len, size_t at)
{
    return at >= len || strchr(" \t>", bytes[at]) ||
           (bytes[at] == '/' && at + 1 < len && bytes[at + 1] == '>');
}

static bool may_follow(enum after after, const char *bytes, size_t len)
{
    if (after == ANYTHING)
        return true;
    if (after == CAPITAL)
        return len > 0 && bytes[0] >= 'A' && bytes[0] <= 'Z';
    return len == 0 || strchr(" \t>", bytes[0]);
}

static const char *const *raw_kind(const char *bytes, size_t len)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(kinds); i++) {
        if (len < 2 || !may_equal(bytes[1], kinds[i].begin[1]))
            continue;
        size_t n = strlen(kinds[i].begin);
        bool begins = len >= n && strncasecmp(bytes, kinds[i].begin, n) == 0;
        if (begins && may_follow(kinds[i].after, bytes + n, len - n))
            return kinds[i].ends;
    }
    return NULL;
}

static bool is_block_tag(const char *bytes, size_t len)
{
    size_t name = len > 1 && bytes[1] == '/' ? 2 : 1;
    for (size_t i = 0; i < CTX_ARRAY_LEN(block_names); i++) {
        if (len <= name || !may_equal(bytes[name], block_names[i][0]))
            continue;
        size_t n = strlen(block_names[i]);
        if (len >= name + n && strncasecmp(bytes + name, block_names[i], n) == 0 &&
            ends_name(bytes, len, name + n))
            return true;
    }
    return false;
}

/* A tag, and nothing behind it. */
static bool is_lone_tag(const char *bytes, size_t len)
{
    struct ctx_html_ends ends = { 0 };
    if (len < 2 || bytes[1] == '!' || bytes[1] == '?')
        return false;
    size_t end = ctx_html_end(bytes, 0, len, false, &ends);
    while (end > 0 && end < len && (bytes[end] == ' ' || bytes[end] == '\t'))
        end++;
    return end > 0 && end == len;
}

static bool has_end(const char *const *ends, const char *bytes, size_t len)
{
    for (; *ends; ends++) {
        size_t n = strlen(*ends);
        for (const char *at = bytes; n <= (size_t)(bytes + len - at); at++) {
            at = memchr(at, **ends, (size_t)(bytes + len - at) - n + 1);
            if (!at)
                break;
            if (strncasecmp(at, *ends, n) == 0)
                return true;
        }
    }
    return false;
}

bool ctx_html_lines_may_begin(const struct ctx_html_lines *lines)
{
    bool is_text = lines->in_paragraph && !lines->in_container;
    return !lines->ends && !lines->until_blank && !is_text;
}

/* Whether a block of HTML begins with the line; it is left open when the line does not end it. */
static bool begin_block(struct ctx_html_lines *lines, const struct ctx_line_walk *walk)
{
    const char *bytes = walk->s + walk->content;
    size_t len = walk->line.end - walk->content;
    if (walk->is_code || walk->column > 3 || len == 0 || bytes[0] != '<' ||
        strspn(walk->s + walk->line.begin, " ") < walk->column)
        return false;
    const char *const *ends = raw_kind(bytes, len);
    if (ends)
        lines->ends = has_end(ends, bytes, len) ? NULL : ends;
    else
        lines->until_blank = is_block_tag(bytes, len) ||
                             (ctx_html_lines_may_begin(lines) && is_lone_tag(bytes, len));
    return ends || lines->until_blank;
}

static bool leaves_paragraph(const struct ctx_line_walk *walk, bool in_paragraph)
{
    struct ctx_line line = walk->line;
    line.at = walk->content;
    return !walk->is_code && !ctx_line_is_blank(&line) && ctx_line_heading_level(&line) == 0 &&
           !ctx_line_is_rule(&line) && !(in_paragraph && ctx_line_is_underline(&line));
}

bool ctx_html_lines_take(struct ctx_html_lines *lines, const struct ctx_line_walk *walk)
{
    const char *bytes = walk->s + walk->line.begin;
    size_t len = walk->line.end - walk->line.begin;
    if (lines->ends) {
        if (has_end(lines->ends, bytes, len))
            lines->ends = NULL;
        return true;
    }
    if (lines->until_blank && !ctx_line_is_blank(&walk->line))
        return true;
    lines->until_blank = false;
    if (walk->is_code || ctx_line_is_plain(&walk->line)) {
        lines->in_container &= lines->in_paragraph;
        lines->in_paragraph = !walk->is_code && len > 0;
        return false;
    }
    bool begins = begin_block(lines, walk);
    bool has_prefix =
        walk->has_marker || memchr(bytes, '>', walk->content - walk->line.begin) != NULL;
    lines->in_container = has_prefix || (lines->in_container && lines->in_paragraph);
    lines->in_paragraph = !begins && leaves_paragraph(walk, lines->in_paragraph);
    return false;
}
