/*
 * contextor: finds the command and runs it. One table has the commands, another those of the
 * ancestor that are no more.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/suggest.h"
#include "cli/cli.h"

struct command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
};

/* Sorted; what `contextor --help` lists. */
static const struct command commands[] = {
    { "check-config", "check a configuration, and show what is in force", ctx_cli_check_config },
    { "failures", "list the documents whose last attempt failed", ctx_cli_failures },
    { "follow", "print an event a line, as they happen", ctx_cli_follow },
    { "init", "write a first configuration for a tree", ctx_cli_init },
    { "list-projects", "list the project presets", ctx_cli_list_projects },
    { "metrics", "print the daemon's figures", ctx_cli_metrics },
    { "optimize", "build the pages of a tree once, without a daemon", ctx_cli_optimize },
    { "pause", "hold new work back", ctx_cli_pause },
    { "rebuild", "make pages again, changed or not", ctx_cli_rebuild },
    { "reload", "have the daemon read its configuration again", ctx_cli_reload },
    { "resume", "go on after a pause", ctx_cli_resume },
    { "status", "show the daemon's state", ctx_cli_status },
    { "sync", "wait until every save made so far is on disk", ctx_cli_sync },
    { "transform", "a document on stdin, its clean Markdown on stdout", ctx_cli_transform },
    { "version", "print the versions of this program and the daemon", ctx_cli_version },
    { "why", "show how the daemon sees one path, and why", ctx_cli_why },
};

/* The ancestor's commands, and what serves instead. */
static const struct {
    const char *name;
    const char *instead;
} former[] = {
    { "batch-fetch", "clone with git, one source each in the configuration, and let contextord "
                     "mirror them (contextor init)" },
    { "benchmark", "use contextor optimize --metrics-output FILE for a run's figures, or contextor "
                   "metrics for the daemon's" },
    { "fetch", "clone the repository with git, and run contextor optimize --src DIR --out DIR" },
    { "intelligence", "read index.jsonl, which has every page's title, topics and size" },
    { "scan-history", "use contextor status, or the protocol's method changes "
                      "(contextor-control(7))" },
    { "tokens", "read stats.tokens in index.jsonl, or contextor optimize --json for the totals" },
};

static void print_help(FILE *out)
{
    fputs("Usage: contextor COMMAND [OPTION]...\n\n"
          "Keeps an LLM-ready mirror of documentation trees, always fresh.\n\n"
          "Commands:\n",
          out);
    for (size_t i = 0; i < CTX_ARRAY_LEN(commands); i++)
        fprintf(out, "  %-14s%s\n", commands[i].name, commands[i].summary);
    fputs("\ncontextor COMMAND --help tells a command's options; contextor(1) tells the rest.\n",
          out);
}

static int unknown(const char *name)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(former); i++) {
        if (strcmp(former[i].name, name) == 0) {
            ctx_cli_fail("%s is no more: %s", name, former[i].instead);
            return CTX_EXIT_USAGE;
        }
    }
    const char *near = ctx_suggest(name, commands, CTX_ARRAY_LEN(commands), sizeof(commands[0]));
    if (near)
        ctx_cli_fail("no such command: %s; did you mean %s?", name, near);
    else
        ctx_cli_fail("no such command: %s; contextor --help lists them", name);
    return CTX_EXIT_USAGE;
}

static int run(int argc, char **argv)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(commands); i++)
        if (strcmp(commands[i].name, argv[0]) == 0)
            return commands[i].run(argc, argv);
    return unknown(argv[0]);
}

/* A full disk or a closed pipe behind stdout must not pass for success. */
static int finish(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    if (status == CTX_EXIT_OK)
        ctx_cli_fail("cannot write to stdout");
    return status == CTX_EXIT_OK ? CTX_EXIT_FAILED : status;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return CTX_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        (strcmp(argv[1], "help") == 0 && argc == 2)) {
        print_help(stdout);
        return finish(CTX_EXIT_OK);
    }
    if (strcmp(argv[1], "--version") == 0)
        return finish(ctx_cli_version(1, (char *[]){ (char[]){ "version" }, NULL }));
    if (argv[1][0] == '-') {
        ctx_cli_fail("%s: a command comes first; contextor --help lists them", argv[1]);
        return CTX_EXIT_USAGE;
    }
    return finish(run(argc - 1, argv + 1));
}
