/*
 * Drops boilerplate navigation. Prose that mentions such words stays: only a link counts, and only
 * when its line holds nothing else. A part of the links stage; pure.
 */
#include "transform/boilerplate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

static const char rule[] = "boilerplate";

/* What may follow a pattern within the link's text. */
enum tail {
    TAIL_NONE, /* punctuation, or where the page is edited */
    TAIL_ANY,  /* the title of the page it leads to */
};

static const struct pattern {
    const char *text; /* lower case; a blank stands for any white space, none included */
    enum tail tail;
} patterns[] = {
    { "edit this page", TAIL_NONE },
    { "edit on github", TAIL_NONE },
    { "improve this page", TAIL_NONE },
    { "← prev", TAIL_ANY },
    { "<- prev", TAIL_ANY },
    { "« prev", TAIL_ANY },
    { "‹ prev", TAIL_ANY },
    { "next →", TAIL_ANY },
    { "next ->", TAIL_ANY },
    { "next »", TAIL_ANY },
    { "next ›", TAIL_ANY },
    { "back to top", TAIL_NONE },
    { "share on twitter", TAIL_NONE },
    { "share on facebook", TAIL_NONE },
    { "share on x", TAIL_NONE },
    { "share on linkedin", TAIL_NONE },
};

enum { LONGEST_TEXT = 120 };

static bool is_letter(char byte)
{
    return ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || (unsigned char)byte >= 0x80 ||
           (byte >= '0' && byte <= '9');
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* How much of the text the pattern matches; 0: it does not. */
static size_t match(const char *text, const char *pattern)
{
    size_t at = 0;
    for (; *pattern; pattern++) {
        if (*pattern == ' ') {
            while (is_blank(text[at]))
                at++;
        } else {
            char byte = text[at];
            if (byte >= 'A' && byte <= 'Z')
                byte = (char)(byte | 0x20);
            if (byte != *pattern)
                return 0;
            at++;
        }
    }
    return at;
}

/* "…", " on GitHub", "." */
static bool is_short_tail(const char *tail)
{
    static const char *const places[] = { " on github", " on gitlab", " on bitbucket" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(places); i++) {
        size_t len = match(tail, places[i]);
        if (len > 0) {
            tail += len;
            break;
        }
    }
    for (; *tail; tail++)
        if (is_letter(*tail))
            return false;
    return true;
}

/* After "prev" comes its end, or "ious" and its end: not "preview". */
static bool ends_word(const char *tail)
{
    size_t rest = match(tail, "ious");
    return !is_letter(tail[rest]);
}

static bool is_boilerplate_text(const char *text)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(patterns); i++) {
        size_t len = match(text, patterns[i].text);
        if (len == 0)
            continue;
        if (patterns[i].tail == TAIL_NONE
                ? is_short_tail(text + len)
                : (!is_letter(text[len - 1]) || (unsigned char)text[len - 1] >= 0x80 ||
                   ends_word(text + len)))
            return true;
    }
    return false;
}

static bool is_boilerplate(const char *text, const struct ctx_inline *item)
{
    char copy[LONGEST_TEXT + 1];
    size_t at = item->text.begin;
    size_t end = item->text.end;
    while (at < end && (is_blank(text[at]) || strchr("*_", text[at])))
        at++;
    while (end > at && (is_blank(text[end - 1]) || strchr("*_", text[end - 1])))
        end--;
    if (item->kind != CTX_INLINE_LINK || end - at > LONGEST_TEXT ||
        memchr(text + at, '\n', end - at))
        return false;
    memcpy(copy, text + at, end - at);
    copy[end - at] = '\0';
    return is_boilerplate_text(copy);
}

/* Past one separator at `at`; `at` when there is none. */
static size_t past_separator(const char *text, size_t at, size_t end)
{
    static const char *const wide[] = { "·", "•", "—", "–", "│" };
    if (strchr(" \t|*_-/\\", text[at]))
        return at + 1;
    for (size_t i = 0; i < CTX_ARRAY_LEN(wide); i++) {
        size_t len = strlen(wide[i]);
        if (end - at >= len && memcmp(text + at, wide[i], len) == 0)
            return at + len;
    }
    return at;
}

/* The first item from `first` on that ends after `at`; items stand in order of their ends. */
static size_t first_after(const struct ctx_inlines *inlines, size_t first, size_t at)
{
    while (first < inlines->n_items && inlines->items[first].whole.end <= at)
        first++;
    return first;
}

/* Only boilerplate links and separators from `at` to `end`? How many links. */
static unsigned count_links(const char *text, size_t at, size_t end,
                            const struct ctx_inlines *inlines, size_t first)
{
    unsigned n = 0;
    size_t next = first;
    while (at < end) {
        next = first_after(inlines, next, at);
        const struct ctx_inline *item = next < inlines->n_items ? &inlines->items[next] : NULL;
        if (item && item->whole.begin == at && item->whole.end <= end &&
            is_boilerplate(text, item)) {
            at = item->whole.end;
            n++;
            continue;
        }
        size_t past = past_separator(text, at, end);
        if (past == at)
            return 0;
        at = past;
    }
    return n;
}

static size_t line_end(const char *text, size_t at, size_t end)
{
    const char *newline = memchr(text + at, '\n', end - at);
    return newline ? (size_t)(newline - text) : end;
}

/* Past the quotes' marks and the indentation of a line. */
static size_t past_indent(const char *text, size_t at, size_t end)
{
    while (at < end && (is_blank(text[at]) || text[at] == '>'))
        at++;
    return at;
}

