/*
 * From layers to a source. Touches the file system: the root, .git, presets. Everything is made in
 * the configuration's arena. One thread.
 */
#include "config/resolve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "config/paths.h"
#include "config/preset.h"
#include "config/repository.h"

/* A source in the making. */
struct making {
    const struct ctx_resolve *resolve;
    const struct ctx_layer *own;   /* of the file; NULL without one */
    const struct ctx_layer *flags; /* NULL: not for this source */
    struct ctx_layer *laid;
    struct ctx_source *source;
    struct ctx_repository repository;
    bool in_work_tree;
};

char *ctx_resolve_path(const struct ctx_resolve *resolve, const struct ctx_value *value)
{
    const char *home = resolve->environment->home;
    if (ctx_path_needs_home(value->text) && !home) {
        ctx_value_complain(value, CTX_SEVERITY_ERROR, resolve->diagnostics,
                           "\"~\" cannot be expanded, since HOME is not set; give the whole path");
        return NULL;
    }
    bool from_flag = value->origin == CTX_ORIGIN_FLAG;
    CTX_AUTO_FREE char *expanded =
        ctx_path_expand(value->text, from_flag ? resolve->current : resolve->file_base, home);
    CTX_AUTO_FREE char *resolved = expanded ? ctx_path_resolve(expanded) : NULL;
    if (!resolved)
        resolve->arena->failed = true;
    return resolved ? ctx_config_arena_string(resolve->arena, resolved) : NULL;
}

/* The value that a flag or the source's part of the file gives; NULL when neither does. */
static const struct ctx_value *given(const struct making *making, enum ctx_slot slot)
{
    if (making->flags && making->flags->values[slot].set)
        return &making->flags->values[slot];
    if (making->own && making->own->values[slot].set)
        return &making->own->values[slot];
    return NULL;
}

/* The output that the file gives is one still, and never read, when a flag gives another. */
static void keep_output_in_file(const struct making *making)
{
    const struct ctx_value *value = making->own ? &making->own->values[CTX_SLOT_OUTPUT] : NULL;
    bool replaced = making->flags && making->flags->values[CTX_SLOT_OUTPUT].set;
    if (replaced && value && value->set)
        making->source->output_in_file = ctx_resolve_path(making->resolve, value);
}

/* Root or output: required, and a path. */
static void take_path(struct making *making, enum ctx_slot slot, const char *name)
{
    const struct ctx_value *value = given(making, slot);
    if (value) {
        char *path = ctx_resolve_path(making->resolve, value);
        making->laid->values[slot] = *value;
        making->laid->values[slot].text = path;
        making->laid->values[slot].set = path;
        return;
    }
    if (making->own && making->own->values[slot].given)
        return; /* it was wrong, and that was said */
    struct ctx_place place = {
        .file = making->resolve->file_name,
        .line = making->own ? making->own->line : 0,
        .key = making->own ? making->own->path : NULL,
    };
    ctx_diagnostics_add(making->resolve->diagnostics, CTX_SEVERITY_ERROR, &place,
                        "no %s; add \"%s\": \"FOLDER\"", name, name);
}

static void check_root(const struct making *making)
{
    const struct ctx_value *root = &making->laid->values[CTX_SLOT_ROOT];
    struct stat st;
    if (!root->set)
        return;
    if (stat(root->text, &st) < 0)
        ctx_value_complain(root, CTX_SEVERITY_WARNING, making->resolve->diagnostics,
                           "%s cannot be found: %s; nothing is mirrored until it is there",
                           root->text, ctx_error_name(-errno));
    else if (!S_ISDIR(st.st_mode))
        ctx_value_complain(root, CTX_SEVERITY_ERROR, making->resolve->diagnostics,
                           "%s is no folder; name the one that holds the documents", root->text);
}

/* A folder's name as text: names of files are bytes, those of sources and repositories are not. */
static char *text_of(struct ctx_config_arena *arena, const char *bytes)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, CTX_LIMIT_PATH * 3);
    if (ctx_utf8_append_lossy(&text, bytes, strlen(bytes)) < 0)
        arena->failed = true;
    return ctx_config_arena_string(arena, ctx_buffer_str(&text));
}

