#ifndef CTX_TRANSFORM_TOML_H
#define CTX_TRANSFORM_TOML_H

#include "transform/yaml.h"

/*
 * Gives the entries of TOML front matter that are strings, or lists of strings on one line, and
 * stand before its first table; the rest is passed over (the front matter is kept as written
 * besides). `json` of an entry is empty. 0 or what `entry` failed with. Pure; any thread.
 */
int ctx_toml_read(const char *text, size_t len, ctx_yaml_entry_fn entry, void *context);

#endif
