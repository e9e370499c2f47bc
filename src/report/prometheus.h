#ifndef CTX_REPORT_PROMETHEUS_H
#define CTX_REPORT_PROMETHEUS_H

#include <stdint.h>

#include "contextor/buffer.h"

/*
 * Pieces of Prometheus' text exposition format 0.0.4, appended; errors stick to the buffer. Numbers
 * are written without floating point, so that no locale can spoil them. Pure; any thread.
 */

/* The lines before a metric's samples; its name without the prefix "contextor_", its type "gauge"… */
void ctx_prometheus_head(struct ctx_buffer *text, const char *name, const char *type,
                         const char *help);
/* Millionths as a decimal number: microseconds as seconds, parts per million as a ratio. */
void ctx_prometheus_millionths(struct ctx_buffer *text, uint64_t millionths);

#endif
