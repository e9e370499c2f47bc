/* Commands whose files are still to come; each strong definition takes its weak one's place. */
#include "cli/cli.h"

static int pending(const char *name)
{
    ctx_cli_fail("%s: not in this build", name);
    return CTX_EXIT_FAILED;
}

#define PENDING(command)                                                                           \
    __attribute__((weak)) int ctx_cli_##command(int argc, char **argv)                             \
    {                                                                                              \
        (void)argc;                                                                                \
        return pending(argv[0]);                                                                   \
    }

PENDING(optimize)
