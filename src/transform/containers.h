#ifndef CTX_TRANSFORM_CONTAINERS_H
#define CTX_TRANSFORM_CONTAINERS_H

#include "transform/stage.h"

/*
 * Containers of colons (`:::tip Title`) as Docusaurus, VitePress and Starlight have them: quotes
 * with kind and title; groups (`:::code-group`) lose their markers. Only pairs are taken; a marker
 * without its partner stays text. 0 or a negative errno. Any thread.
 */
int ctx_containers(struct ctx_draft *draft);

#endif
