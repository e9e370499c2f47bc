#ifndef CTX_TRANSFORM_MDX_RENDER_H
#define CTX_TRANSFORM_MDX_RENDER_H

#include "base/limits.h"
#include "contextor/transform.h"
#include "transform/components.h"
#include "transform/mdx/scan.h"
#include "transform/mdx/seam.h"

/*
 * The renderer: a scan as Markdown. Text is copied; containers get their prefixes anew, so that
 * what JSX indented stands where Markdown wants it; elements take the form that the component table
 * gives them.
 */

enum {
    CTX_MDX_FRAMES_MAX = 3 * CTX_LIMIT_NESTING, /* containers, and two for each open element */
    CTX_MDX_IMPORTS_MAX = 256,
    CTX_MDX_CONSTANTS_MAX = 64,
    CTX_MDX_TRIGGERS_MAX = 32,
};

/* A prefix of the lines that are written: a quote's, or an item's. */
struct ctx_mdx_frame {
    bool quote;
    bool started;    /* something was written in it; an item's marker, too */
    char marker[12]; /* item */
    unsigned width;  /* item: columns of marker and blank */
};

/* An element that is open around the blocks being written. */
struct ctx_mdx_element {
    const struct ctx_component *row; /* NULL: a component that the table does not know */
    struct ctx_tag tag;
    uint32_t token;
    uint32_t n_frames; /* to go back to */
    uint32_t counter;  /* steps, tabs and items in it so far */
};

enum ctx_mdx_place { CTX_MDX_IN_PARAGRAPH, CTX_MDX_IN_HEADING, CTX_MDX_IN_CELL };

struct ctx_mdx_render {
    struct ctx_mdx_scan *scan;
    const char *s; /* the scan's text */
    const struct ctx_transform_options *options;
    struct ctx_report *report;
    uint32_t first_line;
    struct ctx_buffer *out;

    size_t n_frames;
    size_t n_elements;
    bool blank;          /* a blank line is due before the next block */
    bool tight;          /* the last block was a list item of our own, and its list goes on */
    bool after_own_list; /* the last block was a list of our own */
    char own_marker;     /* of that list */

    /* For the next paragraph: text around it, and whether it is a label or of one line. */
    struct ctx_buffer before;
    struct ctx_buffer after;
    struct ctx_buffer badges; /* that it began with: told at its end, so that it begins as it did */
    const char *marks;        /* "**" or "*": emphasis around it, or NULL */
    bool one_line;
    struct ctx_span trigger; /* its text is the label of tabs of that value */
    struct ctx_buffer tabs;  /* labels of tabs to come, as one line, before the next block */
    unsigned n_tabs;

    /* The inline text that is being made. */
    struct ctx_buffer line;
    size_t line_begin;
    bool dirty;         /* markup was taken out of this line */
    enum ctx_seam seam; /* at its end */
    bool guard;         /* its beginning may not begin a block */
    enum ctx_mdx_place place;
    bool alone;                 /* in a cell: there is nothing but one element */
    struct ctx_buffer deferred; /* props of elements in a heading, told after it */
    struct ctx_buffer scratch;

    const struct ctx_mdx_render *outer; /* what holds the expression that is rendered; or NULL */
    unsigned depth;                     /* how many of those there are */

    enum { CTX_AGENTS_UNKNOWN, CTX_AGENTS_NONE, CTX_AGENTS_SOME } agents; /* text for them */
    size_t n_imports;
    size_t n_constants;
    size_t n_triggers;
    struct ctx_buffer trigger_text;

    /* From here on nothing is zeroed, as it is much, and set when it is pushed. */
    struct ctx_mdx_frame frames[CTX_MDX_FRAMES_MAX];
    struct ctx_mdx_element elements[CTX_LIMIT_NESTING + 1]; /* elements[0] is the document */
    struct {
        struct ctx_span name;
        struct ctx_span path;
    } imports[CTX_MDX_IMPORTS_MAX];
    struct {
        struct ctx_span name;
        struct ctx_span value; /* an expression */
    } constants[CTX_MDX_CONSTANTS_MAX];
    struct {
        struct ctx_span value;
        size_t begin; /* in trigger_text */
        size_t len;
    } triggers[CTX_MDX_TRIGGERS_MAX];
};

