/* Pieces of Prometheus' text; see the header. */
#include "report/prometheus.h"

#include <inttypes.h>

void ctx_prometheus_head(struct ctx_buffer *text, const char *name, const char *type,
                         const char *help)
{
    ctx_buffer_printf(text, "# HELP contextor_%s %s\n# TYPE contextor_%s %s\n", name, help, name,
                      type);
}

void ctx_prometheus_millionths(struct ctx_buffer *text, uint64_t millionths)
{
    ctx_buffer_printf(text, "%" PRIu64 ".%06" PRIu64, millionths / 1000000, millionths % 1000000);
}
