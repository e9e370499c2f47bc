/*
 * The one file that knows libinotifytools (3.22.6). One owner thread; one instance a process.
 *
 * What the library does behind its documentation, and what is done about it here:
 * - It has no accessor for its descriptor, opens it blocking and inherited, never tells the watch
 *   descriptor it made, and can never forget a watch that the kernel dropped by itself, since
 *   inotify_rm_watch(2) then fails. It calls inotify_init(), inotify_add_watch() and
 *   inotify_rm_watch() through the dynamic linker, though, so the program's own definitions of
 *   these three, below, are the ones it gets. They must be in the executable and visible. When
 *   they are not in effect, found out at open, the descriptor is searched for, each watch gets a
 *   name of its own to be asked for by, and dropped watches cost some memory each.
 * - next_event(0) blocks for ever, and next_events() with more than one event spins: only
 *   next_events(0, 1) is a poll. It buffers: the descriptor falls silent while events wait, so
 *   callers must drain to false.
 * - It uses select(2): a descriptor of FD_SETSIZE or more would abort the process.
 * - cleanup() keeps the buffer, whose events a later instance would deliver: drained before.
 * - Its renaming helpers corrupt its tree; its recursive watch loses directories: not used. All
 *   directories are named by /proc/self/fd, so the names it stores mean nothing.
 */
#include "watch/inotify.h"

#include <errno.h>
#include <fcntl.h>
#include <inotifytools/inotifytools.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { PROC_NAME_SIZE = 128 };

static struct {
    bool open;
    bool expecting;     /* inside inotifytools_initialize() */
    bool intercepted;   /* the interposers are in effect */
    int fd;             /* -1 when closed */
    int last_wd;        /* of the last call of inotify_add_watch() on fd */
    uint32_t next_name; /* makes names unique when nothing is intercepted */
} state = { .fd = -1 };

#define INTERPOSER __attribute__((visibility("default"), used))

INTERPOSER int inotify_init(void)
{
    if (!state.expecting)
        return (int)syscall(SYS_inotify_init1, 0);
    state.intercepted = true;
    int fd = (int)syscall(SYS_inotify_init1, IN_NONBLOCK | IN_CLOEXEC);
    if (fd >= FD_SETSIZE) {
        close(fd);
        errno = EMFILE;
        return -1;
    }
    state.fd = fd;
    return fd;
}

INTERPOSER int inotify_add_watch(int fd, const char *name, uint32_t mask)
{
    int wd = (int)syscall(SYS_inotify_add_watch, fd, name, mask);
    if (fd == state.fd)
        state.last_wd = wd;
    return wd;
}

INTERPOSER int inotify_rm_watch(int fd, int wd)
{
    int r = (int)syscall(SYS_inotify_rm_watch, fd, wd);
    if (r < 0 && errno == EINVAL && fd == state.fd)
        return 0; /* the kernel had dropped it: let the library forget it too */
    return r;
}

static bool is_inotify(int fd)
{
    char name[PROC_NAME_SIZE], target[PROC_NAME_SIZE] = "";
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    ssize_t n = readlink(name, target, sizeof(target) - 1);
    return n > 0 && (strcmp(target, "anon_inode:inotify") == 0 || strcmp(target, "inotify") == 0);
}

