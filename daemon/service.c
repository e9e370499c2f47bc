/*
 * libsystemd, the only file that includes it. Its hazards: sd_listen_fds() counts from descriptor 3
 * and must be called once, before anything else could have taken that number, and leaves the
 * descriptors blocking; sd_notify() returns 0, no error, without a manager; sd_journal_sendv()
 * wants fields as "NAME=" and bytes, so that values may hold any byte.
 */
#include "daemon/service.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#include <time.h>
#include <unistd.h>

int ctx_service_take_socket(int *ret_fd, struct ctx_error *error)
{
    int n = sd_listen_fds(1);
    if (n == 0)
        return CTX_GONE;
    if (n < 0)
        return ctx_error_set(error, n, "socket activation: %s", ctx_error_name(n));
    int fd = SD_LISTEN_FDS_START;
    if (n > 1 || sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) <= 0)
        return ctx_error_set(error, -EINVAL,
                             "socket activation: the unit must pass exactly one listening UNIX "
                             "stream socket; see contextord.socket");
    if (fcntl(fd, F_SETFL, O_NONBLOCK))
        return ctx_error_set(error, -errno, "socket activation: %s", ctx_error_name(errno));
    *ret_fd = fd;
    return 0;
}

bool ctx_service_is_managed(void)
{
    return getenv("NOTIFY_SOCKET") != NULL;
}

void ctx_service_ready(void)
{
    sd_notify(0, "READY=1");
}

void ctx_service_reloading(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
               (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000);
}

void ctx_service_stopping(void)
{
    sd_notify(0, "STOPPING=1");
}

void ctx_service_status(const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    for (char *at = text; *at; at++)
        if (*at == '\n')
            *at = ' '; /* a newline would begin another assignment */
    sd_notifyf(0, "STATUS=%s", text);
}

void ctx_service_extend(uint64_t us)
{
    sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%llu", (unsigned long long)us);
}

uint64_t ctx_service_watchdog_interval_us(void)
{
    uint64_t us;
    return sd_watchdog_enabled(0, &us) > 0 ? us / 2 : 0;
}

void ctx_service_watchdog(void)
{
    sd_notify(0, "WATCHDOG=1");
}

bool ctx_service_has_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM"); /* "device:inode" of what stderr was given */
    struct stat st;
    unsigned long long dev;
    unsigned long long ino;
    if (!stream || sscanf(stream, "%llu:%llu", &dev, &ino) != 2 || fstat(STDERR_FILENO, &st))
        return false;
    return st.st_dev == dev && st.st_ino == ino;
}

int ctx_service_journal(enum ctx_log_level level, const char *text,
                        const struct ctx_log_document *document)
{
    char fields[7][4200];
    struct iovec iov[7];
    int n = 0;
#define FIELD(...)                                                                                 \
    do {                                                                                           \
        int len = snprintf(fields[n], sizeof(fields[n]), __VA_ARGS__);                             \
        size_t most = sizeof(fields[n]) - 1;                                                       \
        iov[n] = (struct iovec){ fields[n], (size_t)len < most ? (size_t)len : most };             \
        n++;                                                                                       \
    } while (0)
    FIELD("MESSAGE=%s", text);
    FIELD("PRIORITY=%d", (int)level);
    FIELD("SYSLOG_IDENTIFIER=contextord");
    if (document) {
        FIELD("SOURCE=%s", document->source);
        FIELD("DOCUMENT_PATH=%s", document->path);
        FIELD("RESULT=%s", document->result);
        FIELD("DURATION_USEC=%llu", (unsigned long long)document->duration_us);
    }
#undef FIELD
    return sd_journal_sendv(iov, n);
}
