/*
 * Drops lone lines. What a line holds is judged construct by construct, so that prose which merely
 * mentions one stays. The first line of a paragraph goes only with the whole of it: another first
 * line might be taken for other syntax. A part of the links and size stages; pure.
 */
#include "transform/lone_lines.h"

#include <stdint.h>
#include <string.h>

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* Past one separator at `at`; `at` when there is none. */
static size_t past_separator(const char *text, size_t at, size_t end, const char *const *separators)
{
    for (; *separators; separators++) {
        size_t len = strlen(*separators);
        if (end - at >= len && memcmp(text + at, *separators, len) == 0)
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

/* The outermost construct from `at` to `end` at most, from index `next` on; n_items: none. */
static size_t item_at(const struct ctx_inlines *inlines, size_t next, size_t at, size_t end)
{
    for (; next < inlines->n_items && inlines->items[next].whole.end <= end; next++)
        if (inlines->items[next].whole.begin == at)
            return next; /* what is inside of it stood before it */
    return inlines->n_items;
}

/* How many constructs go of a line that holds nothing else; 0: it stays. */
static unsigned count_line(const char *text, size_t at, size_t end,
                           const struct ctx_inlines *inlines, size_t first,
                           const struct ctx_lone_rule *rule)
{
    unsigned n = 0;
    while (at < end) {
        first = first_after(inlines, first, at);
        size_t index = strchr("[!<`", text[at]) ? item_at(inlines, first, at, end) : SIZE_MAX;
        if (index < inlines->n_items) {
            enum ctx_lone_fate fate = rule->judge(rule->context, inlines, index);
            if (fate == CTX_LONE_STAYS)
                return 0;
            n += fate == CTX_LONE_GOES;
            at = inlines->items[index].whole.end;
            continue;
        }
        size_t past = past_separator(text, at, end, rule->separators);
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

bool ctx_lone_is_free(const struct ctx_draft *draft, size_t index)
{
    const char *text = draft->text.data;
    const struct ctx_outline *outline = &draft->outline;
    const struct ctx_block *block = &outline->blocks[index];
    size_t marker = past_indent(text, block->begin, block->content);
    if (marker == block->content || index + 1 == outline->n_blocks)
        return true;
    const struct ctx_block *next = block + 1;
    return !next->in_item ||
           past_indent(text, next->begin, next->end) - next->begin <= marker - block->begin;
}

/* The rule above navigation that ends the page, or that another rule follows. */
static bool rule_goes(const struct ctx_outline *outline, size_t index)
{
    if (index == 0 || outline->blocks[index - 1].kind != CTX_BLOCK_RULE ||
        outline->blocks[index].depth > 0)
        return false;
    return index + 1 == outline->n_blocks || outline->blocks[index + 1].kind == CTX_BLOCK_RULE;
}

static int count(struct ctx_draft *draft, const struct ctx_lone_rule *rule, unsigned n,
                 struct ctx_saving saved)
{
    struct ctx_report *report = &draft->document->report;
    int r = 0;
    for (unsigned i = 0; i < n && r == 0; i++)
        r = ctx_report_add(report, CTX_LOSS_DROPPED, rule->name, "", 0, 0, 0);
    if (n > 0 && r == 0)
        r = ctx_report_save(report, CTX_LOSS_DROPPED, rule->name, "", 0, saved);
    return r < 0 ? r : (int)n;
}

/* Takes bytes out, and notes what that saves. */
static void take_out(const struct ctx_draft *draft, size_t at, size_t len, struct ctx_patch *patch,
                     struct ctx_saving *saved)
{
    ctx_patch_add(patch, at, len, "", 0);
    struct ctx_saving more = ctx_patch_saving(patch, &draft->text);
    ctx_saving_add(saved, &more);
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
                      const struct ctx_lone_rule *rule, struct ctx_patch *patch, unsigned n)
{
    const struct ctx_block *block = &draft->outline.blocks[index];
    if (!ctx_lone_is_free(draft, index))
        return 0;
    struct ctx_saving saved = { 0 };
    if (rule->rule_above && rule_goes(&draft->outline, index)) {
        const struct ctx_block *above = block - 1;
        take_out(draft, above->begin, above->end - above->begin, patch, &saved);
    }
    take_out(draft, block->begin, block->end - block->begin, patch, &saved);
    inlines->n_items = 0;
    return count(draft, rule, n, saved);
}

/* A hard break before what goes would be a backslash at the paragraph's end. */
static void drop_break(const struct ctx_draft *draft, size_t at, size_t begin,
                       struct ctx_patch *patch, struct ctx_saving *saved)
{
    const char *text = draft->text.data;
    size_t n = 0;
    while (at > begin + 1 + n && text[at - 2 - n] == '\\')
        n++;
    if (n % 2 == 1)
        take_out(draft, at - 2, 1, patch, saved);
}

/* Lines that go, of a paragraph of which others stay: its first always does. */
static int drop_lines(struct ctx_draft *draft, const struct ctx_block *block,
                      struct ctx_inlines *inlines, const struct ctx_lone_rule *rule,
                      struct ctx_patch *patch)
{
    const char *text = draft->text.data;
    struct ctx_saving saved = { 0 };
    unsigned dropped = 0;
    size_t first = 0;
    size_t tail = 0; /* where the lines that go at the end begin */
    for (size_t at = line_end(text, block->content, block->end) + 1; at < block->end;) {
        size_t end = line_end(text, at, block->end);
        first = first_after(inlines, first, at);
        unsigned n = count_line(text, past_indent(text, at, end), end, inlines, first, rule);
        if (n > 0) {
            take_out(draft, at, end + 1 - at, patch, &saved);
            mark_items(inlines, first, end);
            dropped += n;
        }
        tail = n == 0 ? 0 : tail ? tail : at;
        at = end + 1;
    }
    take_out_marked(inlines);
    if (tail)
        drop_break(draft, tail, block->content, patch, &saved);
    return count(draft, rule, dropped, saved);
}

/* How many constructs the block is made of, when it is made of such alone; 0: it is not. */
static unsigned count_block(const char *text, const struct ctx_block *block,
                            const struct ctx_inlines *inlines, const struct ctx_lone_rule *rule)
{
    unsigned n = 0;
    size_t first = 0;
    for (size_t at = block->content; at < block->end;) {
        size_t end = line_end(text, at, block->end);
        first = first_after(inlines, first, at);
        unsigned line = count_line(text, past_indent(text, at, end), end, inlines, first, rule);
        if (line == 0)
            return 0;
        n += line;
        at = end + 1;
    }
    return n;
}

int ctx_lone_drop(struct ctx_draft *draft, size_t index, struct ctx_inlines *inlines,
                  const struct ctx_lone_rule *rule, struct ctx_patch *patch)
{
    const struct ctx_block *block = &draft->outline.blocks[index];
    bool found = false;
    if (block->kind != CTX_BLOCK_PARAGRAPH)
        return 0;
    for (size_t i = 0; i < inlines->n_items && !found; i++)
        found = rule->judge(rule->context, inlines, i) == CTX_LONE_GOES;
    if (!found)
        return 0;
    unsigned n = count_block(draft->text.data, block, inlines, rule);
    if (n > 0)
        return drop_block(draft, index, inlines, rule, patch, n);
    return drop_lines(draft, block, inlines, rule, patch);
}
