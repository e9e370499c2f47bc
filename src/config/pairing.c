/*
 * Which roots and outputs go together: no root is its output, no output has two sources, no source
 * lies inside an output. All paths are resolved. One thread.
 */
#include <string.h>
#include <sys/stat.h>

#include "config/paths.h"
#include "config/resolve.h"

static const struct ctx_value *place(const struct ctx_source *source, enum ctx_slot slot)
{
    return &source->values->values[slot];
}

static void check_name(const struct ctx_source *sources, size_t i,
                       struct ctx_diagnostics *diagnostics)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(sources[k].name, sources[i].name) != 0)
            continue;
        ctx_value_complain(place(&sources[i], CTX_SLOT_NAME), CTX_SEVERITY_ERROR, diagnostics,
                           "\"%s\" is the name of sources[%zu] too; give each source a name of "
                           "its own",
                           sources[i].name, k);
        return;
    }
}

static void check_output(const struct ctx_source *sources, size_t i,
                         struct ctx_diagnostics *diagnostics)
{
    const struct ctx_source *source = &sources[i];
    struct stat st;
    if (!source->output)
        return;
    if (stat(source->output, &st) == 0 && !S_ISDIR(st.st_mode))
        ctx_value_complain(place(source, CTX_SLOT_OUTPUT), CTX_SEVERITY_ERROR, diagnostics,
                           "%s is no folder; name one, or one that is to be made", source->output);
    for (size_t k = 0; k < i; k++) {
        if (!sources[k].output || strcmp(sources[k].output, source->output) != 0)
            continue;
        ctx_value_complain(place(source, CTX_SLOT_OUTPUT), CTX_SEVERITY_ERROR, diagnostics,
                           "%s is the output of source \"%s\" too; give each source an output of "
                           "its own",
                           source->output, sources[k].name);
        return;
    }
}

static void check_root(const struct ctx_source *sources, size_t n, size_t i,
                       struct ctx_diagnostics *diagnostics)
{
    const struct ctx_source *source = &sources[i];
    for (size_t k = 0; source->root && k < n; k++) {
        const char *output = sources[k].output;
        if (!output || !ctx_path_is_below(source->root, output))
            continue;
        const struct ctx_value *root = place(source, CTX_SLOT_ROOT);
        bool equal = strcmp(source->root, output) == 0;
        if (k == i && equal)
            ctx_value_complain(root, CTX_SEVERITY_ERROR, diagnostics,
                               "root and output are both %s; choose another output", output);
        else
            ctx_value_complain(root, CTX_SEVERITY_ERROR, diagnostics,
                               "%s %s %s, the output of source \"%s\"; choose another output",
                               source->root, equal ? "is" : "lies inside", output, sources[k].name);
        return;
    }
}

void ctx_pairing_check(const struct ctx_source *sources, size_t n,
                       struct ctx_diagnostics *diagnostics)
{
    for (size_t i = 0; i < n; i++) {
        check_name(sources, i, diagnostics);
        check_output(sources, i, diagnostics);
        check_root(sources, n, i, diagnostics);
    }
}
