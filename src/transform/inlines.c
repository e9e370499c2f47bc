/*
 * The inline scanner. What keeps it linear: a search for a closing backtick run, a comment's end
 * and the like is made once a block when it fails; brackets stand on a stack, and a link deactivates
 * those below it by their height, not one by one. Pure; any thread.
 */
#include "transform/inlines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/lanes.h"
#include "transform/html_tag.h"

/* Longer runs of backticks are text, as for cmark. */
enum { LONGEST_BACKTICKS = 80 };

struct ctx_bracket {
    size_t at;      /* of '[', or of the '!' before it */
    size_t n_items; /* how many items were found before it */
    bool image;
    bool has_inner; /* another bracket opened after it */
};

struct scan {
    struct ctx_inlines *inlines;
    const char *text;
    size_t begin;
    size_t end;
    bool in_quote;
    struct ctx_labels *labels;
    struct ctx_html_ends html_ends;
    size_t inactive; /* brackets of links below this height are inside of a link */
    int status;
    bool backticks_seen;                    /* last_run is valid */
    bool backticks_known;                   /* last_run holds all runs */
    size_t last_run[LONGEST_BACKTICKS + 1]; /* by length: where the last run begins; 0: none */
};

enum { ANY = 1 };

/* Bytes that may begin or end something, and the byte that must follow. */
static const char specials[256] = {
    ['\\'] = ANY, ['`'] = ANY, ['<'] = ANY, ['['] = ANY, [']'] = ANY,
    ['@'] = ANY,  ['!'] = '[', [':'] = '/', ['w'] = 'w',
};

static bool is_special(char byte, char next)
{
    char follows = specials[(unsigned char)byte];
    return follows && (follows == ANY || follows == next);
}

/* The next such byte from `at` on; the text has a byte at `end`, too. */
static size_t next_special(const char *text, size_t at, size_t end)
{
    for (; at < end && end - at >= CTX_LANES; at += CTX_LANES) {
        ctx_lanes byte = ctx_lanes_load(text + at);
        ctx_lanes next = ctx_lanes_load(text + at + 1);
        ctx_lanes hits = (ctx_lanes)(byte - '[' <= ']' - '[') | (ctx_lanes)(byte == '`') |
                         (ctx_lanes)(byte == '<') | (ctx_lanes)(byte == '@') |
                         ((ctx_lanes)(byte == '!') & (ctx_lanes)(next == '[')) |
                         ((ctx_lanes)(byte == ':') & (ctx_lanes)(next == '/')) |
                         ((ctx_lanes)(byte == 'w') & (ctx_lanes)(next == 'w'));
        size_t first = ctx_lanes_first(hits);
        if (first < CTX_LANES)
            return at + first;
    }
    while (at < end && !is_special(text[at], text[at + 1]))
        at++;
    return at;
}

void ctx_inlines_init(struct ctx_inlines *inlines)
{
    *inlines = (struct ctx_inlines){ 0 };
}

void ctx_inlines_deinit(struct ctx_inlines *inlines)
{
    free(inlines->items);
    free(inlines->brackets);
    ctx_inlines_init(inlines);
}

static bool grow(struct scan *scan, void **array, size_t n, size_t *capacity, size_t size)
{
    if (n < *capacity)
        return true;
    size_t more = *capacity ? 2 * *capacity : 32;
    void *grown = reallocarray(*array, more, size);
    if (!grown) {
        scan->status = -ENOMEM;
        return false;
    }
    *array = grown;
    *capacity = more;
    return true;
}

static void add_item(struct scan *scan, const struct ctx_inline *item)
{
    struct ctx_inlines *inlines = scan->inlines;
    if (grow(scan, (void **)&inlines->items, inlines->n_items, &inlines->items_capacity,
             sizeof(*inlines->items)))
        inlines->items[inlines->n_items++] = *item;
}

static size_t add_plain(struct scan *scan, enum ctx_inline_kind kind, size_t begin, size_t end)
{
    struct ctx_inline item = { .kind = kind, .whole = { begin, end }, .text = { begin, end } };
    add_item(scan, &item);
    return end;
}

static size_t backtick_run(const struct scan *scan, size_t at)
{
    size_t n = 0;
    while (at + n < scan->end && scan->text[at + n] == '`')
        n++;
    return n;
}

