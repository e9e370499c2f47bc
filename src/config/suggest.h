#ifndef CTX_CONFIG_SUGGEST_H
#define CTX_CONFIG_SUGGEST_H

#include <stddef.h>

/*
 * The name out of `names` that someone who wrote `written` may have meant: the one with the fewest
 * insertions, deletions, replacements and exchanged neighbours away, case aside, when those are at
 * most a third of its length. NULL when none is near. Pure; any thread.
 */
const char *ctx_suggest(const char *written, const char *const *names, size_t n);

#endif
