#ifndef CTX_CONFIG_DESCRIBE_H
#define CTX_CONFIG_DESCRIBE_H

#include <jansson.h>

#include "config/config.h"

/*
 * The effective configuration, for check-config:
 *   {"values": [VALUE…], "sources": [{"name", "repo_path", "preset", "fingerprint", "values"}…]}
 * with VALUE {"key", "value", "origin", "file", "line"}: origin is "default", "repository",
 * "preset", "file" or "flag"; file and line only where there are any. A key without a value has
 * null and says in "otherwise" what holds then. A new reference; NULL when memory is out. Any thread.
 */
json_t *ctx_config_describe(const struct ctx_config *config);

/* Diagnostics: [{"severity", "text", "file", "line", "key"}…]. A new reference or NULL. */
json_t *ctx_diagnostics_to_json(const struct ctx_diagnostics *diagnostics);

#endif
