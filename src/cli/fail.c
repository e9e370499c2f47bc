/* The one line for what went wrong. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "cli/cli.h"

int ctx_cli_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("contextor: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return -EINVAL;
}
