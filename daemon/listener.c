/*
 * The socket file. Two daemons that start at once are kept apart by a flock(2) on the directory,
 * held from looking at the old socket to listening on the new one.
 */
#include "daemon/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "control/client.h"
#include "daemon/peer.h"

enum {
    BACKLOG = 1024,
    LOCK_TRIES = 200, /* 10 ms apart */
    ASK_MS = 1000,
};

struct ctx_listener {
    int fd;
    char *path;
    dev_t dev; /* of the socket file as we made it */
    ino_t ino;
};

static int failed(struct ctx_error *error, const char *path, const char *what, int code)
{
    return ctx_error_set(error, -code, "%s: cannot %s: %s", path, what, ctx_error_name(code));
}

/* Locks the path's directory, made if need be. The lock goes with the descriptor. */
static int lock_directory(const char *path, int *ret_fd, struct ctx_error *error)
{
    CTX_AUTO_FREE char *copy = strdup(path);
    if (!copy)
        return -ENOMEM;
    const char *directory = dirname(copy);
    int status = ctx_file_mkdirs(directory, 0700);
    if (status)
        return failed(error, directory, "make the directory", -status);
    CTX_AUTO_CLOSE int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return failed(error, directory, "open the directory", errno);
    for (int i = 0; flock(fd, LOCK_EX | LOCK_NB); i++) {
        if (i == LOCK_TRIES)
            return ctx_error_set(error, -EBUSY, "%s: another program locks the directory",
                                 directory);
        nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
    }
    *ret_fd = fd;
    fd = -1;
    return 0;
}

/*
 * Who listens: as it says itself, since a socket of the service manager's is the manager's; else
 * as the kernel knows. 0: not known.
 */
static pid_t ask_pid(const char *path, int fd)
{
    struct ctx_client *client;
    json_t *answer;
    int code;
    pid_t pid = ctx_peer_pid(fd);
    if (ctx_client_connect(path, &client, NULL))
        return pid;
    if (ctx_client_call(client, "version", NULL, ASK_MS, &answer, &code, NULL) == 0) {
        json_int_t said = json_integer_value(json_object_get(answer, "pid"));
        pid = said > 0 ? (pid_t)said : pid;
        json_decref(answer);
    }
    ctx_client_free(client);
    return pid;
}

/* Whether somebody listens at the path; says who. */
static int check_living(const struct sockaddr_un *un, struct ctx_error *error)
{
    CTX_AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return failed(error, un->sun_path, "make a socket", errno);
    bool full = false;
    if (connect(fd, (const struct sockaddr *)un, sizeof(*un))) {
        if (errno == ECONNREFUSED || errno == ENOENT)
            return 0;
        full = errno == EAGAIN; /* it lives, but does not accept: nobody to ask */
        if (!full)
            return failed(error, un->sun_path, "find out whether a daemon listens", errno);
    }
    char who[32] = "";
    pid_t pid = full ? 0 : ask_pid(un->sun_path, fd);
    if (pid > 0)
        snprintf(who, sizeof(who), " (process %d)", (int)pid);
    return ctx_error_set(error, -EADDRINUSE,
                         "%s: another contextord%s listens there; stop it, or choose another "
                         "--socket",
                         un->sun_path, who);
}

/* Takes away a socket nobody listens on. */
static int clear_path(const struct sockaddr_un *un, struct ctx_error *error)
{
    struct stat st;
    if (lstat(un->sun_path, &st))
        return errno == ENOENT ? 0 : failed(error, un->sun_path, "stat", errno);
    if (!S_ISSOCK(st.st_mode))
        return ctx_error_set(error, -EEXIST,
                             "%s: is there and is no socket; move it away, or choose another "
                             "--socket",
                             un->sun_path);
    int status = check_living(un, error);
    if (status)
        return status;
    if (unlink(un->sun_path) && errno != ENOENT)
        return failed(error, un->sun_path, "remove the dead daemon's socket", errno);
    return 0;
}

static int bind_path(struct ctx_listener *listener, const struct sockaddr_un *un,
                     const struct ctx_listener_options *options, struct ctx_error *error)
{
    struct stat st;
    /* On Linux the file gets the socket's own mode, so that it is never open to others. */
    if (fchmod(listener->fd, 0600))
        return failed(error, options->path, "chmod", errno);
    if (bind(listener->fd, (const struct sockaddr *)un, sizeof(*un)))
        return failed(error, options->path, "bind", errno);
    if (lstat(options->path, &st))
        return failed(error, options->path, "stat", errno);
    listener->dev = st.st_dev;
    listener->ino = st.st_ino;
    if (options->gid != (gid_t)-1 && chown(options->path, (uid_t)-1, options->gid))
        return failed(error, options->path, "give the socket to its group", errno);
    if (chmod(options->path, options->mode))
        return failed(error, options->path, "chmod", errno);
    if (listen(listener->fd, BACKLOG))
        return failed(error, options->path, "listen", errno);
    return 0;
}

int ctx_listener_open(const struct ctx_listener_options *options,
                      struct ctx_listener **ret_listener, struct ctx_error *error)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    if (strlen(options->path) >= sizeof(un.sun_path))
        return ctx_error_set(error, -ENAMETOOLONG, "%s: a socket's path has at most %zu bytes",
                             options->path, sizeof(un.sun_path) - 1);
    memcpy(un.sun_path, options->path, strlen(options->path));
    CTX_AUTO_CLOSE int lock = -1;
    int status = lock_directory(options->path, &lock, error);
    if (status == 0)
        status = clear_path(&un, error);
    if (status)
        return status;
    struct ctx_listener *listener = calloc(1, sizeof(*listener));
    if (!listener)
        return -ENOMEM;
    listener->path = strdup(options->path);
    listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (!listener->path || listener->fd < 0)
        status = failed(error, options->path, "make a socket", listener->path ? errno : ENOMEM);
    else
        status = bind_path(listener, &un, options, error);
    if (status) {
        ctx_listener_free(listener);
        return status;
    }
    *ret_listener = listener;
    return 0;
}

void ctx_listener_free(struct ctx_listener *listener)
{
    if (!listener)
        return;
    struct stat st;
    if (listener->ino && lstat(listener->path, &st) == 0 && st.st_dev == listener->dev &&
        st.st_ino == listener->ino)
        unlink(listener->path);
    ctx_closep(&listener->fd);
    free(listener->path);
    free(listener);
}

int ctx_listener_get_fd(const struct ctx_listener *listener)
{
    return listener->fd;
}
