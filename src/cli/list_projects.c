/* contextor list-projects: the project presets. The main thread. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/cli.h"
#include "cli/print.h"
#include "config/preset.h"

enum { COLUMN_MAX = 48 };

static void print_json(const struct ctx_preset_list *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->n; i++) {
        const struct ctx_preset_entry *entry = &list->entries[i];
        json_array_append_new(
            array, json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "name", entry->name, "title",
                             entry->title, "repo", entry->repo, "file", entry->file, "origin",
                             entry->user ? "user" : "installed", "broken", entry->broken));
    }
    ctx_print_json(array);
    json_decref(array);
}

static int width_of(const struct ctx_preset_list *list, size_t offset, int width)
{
    for (size_t i = 0; i < list->n; i++) {
        const char *const *text = (const void *)((const char *)&list->entries[i] + offset);
        int len = (int)strlen(*text);
        width = len > width ? len : width;
    }
    return width < COLUMN_MAX ? width : COLUMN_MAX;
}

static void print_projects(const struct ctx_preset_list *list)
{
    int name = width_of(list, offsetof(struct ctx_preset_entry, name), 4);
    int title = width_of(list, offsetof(struct ctx_preset_entry, title), 5);
    int repo = width_of(list, offsetof(struct ctx_preset_entry, repo), 10);
    printf("%-*s  %-*s  %-*s  %s\n", name, "NAME", title, "TITLE", repo, "REPOSITORY", "FROM");
    for (size_t i = 0; i < list->n; i++) {
        const struct ctx_preset_entry *entry = &list->entries[i];
        const char *from = entry->broken ? entry->file : entry->user ? "user" : "installed";
        printf("%-*s  %-*s  %-*s  %s%s\n", name, entry->name, title, entry->title, repo,
               entry->repo, entry->broken ? "broken: " : "", from);
    }
}

int ctx_cli_list_projects(int argc, char **argv)
{
    struct values {
        bool json;
    } values = { 0 };
    static const struct ctx_option options[] = {
        { "json", 0, CTX_OPTION_FLAG, offsetof(struct values, json), NULL,
          "print an array of JSON objects" },
    };
    static const struct ctx_usage usage = {
        .command = "list-projects",
        .summary = "list the project presets",
        .detail = "A preset's name is what \"project\" in a source, and --project-config, take.",
        .options = options,
        .n_options = CTX_ARRAY_LEN(options),
    };
    int n;
    int r = ctx_options_parse(&usage, argc, argv, &values, &n);
    if (r != 0)
        return r < 0 ? CTX_EXIT_USAGE : CTX_EXIT_OK;
    struct ctx_environment environment;
    struct ctx_preset_list list;
    ctx_environment_init(&environment, getenv);
    if (ctx_preset_list_read(&environment, &list) < 0) {
        ctx_cli_fail("out of memory");
        return CTX_EXIT_FAILED;
    }
    if (values.json)
        print_json(&list);
    else if (list.n > 0)
        print_projects(&list);
    else
        fprintf(stderr, "contextor: no presets in %s; see contextord.json(5)\n",
                environment.projects_dir);
    ctx_preset_list_deinit(&list);
    return CTX_EXIT_OK;
}
