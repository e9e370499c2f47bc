#ifndef CTX_TRANSFORM_STAGE_H
#define CTX_TRANSFORM_STAGE_H

#include "contextor/transform.h"
#include "transform/outline.h"

/*
 * One stage of the transform. Stages stand in a table in pipeline.c, in the order in which they
 * run; to add one, write a file with one ctx_stage_fn and give it a row.
 */

enum ctx_grammar {
    CTX_GRAMMAR_GFM, /* plain Markdown: `{user}`, `import …` and `<T>` are text */
    CTX_GRAMMAR_MDX,
};

/* A document in the making, owned by ctx_transform(), passed from stage to stage. */
struct ctx_draft {
    const struct ctx_transform_context *context;
    enum ctx_grammar grammar; /* set by the mdx stage, from the path and the text */
    struct ctx_buffer
        text; /* the document so far; the body in the end. LF, UTF-8, no BOM, no NUL */
    struct ctx_outline outline;    /* of `text`, from the normalise stage on */
    struct ctx_document *document; /* where front matter, stats and the report go */
    uint32_t first_line; /* line of the source that `text` began with (past front matter) */
};

/* 0 or a negative errno with `error` filled. */
typedef int (*ctx_stage_fn)(struct ctx_draft *draft, struct ctx_error *error);

/* Front matter: cuts it off, reads title, description, topics, metadata. */
int ctx_stage_front_matter(struct ctx_draft *draft, struct ctx_error *error);
/* Template languages, when the source's dialect names one. */
int ctx_stage_dialect(struct ctx_draft *draft, struct ctx_error *error);
/* MDX, components, ::: containers, comments, VitePress and mdBook directives. */
int ctx_stage_mdx(struct ctx_draft *draft, struct ctx_error *error);
/* Normalises the Markdown and builds the outline. */
int ctx_stage_normalise(struct ctx_draft *draft, struct ctx_error *error);
/* Rewrites links, drops boilerplate navigation. */
int ctx_stage_links(struct ctx_draft *draft, struct ctx_error *error);
/* Elides long code and data, by the profile; compact's dropping rules. */
int ctx_stage_size(struct ctx_draft *draft, struct ctx_error *error);
/* Title and statistics of the finished body. */
int ctx_stage_measure(struct ctx_draft *draft, struct ctx_error *error);

/*
 * Whether a plain document, as it is now, would be taken for MDX by a second pass: 1, 0 or a negative
 * errno. And whether it holds anything for which it could be, shortened: one quick look.
 */
int ctx_mdx_is_mdx(const struct ctx_draft *draft);
bool ctx_mdx_may_become(const struct ctx_draft *draft);

#endif