/* Without interposers: the library's descriptor was the lowest free one before it was opened. */
static int find_descriptor(int lowest_free)
{
    if (!is_inotify(lowest_free))
        return -ENOTSUP;
    if (lowest_free >= FD_SETSIZE)
        return -EMFILE;
    if (fcntl(lowest_free, F_SETFL, O_NONBLOCK) < 0 || fcntl(lowest_free, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    return lowest_free;
}

static int initialize(void)
{
    int lowest_free = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (lowest_free < 0)
        return -errno;
    close(lowest_free);
    if (lowest_free >= FD_SETSIZE)
        return -EMFILE;
    state.intercepted = false;
    state.fd = -1;
    state.expecting = true;
    int ok = inotifytools_initialize();
    state.expecting = false;
    if (!ok)
        return inotifytools_error() > 0 ? -inotifytools_error() : -ENOSYS;
    if (state.intercepted)
        return state.fd;
    return find_descriptor(lowest_free);
}

int ctx_inotify_open(int *ret_fd, struct ctx_error *error)
{
    if (state.open)
        return ctx_error_set(error, -EBUSY, "inotify is open already in this process");
    int fd = initialize();
    if (fd < 0)
        return ctx_error_set(error, fd,
                             fd == -EMFILE ? "inotify: %s; raise fs.inotify.max_user_instances, or "
                                             "close descriptors"
                                           : "inotify: %s",
                             ctx_error_name(fd));
    state.fd = fd;
    state.open = true;
    *ret_fd = fd;
    return 0;
}

void ctx_inotify_close(void)
{
    if (!state.open)
        return;
    struct ctx_inotify_event event;
    while (ctx_inotify_next(&event))
        ;
    inotifytools_cleanup();
    state.open = false;
    state.fd = -1;
}

bool ctx_inotify_intercepted(void)
{
    return state.intercepted;
}

/*
 * A directory's name by its descriptor. Without interposers each name is unique, since the watch
 * descriptor is asked for by name: a serial number in binary, "/." for one and "/" for zero, which
 * leaves the meaning of the path as it is.
 */
static void proc_name(int dirfd, char name[PROC_NAME_SIZE])
{
    size_t n = (size_t)snprintf(name, PROC_NAME_SIZE, "/proc/self/fd/%d", dirfd);
    if (state.intercepted)
        return;
    for (uint32_t bits = ++state.next_name; bits; bits >>= 1) {
        name[n++] = '/';
        if (bits & 1)
            name[n++] = '.';
    }
    memcpy(name + n, "/.", sizeof("/."));
}

int ctx_inotify_add(int dirfd, uint32_t mask)
{
    char name[PROC_NAME_SIZE];
    proc_name(dirfd, name);
    if (!inotifytools_watch_file(name, (int)(mask | IN_ONLYDIR | IN_EXCL_UNLINK | IN_MASK_ADD)))
        return inotifytools_error() > 0 ? -inotifytools_error() : -EIO;
    if (state.intercepted)
        return state.last_wd;
    size_t n = strlen(name);
    memcpy(name + n, "/", sizeof("/")); /* as the library stores a directory's name */
    int wd = inotifytools_wd_from_filename(name);
    return wd > 0 ? wd : -EIO;
}

int ctx_inotify_extend(int dirfd, int wd, uint32_t mask)
{
    if (wd <= 0)
        return ctx_inotify_add(dirfd, mask);
    char name[PROC_NAME_SIZE];
    snprintf(name, sizeof(name), "/proc/self/fd/%d", dirfd);
    /* Past the library: it would keep another record of a directory that it has already. */
    int now = (int)syscall(SYS_inotify_add_watch, state.fd, name,
                           mask | IN_ONLYDIR | IN_EXCL_UNLINK | IN_MASK_ADD);
    if (now < 0)
        return -errno;
    if (now == wd)
        return wd;
    ctx_inotify_remove(wd);
    return ctx_inotify_add(dirfd, mask);
}

void ctx_inotify_remove(int wd)
{
    if (state.intercepted)
        inotifytools_remove_watch_by_wd(wd);
    else
        (void)syscall(SYS_inotify_rm_watch, state.fd, wd); /* quietly; its record stays */
}

bool ctx_inotify_next(struct ctx_inotify_event *ret_event)
{
    const struct inotify_event *event = inotifytools_next_events(0, 1);
    if (!event)
        return false;
    *ret_event = (struct ctx_inotify_event){
        .wd = event->wd,
        .mask = event->mask,
        .cookie = event->cookie,
        .name = event->len ? event->name : "",
    };
    return true;
}

static uint64_t read_number(const char *path)
{
    CTX_AUTO_FCLOSE FILE *file = fopen(path, "re");
    char line[32];
    if (!file || !fgets(line, sizeof(line), file))
        return 0;
    long long number = strtoll(line, NULL, 10);
    return number > 0 ? (uint64_t)number : 0;
}

uint64_t ctx_inotify_limit(const char **ret_sysctl)
{
    int user = inotifytools_get_max_user_watches();
    uint64_t limit = user > 0 ? (uint64_t)user : 0;
    /* A user namespace has a limit of its own beside the host's. */
    uint64_t namespace_limit = read_number("/proc/sys/user/max_inotify_watches");
    *ret_sysctl = "fs.inotify.max_user_watches";
    if (namespace_limit > 0 && (limit == 0 || namespace_limit < limit)) {
        *ret_sysctl = "user.max_inotify_watches";
        return namespace_limit;
    }
    return limit;
}
