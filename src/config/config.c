/*
 * Loading: the file or the flags are read into layers, layers are made into sources, sources are
 * checked against one another. All memory is one arena, owned by the configuration. One thread.
 */
#include "config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/suggest.h"
#include "config/paths.h"
#include "config/resolve.h"

/* One loading, from its arguments to its result. */
struct loading {
    const struct ctx_environment *environment;
    const struct ctx_config_overrides *overrides;
    struct ctx_config_memory *memory;
    struct ctx_diagnostics *diagnostics;
    struct ctx_config config;
    struct ctx_json_tree tree;
    struct ctx_layer *defaults, *file, *flags, *laid;
    char *path, *base, *current; /* absolute; malloc'ed */
    const char *name;            /* the file, in the arena; NULL: none */
};

void ctx_config_init(struct ctx_config *config)
{
    *config = (struct ctx_config){ 0 };
}

void ctx_config_deinit(struct ctx_config *config)
{
    if (config->memory) {
        ctx_config_arena_deinit(&config->memory->arena);
        free(config->memory);
    }
    ctx_config_init(config);
}

const struct ctx_source *ctx_config_source(const struct ctx_config *config, const char *name)
{
    for (size_t i = 0; i < config->n_sources; i++)
        if (strcmp(config->sources[i].name, name) == 0)
            return &config->sources[i];
    return NULL;
}

static int begin(struct loading *loading)
{
    loading->memory = calloc(1, sizeof(*loading->memory));
    loading->current = getcwd(NULL, 0);
    if (!loading->memory)
        return -ENOMEM;
    if (!loading->current && errno != ENOENT)
        return -errno;
    if (!loading->current && !(loading->current = strdup("/")))
        return -ENOMEM;
    struct ctx_config_arena *arena = &loading->memory->arena;
    loading->config.memory = loading->memory;
    loading->defaults = ctx_config_arena_alloc(arena, sizeof(*loading->defaults));
    loading->file = ctx_config_arena_alloc(arena, sizeof(*loading->file));
    loading->flags = ctx_config_arena_alloc(arena, sizeof(*loading->flags));
    loading->laid = ctx_config_arena_alloc(arena, sizeof(*loading->laid));
    if (arena->failed)
        return -ENOMEM;
    ctx_layer_read_defaults(&ctx_config_key, arena, loading->defaults);
    return 0;
}

static void end(struct loading *loading)
{
    ctx_json_tree_deinit(&loading->tree);
    free(loading->path);
    free(loading->base);
    free(loading->current);
    ctx_config_deinit(&loading->config);
}

static void set_text(const struct ctx_reader *reader, enum ctx_slot slot, const char *text,
                     struct ctx_layer *layer)
{
    const struct ctx_key *key = ctx_key_of_slot(&ctx_config_key, slot);
    if (text)
        ctx_layer_set_text(reader, key, key->flag, text, layer);
}

static void set_number(const struct ctx_reader *reader, enum ctx_slot slot, bool given, int number,
                       struct ctx_layer *layer)
{
    const struct ctx_key *key = ctx_key_of_slot(&ctx_config_key, slot);
    if (given)
        ctx_layer_set_number(reader, key, key->flag, (uint64_t)(int64_t)number, layer);
}

static void read_flags(struct loading *loading)
{
    const struct ctx_config_overrides *o = loading->overrides;
    struct ctx_layer *flags = loading->flags;
    struct ctx_reader reader = {
        .origin = CTX_ORIGIN_FLAG,
        .severity = CTX_SEVERITY_ERROR,
        .arena = &loading->memory->arena,
        .diagnostics = loading->diagnostics,
    };
    set_text(&reader, CTX_SLOT_OUTPUT, o->output, flags);
    set_text(&reader, CTX_SLOT_REPO, o->repo, flags);
    set_text(&reader, CTX_SLOT_REF, o->ref, flags);
    set_text(&reader, CTX_SLOT_PROFILE, o->profile, flags);
    set_text(&reader, CTX_SLOT_TOPICS, o->topics, flags);
    set_text(&reader, CTX_SLOT_PROJECT, o->project, flags);
    set_number(&reader, CTX_SLOT_AUTO_DETECT, o->auto_detect >= 0, o->auto_detect, flags);
    set_number(&reader, CTX_SLOT_MAX_WORKERS, o->max_workers != 0, o->max_workers, flags);
    set_number(&reader, CTX_SLOT_BATCH_SIZE, o->batch_size != 0, o->batch_size, flags);
    set_number(&reader, CTX_SLOT_MEMORY_LIMIT, o->memory_limit_mb != 0, o->memory_limit_mb, flags);
    set_number(&reader, CTX_SLOT_PROCESS_POOL, o->process_pool >= 0, o->process_pool, flags);
}

