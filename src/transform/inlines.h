#ifndef CTX_TRANSFORM_INLINES_H
#define CTX_TRANSFORM_INLINES_H

#include "transform/link_syntax.h"
#include "transform/outline.h"

/*
 * The inline constructs of a block, found lexically in its raw lines (container prefixes included):
 * cmark-gfm's inline positions are not reliable. Code spans, raw HTML and autolinks bind tighter
 * than brackets; links hold no links. Time is linear in the block's length.
 */

enum ctx_inline_kind {
    CTX_INLINE_CODE,
    CTX_INLINE_LINK,  /* inline or by reference */
    CTX_INLINE_IMAGE, /* inline or by reference */
    CTX_INLINE_AUTOLINK,
    CTX_INLINE_ADDRESS, /* a bare address, which GFM makes a link of */
    CTX_INLINE_HTML,    /* a tag, comment, instruction, declaration, CDATA section */
};

struct ctx_inline {
    enum ctx_inline_kind kind;
    struct ctx_span whole;
    struct ctx_span text;        /* between a link's brackets; a code span's content */
    struct ctx_span destination; /* inline: as written, angle brackets included */
    struct ctx_span label;       /* by reference; empty: inline */
};

/* The labels that a document defines. */
struct ctx_labels;

/* Collects the labels of all definitions. NULL: memory is out. */
struct ctx_labels *ctx_labels_new(const char *text, const struct ctx_outline *outline);
void ctx_labels_free(struct ctx_labels *labels);
/* Whether the label (a span of `text`) is defined; NULL defines none. */
bool ctx_labels_has(struct ctx_labels *labels, const char *text, struct ctx_span label);
/* The destination that a label stands for, as written; empty when it is not defined. */
struct ctx_span ctx_labels_destination(struct ctx_labels *labels, const char *text,
                                       struct ctx_span label);
/* Notes that an image refers to a label; asks whether one did. */
void ctx_labels_note_image(struct ctx_labels *labels, const char *text, struct ctx_span label);
bool ctx_labels_is_image(struct ctx_labels *labels, const char *text, struct ctx_span label);

/* What a scan found, in order of their ends; kept from scan to scan for its memory. */
struct ctx_inlines {
    struct ctx_inline *items;
    size_t n_items, items_capacity;
    struct ctx_bracket *brackets;
    size_t n_brackets, brackets_capacity;
};

void ctx_inlines_init(struct ctx_inlines *inlines);
void ctx_inlines_deinit(struct ctx_inlines *inlines);

/*
 * Scans a paragraph, a heading or a table (cell by cell) and replaces what the last scan found;
 * nothing in blocks of other kinds. `labels` may be NULL: references are text then. 0 or -ENOMEM.
 */
int ctx_inlines_scan(struct ctx_inlines *inlines, const char *text, const struct ctx_block *block,
                     struct ctx_labels *labels);

/* Notes in `block` how many links and code spans its scan found. */
void ctx_inlines_count(const struct ctx_inlines *inlines, struct ctx_block *block);

#endif
