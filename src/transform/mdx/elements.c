/*
 * Tokens and the pairing of tags. Invariant: a tag is paired only with one in the same block (the
 * same container for tags that are blocks, the same paragraph for others), so that pairs nest.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "transform/mdx/scan.h"

/* How far down the stack a closing tag looks for its partner in a document that does not parse. */
enum { PAIR_DEPTH = 32 };

/* Of the source: few documents have less, so that most grow their tokens' array once. */
enum { BYTES_A_TOKEN = 16 };

void ctx_mdx_bad(struct ctx_mdx_scan *scan)
{
    scan->failed |= scan->strict;
}

bool ctx_mdx_spend(struct ctx_mdx_scan *scan, size_t bytes)
{
    if (scan->budget < bytes) {
        scan->budget = 0;
        return false;
    }
    scan->budget -= bytes;
    return true;
}

struct ctx_mdx_token *ctx_mdx_grow(struct ctx_mdx_scan *scan)
{
    static _Thread_local struct ctx_mdx_token spare;
    size_t capacity = scan->capacity ? 2 * scan->capacity : scan->len / BYTES_A_TOKEN + 16;
    void *tokens = reallocarray(scan->tokens, capacity, sizeof(*scan->tokens));
    if (!tokens) {
        scan->status = -ENOMEM;
        return &spare;
    }
    scan->tokens = tokens;
    scan->capacity = capacity;
    return &scan->tokens[scan->n_tokens++];
}

void ctx_mdx_note(struct ctx_mdx_scan *scan, unsigned has, unsigned paragraphs)
{
    if (scan->n_open == 0)
        return;
    struct ctx_mdx_token *token = &scan->tokens[scan->open[scan->n_open - 1].token];
    token->has |= (uint8_t)has;
    token->paragraphs += paragraphs;
}

static struct ctx_span name_of(const struct ctx_mdx_scan *scan, uint32_t token)
{
    const struct ctx_mdx_token *t = &scan->tokens[token];
    return ctx_tag_reread(ctx_buffer_str(&scan->text), t->begin, t->end).name;
}

static bool same_name(struct ctx_span a, struct ctx_span b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

/* Takes the innermost open element off; what it holds, its parent holds. */
static void pop(struct ctx_mdx_scan *scan, bool paired)
{
    struct ctx_mdx_token *token = &scan->tokens[scan->open[--scan->n_open].token];
    if (!paired) {
        token->flags |= CTX_MDX_UNPAIRED;
        ctx_mdx_bad(scan);
    }
    ctx_mdx_note(scan, token->has | CTX_MDX_HAS_ELEMENT, token->paragraphs);
}

/* The place in the stack of the element that a closing tag closes, or n_open. */
static size_t find_open(const struct ctx_mdx_scan *scan, struct ctx_span name)
{
    size_t depth = scan->strict ? 1 : PAIR_DEPTH;
    for (size_t i = scan->n_open; i > 0 && depth > 0; i--, depth--) {
        if (scan->open[i - 1].scope != scan->scope)
            break;
        if (same_name(name_of(scan, scan->open[i - 1].token), name))
            return i - 1;
    }
    return scan->n_open;
}

static void close_element(struct ctx_mdx_scan *scan, struct ctx_span name, size_t closing)
{
    size_t at = find_open(scan, name);
    if (at == scan->n_open) {
        scan->tokens[closing].flags |= CTX_MDX_UNPAIRED;
        ctx_mdx_bad(scan);
        return;
    }
    while (scan->n_open > at + 1)
        pop(scan, false);
    uint32_t opening = scan->open[at].token;
    scan->tokens[opening].partner = (uint32_t)closing;
    scan->tokens[closing].partner = opening;
    pop(scan, true);
}

void ctx_mdx_push_tag(struct ctx_mdx_scan *scan, const struct ctx_tag *tag, size_t begin,
                      size_t end, uint32_t line, unsigned flags)
{
    enum ctx_mdx_kind kind = tag->closing        ? CTX_MDX_CLOSE
                             : tag->self_closing ? CTX_MDX_SELF
                                                 : CTX_MDX_OPEN;
    scan->is_mdx |= ctx_tag_is_component(tag->name);
    size_t index = scan->n_tokens;
    ctx_mdx_push(scan, kind, begin, end, line)->flags = (uint8_t)flags;
    if (index == scan->n_tokens)
        return;
    if (kind == CTX_MDX_CLOSE) {
        close_element(scan, tag->name, index);
    } else if (kind == CTX_MDX_SELF) {
        ctx_mdx_note(scan, CTX_MDX_HAS_ELEMENT, 0);
    } else if (scan->n_open == CTX_LIMIT_NESTING) {
        scan->tokens[index].flags |= CTX_MDX_UNPAIRED;
        ctx_mdx_bad(scan);
    } else {
        scan->open[scan->n_open++] = (struct ctx_mdx_open){ (uint32_t)index, scan->scope };
    }
}

void ctx_mdx_push_expression(struct ctx_mdx_scan *scan, size_t begin, size_t end, uint32_t line,
                             unsigned flags)
{
    const char *s = ctx_buffer_str(&scan->text);
    size_t i = begin + 1;
    while (i + 1 < end && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n'))
        i++;
    scan->is_mdx |= s[i] == '/' && s[i + 1] == '*';
    ctx_mdx_push(scan, CTX_MDX_EXPRESSION, begin, end, line)->flags = (uint8_t)flags;
}

uint32_t ctx_mdx_scope_begin(struct ctx_mdx_scan *scan)
{
    uint32_t outer = scan->scope;
    scan->scope = ++scan->scopes;
    return outer;
}

void ctx_mdx_scope_end(struct ctx_mdx_scan *scan, uint32_t outer)
{
    while (scan->n_open > 0 && scan->open[scan->n_open - 1].scope == scan->scope)
        pop(scan, false);
    scan->scope = outer;
}
