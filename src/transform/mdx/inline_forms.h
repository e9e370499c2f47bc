#ifndef CTX_TRANSFORM_MDX_INLINE_FORMS_H
#define CTX_TRANSFORM_MDX_INLINE_FORMS_H

#include "transform/mdx/render.h"

/* Between the parts that write elements within a line (inline_forms.c, inline_code.c). */
struct ctx_inline_tag {
    size_t token;
    struct ctx_tag tag;
    const struct ctx_component *row;
    struct ctx_buffer text; /* scratch */
};

static inline struct ctx_mdx_token *ctx_inline_token(struct ctx_mdx_render *r, size_t token)
{
    return &r->scan->tokens[token];
}

static inline bool ctx_inline_in_cell(const struct ctx_mdx_render *r)
{
    return r->place == CTX_MDX_IN_CELL;
}

/* Text of props; a heading's own text must not grow, so it is told after it. */
void ctx_inline_put_props(struct ctx_mdx_render *r, const struct ctx_buffer *text);

/* `<code>` around plain text and literals becomes a code span; false when there is more in it. */
bool ctx_inline_code_span(struct ctx_mdx_render *r, struct ctx_inline_tag *t);
/* `<include>./part.mdx</include>` is a link to the part; false when it holds anything else. */
bool ctx_inline_include(struct ctx_mdx_render *r, size_t token);
/* Code that the props hold, and that no children do. */
bool ctx_inline_code_props(struct ctx_mdx_render *r, struct ctx_inline_tag *t);

#endif
