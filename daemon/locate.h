#ifndef CTX_DAEMON_LOCATE_H
#define CTX_DAEMON_LOCATE_H

#include <jansson.h>

#include "config/config.h"

/* Which document, of which source, a client means. Lexical: no file access. Any thread. */

/*
 * A source that a path lies in: the next one after *iterator (0 to begin with). With `source` (or
 * NULL) only that one, and the path may be relative to its root; else the path must be absolute.
 * ret_path points into `path`: relative to the root, "" the root itself. NULL when there is none (more).
 */
const struct ctx_source *ctx_locate(const struct ctx_config *config, const char *source,
                                    const char *path, size_t *iterator, const char **ret_path);

#endif