/* A name that nobody gave is complained of where the source stands. */
static void name_the_source(const struct making *making, struct ctx_value *name)
{
    if (!making->own)
        return;
    name->file = making->resolve->file_name;
    name->line = making->own->line;
    name->key_path = ctx_config_arena_printf(making->resolve->arena, "%s.name", making->own->path);
}

/* What .git says, or else the folder's name. */
static void take_repository(struct making *making)
{
    const struct ctx_value *root = &making->laid->values[CTX_SLOT_ROOT];
    const char *path = root->set ? root->text : "/";
    making->in_work_tree = ctx_repository_find(path, &making->repository) == 0;
    const struct ctx_repository *repository = &making->repository;
    const char *top = making->in_work_tree ? repository->top : path;
    const char *repo = repository->name ? repository->name : ctx_path_name(top);
    const char *ref = repository->ref ? repository->ref : "HEAD";
    struct ctx_config_arena *arena = making->resolve->arena;
    ctx_layer_set_found(making->laid, CTX_SLOT_REPO, text_of(arena, repo));
    ctx_layer_set_found(making->laid, CTX_SLOT_REF, text_of(arena, ref));
    ctx_layer_set_found(making->laid, CTX_SLOT_NAME, text_of(arena, ctx_path_name(path)));
    name_the_source(making, &making->laid->values[CTX_SLOT_NAME]);
    const struct ctx_environment *environment = making->resolve->environment;
    if (environment->home)
        making->source->home = ctx_config_arena_string(arena, environment->home);
    if (environment->xdg_config_home)
        making->source->config_home = ctx_config_arena_string(arena, environment->xdg_config_home);
    making->source->repo_path =
        ctx_config_arena_string(arena, making->in_work_tree ? ctx_path_inside(path, top) : "");
}

static bool auto_detects(const struct making *making)
{
    const struct ctx_value *value = given(making, CTX_SLOT_AUTO_DETECT);
    return !value || value->number != 0;
}

static void read_preset(struct making *making, const char *file, bool detected)
{
    const struct ctx_resolve *resolve = making->resolve;
    struct ctx_layer *preset = ctx_config_arena_alloc(resolve->arena, sizeof(*preset));
    struct ctx_reader reader = {
        .file = file,
        .origin = CTX_ORIGIN_PRESET,
        .severity = detected ? CTX_SEVERITY_WARNING : CTX_SEVERITY_ERROR,
        .arena = resolve->arena,
        .diagnostics = resolve->diagnostics,
    };
    if (!preset || !ctx_preset_read(&reader, preset))
        return;
    const char *root = making->laid->values[CTX_SLOT_ROOT].text;
    ctx_preset_fit(&reader, root ? root : "/",
                   making->in_work_tree ? making->source->repo_path : NULL, preset);
    ctx_layer_lay(making->laid, preset, CTX_SLOT_GLOBAL_END, CTX_SLOT_SOURCE_END, resolve->arena);
    if (!detected)
        return;
    struct ctx_place place = { .file = file };
    ctx_diagnostics_add(resolve->diagnostics, CTX_SEVERITY_NOTE, &place,
                        "found at the root and used as the project preset; "
                        "--no-auto-detect-config or \"auto_detect_config\": false turns that off");
}

static void take_preset(struct making *making)
{
    const struct ctx_resolve *resolve = making->resolve;
    const struct ctx_value *project = given(making, CTX_SLOT_PROJECT);
    const struct ctx_value *root = &making->laid->values[CTX_SLOT_ROOT];
    struct ctx_reader reader = {
        .severity = CTX_SEVERITY_ERROR,
        .arena = resolve->arena,
        .diagnostics = resolve->diagnostics,
    };
    char *file = NULL;
    if (project) {
        bool from_flag = project->origin == CTX_ORIGIN_FLAG;
        file = ctx_preset_find(&reader, resolve->environment, project,
                               from_flag ? resolve->current : resolve->file_base);
        making->source->preset = project->text;
    } else if (root->set && auto_detects(making)) {
        making->source->preset = file = ctx_preset_detect(root->text, resolve->arena);
    }
    if (file)
        read_preset(making, file, !project);
}

