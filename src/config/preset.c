/* Finding and reading project presets. Values are checked by the table of keys. One thread. */
#include "config/preset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/suggest.h"
#include "config/paths.h"

enum { NAMES_MAX = 256 };

static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static bool is_json_name(const char *name)
{
    size_t len = strlen(name);
    return len > 5 && strcmp(name + len - 5, ".json") == 0;
}

static char *find_named(const char *name, const struct ctx_environment *environment,
                        struct ctx_config_arena *arena)
{
    CTX_AUTO_FREE char *own = ctx_config_user_path(environment, "projects");
    const char *folders[] = { own, environment->projects_dir };
    for (size_t i = 0; i < CTX_ARRAY_LEN(folders); i++) {
        if (!folders[i])
            continue;
        char *path = ctx_config_arena_printf(arena, "%s/%s.json", folders[i], name);
        if (is_file(path))
            return path;
    }
    return NULL;
}

static void say_unknown(const struct ctx_reader *reader, const struct ctx_environment *environment,
                        const struct ctx_value *value)
{
    struct ctx_preset_list list;
    if (ctx_preset_list_read(environment, &list) < 0)
        return;
    const char *names[NAMES_MAX];
    size_t n = 0;
    for (; n < list.n && n < NAMES_MAX; n++)
        names[n] = list.entries[n].name;
    const char *near = ctx_suggest(value->text, names, n, sizeof(names[0]));
    const char *quoted = ctx_json_quote(value->text, reader->arena);
    if (near)
        ctx_value_complain(value, reader->severity, reader->diagnostics,
                           "no preset %s; did you mean \"%s\"?", quoted, near);
    else
        ctx_value_complain(value, reader->severity, reader->diagnostics,
                           "no preset %s; contextor list-projects names those there are, a file "
                           "is given with a '/' in its path",
                           quoted);
    ctx_preset_list_deinit(&list);
}

char *ctx_preset_find(const struct ctx_reader *reader, const struct ctx_environment *environment,
                      const struct ctx_value *value, const char *base)
{
    const char *project = value->text;
    if (!strchr(project, '/') && !is_json_name(project)) {
        char *found = find_named(project, environment, reader->arena);
        if (!found)
            say_unknown(reader, environment, value);
        return found;
    }
    CTX_AUTO_FREE char *path = ctx_path_expand(project, base, environment->home);
    if (path && is_file(path))
        return ctx_config_arena_string(reader->arena, path);
    ctx_value_complain(value, reader->severity, reader->diagnostics,
                       "no preset file %s; give the path of one, or a name that contextor "
                       "list-projects shows",
                       path ? path : project);
    return NULL;
}

char *ctx_preset_detect(const char *root, struct ctx_config_arena *arena)
{
    static const char *const names[] = { "contextor.json", "context7.json" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(names); i++) {
        char *path = ctx_config_arena_printf(arena, "%s/%s", root, names[i]);
        if (is_file(path))
            return path;
    }
    return NULL;
}

/* context7.json has no "settings"; what has neither is told of the shape a preset has. */
static const struct ctx_key *shape_of(const struct ctx_json_node *top)
{
    bool flat = false;
    for (const struct ctx_json_node *member = top->children; member; member = member->next) {
        if (strcmp(member->key, "settings") == 0)
            return &ctx_preset_key;
        flat = flat || (member->key[0] != '$' && ctx_key_child(&ctx_context7_key, member->key));
    }
    return flat ? &ctx_context7_key : &ctx_preset_key;
}

bool ctx_preset_read(const struct ctx_reader *reader, struct ctx_layer *layer)
{
    struct ctx_place place = { .file = reader->file };
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, CTX_LIMIT_CONFIG_FILE);
    int r = ctx_file_read_path(reader->file, &text);
    if (r < 0) {
        ctx_diagnostics_add(reader->diagnostics, reader->severity, &place,
                            "cannot be read: %s; see to it that it is a readable file",
                            ctx_error_name(r));
        return false;
    }
    struct ctx_diagnostics broken;
    ctx_diagnostics_init(&broken);
    struct ctx_json_tree tree = { 0 };
    r = ctx_json_tree_parse(ctx_buffer_str(&text), text.len, reader->file, reader->arena, &tree,
                            &broken);
    for (size_t i = 0; i < broken.n; i++) {
        /* The text has its place already. */
        struct ctx_place nowhere = { 0 };
        ctx_diagnostics_add(reader->diagnostics, reader->severity, &nowhere, "%s",
                            broken.items[i].text);
    }
    ctx_diagnostics_deinit(&broken);
    if (r == 0) {
        struct ctx_reader shaped = *reader;
        const struct ctx_key *shape = shape_of(tree.top);
        shaped.everywhere = shape;
        ctx_layer_read(&shaped, shape, tree.top, layer);
    }
    ctx_json_tree_deinit(&tree);
    return r == 0;
}
