/* Finds contextor-worker from the running program's own place (proc(5), /proc/self/exe). */
#include "engine/worker_program.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"

char *ctx_worker_program(void)
{
    char self[CTX_LIMIT_PATH];
    char *path = NULL;
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (len <= 0)
        return NULL;
    self[len] = '\0';
    char *slash = strrchr(self, '/');
    if (!slash)
        return NULL;
    *slash = '\0';
    if (asprintf(&path, "%s/../libexec/contextor/contextor-worker", self) < 0)
        return NULL;
    return path;
}
