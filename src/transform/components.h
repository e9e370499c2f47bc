#ifndef CTX_TRANSFORM_COMPONENTS_H
#define CTX_TRANSFORM_COMPONENTS_H

#include "contextor/transform.h"
#include "transform/mdx/tags.h"

/*
 * The component table: which Markdown form a component or an HTML element takes. The form of a
 * component that has no row is CTX_FORM_UNWRAP, and it is counted.
 */

enum ctx_form {
    CTX_FORM_UNWRAP,   /* children, after the text-bearing props */
    CTX_FORM_AUDIENCE, /* children, unless they are for humans and the page has others for agents */
    CTX_FORM_BADGE,    /* its text in parentheses */
    CTX_FORM_BREAK,    /* a line break */
    CTX_FORM_CARD,     /* a list item that is a link; a label when it holds blocks */
    CTX_FORM_CODE,     /* a code span; with a kind: the command of that program, or "HTTP" */
    CTX_FORM_CONDITION, /* a line that says when the children hold, then those */
    CTX_FORM_DROP,      /* nothing, content included */
    CTX_FORM_EMPHASIS,
    CTX_FORM_FIGURE, /* children, then the caption */
    CTX_FORM_FILE,   /* an item of a file tree */
    CTX_FORM_FOLDER, /* the same, with a slash and children */
    CTX_FORM_HEADING,
    CTX_FORM_ICON,    /* its name, where it stands alone in a cell; else nothing */
    CTX_FORM_IMAGE,   /* with a kind: a link to what is no picture */
    CTX_FORM_INCLUDE, /* a reference to the file that its text names; the kind is a folder's prop */
    CTX_FORM_ITEM,    /* a list item */
    CTX_FORM_LABEL,   /* a line with its props, then the children */
    CTX_FORM_LINK,
    CTX_FORM_PARAMETER, /* a definition item: name, type, required, default */
    CTX_FORM_QUOTE,     /* a block quote with kind and title */
    CTX_FORM_RULE,      /* a thematic break */
    CTX_FORM_SINCE,     /* "Added in v1.2" */
    CTX_FORM_STEP,      /* a label that is numbered */
    CTX_FORM_STEPS,     /* where the numbers begin anew */
    CTX_FORM_STRIKE,
    CTX_FORM_STRONG,
    CTX_FORM_SUMMARY, /* a label whose text is its children */
    CTX_FORM_TAB,     /* a label; its text may come from the element around it */
    CTX_FORM_TABLE,   /* an HTML table */
    CTX_FORM_TABS,    /* the element around tabs */
    CTX_FORM_TOOLTIP, /* children, then the tip in parentheses */
    CTX_FORM_TRIGGER, /* a tab's label, which the tab of the same value repeats */
    CTX_FORM_COUNT,
};

struct ctx_component {
    const char *name;
    enum ctx_form form;
    const char *kind;  /* a word of the form's own: "Note"; NULL: none */
    const char *props; /* text-bearing props beyond the usual ones, in order, by blanks; or NULL */
};

/* The row of that name, options' rules over the table's; NULL when there is none. */
const struct ctx_component *ctx_component_find(const struct ctx_transform_options *options,
                                               struct ctx_span name);

/* A row of that form, for a component that has none of its own. */
const struct ctx_component *ctx_component_generic(enum ctx_form form);

/* Whether a row's `props` (may be NULL) hold the name. */
bool ctx_component_lists(const char *props, struct ctx_span name);

/* All rows, sorted by name. */
const struct ctx_component *ctx_component_table(size_t *ret_count);

/* Text-bearing props of every component, in the order in which they are told; NULL-terminated. */
extern const char *const ctx_component_text_props[];

#endif
