#ifndef CTX_WORKER_SERVE_H
#define CTX_WORKER_SERVE_H

#include <stddef.h>

#include "contextor/buffer.h"

/*
 * Makes the page that a request asks for, and encodes the reply, an error's included. 0, or -ENOMEM
 * when not even the reply could be made. Appends to `reply`.
 */
int ctx_worker_serve(const char *request, size_t len, struct ctx_buffer *reply);

/* Makes a page of a known document, through the codec both ways. 0, or a negative errno. */
int ctx_worker_self_test(void);

#endif
