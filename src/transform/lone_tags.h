#ifndef CTX_TRANSFORM_LONE_TAGS_H
#define CTX_TRANSFORM_LONE_TAGS_H

#include "transform/stage.h"

/*
 * Components in plain Markdown (mdBook's `<Listing>`, Vue's) whose tags stand alone on their lines:
 * blocks of HTML that hold nothing else, so that what is around them reads the same without them.
 * The opening tag becomes the component's label, the closing one goes. Only pairs are taken, and
 * tags that close themselves. 0 or a negative errno. Any thread.
 */
int ctx_lone_tags(struct ctx_draft *draft);

#endif
