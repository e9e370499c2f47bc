/*
 * The golden test: every <dialect>/<name>.in.md[x] is transformed (profile lossless, the dialect
 * by its directory's name when there is one; or all by the project preset <name>.config.json) and
 * compared with <name>.out.md; the body, transformed again, must be itself. With --update the
 * outputs are written instead.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/file.h"
#include "config/config.h"
#include "contextor/transform.h"

enum { INPUT_MAX = 1 << 24 };

static int transform(const struct ctx_buffer *in, const char *path,
                     const struct ctx_transform_options *options, struct ctx_document *ret)
{
    struct ctx_transform_context context = {
        .options = options, .path = path, .repo = "acme/docs", .ref = "main", .repo_path = "docs"
    };
    struct ctx_error error = { 0 };
    int r = ctx_transform(ctx_buffer_str(in), in->len, &context, ret, &error);
    if (r < 0)
        fprintf(stderr, "%s: %s\n", path, error.text);
    return r;
}

/* The options of a case: those of its preset, read as the program reads it. */
static bool read_options(const char *preset, const char *name, struct ctx_config *config,
                         struct ctx_transform_options *ret_options)
{
    static const struct ctx_environment environment = { .home = NULL };
    struct ctx_config_overrides overrides = CTX_CONFIG_NO_OVERRIDES;
    struct ctx_diagnostics diagnostics;
    if (access(preset, F_OK) < 0) {
        char directory[256] = { 0 };
        snprintf(directory, sizeof(directory), "%.*s", (int)strcspn(name, "/"), name);
        int dialect = ctx_dialect_from_name(directory);
        *ret_options = (struct ctx_transform_options){
            .profile = CTX_PROFILE_LOSSLESS,
            .dialect = dialect < 0 ? CTX_DIALECT_NONE : (enum ctx_dialect)dialect,
        };
        return true;
    }
    overrides.project = preset;
    int r =
        ctx_config_from_flags("/", "/nonexistent", &environment, &overrides, config, &diagnostics);
    for (size_t i = 0; i < diagnostics.n; i++)
        fprintf(stderr, "%s: %s\n", name, diagnostics.items[i].text);
    bool good = r == 0 && diagnostics.n == 0;
    ctx_diagnostics_deinit(&diagnostics);
    if (good)
        *ret_options = config->sources[0].transform;
    return good;
}

static bool same(const struct ctx_buffer *a, const struct ctx_buffer *b)
{
    return a->len == b->len && memcmp(ctx_buffer_str(a), ctx_buffer_str(b), a->len) == 0;
}

static void write_file(const char *path, const struct ctx_buffer *text)
{
    CTX_AUTO_FCLOSE FILE *file = fopen(path, "w");
    if (file)
        fwrite(ctx_buffer_str(text), 1, text->len, file);
}

/* Shows the first line that differs, and the rest by diff(1) when there is one. */
static void show(const char *expected, const struct ctx_buffer *got)
{
    char path[] = "/tmp/golden-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0)
        return;
    close(fd);
    write_file(path, got);
    char command[4096 + 64];
    snprintf(command, sizeof(command), "diff -u '%s' '%s'", expected, path);
    fflush(stdout);
    if (system(command) < 0)
        perror(command);
    unlink(path);
}

static bool compare(const char *out_path, const char *name, const struct ctx_buffer *body,
                    const struct ctx_buffer *again)
{
    CTX_AUTO_BUFFER struct ctx_buffer expected;
    ctx_buffer_init(&expected, INPUT_MAX);
    if (ctx_file_read_path(out_path, &expected) < 0 || !same(&expected, body)) {
        printf("%s: not as expected\n", name);
        show(out_path, body);
        return false;
    }
    if (!same(body, again)) {
        printf("%s: transformed again, it is another\n", name);
        show(out_path, again);
        return false;
    }
    return true;
}

static bool check(const char *in_path, const char *name, bool update)
{
    CTX_AUTO_BUFFER struct ctx_buffer in;
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document document;
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document again;
    CTX_CLEANUP(ctx_config_deinit) struct ctx_config config;
    struct ctx_transform_options options;
    ctx_buffer_init(&in, INPUT_MAX);
    ctx_document_init(&document);
    ctx_document_init(&again);
    ctx_config_init(&config);
    char out_path[4096], preset[4096];
    int stem = (int)(strstr(in_path, ".in.") - in_path);
    snprintf(out_path, sizeof(out_path), "%.*s.out.md", stem, in_path);
    snprintf(preset, sizeof(preset), "%.*s.config.json", stem, in_path);
    if (!read_options(preset, name, &config, &options))
        return false;
    if (ctx_file_read_path(in_path, &in) < 0 || transform(&in, name, &options, &document) < 0)
        return false;
    if (transform(&document.body, name, &options, &again) < 0)
        return false;
    if (update)
        write_file(out_path, &document.body);
    return compare(out_path, name, &document.body, &again.body);
}

int main(int argc, char **argv)
{
    bool update = argc > 2 && strcmp(argv[1], "--update") == 0;
    const char *root = argc > 1 ? argv[argc - 1] : ".";
    char pattern[4096];
    glob_t found;
    int failed = 0;
    if (ctx_transform_setup() < 0 || ctx_digest_setup() < 0)
        return 2;
    snprintf(pattern, sizeof(pattern), "%s/*/*.in.md*", root);
    if (glob(pattern, 0, NULL, &found) != 0)
        return fprintf(stderr, "%s: no documents\n", pattern), 2;
    for (size_t i = 0; i < found.gl_pathc; i++)
        failed += !check(found.gl_pathv[i], found.gl_pathv[i] + strlen(root) + 1, update);
    printf("%zu documents, %d failed\n", found.gl_pathc, failed);
    globfree(&found);
    return failed > 0;
}