/* Whether the block's line begins list items, and where the outermost one's marker stands. */
static bool find_marker(const char *text, const struct ctx_block *block, size_t *ret_column)
{
    size_t at = past_indent(text, block->begin, block->content);
    *ret_column = at - block->begin;
    return at < block->content;
}

/* Whether the next block lies in the list item whose marker this block's line has. */
static bool item_goes_on(const struct ctx_draft *draft, size_t index, size_t column)
{
    const struct ctx_outline *outline = &draft->outline;
    if (index + 1 >= outline->n_blocks || !outline->blocks[index + 1].in_item)
        return false;
    const struct ctx_block *next = &outline->blocks[index + 1];
    return past_indent(draft->text.data, next->begin, next->end) - next->begin > column;
}

/* The rule above navigation that ends the page, or that another rule follows. */
static bool rule_goes(const struct ctx_outline *outline, size_t index)
{
    if (index == 0 || outline->blocks[index - 1].kind != CTX_BLOCK_RULE ||
        outline->blocks[index].depth > 0)
        return false;
    return index + 1 == outline->n_blocks || outline->blocks[index + 1].kind == CTX_BLOCK_RULE;
}

static int count(struct ctx_draft *draft, unsigned n)
{
    int r = 0;
    for (unsigned i = 0; i < n && r == 0; i++)
        r = ctx_report_add(&draft->document->report, CTX_LOSS_DROPPED, rule, "", 0, 0, 0);
    return r;
}

/* Marks the items of a line that goes. */
static void mark_items(struct ctx_inlines *inlines, size_t first, size_t end)
{
    for (size_t i = first; i < inlines->n_items && inlines->items[i].whole.end <= end; i++)
        inlines->items[i].whole = (struct ctx_span){ 0, 0 };
}

static void take_out_marked(struct ctx_inlines *inlines)
{
    size_t kept = 0;
    for (size_t i = 0; i < inlines->n_items; i++)
        if (inlines->items[i].whole.end > 0)
            inlines->items[kept++] = inlines->items[i];
    inlines->n_items = kept;
}

static int drop_block(struct ctx_draft *draft, size_t index, struct ctx_inlines *inlines,
                      struct ctx_patch *patch, unsigned n)
{
    const struct ctx_block *block = &draft->outline.blocks[index];
    size_t column;
    if (find_marker(draft->text.data, block, &column) && item_goes_on(draft, index, column))
        return 0;
    if (rule_goes(&draft->outline, index)) {
        const struct ctx_block *above = block - 1;
        ctx_patch_add(patch, above->begin, above->end - above->begin, "", 0);
    }
    ctx_patch_add(patch, block->begin, block->end - block->begin, "", 0);
    inlines->n_items = 0;
    int r = count(draft, n);
    return r < 0 ? r : (int)n;
}

/* A hard break before what goes would be a backslash at the paragraph's end. */
static void drop_break(const char *text, size_t at, size_t begin, struct ctx_patch *patch)
{
    size_t n = 0;
    while (at > begin + 1 + n && text[at - 2 - n] == '\\')
        n++;
    if (n % 2 == 1)
        ctx_patch_add(patch, at - 2, 1, "", 0);
}

/* Lines that go, of a paragraph of which others stay: its first always does. */
static int drop_lines(struct ctx_draft *draft, const struct ctx_block *block,
                      struct ctx_inlines *inlines, struct ctx_patch *patch)
{
    const char *text = draft->text.data;
    unsigned dropped = 0;
    size_t first = 0;
    size_t tail = 0; /* where the lines that go at the end begin */
    for (size_t at = line_end(text, block->content, block->end) + 1; at < block->end;) {
        size_t end = line_end(text, at, block->end);
        first = first_after(inlines, first, at);
        unsigned n = count_links(text, past_indent(text, at, end), end, inlines, first);
        if (n > 0) {
            ctx_patch_add(patch, at, end + 1 - at, "", 0);
            mark_items(inlines, first, end);
            dropped += n;
        }
        tail = n == 0 ? 0 : tail ? tail : at;
        at = end + 1;
    }
    take_out_marked(inlines);
    if (tail)
        drop_break(text, tail, block->content, patch);
    int r = count(draft, dropped);
    return r < 0 ? r : (int)dropped;
}

/* How many links the block is made of, when it is made of boilerplate alone; 0: it is not. */
static unsigned count_block(const char *text, const struct ctx_block *block,
                            const struct ctx_inlines *inlines)
{
    unsigned n = 0;
    size_t first = 0;
    for (size_t at = block->content; at < block->end;) {
        size_t end = line_end(text, at, block->end);
        first = first_after(inlines, first, at);
        unsigned line = count_links(text, past_indent(text, at, end), end, inlines, first);
        if (line == 0)
            return 0;
        n += line;
        at = end + 1;
    }
    return n;
}

int ctx_boilerplate_drop(struct ctx_draft *draft, size_t index, struct ctx_inlines *inlines,
                         struct ctx_patch *patch)
{
    const struct ctx_block *block = &draft->outline.blocks[index];
    bool found = false;
    for (size_t i = 0; i < inlines->n_items && !found; i++)
        found = is_boilerplate(draft->text.data, &inlines->items[i]);
    if (block->kind != CTX_BLOCK_PARAGRAPH || !found)
        return 0;
    unsigned n = count_block(draft->text.data, block, inlines);
    if (n > 0)
        return drop_block(draft, index, inlines, patch, n);
    return drop_lines(draft, block, inlines, patch);
}
