/*
 * contextor init: a first configuration for a tree. It asks nothing and overwrites nothing. The
 * main thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/file.h"
#include "cli/cli.h"
#include "config/preset.h"

#define FOLDER_OF_MIRRORS "sourcedocs"

struct init {
    const char *root, *output, *config, *name; /* as given */
    struct ctx_environment environment;
    char *out;     /* malloc'ed: absolute, or as given */
    char *path;    /* malloc'ed: the file to write */
    char *project; /* malloc'ed: the preset of this repository; NULL: none */
};

/* What the source is called: the last part of its repository's name. */
static const char *name_of(const struct ctx_source *source)
{
    const char *slash = strrchr(source->repo, '/');
    return slash && slash[1] != '\0' ? slash + 1 : source->repo;
}

/* A repository that has a preset gets it, unless the tree brings its own. */
static int find_project(struct init *init, const struct ctx_source *source)
{
    struct ctx_preset_list list;
    if (source->preset)
        return 0;
    int r = ctx_preset_list_read(&init->environment, &list);
    if (r < 0)
        return r;
    for (size_t i = 0; i < list.n && !init->project; i++)
        if (!list.entries[i].broken && strcmp(list.entries[i].repo, source->repo) == 0)
            init->project = strdup(list.entries[i].name);
    ctx_preset_list_deinit(&list);
    return 0;
}

static json_t *source_to_json(const struct init *init, const struct ctx_source *source,
                              const char *name)
{
    json_t *object = json_pack("{s:s, s:s, s:s, s:s}", "name", name, "root", source->root, "output",
                               source->output, "repo", source->repo);
    if (object && strcmp(source->ref, "HEAD") != 0)
        json_object_set_new(object, "ref", json_string(source->ref));
    if (object && init->project)
        json_object_set_new(object, "project", json_string(init->project));
    if (object)
        json_object_set_new(object, "profile",
                            json_string(ctx_profile_name(source->transform.profile)));
    return object;
}

static int write_all(int fd, const char *text)
{
    for (size_t len = strlen(text); len > 0;) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno != EINTR)
            return -errno;
        text += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* The whole file or none: it is written under another name and linked, which never overwrites. */
static int write_new(const char *path, const char *text)
{
    CTX_AUTO_FREE char *temporary = NULL;
    CTX_AUTO_FREE char *folder = strdup(path);
    char *slash = folder ? strrchr(folder, '/') : NULL;
    if (slash)
        *slash = '\0';
    int r = slash && slash != folder ? ctx_file_mkdirs(folder, 0777) : 0;
    if (r < 0)
        return r;
    if (!folder || asprintf(&temporary, "%s.%d", path, (int)getpid()) < 0)
        return -ENOMEM;
    CTX_AUTO_CLOSE int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return -errno;
    r = write_all(fd, text);
    if (r == 0 && link(temporary, path) < 0)
        r = -errno;
    unlink(temporary);
    return r;
}

static int refuse(const struct init *init, const char *source)
{
    ctx_cli_fail("%s is there already, and is left as it is; add this to its \"sources\", or name "
                 "another file with --config:",
                 init->path);
    fprintf(stderr, "%s\n", source);
    return CTX_EXIT_USAGE;
}

static void print_next(const struct init *init, const struct ctx_source *source, const char *name)
{
    bool usual = !init->config;
    printf("Wrote %s: the source \"%s\",\n  %s -> %s\n", init->path, name, source->root,
           source->output);
    if (init->project)
        printf("  by the project preset %s\n", init->project);
    else if (source->preset)
        printf("  by the project preset %s\n", source->preset);
    printf("\nNext:\n  contextor check-config%s%s\n", usual ? "" : " ", usual ? "" : init->path);
    if (usual)
        puts("  systemctl --user enable --now contextord.service"
             " (or, if it runs already, contextor reload)\n  contextor status");
    else
        printf("  contextord --config %s\n", init->path);
}

static int write_config(struct init *init, const struct ctx_source *source)
{
    const char *name = init->name ? init->name : name_of(source);
    if (find_project(init, source) < 0)
        return CTX_EXIT_FAILED;
    json_t *entry = source_to_json(init, source, name);
    json_t *whole = json_pack("{s:[O]}", "sources", entry);
    CTX_AUTO_FREE char *text = whole ? json_dumps(whole, JSON_INDENT(2)) : NULL;
    CTX_AUTO_FREE char *snippet = entry ? json_dumps(entry, JSON_INDENT(2)) : NULL;
    CTX_AUTO_FREE char *lines = NULL;
    json_decref(whole);
    json_decref(entry);
    if (!text || !snippet || asprintf(&lines, "%s\n", text) < 0) {
        ctx_cli_fail("out of memory, or a path that is not UTF-8, which JSON cannot hold");
        return CTX_EXIT_FAILED;
    }
    int r = write_new(init->path, lines);
    if (r == -EEXIST)
        return refuse(init, snippet);
    if (r < 0) {
        ctx_cli_fail("%s cannot be written: %s; name another file with --config", init->path,
                     ctx_error_name(r));
        return CTX_EXIT_FAILED;
    }
    print_next(init, source, name);
    return CTX_EXIT_OK;
}

