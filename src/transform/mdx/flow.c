/*
 * Tags and expressions that are blocks: they fill whole lines, as many as they need. Runs on the
 * document's own thread, on nothing but the scan.
 */
#include "transform/mdx/blocks.h"
#include "transform/mdx/js.h"

/* Where in an attempt's text something is. */
struct places {
    size_t first; /* the end of the first tag or expression */
    size_t stop;  /* the one that does not end, or is none */
};

/* The end of lines that hold tags and expressions alone; else a negative answer. */
static ssize_t flow_end(struct ctx_blocks *b, size_t begin, struct places *ret)
{
    const char *s = ctx_buffer_str(&b->scan->text);
    size_t len = ctx_blocks_text_len(b);
    size_t at = begin;
    ret->first = 0;
    while (at < len) {
        while (s[at] == ' ' || s[at] == '\t')
            at++;
        if (s[at] == '\n')
            return (ssize_t)at + 1;
        struct ctx_tag tag;
        ssize_t end = s[at] == '<'   ? ctx_tag_read(s, len, at, &tag)
                      : s[at] == '{' ? ctx_js_braces(s, len, at, CTX_JS_BRACES_CHILD)
                                     : CTX_SCAN_TEXT;
        ret->stop = at;
        if (end < 0)
            return end;
        at = (size_t)end;
        ret->first = ret->first ? ret->first : at;
    }
    return CTX_SCAN_MORE;
}

/* `first`: the end of the first tag or expression, which is often the only one. */
static void push_flow(struct ctx_blocks *b, size_t at, size_t end, size_t first)
{
    struct ctx_mdx_scan *scan = b->scan;
    while (at < end && !scan->failed) {
        const char *s = ctx_buffer_str(&scan->text);
        struct ctx_tag tag;
        ssize_t next = (ssize_t)at + 1;
        if (s[at] == '<') {
            if (at < first)
                tag = ctx_tag_reread(s, at, first);
            next = at < first ? (ssize_t)first : ctx_tag_read(s, end, at, &tag);
            ctx_mdx_push_tag(scan, &tag, at, (size_t)next, b->line, CTX_MDX_FLOW);
        } else if (s[at] == '{') {
            next = at < first ? (ssize_t)first : ctx_js_braces(s, end, at, CTX_JS_BRACES_CHILD);
            ctx_mdx_push_expression(scan, at, (size_t)next, b->line, CTX_MDX_FLOW);
        }
        at = (size_t)next;
    }
}

/* Appends up to `count` lines more to an attempt; false when the containers end before. */
static bool read_on(struct ctx_blocks *b, size_t count)
{
    bool any = false;
    for (; count > 0 && b->at < b->scan->len; count--) {
        struct ctx_line line = ctx_blocks_next_line(b);
        if (ctx_blocks_match(b, &line) < b->depth)
            break;
        ctx_blocks_append_rest(b, &line);
        ctx_blocks_advance(b, &line);
        any = true;
    }
    return any;
}

/* A failed attempt, or one that read too far: back to the line after `end` of the text. */
static void rewind_to(struct ctx_blocks *b, size_t text, size_t at, uint32_t line)
{
    ctx_buffer_truncate(&b->scan->text, text);
    b->at = at;
    b->line = line;
}

/*
 * Reads tags and expressions that fill whole lines. Lines are added in steps that double, so that a
 * tag of any length costs its length; then again exactly as many as it has.
 */
bool ctx_blocks_flow(struct ctx_blocks *b, const struct ctx_line *first)
{
    struct ctx_mdx_scan *scan = b->scan;
    size_t begin = ctx_blocks_text_len(b);
    size_t at = b->at;
    uint32_t number = b->line;
    size_t last = b->last_line;
    if (!scan->budget)
        return false;
    ctx_blocks_append_rest(b, first);
    ctx_blocks_advance(b, first);
    size_t added = 1;
    struct places places = { .stop = begin };
    ssize_t end = flow_end(b, begin, &places);
    for (; end == CTX_SCAN_MORE && read_on(b, added); added *= 2)
        end = flow_end(b, begin, &places);
    if (end < 0) {
        ctx_mdx_spend(scan, ctx_blocks_text_len(b) - begin);
        if (end == CTX_SCAN_TEXT)
            b->tag_end = number + (uint32_t)ctx_lines_count(ctx_buffer_str(&scan->text) + begin,
                                                            places.stop + 1 - begin);
        else
            ctx_mdx_bad(scan);
        rewind_to(b, begin, at, number);
        b->last_line = last;
        return false;
    }
    size_t lines = ctx_lines_count(ctx_buffer_str(&scan->text) + begin, (size_t)end - begin);
    if (b->leaf != CTX_LEAF_NONE || b->line - number > lines) {
        rewind_to(b, begin, at, number);
        ctx_blocks_close_leaf(b);
        begin = ctx_blocks_text_len(b);
        ctx_blocks_append_rest(b, first);
        ctx_blocks_advance(b, first);
        read_on(b, lines - 1);
    }
    uint32_t after = b->line;
    b->line = number;
    push_flow(b, begin, ctx_blocks_text_len(b), places.first);
    b->line = after;
    return true;
}
