#ifndef CTX_CLI_OPTION_H
#define CTX_CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * A command's options: one table parses them and prints their help. Values land in a struct of the
 * command's by offset; its initial content is the defaults.
 */

enum ctx_option_type {
    CTX_OPTION_FLAG,     /* bool: true when given */
    CTX_OPTION_SWITCH,   /* int: --name 1, --no-name 0; left as it was when not given */
    CTX_OPTION_STRING,   /* const char *: borrowed from argv */
    CTX_OPTION_UNSIGNED, /* int: min to max */
};

struct ctx_option {
    const char *name; /* without its dashes */
    char letter;      /* a short form; 0: none */
    enum ctx_option_type type;
    size_t offset;     /* of the value in the command's struct */
    const char *value; /* "DIR", how help calls the value; NULL for flags and switches */
    const char *help;  /* one sentence without a full stop */
    int min, max;      /* of an UNSIGNED; max 0: INT_MAX */
};

struct ctx_usage {
    const char *command;              /* "status" */
    const char *arguments;            /* "PATH", "[SOURCE]"; NULL: none */
    const char *summary;              /* one line, for the list of commands, too */
    const char *detail;               /* what --help says besides; NULL: nothing */
    const struct ctx_option *options; /* in the order of help */
    size_t n_options;
    int min_arguments, max_arguments;
};

enum { CTX_OPTION_HELP = 1 }; /* ctx_options_parse(): help was printed */

/*
 * Parses argv[1..] (argv[0] is the command): --name VALUE, --name=VALUE, -x VALUE, --no-name, "--",
 * options and arguments in any order. Arguments are moved to the front of argv + 1; ret_arguments
 * is how many. 0; CTX_OPTION_HELP after --help on stdout; -EINVAL after one line on stderr that
 * names the flag and the remedy. The main thread.
 */
int ctx_options_parse(const struct ctx_usage *usage, int argc, char **argv, void *values,
                      int *ret_arguments);

/* Prints a command's help. */
void ctx_options_help(const struct ctx_usage *usage, FILE *out);

#endif
