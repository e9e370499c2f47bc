#include "contextor/version.h"

const char *ctx_version(void)
{
    return CTX_VERSION;
}