/* Where the next run of exactly `length` backticks begins, from `at` on; 0: nowhere. */
static size_t find_run(struct scan *scan, size_t at, size_t length)
{
    if (scan->backticks_known && scan->last_run[length] < at)
        return 0;
    if (!scan->backticks_seen)
        memset(scan->last_run, 0, sizeof(scan->last_run));
    scan->backticks_seen = true;
    for (size_t i = at; i < scan->end;) {
        const char *found = memchr(scan->text + i, '`', scan->end - i);
        if (!found)
            break;
        i = (size_t)(found - scan->text);
        size_t n = backtick_run(scan, i);
        if (n <= LONGEST_BACKTICKS)
            scan->last_run[n] = i;
        if (n == length)
            return i;
        i += n;
    }
    scan->backticks_known = true;
    return 0;
}

static size_t take_backticks(struct scan *scan, size_t at)
{
    size_t length = backtick_run(scan, at);
    size_t close = length <= LONGEST_BACKTICKS ? find_run(scan, at + length, length) : 0;
    if (close == 0)
        return at + length;
    struct ctx_inline item = {
        .kind = CTX_INLINE_CODE,
        .whole = { at, close + length },
        .text = { at + length, close },
    };
    add_item(scan, &item);
    return close + length;
}

static size_t take_angle(struct scan *scan, size_t at)
{
    size_t end = ctx_autolink_end(scan->text, at, scan->end);
    if (end)
        return add_plain(scan, CTX_INLINE_AUTOLINK, at, end);
    end = ctx_html_end(scan->text, at, scan->end, scan->in_quote, &scan->html_ends);
    return end ? add_plain(scan, CTX_INLINE_HTML, at, end) : at + 1;
}

static size_t open_bracket(struct scan *scan, size_t at, bool image)
{
    struct ctx_inlines *inlines = scan->inlines;
    size_t height = inlines->n_brackets;
    if (!grow(scan, (void **)&inlines->brackets, height, &inlines->brackets_capacity,
              sizeof(*inlines->brackets)))
        return scan->end;
    if (height > 0)
        inlines->brackets[height - 1].has_inner = true;
    if (scan->inactive > height)
        scan->inactive = height;
    inlines->brackets[inlines->n_brackets++] = (struct ctx_bracket){
        .at = at,
        .n_items = inlines->n_items,
        .image = image,
    };
    return at + 1 + image;
}

/* The reference that follows the text; the offset past it, 0 when there is no such label. */
static size_t take_reference(struct scan *scan, const struct ctx_bracket *bracket, size_t close,
                             struct ctx_span text, struct ctx_span *ret_label)
{
    size_t past = ctx_link_label_end(scan->text, close + 1, scan->end, ret_label);
    bool shortcut = past == 0;
    if (shortcut || ret_label->begin == ret_label->end) {
        if (bracket->has_inner)
            return 0;
        *ret_label = text;
        past = shortcut ? close + 1 : past;
    }
    return ctx_labels_has(scan->labels, scan->text, *ret_label) ? past : 0;
}

/* Inside a link's text, an address is text. */
static void drop_addresses(struct ctx_inlines *inlines, size_t from)
{
    size_t kept = from;
    for (size_t i = from; i < inlines->n_items; i++)
        if (inlines->items[i].kind != CTX_INLINE_ADDRESS)
            inlines->items[kept++] = inlines->items[i];
    inlines->n_items = kept;
}

static size_t close_bracket(struct scan *scan, size_t at)
{
    struct ctx_inlines *inlines = scan->inlines;
    if (inlines->n_brackets == 0)
        return at + 1;
    const struct ctx_bracket bracket = inlines->brackets[--inlines->n_brackets];
    if (!bracket.image && inlines->n_brackets < scan->inactive)
        return at + 1;
    struct ctx_inline item = {
        .kind = bracket.image ? CTX_INLINE_IMAGE : CTX_INLINE_LINK,
        .text = { bracket.at + 1 + bracket.image, at },
    };
    size_t past =
        ctx_link_tail_end(scan->text, at + 1, scan->end, scan->in_quote, &item.destination);
    if (past == 0)
        past = take_reference(scan, &bracket, at, item.text, &item.label);
    if (past == 0)
        return at + 1;
    item.whole = (struct ctx_span){ bracket.at, past };
    if (!bracket.image) {
        drop_addresses(inlines, bracket.n_items);
        scan->inactive = inlines->n_brackets;
    }
    add_item(scan, &item);
    return past;
}

static bool is_word(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || (unsigned char)byte >= 0x80;
}

/* "http://" or "https://" with its colon at `at`, and something after it. */
static bool is_scheme(const struct scan *scan, size_t at)
{
    const char *text = scan->text;
    if (scan->end - at < 4 || text[at + 1] != '/' || text[at + 2] != '/' || !is_word(text[at + 3]))
        return false;
    size_t before = at - scan->begin;
    size_t len = before >= 5 && memcmp(text + at - 5, "https", 5) == 0  ? 5
                 : before >= 4 && memcmp(text + at - 4, "http", 4) == 0 ? 4
                                                                        : 0;
    return len > 0 && (before == len || !is_word(text[at - len - 1]));
}

