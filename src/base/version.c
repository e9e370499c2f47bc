#include "contextor/version.h"

#include "build.h" /* made by build_id.cmake */

const char *ctx_version(void)
{
    return CTX_VERSION;
}

const char *ctx_build(void)
{
    return CTX_BUILD;
}