static const char *why_unreadable(int code)
{
    switch (code) {
    case -ENOENT:
        return "No such file or directory; contextor init writes a first one";
    case -EINVAL:
        return "it is no regular file; name one that is";
    case -EFBIG:
        return "it is larger than 4 MiB; name a configuration";
    default:
        return ctx_error_name(code);
    }
}

static int read_file(struct loading *loading)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, CTX_LIMIT_CONFIG_FILE);
    int r = ctx_file_read_path(loading->path, &text);
    if (r < 0) {
        struct ctx_place place = { .file = loading->path };
        ctx_diagnostics_add(loading->diagnostics, CTX_SEVERITY_ERROR, &place, "cannot be read: %s",
                            why_unreadable(r));
        return r;
    }
    r = ctx_json_tree_parse(ctx_buffer_str(&text), text.len, loading->path, &loading->memory->arena,
                            &loading->tree, loading->diagnostics);
    if (r < 0)
        return r;
    struct ctx_reader reader = {
        .file = loading->name,
        .origin = CTX_ORIGIN_FILE,
        .severity = CTX_SEVERITY_ERROR,
        .everywhere = &ctx_config_key,
        .arena = &loading->memory->arena,
        .diagnostics = loading->diagnostics,
    };
    ctx_layer_read(&reader, &ctx_config_key, loading->tree.top, loading->file);
    return 0;
}

static struct ctx_resolve resolve_of(struct loading *loading)
{
    return (struct ctx_resolve){
        .environment = loading->environment,
        .defaults = loading->defaults,
        .file = loading->path ? loading->file : NULL,
        .flags = loading->flags,
        .file_name = loading->name,
        .file_base = loading->base ? loading->base : loading->current,
        .current = loading->current,
        .arena = &loading->memory->arena,
        .diagnostics = loading->diagnostics,
    };
}

/* bind(2) takes no longer path. */
static void check_socket(const struct ctx_value *socket, struct ctx_diagnostics *diagnostics)
{
    size_t most = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;
    if (socket->text && strlen(socket->text) > most)
        ctx_value_complain(socket, CTX_SEVERITY_ERROR, diagnostics,
                           "%s is longer than the %zu bytes a socket's path may have; give a "
                           "shorter one",
                           socket->text, most);
}

/* What is the daemon's: performance, watching, the socket. */
static void resolve_global(struct loading *loading, const struct ctx_resolve *resolve)
{
    const enum ctx_slot first = CTX_SLOT_SOCKET, last = CTX_SLOT_GLOBAL_END;
    struct ctx_config_arena *arena = resolve->arena;
    struct ctx_layer *laid = loading->laid;
    ctx_layer_lay(laid, loading->defaults, first, last, arena);
    ctx_layer_lay(laid, loading->file, first, last, arena);
    ctx_layer_lay(laid, loading->flags, first, last, arena);
    struct ctx_value *socket = &laid->values[CTX_SLOT_SOCKET];
    if (socket->set) {
        socket->text = ctx_resolve_path(resolve, socket);
        check_socket(socket, resolve->diagnostics);
    }
    ctx_layer_store(&ctx_config_key, laid, first, last, &loading->config);
    loading->config.performance.parallel = loading->overrides->parallel != 0;
    loading->memory->values = laid;
}

static void complain_of_source(struct loading *loading, const char *name)
{
    const char *names[64];
    size_t n = 0;
    for (; n < loading->config.n_sources && n < CTX_ARRAY_LEN(names); n++)
        names[n] = loading->config.sources[n].name;
    const char *near = ctx_suggest(name, names, n, sizeof(names[0]));
    struct ctx_place place = { .file = loading->path, .key = "--source" };
    const char *quoted = ctx_json_quote(name, &loading->memory->arena);
    if (near)
        ctx_diagnostics_add(loading->diagnostics, CTX_SEVERITY_ERROR, &place,
                            "no source %s; did you mean \"%s\"?", quoted, near);
    else
        ctx_diagnostics_add(loading->diagnostics, CTX_SEVERITY_ERROR, &place,
                            "no source %s; contextor check-config shows those there are", quoted);
}

