/* A process's state and CPU time, from /proc/PID/stat. No state. */
#include "work/worker_load.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

bool ctx_worker_load(pid_t pid, uint64_t *ret_cpu_ms, bool *ret_runnable)
{
    char path[64], text[1024];
    uint64_t user, system;
    char state;
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    CTX_AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    text[n > 0 ? n : 0] = '\0';
    /* The name, in parentheses, may hold anything; after it come the state, ten fields, the times. */
    const char *name_end = strrchr(text, ')');
    if (!name_end ||
        sscanf(name_end, ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64 " %" SCNu64,
               &state, &user, &system) != 3)
        return false;
    *ret_cpu_ms = (user + system) * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
    *ret_runnable = state == 'R' || state == 'D';
    return true;
}
