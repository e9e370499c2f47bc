#ifndef CTX_DAEMON_DESCRIBE_H
#define CTX_DAEMON_DESCRIBE_H

#include <jansson.h>

#include "document/catalogue.h"
#include "engine/engine.h"

/* The engine's and the catalogue's records as the control protocol's JSON. Pure; any thread. */

/* An event's params, but for "subscription". `source` is its name, NULL: none. New reference or NULL. */
json_t *ctx_describe_event(const char *source, const struct ctx_event *event);
/* "written", "unchanged", "removed", "failed", "batch". */
const char *ctx_event_name(enum ctx_event_kind kind);

/* One of `changes`; and what `why` gives as "last". New reference or NULL. */
json_t *ctx_describe_record(const char *source, const struct ctx_record *record);
json_t *ctx_describe_last(const struct ctx_record *record);
/* "written", "unchanged", "failed", "removed". */
const char *ctx_result_name(enum ctx_result result);

/* {"source", "path", "error"}: a document that failed. New reference or NULL. */
json_t *ctx_describe_failure(const char *source, const char *path, const char *error);

#endif