static int load(struct init *init, const char *out, struct ctx_config *ret_config)
{
    struct ctx_diagnostics diagnostics;
    int r =
        ctx_config_from_flags(init->root, out, &init->environment, NULL, ret_config, &diagnostics);
    for (size_t i = 0; i < diagnostics.n; i++) {
        /* Keys are flags of optimize here, and mean nothing to whoever called init. */
        const struct ctx_diagnostic *item = &diagnostics.items[i];
        size_t key = !item->file && item->key ? strlen(item->key) + strlen(": ") : 0;
        fprintf(stderr, "contextor: %s\n", item->text + key);
    }
    if (r < 0 && diagnostics.n == 0)
        ctx_cli_fail("%s: %s", init->root, ctx_error_name(r));
    ctx_diagnostics_deinit(&diagnostics);
    return r;
}

/* Where the mirror goes when nobody says: ~/sourcedocs/NAME. Needs the source's name first. */
static int choose_output(struct init *init)
{
    struct ctx_config config;
    struct ctx_diagnostics diagnostics;
    if (init->output) {
        init->out = strdup(init->output);
        return init->out ? 0 : -ENOMEM;
    }
    if (!init->environment.home)
        return ctx_cli_fail("HOME is not set: say where the mirror goes with --out");
    ctx_config_init(&config);
    int r = ctx_config_from_flags(init->root, "/nonexistent", &init->environment, NULL, &config,
                                  &diagnostics);
    ctx_diagnostics_deinit(&diagnostics);
    if (r == 0 && asprintf(&init->out, "%s/" FOLDER_OF_MIRRORS "/%s", init->environment.home,
                           init->name ? init->name : name_of(&config.sources[0])) < 0)
        r = -ENOMEM;
    ctx_config_deinit(&config);
    /* Whatever is wrong with the root is said by the second, whole reading. */
    return r == -ENOMEM || init->out ? r : (init->out = strdup("/nonexistent")) ? 0 : -ENOMEM;
}

static int run(struct init *init)
{
    struct stat st;
    if (stat(init->root, &st) < 0 || !S_ISDIR(st.st_mode)) {
        ctx_cli_fail("%s is no folder: name the one that holds the documents", init->root);
        return CTX_EXIT_USAGE;
    }
    init->path =
        init->config ? strdup(init->config) : ctx_config_default_path(&init->environment, false);
    if (!init->path) {
        ctx_cli_fail("HOME is not set: name the file to write with --config");
        return CTX_EXIT_USAGE;
    }
    if (ctx_digest_setup() < 0 || choose_output(init) < 0)
        return CTX_EXIT_USAGE;
    struct ctx_config config;
    ctx_config_init(&config);
    int status = load(init, init->out, &config) == 0 ? write_config(init, &config.sources[0])
                                                     : CTX_EXIT_USAGE;
    ctx_config_deinit(&config);
    return status;
}

int ctx_cli_init(int argc, char **argv)
{
    static const struct ctx_option options[] = {
        { "out", 'o', CTX_OPTION_STRING, offsetof(struct init, output), "DIR",
          "where the mirror goes (~/sourcedocs/NAME)" },
        { "name", 0, CTX_OPTION_STRING, offsetof(struct init, name), "NAME",
          "what the source is called (its repository's name)" },
        { "config", 0, CTX_OPTION_STRING, offsetof(struct init, config), "FILE",
          "the file to write (the user's configuration)" },
    };
    static const struct ctx_usage usage = {
        .command = "init",
        .arguments = "[DIR]",
        .summary = "write a first configuration for a tree",
        .detail = "DIR is the tree of documents, the current folder unless it is named. Its\n"
                  "repository, branch and project preset are found. Nothing is overwritten.",
        .options = options,
        .n_options = CTX_ARRAY_LEN(options),
        .max_arguments = 1,
    };
    struct init init = { 0 };
    int n;
    int r = ctx_options_parse(&usage, argc, argv, &init, &n);
    if (r != 0)
        return r < 0 ? CTX_EXIT_USAGE : CTX_EXIT_OK;
    init.root = n > 0 ? argv[1] : ".";
    ctx_environment_init(&init.environment, getenv);
    int status = run(&init);
    free(init.out);
    free(init.path);
    free(init.project);
    return status;
}
