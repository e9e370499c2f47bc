#ifndef CTX_TRANSFORM_MDX_FORMS_H
#define CTX_TRANSFORM_MDX_FORMS_H

#include "transform/mdx/render.h"

/*
 * What the forms of elements share (form_parts.c), and the forms that are list items of our own
 * (form_items.c), for the table in forms.c.
 */

static inline const struct ctx_mdx_token *ctx_form_opening(const struct ctx_mdx_render *r,
                                                           const struct ctx_mdx_element *e)
{
    return &r->scan->tokens[e->token];
}

static inline bool ctx_form_is_empty(const struct ctx_mdx_render *r,
                                     const struct ctx_mdx_element *e)
{
    return ctx_form_opening(r, e)->kind == CTX_MDX_SELF ||
           ctx_form_opening(r, e)->partner == e->token + 1;
}

static inline struct ctx_mdx_element *ctx_form_parent_of(struct ctx_mdx_element *e)
{
    return e - 1; /* elements[0] is the document, so that there always is one */
}

/* Whether its content is one paragraph and nothing else, so that text may stand around it. */
bool ctx_form_is_paragraph(const struct ctx_mdx_render *r, const struct ctx_mdx_element *e);
/* Whether a link may be in its content, so that no link can be around it. */
bool ctx_form_holds_link(const struct ctx_mdx_render *r, size_t token);
/* Appends "Kind: label", or what there is of the two. */
void ctx_form_kind_and_label(struct ctx_mdx_render *r, struct ctx_mdx_element *e, const char *kind,
                             struct ctx_buffer *ret);
/* Appends a tooltip's tip and the link that goes with it (`cta`, `href`); false: nothing. */
bool ctx_form_tip(struct ctx_mdx_render *r, const struct ctx_tag *tag,
                  const struct ctx_component *row, struct ctx_buffer *ret);
/* Appends a link, or the text alone when there is no address. */
void ctx_form_link_to(struct ctx_buffer *ret, const struct ctx_buffer *text,
                      const struct ctx_buffer *href);
/* Writes `text` as a line of its own, in bold. */
void ctx_form_bold_line(struct ctx_mdx_render *r, struct ctx_buffer *text);
/* Writes the element's kind and label so. */
void ctx_form_open_label(struct ctx_mdx_render *r, struct ctx_mdx_element *e);

void ctx_form_open_card(struct ctx_mdx_render *r, struct ctx_mdx_element *e);
void ctx_form_open_parameter(struct ctx_mdx_render *r, struct ctx_mdx_element *e);
/* Of a file tree. */
void ctx_form_open_file(struct ctx_mdx_render *r, struct ctx_mdx_element *e);
void ctx_form_open_item(struct ctx_mdx_render *r, struct ctx_mdx_element *e);
/* The marker of a list of our own that begins or goes on here. */
char ctx_form_own_marker(struct ctx_mdx_render *r);
/*
 * Writes what the element's props hold as elements, and as arrays and objects of literals, the latter
 * as a list (data.c).
 */
void ctx_form_data(struct ctx_mdx_render *r, const struct ctx_mdx_element *e);
/* Code that is a string (code_lines.c): a component's own, or the expression at `token`. */
void ctx_form_open_code(struct ctx_mdx_render *r, struct ctx_mdx_element *e);

/* The lines of code that a tag's props hold, each with its end; false when there are none. */
bool ctx_form_code_props(const struct ctx_mdx_render *r, const struct ctx_tag *tag,
                         const struct ctx_component *row, struct ctx_buffer *ret);

/* Writes the lines of code that a snippet's `text` is; false when it has none. */
bool ctx_form_code_text(struct ctx_mdx_render *r, const struct ctx_tag *tag);

/* The line that a package manager runs, which a tag's props tell (commands.c). */
void ctx_form_command(const struct ctx_tag *tag, struct ctx_buffer *ret);
/* The same for a request: its line, then one for each prop that holds data. */
void ctx_form_request(const struct ctx_tag *tag, struct ctx_buffer *ret);

/* Whether the element is for humans alone, and the page has another that is for agents. */
bool ctx_form_is_for_others(struct ctx_mdx_render *r, const struct ctx_tag *tag);
/* Appends what a condition's props say: "If renderer: vue, angular" (conditions.c). */
void ctx_form_condition(const struct ctx_tag *tag, const struct ctx_component *row,
                        struct ctx_buffer *ret);

/* The code in the expression at `token`, a child of the innermost element; false when none. */
bool ctx_form_code_child(struct ctx_mdx_render *r, size_t token);
/* Items follow one another without blank lines. */
void ctx_form_close_item(struct ctx_mdx_render *r, struct ctx_mdx_element *e);

#endif
