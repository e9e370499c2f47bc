/* Any bytes as a configuration, a preset, context7.json, and git's configuration. */
#include <stdint.h>
#include <stdlib.h>

#include "config/git_config.h"
#include "config/layer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_as(const struct ctx_key *shape, const char *text, size_t len)
{
    struct ctx_config_arena arena = { 0 };
    struct ctx_diagnostics diagnostics = { 0 };
    struct ctx_json_tree tree = { 0 };
    struct ctx_layer *layer = ctx_config_arena_alloc(&arena, sizeof(*layer));
    struct ctx_reader reader = {
        .file = "f",
        .everywhere = shape,
        .arena = &arena,
        .diagnostics = &diagnostics,
    };
    if (ctx_json_tree_parse(text, len, "f", &arena, &tree, &diagnostics) == 0)
        ctx_layer_read(&reader, shape, tree.top, layer);
    ctx_json_tree_deinit(&tree);
    ctx_diagnostics_deinit(&diagnostics);
    ctx_config_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    read_as(&ctx_config_key, text, size);
    read_as(&ctx_preset_key, text, size);
    read_as(&ctx_context7_key, text, size);
    free(ctx_git_config_get(text, size, "remote", "origin", "url"));
    return 0;
}
