/* Resident memory, from /proc. No state. */
#include "base/resident.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/limits.h"

/* The beginning of a file of /proc as a string; false when there is none. */
static bool read_start(const char *path, char *text, size_t size)
{
    CTX_AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
    text[n > 0 ? n : 0] = '\0';
    return n > 0;
}

uint64_t ctx_resident_peak(pid_t pid)
{
    static const char key[] = "\nVmHWM:";
    char path[64] = "/proc/self/status", text[4096];
    if (pid > 0)
        snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    if (!read_start(path, text, sizeof(text)))
        return 0;
    const char *line = strstr(text, key);
    return line ? strtoull(line + strlen(key), NULL, 10) * CTX_KIB : 0;
}

void ctx_resident_restart_peak(void)
{
    CTX_AUTO_CLOSE int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
    if (fd >= 0)
        (void)!write(fd, "5", 1);
}

uint64_t ctx_resident_now(void)
{
    char text[128];
    if (!read_start("/proc/self/statm", text, sizeof(text)))
        return 0;
    const char *second = strchr(text, ' ');
    return second ? strtoull(second, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}