/* The name that a source will have, as far as the file says. */
static bool is_named(const struct ctx_layer *layer, const char *name)
{
    const struct ctx_value *value = &layer->values[CTX_SLOT_NAME];
    const struct ctx_value *root = &layer->values[CTX_SLOT_ROOT];
    if (value->set)
        return strcmp(value->text, name) == 0;
    return root->set && strcmp(ctx_path_name(root->text), name) == 0;
}

static void resolve_sources(struct loading *loading, const struct ctx_resolve *resolve)
{
    const struct ctx_layer *file = loading->file;
    const char *wanted = loading->overrides->source;
    struct ctx_config *config = &loading->config;
    config->sources =
        ctx_config_arena_alloc(resolve->arena, file->n_items * sizeof(*config->sources));
    for (size_t i = 0; config->sources && i < file->n_items; i++) {
        bool flagged = !wanted || is_named(&file->items[i], wanted);
        ctx_resolve_source(resolve, &file->items[i], flagged, &config->sources[i]);
        config->n_sources++;
    }
    if (wanted && !ctx_config_source(config, wanted))
        complain_of_source(loading, wanted);
}

static int finish(struct loading *loading, struct ctx_config *ret_config)
{
    ctx_pairing_check(loading->config.sources, loading->config.n_sources, loading->diagnostics);
    if (loading->memory->arena.failed || loading->diagnostics->status < 0)
        return -ENOMEM;
    if (loading->diagnostics->n_errors > 0)
        return -EINVAL;
    *ret_config = loading->config;
    ctx_config_init(&loading->config);
    return 0;
}

static struct loading loading_of(const struct ctx_environment *environment,
                                 const struct ctx_config_overrides *overrides,
                                 struct ctx_diagnostics *diagnostics)
{
    static const struct ctx_config_overrides none = CTX_CONFIG_NO_OVERRIDES;
    ctx_diagnostics_init(diagnostics);
    return (struct loading){
        .environment = environment,
        .overrides = overrides ? overrides : &none,
        .diagnostics = diagnostics,
    };
}

static int load_file(struct loading *loading, const char *path, struct ctx_config *ret_config)
{
    int r = begin(loading);
    if (r < 0)
        return r;
    loading->path = ctx_path_expand(path, loading->current, NULL);
    loading->base = loading->path ? ctx_path_folder(loading->path) : NULL;
    if (!loading->base)
        return -ENOMEM;
    /* Values name their file for as long as the configuration lives. */
    loading->config.path = ctx_config_arena_string(&loading->memory->arena, loading->path);
    loading->name = loading->config.path;
    read_flags(loading);
    r = read_file(loading);
    if (r < 0)
        return r;
    struct ctx_resolve resolve = resolve_of(loading);
    resolve_global(loading, &resolve);
    resolve_sources(loading, &resolve);
    return finish(loading, ret_config);
}

int ctx_config_load(const char *path, const struct ctx_environment *environment,
                    const struct ctx_config_overrides *overrides, struct ctx_config *ret_config,
                    struct ctx_diagnostics *ret_diagnostics)
{
    struct loading loading = loading_of(environment, overrides, ret_diagnostics);
    int r = load_file(&loading, path, ret_config);
    end(&loading);
    return r;
}

static int load_flags(struct loading *loading, const char *src, const char *out,
                      struct ctx_config *ret_config)
{
    int r = begin(loading);
    if (r < 0)
        return r;
    struct ctx_reader reader = {
        .origin = CTX_ORIGIN_FLAG,
        .severity = CTX_SEVERITY_ERROR,
        .arena = &loading->memory->arena,
        .diagnostics = loading->diagnostics,
    };
    read_flags(loading);
    set_text(&reader, CTX_SLOT_ROOT, src, loading->flags);
    set_text(&reader, CTX_SLOT_OUTPUT, out, loading->flags);
    struct ctx_resolve resolve = resolve_of(loading);
    resolve_global(loading, &resolve);
    loading->config.sources = ctx_config_arena_alloc(resolve.arena, sizeof(struct ctx_source));
    if (!loading->config.sources)
        return -ENOMEM;
    loading->config.n_sources = 1;
    ctx_resolve_source(&resolve, NULL, true, loading->config.sources);
    return finish(loading, ret_config);
}

int ctx_config_from_flags(const char *src, const char *out,
                          const struct ctx_environment *environment,
                          const struct ctx_config_overrides *overrides,
                          struct ctx_config *ret_config, struct ctx_diagnostics *ret_diagnostics)
{
    struct loading loading = loading_of(environment, overrides, ret_diagnostics);
    int r = load_flags(&loading, src, out, ret_config);
    end(&loading);
    return r;
}