/* The URL of the source's repository: as given, or git's when that is of the same one; or NULL. */
static char *repository_url(const struct making *making, const char *repo)
{
    CTX_AUTO_FREE char *name = ctx_repository_name_of_url(repo);
    const char *url = making->repository.url;
    if (name)
        return ctx_config_arena_string(making->resolve->arena, repo);
    bool same = url && ctx_repository_is_named(url, repo);
    return same ? ctx_config_arena_string(making->resolve->arena, url) : NULL;
}

/* A repository may be given by its URL, in the file, a preset or a flag; only its name is kept. */
static void take_forge(const struct making *making)
{
    struct ctx_config_arena *arena = making->resolve->arena;
    struct ctx_value *repo = &making->laid->values[CTX_SLOT_REPO];
    struct ctx_value *forge = &making->laid->values[CTX_SLOT_FORGE];
    const char *url = repository_url(making, repo->text);
    if (!url)
        return;
    if (!forge->set) {
        forge->number = ctx_repository_forge_of_url(url);
        forge->text = ctx_config_arena_string(arena, ctx_forge_name((enum ctx_forge)forge->number));
        forge->origin = CTX_ORIGIN_REPOSITORY;
        forge->set = true;
    }
    CTX_AUTO_FREE char *web = ctx_repository_web_of_url(url, (enum ctx_forge)forge->number);
    CTX_AUTO_FREE char *name = ctx_repository_name_of_url(repo->text);
    if (web)
        making->source->transform.links.web = ctx_config_arena_string(arena, web);
    if (name)
        repo->text = ctx_config_arena_string(arena, name);
}

static void check_links(const struct making *making)
{
    const struct ctx_value *target = &making->laid->values[CTX_SLOT_LINKS_TARGET];
    if (target->number == CTX_LINKS_BASE_URL && !making->laid->values[CTX_SLOT_BASE_URL].set)
        ctx_value_complain(target, CTX_SEVERITY_ERROR, making->resolve->diagnostics,
                           "\"base_url\" needs one; add transforms.link_rules.base_url");
}

static void lay_all(struct making *making)
{
    const struct ctx_resolve *resolve = making->resolve;
    const enum ctx_slot first = CTX_SLOT_GLOBAL_END, end = CTX_SLOT_SOURCE_END;
    struct ctx_layer *laid = making->laid;
    ctx_layer_lay(laid, resolve->defaults, first, end, resolve->arena);
    take_path(making, CTX_SLOT_ROOT, "root");
    take_path(making, CTX_SLOT_OUTPUT, "output");
    keep_output_in_file(making);
    check_root(making);
    take_repository(making);
    take_preset(making);
    struct ctx_value root = laid->values[CTX_SLOT_ROOT], output = laid->values[CTX_SLOT_OUTPUT];
    if (resolve->file)
        ctx_layer_lay(laid, resolve->file, first, end, resolve->arena);
    if (making->own)
        ctx_layer_lay(laid, making->own, first, end, resolve->arena);
    if (making->flags)
        ctx_layer_lay(laid, making->flags, first, end, resolve->arena);
    laid->values[CTX_SLOT_ROOT] = root;
    laid->values[CTX_SLOT_OUTPUT] = output;
    take_forge(making);
    check_links(making);
}

void ctx_resolve_source(const struct ctx_resolve *resolve, const struct ctx_layer *layer,
                        bool flagged, struct ctx_source *ret_source)
{
    struct ctx_source source = { 0 };
    struct making making = {
        .resolve = resolve,
        .own = layer,
        .flags = flagged ? resolve->flags : NULL,
        .laid = ctx_config_arena_alloc(resolve->arena, sizeof(*making.laid)),
        .source = &source,
    };
    if (!making.laid)
        return;
    lay_all(&making);
    const struct ctx_key *tree = ctx_key_child(&ctx_config_key, "sources");
    ctx_layer_store(tree, making.laid, CTX_SLOT_GLOBAL_END, CTX_SLOT_SOURCE_END, &source);
    ctx_layer_store_transform(making.laid, resolve->arena, &source.transform);
    source.values = making.laid;
    if (ctx_fingerprint(&source, source.fingerprint) < 0)
        resolve->arena->failed = true;
    ctx_repository_deinit(&making.repository);
    *ret_source = source;
}
