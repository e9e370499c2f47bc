#ifndef CTX_TRANSFORM_MDX_SCAN_H
#define CTX_TRANSFORM_MDX_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "contextor/buffer.h"
#include "transform/mdx/tags.h"

/*
 * The scanner: an MDX document as a flat list of tokens. Blocks (blocks.c) are found line by line
 * as CommonMark does, without indented code and HTML, which MDX does not have; the text of
 * paragraphs, headings and table rows is scanned for tags, expressions and code spans (inline.c);
 * tags are paired within their block (elements.c).
 *
 * Tokens point into `text`, which is the document without the prefixes of its containers.
 */

enum ctx_mdx_kind {
    CTX_MDX_ENTER_QUOTE,    /* containers: up to the LEAVE at `partner` */
    CTX_MDX_ENTER_ITEM,     /* its span is the marker, "-" or "1." */
    CTX_MDX_ENTER_FOOTNOTE, /* its span is "[^label]:" */
    CTX_MDX_LEAVE,
    CTX_MDX_BLANK, /* a blank line */
    CTX_MDX_CODE,  /* a fenced block, fences included; leaves whose span says all */
    CTX_MDX_RAW,   /* a line as it is: thematic break, delimiter row */
    CTX_MDX_ESM,
    CTX_MDX_PARAGRAPH, /* leaves with inline tokens, up to the END at `partner` */
    CTX_MDX_HEADING,
    CTX_MDX_ROW,  /* of a table */
    CTX_MDX_CELL, /* in a row */
    CTX_MDX_END,
    CTX_MDX_TEXT, /* inline: Markdown that is kept as it stands, no line end in it */
    CTX_MDX_SPAN, /* a code span */
    CTX_MDX_NEWLINE,
    CTX_MDX_STRAY, /* `<` or `{` that begins nothing: to be escaped */
    CTX_MDX_OPEN,  /* tags; inline, or blocks of their own (CTX_MDX_FLOW) */
    CTX_MDX_CLOSE,
    CTX_MDX_SELF,
    CTX_MDX_EXPRESSION, /* with its braces */
};

enum {
    CTX_MDX_FLOW = 1,      /* tag or expression: a block of its own */
    CTX_MDX_UNPAIRED = 2,  /* tag: without its partner */
    CTX_MDX_ONLY_JSX = 4,  /* leaf or cell: nothing but tags, expressions and white space */
    CTX_MDX_SETEXT = 8,    /* paragraph: the line after it underlines it; RAW: that line */
    CTX_MDX_INDENTED = 16, /* paragraph: did not begin in the first column */
    CTX_MDX_WRITTEN = 32,  /* for the renderer's own notes */
};

/* What an element holds, in its OPEN token's `has`. */
enum {
    CTX_MDX_HAS_LIST = 1,
    CTX_MDX_HAS_CODE = 2,
    CTX_MDX_HAS_HEADING = 4,
    CTX_MDX_HAS_TABLE = 8,
    CTX_MDX_HAS_QUOTE = 16,
    CTX_MDX_HAS_ELEMENT = 32,
    CTX_MDX_HAS_RULE = 64,
};

struct ctx_mdx_token {
    uint8_t kind;
    uint8_t flags;
    uint8_t has;
    uint8_t level; /* heading: 1 to 6 */
    uint32_t begin;
    uint32_t end;
    uint32_t line; /* of the source, 0-based */
    uint32_t partner;
    uint32_t paragraphs; /* OPEN: how many there are below it */
};

struct ctx_mdx_open {
    uint32_t token;
    uint32_t scope;
};

struct ctx_mdx_scan {
    const char *source; /* NUL-terminated */
    size_t len;
    bool strict;   /* the first thing that does not parse ends the scan: it is not MDX */
    bool failed;   /* strict only */
    bool is_mdx;   /* something was found that only MDX has */
    int status;    /* 0 or -ENOMEM, -EFBIG */
    size_t budget; /* bytes that attempts which come to nothing may still read */
    struct ctx_buffer text;
    struct ctx_mdx_token *tokens;
    size_t n_tokens;
    size_t capacity;
    struct ctx_mdx_open *open; /* tags that are not closed yet, CTX_LIMIT_NESTING of them */
    size_t n_open;
    uint32_t scope;  /* the block that tags are paired in */
    uint32_t scopes; /* how many there were */
};

/* Scans `source`, which must outlive the scan. 0 or a negative errno; `failed` says the rest. */
int ctx_mdx_scan(struct ctx_mdx_scan *scan, const char *source, size_t len, bool strict);
void ctx_mdx_scan_deinit(struct ctx_mdx_scan *scan);

/* ---- between the scanner's parts ---- */

/* Makes room and takes a token; one that nobody sees when there is none. */
struct ctx_mdx_token *ctx_mdx_grow(struct ctx_mdx_scan *scan);

/* Appends a token; the returned pointer lives until the next one. Never NULL. */
static inline struct ctx_mdx_token *ctx_mdx_push(struct ctx_mdx_scan *scan, enum ctx_mdx_kind kind,
                                                 size_t begin, size_t end, uint32_t line)
{
    struct ctx_mdx_token *token =
        scan->n_tokens < scan->capacity ? &scan->tokens[scan->n_tokens++] : ctx_mdx_grow(scan);
    *token = (struct ctx_mdx_token){
        .kind = (uint8_t)kind,
        .begin = (uint32_t)begin,
        .end = (uint32_t)end,
        .line = line,
    };
    return token;
}

/* Appends a tag's token and pairs it. */
void ctx_mdx_push_tag(struct ctx_mdx_scan *scan, const struct ctx_tag *tag, size_t begin,
                      size_t end, uint32_t line, unsigned flags);
/* Appends an expression's token. */
void ctx_mdx_push_expression(struct ctx_mdx_scan *scan, size_t begin, size_t end, uint32_t line,
                             unsigned flags);
/* A block in which tags are paired: begins, and ends. Returns what end wants. */
uint32_t ctx_mdx_scope_begin(struct ctx_mdx_scan *scan);
void ctx_mdx_scope_end(struct ctx_mdx_scan *scan, uint32_t outer);
/* Notes that the innermost open elements hold a block of that kind. */
void ctx_mdx_note(struct ctx_mdx_scan *scan, unsigned has, unsigned paragraphs);
/* Something did not parse. */
void ctx_mdx_bad(struct ctx_mdx_scan *scan);
/* Whether an attempt that came to nothing after `bytes` may be made; takes them from the budget. */
bool ctx_mdx_spend(struct ctx_mdx_scan *scan, size_t bytes);

/* Scans text[begin, end) for inline tokens; it is inside of a leaf's token. */
void ctx_mdx_inline(struct ctx_mdx_scan *scan, size_t begin, size_t end, uint32_t line);
/* Sets a leaf's or cell's flags and its partner, after its inline tokens were pushed. */
void ctx_mdx_finish_leaf(struct ctx_mdx_scan *scan, size_t leaf);

/* The length of the ESM block that `source` begins with, 0 when it is none; ends at a line's end. */
size_t ctx_mdx_esm(struct ctx_mdx_scan *scan, size_t at);

#endif
