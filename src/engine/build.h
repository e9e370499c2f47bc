#ifndef CTX_ENGINE_BUILD_H
#define CTX_ENGINE_BUILD_H

#include "engine/engine.h"

/*
 * A one-shot build of one source: walk, feed the engine, wait. What `optimize` runs; the daemon
 * differs only in who feeds the engine.
 */

struct ctx_build_options {
    const struct ctx_source *source;
    const struct ctx_config *config; /* that the source is of; NULL: none */
    bool adopt;
    /* Called now and then, and at the end; `total` is what is known of so far. NULL: never. */
    void (*progress)(void *data, uint64_t done, uint64_t total);
    /* A directory or file that could not be looked at. NULL: only counted. */
    void (*unreadable)(void *data, const char *path, int code);
    void *data;
};

/*
 * Brings the output up to date. `engine` is fresh and gets the source. 0 when the walk was complete
 * (documents may have failed: see the run report); -errno when the root cannot be read or the output
 * cannot be had. ret_unreadable counts directories and files that could not be looked at; when there
 * is one, nothing is removed. Blocks; the engine's thread.
 */
int ctx_build_run(struct ctx_engine *engine, const struct ctx_build_options *options,
                  uint32_t *ret_source, uint64_t *ret_unreadable, struct ctx_error *error);

#endif
