#ifndef CTX_CONTROL_FRAMING_H
#define CTX_CONTROL_FRAMING_H

#include <stdbool.h>
#include <stddef.h>

#include "contextor/buffer.h"

/*
 * Lines out of a stream of bytes, each at most `limit` long. Pure; one thread owns one.
 */
struct ctx_framing {
    struct ctx_buffer buffer;
    size_t limit;   /* bytes of a line, its newline not counted */
    size_t begin;   /* of the first byte not yet handed out */
    size_t scanned; /* up to here there is no newline */
};

enum { CTX_FRAMING_CHUNK = 65536 }; /* the most that one feed may bring */

void ctx_framing_init(struct ctx_framing *framing, size_t limit);
void ctx_framing_deinit(struct ctx_framing *framing);

/* Adds at most CTX_FRAMING_CHUNK bytes; take all lines out before the next. 0 or -ENOMEM. */
int ctx_framing_feed(struct ctx_framing *framing, const char *bytes, size_t len);

/*
 * The next line, without its newline; borrowed until the next feed. 0; CTX_UNCHANGED when there is
 * none yet; -EMSGSIZE when it is over the limit: nothing comes after that. With `ended` (the stream
 * has), what is left counts as a line.
 */
int ctx_framing_next(struct ctx_framing *framing, bool ended, const char **ret_line,
                     size_t *ret_len);

/* Bytes of a line that has not ended; memory held. */
size_t ctx_framing_partial(const struct ctx_framing *framing);
size_t ctx_framing_memory(const struct ctx_framing *framing);

#endif
