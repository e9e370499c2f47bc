/* contextor check-config: all that is to be said of a configuration. The main thread. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "cli/cli.h"
#include "cli/print.h"
#include "config/describe.h"

enum { KEY_COLUMN = 46, VALUE_COLUMN = 36 };

/* "line 7", "nextjs.json:3", "default". */
static void print_origin(const json_t *value, const char *file)
{
    const char *origin = ctx_json_string(value, "origin");
    json_int_t line = json_integer_value(json_object_get(value, "line"));
    const char *from = ctx_json_string(value, "file");
    if (strcmp(origin, "file") == 0 && strcmp(from, file) == 0)
        printf("line %" JSON_INTEGER_FORMAT "\n", line);
    else if (strcmp(origin, "preset") == 0)
        printf("preset %s:%" JSON_INTEGER_FORMAT "\n", from, line);
    else
        printf("%s\n", origin);
}

static void print_values(const json_t *values, const char *file)
{
    size_t i;
    json_t *value;
    json_array_foreach(values, i, value)
    {
        const json_t *content = json_object_get(value, "value");
        const char *otherwise = ctx_json_string(value, "otherwise");
        CTX_AUTO_FREE char *text = NULL;
        if (content && !json_is_null(content))
            text = json_dumps(content, JSON_ENCODE_ANY);
        else if (asprintf(&text, "(%s)", otherwise) < 0)
            text = NULL;
        printf("  %-*s  %-*s  ", KEY_COLUMN, ctx_json_string(value, "key"), VALUE_COLUMN,
               text ? text : "");
        print_origin(value, file);
    }
}

static void print_sources(const json_t *sources, const char *file)
{
    size_t i;
    json_t *source;
    json_array_foreach(sources, i, source)
    {
        const char *repo_path = ctx_json_string(source, "repo_path");
        printf("\nsource %s", ctx_json_string(source, "name"));
        if (repo_path[0] != '\0')
            printf(" (%s of its repository)", repo_path);
        putchar('\n');
        print_values(json_object_get(source, "values"), file);
    }
}

static void print_diagnostics(const struct ctx_diagnostics *diagnostics)
{
    for (size_t i = 0; i < diagnostics->n; i++) {
        const struct ctx_diagnostic *item = &diagnostics->items[i];
        fprintf(stderr, "%s: %s\n", ctx_severity_name(item->severity), item->text);
    }
}

static void print_effective(const struct ctx_config *config,
                            const struct ctx_diagnostics *diagnostics)
{
    json_t *effective = ctx_config_describe(config);
    printf("%s is good: %zu source%s, %zu warning%s\n\n", config->path, config->n_sources,
           config->n_sources == 1 ? "" : "s", diagnostics->n_warnings,
           diagnostics->n_warnings == 1 ? "" : "s");
    print_values(json_object_get(effective, "values"), config->path);
    print_sources(json_object_get(effective, "sources"), config->path);
    if (config->n_sources == 0)
        puts("\nIt has no sources; contextor init writes a configuration for a tree.");
    json_decref(effective);
}

static int report(const char *path, int loaded, const struct ctx_config *config,
                  const struct ctx_diagnostics *diagnostics, bool json)
{
    int status = loaded == 0 ? CTX_EXIT_OK : CTX_EXIT_USAGE;
    if (!json) {
        print_diagnostics(diagnostics);
        if (loaded == 0)
            print_effective(config, diagnostics);
        return status;
    }
    json_t *object =
        json_pack("{s:s, s:b, s:i, s:i, s:o}", "file", path, "ok", loaded == 0, "errors",
                  (int)diagnostics->n_errors, "warnings", (int)diagnostics->n_warnings,
                  "diagnostics", ctx_diagnostics_to_json(diagnostics));
    if (object && loaded == 0)
        json_object_set_new(object, "effective", ctx_config_describe(config));
    ctx_print_json(object);
    json_decref(object);
    return status;
}

/* The user's file, or the system's where the user has none; malloc'ed, NULL when memory is out. */
static char *default_path(const struct ctx_environment *environment, bool system)
{
    CTX_AUTO_FREE char *user = system ? NULL : ctx_config_default_path(environment, false);
    CTX_AUTO_FREE char *shared = ctx_config_default_path(environment, true);
    if (user && (access(user, F_OK) == 0 || !shared || access(shared, F_OK) != 0))
        return CTX_TAKE(user);
    return CTX_TAKE(shared);
}

int ctx_cli_check_config(int argc, char **argv)
{
    struct values {
        bool json, system, if_exists;
    } values = { 0 };
    static const struct ctx_option options[] = {
        { "json", 0, CTX_OPTION_FLAG, offsetof(struct values, json), NULL,
          "print diagnostics and the effective configuration as one JSON object" },
        { "if-exists", 0, CTX_OPTION_FLAG, offsetof(struct values, if_exists), NULL,
          "be content when there is no such file" },
        { "system", 0, CTX_OPTION_FLAG, offsetof(struct values, system), NULL,
          "check the system's configuration" },
    };
    static const struct ctx_usage usage = {
        .command = "check-config",
        .arguments = "[FILE]",
        .summary = "check a configuration, and show what is in force",
        .detail = "Without FILE, the user's configuration is checked, or the system's where the\n"
                  "user has none. Exit status 2: the daemon would refuse it.",
        .options = options,
        .n_options = CTX_ARRAY_LEN(options),
        .max_arguments = 1,
    };
    int n;
    int r = ctx_options_parse(&usage, argc, argv, &values, &n);
    if (r != 0)
        return r < 0 ? CTX_EXIT_USAGE : CTX_EXIT_OK;
    struct ctx_environment environment;
    ctx_environment_init(&environment, getenv);
    CTX_AUTO_FREE char *path = n > 0 ? strdup(argv[1]) : default_path(&environment, values.system);
    if (!path || ctx_digest_setup() < 0) {
        ctx_cli_fail("out of memory, or libgcrypt is too old");
        return CTX_EXIT_FAILED;
    }
    if (values.if_exists && access(path, F_OK) < 0 && errno == ENOENT)
        return CTX_EXIT_OK;
    struct ctx_config config;
    struct ctx_diagnostics diagnostics;
    ctx_config_init(&config);
    r = ctx_config_load(path, &environment, NULL, &config, &diagnostics);
    if (r < 0 && diagnostics.n_errors == 0)
        ctx_cli_fail("%s: %s", path, ctx_error_name(r));
    int status = report(path, r, &config, &diagnostics, values.json);
    ctx_config_deinit(&config);
    ctx_diagnostics_deinit(&diagnostics);
    return status;
}
