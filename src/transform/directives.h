#ifndef CTX_TRANSFORM_DIRECTIVES_H
#define CTX_TRANSFORM_DIRECTIVES_H

#include "transform/stage.h"

/*
 * Directives of VitePress and mdBook in Markdown, each on a line of its own: `<<< @/path`,
 * `<!--@include: path-->`, `[[toc]]`, `{{#include path}}`; scripts and styles. What names another file is kept as a reference that can be seen, and counted
 * as unresolved. 0 or a negative errno. Any thread.
 */
int ctx_directives(struct ctx_draft *draft);

#endif
