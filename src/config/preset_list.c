/* The presets there are: the user's and the installed ones. Any thread. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/preset.h"
#include "config/repository.h"

enum { ENTRIES_MAX = 4096 };

/* The name a file gives its preset; NULL when it is none. */
static char *preset_name(const char *file, struct ctx_config_arena *arena)
{
    size_t len = strlen(file);
    if (file[0] == '.' || len <= 5 || strcmp(file + len - 5, ".json") != 0)
        return NULL;
    return ctx_config_arena_bytes(arena, file, len - 5);
}

static bool has_name(const struct ctx_preset_list *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->entries[i].name, name) == 0)
            return true;
    return false;
}

static char *text_of(const struct ctx_layer *layer, enum ctx_slot slot,
                     struct ctx_config_arena *arena)
{
    const struct ctx_value *value = &layer->values[slot];
    return value->set ? value->text : ctx_config_arena_string(arena, "");
}

static void describe(struct ctx_preset_entry *entry, struct ctx_config_arena *arena)
{
    struct ctx_layer *layer = ctx_config_arena_alloc(arena, sizeof(*layer));
    if (!layer)
        return;
    struct ctx_diagnostics diagnostics;
    ctx_diagnostics_init(&diagnostics);
    struct ctx_reader reader = {
        .file = entry->file,
        .origin = CTX_ORIGIN_PRESET,
        .severity = CTX_SEVERITY_ERROR,
        .arena = arena,
        .diagnostics = &diagnostics,
    };
    entry->broken = !ctx_preset_read(&reader, layer) || diagnostics.n_errors > 0;
    ctx_diagnostics_deinit(&diagnostics);
    entry->title = text_of(layer, CTX_SLOT_TITLE, arena);
    entry->repo = text_of(layer, CTX_SLOT_REPO, arena);
    CTX_AUTO_FREE char *name = ctx_repository_name_of_url(entry->repo);
    if (name)
        entry->repo = ctx_config_arena_string(arena, name);
}

static void add(struct ctx_preset_list *list, const char *folder, const char *file, bool user)
{
    struct ctx_config_arena *arena = &list->arena;
    char *name = preset_name(file, arena);
    if (!name || list->n == ENTRIES_MAX || has_name(list, name))
        return;
    if ((list->n & (list->n - 1)) == 0) {
        size_t capacity = list->n ? list->n * 2 : 1;
        struct ctx_preset_entry *grown = ctx_config_arena_alloc(arena, capacity * sizeof(*grown));
        if (!grown)
            return;
        if (list->n > 0)
            memcpy(grown, list->entries, list->n * sizeof(*grown));
        list->entries = grown;
    }
    struct ctx_preset_entry *entry = &list->entries[list->n++];
    *entry = (struct ctx_preset_entry){
        .name = name,
        .file = ctx_config_arena_printf(arena, "%s/%s", folder, file),
        .title = ctx_config_arena_string(arena, ""),
        .repo = ctx_config_arena_string(arena, ""),
        .user = user,
    };
    describe(entry, arena);
}

static void read_folder(struct ctx_preset_list *list, const char *folder, bool user)
{
    CTX_AUTO_CLOSEDIR DIR *dir = folder ? opendir(folder) : NULL;
    const struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        add(list, folder, entry->d_name, user);
}

static int by_name(const void *a, const void *b)
{
    const struct ctx_preset_entry *left = a, *right = b;
    return strcmp(left->name, right->name);
}

int ctx_preset_list_read(const struct ctx_environment *environment,
                         struct ctx_preset_list *ret_list)
{
    struct ctx_preset_list list = { 0 };
    CTX_AUTO_FREE char *own = ctx_config_user_path(environment, "projects");
    read_folder(&list, own, true);
    read_folder(&list, environment->projects_dir, false);
    if (list.arena.failed) {
        ctx_preset_list_deinit(&list);
        return -ENOMEM;
    }
    if (list.n > 0)
        qsort(list.entries, list.n, sizeof(*list.entries), by_name);
    *ret_list = list;
    return 0;
}

void ctx_preset_list_deinit(struct ctx_preset_list *list)
{
    ctx_config_arena_deinit(&list->arena);
    *list = (struct ctx_preset_list){ 0 };
}