/* Renders the whole scan into `out`. 0 or a negative errno. */
int ctx_mdx_render(struct ctx_mdx_scan *scan, const struct ctx_transform_options *options,
                   struct ctx_report *report, uint32_t first_line, struct ctx_buffer *out);

/* ---- between the renderer's parts ---- */

/* Renders a scan of what an expression of `outer` holds, at that line; `report` may be NULL. */
int ctx_mdx_render_inside(const struct ctx_mdx_render *outer, struct ctx_mdx_scan *scan,
                          struct ctx_report *report, uint32_t line, struct ctx_buffer *out);

/* Lines (render_lines.c). */
void ctx_render_push_quote(struct ctx_mdx_render *r);
void ctx_render_push_item(struct ctx_mdx_render *r, const char *marker, size_t len);
/* A footnote: its marker may be long, its content stands four columns in. */
void ctx_render_push_footnote(struct ctx_mdx_render *r, const char *marker, size_t len);
void ctx_render_pop_frames(struct ctx_mdx_render *r, size_t n);
/* Writes lines as one block, behind the blank line that is due. */
void ctx_render_block(struct ctx_mdx_render *r, const char *text, size_t len);
/* The same for one line of generated text; another block follows after a blank line. */
void ctx_render_line(struct ctx_mdx_render *r, const struct ctx_buffer *text);

/* Writes the labels of tabs to come, when there are some. */
void ctx_render_tabs(struct ctx_mdx_render *r);

/* Blocks (render.c): renders the tokens [first, last) of them. */
void ctx_render_blocks(struct ctx_mdx_render *r, size_t first, size_t last);
/* Renders inline tokens as a paragraph. */
void ctx_render_paragraph(struct ctx_mdx_render *r, size_t first, size_t last);
/* Renders a paragraph as the blocks that it falls into (pieces.c); false when it is one paragraph. */
bool ctx_render_pieces(struct ctx_mdx_render *r, size_t paragraph);
void ctx_render_count(struct ctx_mdx_render *r, enum ctx_loss loss, const char *rule,
                      struct ctx_span name, uint32_t line);

/* Elements (forms.c). Every one is counted, by what became of it. */
void ctx_render_count_element(struct ctx_mdx_render *r, size_t token, struct ctx_span name,
                              enum ctx_loss loss);
void ctx_render_open(struct ctx_mdx_render *r, size_t token);
void ctx_render_close(struct ctx_mdx_render *r);
void ctx_render_self(struct ctx_mdx_render *r, size_t token);
/* Whether the element is written within a line (a link, a badge), not as a block. */
bool ctx_render_is_inline(const struct ctx_mdx_render *r, size_t token);
/* Whether nothing of the element is told, its content included. */
bool ctx_render_is_dropped(struct ctx_mdx_render *r, size_t token);

/* Inline (render_inline.c): appends to r->line. */
void ctx_render_inline(struct ctx_mdx_render *r, size_t first, size_t last);
void ctx_render_inline_begin(struct ctx_mdx_render *r, enum ctx_mdx_place place);
/* Ends the text: no blanks at its end. */
void ctx_render_inline_end(struct ctx_mdx_render *r);
/* Elements within a line (inline_forms.c). Returns the token to go on with. */
size_t ctx_render_inline_tag(struct ctx_mdx_render *r, size_t token);
/* Appends generated Markdown; SEAM_APART: it touches neither what is before nor what follows. */
void ctx_render_put(struct ctx_mdx_render *r, const char *text, size_t len, enum ctx_seam seam);

/* Notes that the line ends with a seam, unless it ends with a stronger one. */
void ctx_render_mark_seam(struct ctx_mdx_render *r, enum ctx_seam seam);
/*
 * Ends the seam that the line may end with; `next` is what is to be appended then. Returns how many
 * bytes of it are left out.
 */
size_t ctx_render_close_seam(struct ctx_mdx_render *r, const char *next, size_t len);

/* Props (props.c). */
struct ctx_tag ctx_render_tag(const struct ctx_mdx_render *r, size_t token);
const struct ctx_component *ctx_render_row(const struct ctx_mdx_render *r, struct ctx_span name);
/* The same for an element; a component without a row may be told by its name or by where it leads. */
const struct ctx_component *ctx_render_row_of(const struct ctx_mdx_render *r,
                                              const struct ctx_tag *tag);