/* "www." at the beginning of a word, with a dot further on. */
static bool is_www(const struct scan *scan, size_t at)
{
    const char *text = scan->text;
    return scan->end - at > 4 && memcmp(text + at, "www.", 4) == 0 && is_word(text[at + 4]) &&
           (at == scan->begin || (!is_word(text[at - 1]) && text[at - 1] != '/'));
}

/* "a@b.c" with its '@' at `at`. */
static bool is_mail(const struct scan *scan, size_t at)
{
    const char *text = scan->text;
    if (at == scan->begin || !is_word(text[at - 1]))
        return false;
    size_t i = at + 1;
    bool dot = false;
    while (i < scan->end && (is_word(text[i]) || text[i] == '-' || text[i] == '_' ||
                             (text[i] == '.' && i + 1 < scan->end && is_word(text[i + 1])))) {
        dot |= text[i] == '.';
        i++;
    }
    return dot && i > at + 1;
}

static size_t take_address(struct scan *scan, size_t at)
{
    char byte = scan->text[at];
    bool found = byte == ':'   ? is_scheme(scan, at)
                 : byte == 'w' ? is_www(scan, at)
                               : is_mail(scan, at);
    if (found)
        add_plain(scan, CTX_INLINE_ADDRESS, at, at + 1);
    return at + 1;
}

static size_t take(struct scan *scan, size_t at)
{
    switch (scan->text[at]) {
    case '\\':
        return at + 2;
    case '`':
        return take_backticks(scan, at);
    case '<':
        return take_angle(scan, at);
    case '[':
        return open_bracket(scan, at, false);
    case '!':
        return at + 1 < scan->end && scan->text[at + 1] == '[' ? open_bracket(scan, at, true)
                                                               : at + 1;
    case ']':
        return close_bracket(scan, at);
    default:
        return take_address(scan, at);
    }
}

static int scan_range(struct ctx_inlines *inlines, const char *text, size_t begin, size_t end,
                      bool in_quote, struct ctx_labels *labels)
{
    struct scan scan;
    memset(&scan, 0, offsetof(struct scan, last_run));
    scan.inlines = inlines;
    scan.text = text;
    scan.begin = begin;
    scan.end = end;
    scan.in_quote = in_quote;
    scan.labels = labels;
    inlines->n_brackets = 0;
    for (size_t at = next_special(text, begin, end); at < end && scan.status == 0;)
        at = next_special(text, take(&scan, at), end);
    return scan.status;
}

/* Where a table's cell ends: at the next pipe that is not escaped. */
static size_t cell_end(const char *text, size_t at, size_t end)
{
    while (at < end && text[at] != '|' && text[at] != '\n')
        at += text[at] == '\\' && at + 1 < end && text[at + 1] != '\n' ? 2 : 1;
    return at < end ? at : end;
}

static int scan_cells(struct ctx_inlines *inlines, const char *text, const struct ctx_block *block,
                      struct ctx_labels *labels)
{
    for (size_t at = block->content; at < block->end;) {
        size_t end = cell_end(text, at, block->end);
        int r = scan_range(inlines, text, at, end, block->in_quote, labels);
        if (r < 0)
            return r;
        at = end + 1;
    }
    return 0;
}

int ctx_inlines_scan(struct ctx_inlines *inlines, const char *text, const struct ctx_block *block,
                     struct ctx_labels *labels)
{
    inlines->n_items = 0;
    switch (block->kind) {
    case CTX_BLOCK_PARAGRAPH:
    case CTX_BLOCK_HEADING:
        return scan_range(inlines, text, block->content, block->end, block->in_quote, labels);
    case CTX_BLOCK_TABLE:
        return scan_cells(inlines, text, block, labels);
    default:
        return 0;
    }
}

void ctx_inlines_count(const struct ctx_inlines *inlines, struct ctx_block *block)
{
    block->n_code_spans = block->n_links = 0;
    for (size_t i = 0; i < inlines->n_items; i++) {
        enum ctx_inline_kind kind = inlines->items[i].kind;
        block->n_code_spans += kind == CTX_INLINE_CODE;
        block->n_links +=
            kind == CTX_INLINE_LINK || kind == CTX_INLINE_AUTOLINK || kind == CTX_INLINE_ADDRESS;
    }
    block->counted = 1;
}
