#ifndef CTX_CONFIG_PRESET_H
#define CTX_CONFIG_PRESET_H

#include "config/layer.h"

/*
 * Project presets: how one repository's documentation is laid out. A file of the shape
 * {"settings": {…}}, or context7.json with its keys at the top.
 */

/*
 * The file of a preset: `project` itself (made absolute from `base`) when it holds a '/' or ends
 * in .json, else NAME.json among the user's presets, then among the installed ones. NULL with an
 * error at `value`'s place when there is none. In the reader's arena. Any thread.
 */
char *ctx_preset_find(const struct ctx_reader *reader, const struct ctx_environment *environment,
                      const struct ctx_value *value, const char *base);

/* contextor.json or context7.json at a root; NULL when there is neither. In the arena. */
char *ctx_preset_detect(const char *root, struct ctx_config_arena *arena);

/* Reads a preset. False when the file cannot be used, with diagnostics of the reader's severity. */
bool ctx_preset_read(const struct ctx_reader *reader, struct ctx_layer *layer);

/*
 * Turns what a preset says of a repository's folders and files into include and exclude patterns
 * below a root that lies at `repo_path` of it, and its URL into owner/name.
 */
void ctx_preset_fit(const struct ctx_reader *reader, const char *root, const char *repo_path,
                    struct ctx_layer *layer);

/* One preset that `project` may name. */
struct ctx_preset_entry {
    char *name;  /* the file's name without .json */
    char *file;  /* absolute */
    char *title; /* "" when it has none */
    char *repo;  /* owner/name, "" when it has none */
    bool user;   /* the user's own, else installed */
    bool broken; /* it cannot be used; check-config on a configuration that names it says why */
};

struct ctx_preset_list {
    struct ctx_preset_entry *entries; /* sorted by name; of two the user's alone */
    size_t n;
    struct ctx_config_arena arena; /* owns them */
};

/* All presets there are. 0 or -ENOMEM; folders that cannot be read hold none. Any thread. */
int ctx_preset_list_read(const struct ctx_environment *environment,
                         struct ctx_preset_list *ret_list);
void ctx_preset_list_deinit(struct ctx_preset_list *list);

#endif
