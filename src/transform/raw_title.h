#ifndef CTX_TRANSFORM_RAW_TITLE_H
#define CTX_TRANSFORM_RAW_TITLE_H

#include <stddef.h>

/*
 * The title in front matter that is no good YAML: what stands after the last `title:` that begins a
 * line, as its author meant it ("title: Caching: a guide" needs no quotes then). NULL: there is
 * none on a line of its own, or memory is out. malloc'ed. Pure; any thread.
 */
char *ctx_raw_title(const char *text, size_t len);

#endif
