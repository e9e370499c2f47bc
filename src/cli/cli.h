#ifndef CTX_CLI_CLI_H
#define CTX_CLI_CLI_H

#include "cli/option.h"

/* What the commands of `contextor` share. The main thread. */

/* Exit status (contextor(1)). */
enum ctx_exit {
    CTX_EXIT_OK = 0,
    CTX_EXIT_FAILED = 1, /* some documents failed, or the daemon refused */
    CTX_EXIT_USAGE = 2,  /* wrong usage or configuration, or no such source */
};

/* Prints "contextor: " and the line on stderr; returns -EINVAL. */
int ctx_cli_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Each command gets argv from its own name on, and returns an exit status. */
int ctx_cli_check_config(int argc, char **argv);
int ctx_cli_failures(int argc, char **argv);
int ctx_cli_follow(int argc, char **argv);
int ctx_cli_init(int argc, char **argv);
int ctx_cli_list_projects(int argc, char **argv);
int ctx_cli_metrics(int argc, char **argv);
int ctx_cli_optimize(int argc, char **argv);
int ctx_cli_pause(int argc, char **argv);
int ctx_cli_rebuild(int argc, char **argv);
int ctx_cli_reload(int argc, char **argv);
int ctx_cli_resume(int argc, char **argv);
int ctx_cli_status(int argc, char **argv);
int ctx_cli_sync(int argc, char **argv);
int ctx_cli_transform(int argc, char **argv);
int ctx_cli_version(int argc, char **argv);
int ctx_cli_why(int argc, char **argv);

#endif