/* Appends the text-bearing props as one text, " — " between them; whether there are any. */
bool ctx_props_label(const struct ctx_mdx_render *r, const struct ctx_tag *tag,
                     const struct ctx_component *row, const char *skip, struct ctx_buffer *ret);
/* Appends the address that an element leads to (href, to, url…), or shows (src, an id); whether it has one. */
bool ctx_props_href(const struct ctx_mdx_render *r, const struct ctx_tag *tag,
                    struct ctx_buffer *ret);
bool ctx_props_src(const struct ctx_mdx_render *r, const struct ctx_tag *tag,
                   struct ctx_buffer *ret);
/* An address as it may stand in a document, not a name that happens to be in such a prop. */
bool ctx_props_is_address(const char *s);
/* Appends the text of the first of those props that has one, as it is. */
bool ctx_props_first(const struct ctx_tag *tag, const char *const *names, struct ctx_buffer *ret);
/* Appends the texts of an array or object of literals, with its keys: "light: #fff, dark: #000". */
bool ctx_props_literals(struct ctx_span value, struct ctx_buffer *ret);
/* Appends what props without a meaning that is known hold as sentences: several words. */
void ctx_props_sentences(const struct ctx_mdx_render *r, const struct ctx_tag *tag,
                         struct ctx_buffer *ret);
/* Appends a prop's text, escaped. */
bool ctx_props_text(const struct ctx_mdx_render *r, const struct ctx_tag *tag, const char *name,
                    struct ctx_buffer *ret);
/* What the name of a badge that has no text says: "Canary" of `<CanaryBadge />`; empty: it is none. */
struct ctx_span ctx_props_badge_name(const struct ctx_tag *tag);
/* The kind of a callout: the row's word, else its type, variant…, else "Note". */
void ctx_props_kind(const struct ctx_tag *tag, const struct ctx_component *row,
                    struct ctx_buffer *ret);
/* An image, a video's link or its text, as Markdown. */
void ctx_props_image(const struct ctx_mdx_render *r, const struct ctx_tag *tag,
                     const struct ctx_component *row, struct ctx_buffer *ret);

/*
 * Elements in expressions (jsx_value.c): appends what `code`, an element or an array of such, says
 * as blocks without the last line end, or as one line. False: it is none, or says nothing.
 */
bool ctx_jsx_blocks(const struct ctx_mdx_render *r, struct ctx_span code, uint32_t line,
                    struct ctx_buffer *ret);
bool ctx_jsx_text(const struct ctx_mdx_render *r, struct ctx_span code, uint32_t line,
                  struct ctx_buffer *ret);
/* The same for a prop, which may be asked for more than once: nothing is counted. */
bool ctx_jsx_prop_text(const struct ctx_mdx_render *r, struct ctx_span code,
                       struct ctx_buffer *ret);

/* Imports, and constants that the page itself defines (imports.c). */
void ctx_imports_collect(struct ctx_mdx_render *r, struct ctx_span esm);
/* The name that is all of an expression, white space aside; empty when there is more or less. */
struct ctx_span ctx_imports_name(struct ctx_span code);
/* The expression that the name stands for, when `code` is a name; else `code` itself. */
struct ctx_span ctx_imports_value(const struct ctx_mdx_render *r, struct ctx_span code);
/* The path that an import gave the name to; empty when there is none. */
struct ctx_span ctx_imports_path(const struct ctx_mdx_render *r, struct ctx_span name);
/* The same for a file that the element's own props name, to be put in its place. */
bool ctx_imports_include(struct ctx_mdx_render *r, const struct ctx_tag *tag,
                         const struct ctx_component *row, uint32_t line, struct ctx_buffer *ret);
/* Appends a reference to the partial that the element stands for; false when it is none. */
bool ctx_imports_reference(struct ctx_mdx_render *r, struct ctx_span name, uint32_t line,
                           struct ctx_buffer *ret);

/* Tables (html_table.c): whether the element could be written as one. */
bool ctx_render_table(struct ctx_mdx_render *r, size_t token);

#endif
