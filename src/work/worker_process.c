/*
 * One worker process. It is started by posix_spawn(3) (vfork and exec: cheap from a large daemon)
 * with an empty environment, its socket as the only descriptor, and no signal blocked or ignored;
 * it locks itself up before it reads a byte. Every wait here has a deadline, after which it is
 * killed. There is no PR_SET_PDEATHSIG: that is the death of the thread that started it. A worker
 * whose daemon died reads the end of its socket, at the latest after one document.
 */
#include "work/worker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/resident.h"
#include "contextor/version.h"
#include "work/worker_load.h"
#include "work/worker_protocol.h"

/* A worker's start is some milliseconds; under sanitizers, on a busy machine, seconds. */
enum { START_MS = 20000 };
/* How many times its time a worker may take that gets no processor. */
enum { STARVED_MOST = 20 };

static uint64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Waits for `events`. 0, -ETIME, or errno. */
static int wait_for(int fd, short events, uint64_t deadline_ms)
{
    for (;;) {
        uint64_t now_ms = clock_ms();
        if (now_ms >= deadline_ms)
            return -ETIME;
        uint64_t left_ms = deadline_ms - now_ms;
        struct pollfd ready = { .fd = fd, .events = events };
        int n = poll(&ready, 1, left_ms < 1000000 ? (int)left_ms : 1000000);
        if (n > 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return -errno;
    }
}

static int receive(int fd, void *bytes, size_t len, uint64_t deadline_ms)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = recv(fd, (char *)bytes + done, len - done, MSG_DONTWAIT);
        if (n == 0)
            return -EPIPE;
        if (n > 0) {
            done += (size_t)n;
            continue;
        }
        int r = errno == EAGAIN ? wait_for(fd, POLLIN, deadline_ms) : errno == EINTR ? 0 : -errno;
        if (r < 0)
            return r;
    }
    return 0;
}

static int transmit(int fd, const void *bytes, size_t len, uint64_t deadline_ms)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = send(fd, (const char *)bytes + done, len - done, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0) {
            done += (size_t)n;
            continue;
        }
        int r = errno == EAGAIN ? wait_for(fd, POLLOUT, deadline_ms) : errno == EINTR ? 0 : -errno;
        if (r < 0)
            return r;
    }
    return 0;
}

/* A frame's head, which must be of that kind. -EPROTO when it is not. */
static int receive_head(int fd, enum ctx_worker_frame frame, uint64_t least, uint64_t deadline_ms,
                        struct ctx_worker_head *ret_head)
{
    int r = receive(fd, ret_head, sizeof(*ret_head), deadline_ms);
    if (r < 0)
        return r;
    bool good = ret_head->magic == CTX_WORKER_MAGIC && ret_head->frame == (uint32_t)frame &&
                ret_head->len >= least;
    return good ? 0 : -EPROTO;
}

/* Its descriptors: /dev/null and the socket, nothing that another thread may have open. */
static int set_descriptors(posix_spawn_file_actions_t *actions, int socket)
{
    int r = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDWR, 0);
    for (int fd = 1; r == 0 && fd < CTX_WORKER_FD; fd++)
        r = posix_spawn_file_actions_adddup2(actions, 0, fd);
    if (r == 0)
        r = posix_spawn_file_actions_adddup2(actions, socket, CTX_WORKER_FD);
    if (r == 0)
        r = posix_spawn_file_actions_addclosefrom_np(actions, CTX_WORKER_FD + 1);
    return -r;
}

/* Its signals: none blocked, all at their defaults. */
static int set_signals(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    return -posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static int spawn(const char *program, uint64_t memory_limit, int socket, pid_t *ret_pid)
{
    char memory[32];
    snprintf(memory, sizeof(memory), "%" PRIu64, memory_limit);
    char *const arguments[] = { (char *)"contextor-worker", memory, NULL };
    char *const environment[] = { NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return -ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return -ENOMEM;
    }
    int r = set_descriptors(&actions, socket);
    if (r == 0)
        r = set_signals(&attributes);
    if (r == 0)
        r = -posix_spawn(ret_pid, program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return r;
}

static void note_resident(struct ctx_worker_process *process, uint64_t resident)
{
    if (resident > process->resident)
        process->resident = resident;
}

/*
 * Kills and waits; the status, or -1 when another has waited for it. One that is ending by itself
 * keeps the status that it ends with.
 */
static int reap(struct ctx_worker_process *process)
{
    note_resident(process, ctx_resident_peak(process->pid));
    kill(process->pid, SIGKILL);
    int status = -1;
    struct rusage usage = { 0 };
    pid_t pid;
    while ((pid = wait4(process->pid, &status, 0, &usage)) < 0 && errno == EINTR)
        ;
    if (pid > 0) {
        process->cpu_us = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
                          (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
        if ((uint64_t)usage.ru_maxrss * CTX_KIB > process->inherited)
            note_resident(process, (uint64_t)usage.ru_maxrss * CTX_KIB);
    }
    close(process->fd);
    process->fd = -1;
    process->pid = 0;
    return pid > 0 ? status : -1;
}

/* Why a worker ended, by its wait status, as the error of the document that it worked on. */
static int explain_signal(int signal, struct ctx_error *error)
{
    static const struct {
        int signal, code;
        const char *text;
    } reasons[] = {
        { SIGSYS, -ECHILD, "its worker process was ended for a system call that it may not make" },
        { SIGXCPU, -ETIME, "its worker process was ended for its use of CPU time" },
        { SIGKILL, -ECHILD, "its worker process was killed, perhaps for want of memory" },
        { SIGABRT, -ECHILD, "its worker process gave up on it (abort)" },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(reasons); i++) {
        if (reasons[i].signal == signal)
            return ctx_error_set(error, reasons[i].code, "%s", reasons[i].text);
    }
    const char *name = sigabbrev_np(signal);
    return ctx_error_set(error, -ECHILD, "its worker process crashed (SIG%s)", name ? name : "?");
}

static int explain_end(int status, struct ctx_error *error)
{
    if (status != -1 && WIFSIGNALED(status))
        return explain_signal(WTERMSIG(status), error);
    if (status != -1 && WIFEXITED(status))
        return ctx_error_set(error, -ECHILD, "its worker process ended with status %d",
                             WEXITSTATUS(status));
    return ctx_error_set(error, -ECHILD, "its worker process ended");
}

/* Whether it was built together with this program: what the two say to each other has no version. */
static int check_build(struct ctx_worker_hello *hello, const char *program, struct ctx_error *error)
{
    hello->version[sizeof(hello->version) - 1] = '\0';
    hello->build[sizeof(hello->build) - 1] = '\0';
    if (strcmp(hello->version, ctx_version()) != 0)
        return ctx_error_set(error, -EPROTO, "%s: is of version %s, this is %s: install both anew",
                             program, hello->version, ctx_version());
    if (strcmp(hello->build, ctx_build()) != 0)
        return ctx_error_set(error, -EPROTO,
                             "%s: is of another build (%s) than this (%s): install both anew",
                             program, hello->build, ctx_build());
    return 0;
}

/* Reads HELLO and checks that this is a worker of ours, in order. */
static int greet(struct ctx_worker_process *process, const char *program, struct ctx_error *error)
{
    uint64_t deadline_ms = clock_ms() + START_MS;
    struct ctx_worker_head head;
    struct ctx_worker_hello hello;
    int r = receive_head(process->fd, CTX_WORKER_HELLO, sizeof(hello), deadline_ms, &head);
    if (r == 0)
        r = receive(process->fd, &hello, sizeof(hello), deadline_ms);
    if (r == -ETIME)
        return ctx_error_set(error, r, "%s: no sign of life in %d s", program, START_MS / 1000);
    if (r == -EPROTO)
        return ctx_error_set(error, r, "%s: is no worker program of contextor", program);
    if (r < 0)
        return r;
    r = check_build(&hello, program, error);
    if (r < 0)
        return r;
    char step[128] = "";
    size_t len = head.len - sizeof(hello) < sizeof(step) ? head.len - sizeof(hello) : 0;
    if (hello.status < 0 && receive(process->fd, step, len, deadline_ms) == 0)
        return ctx_error_set(error, hello.status, "%s: its self-test failed: %s: %s", program, step,
                             ctx_error_name(hello.status));
    process->sandbox = hello.sandbox;
    return hello.status;
}

static int open_sockets(int sockets[2])
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
        return -errno;
    /* The worker's end must not lie where its standard descriptors will be put. */
    int high = fcntl(sockets[1], F_DUPFD_CLOEXEC, CTX_WORKER_FD + 1);
    int r = high < 0 ? -errno : 0;
    close(sockets[1]);
    sockets[1] = high;
    if (r < 0)
        close(sockets[0]);
    return r;
}

int ctx_worker_process_start(const char *program, uint64_t memory_limit,
                             struct ctx_worker_process *ret_process, struct ctx_error *error)
{
    int sockets[2];
    int r = open_sockets(sockets);
    if (r < 0)
        return ctx_error_set(error, r, "no socket for a worker process: %s", ctx_error_name(r));
    struct ctx_worker_process process = { .fd = sockets[0], .inherited = ctx_resident_peak(0) };
    r = spawn(program, memory_limit, sockets[1], &process.pid);
    close(sockets[1]);
    if (r < 0) {
        close(sockets[0]);
        return ctx_error_set(error, r, "%s: cannot be run: %s", program, ctx_error_name(r));
    }
    r = greet(&process, program, error);
    if (r == 0) {
        *ret_process = process;
        return 0;
    }
    struct ctx_error why;
    int end = explain_end(reap(&process), &why);
    if (r != -EPIPE && r != -ECONNRESET)
        return r;
    return ctx_error_set(error, end, "%s: at its start, %s", program, why.text);
}

/*
 * Waits for the reply to begin. Time in which the worker only waited for a processor, since the
 * machine has other work, is not counted against it, up to a point.
 */
static int wait_reply(const struct ctx_worker_process *process, uint64_t timeout_ms,
                      uint64_t deadline_ms)
{
    uint64_t last_ms = deadline_ms + STARVED_MOST * timeout_ms, before_ms = 0, cpu_ms;
    bool runnable;
    bool known = ctx_worker_load(process->pid, &before_ms, &runnable);
    for (;;) {
        int r = wait_for(process->fd, POLLIN, deadline_ms);
        if (r != -ETIME || !known || deadline_ms >= last_ms ||
            !ctx_worker_load(process->pid, &cpu_ms, &runnable) || !runnable ||
            cpu_ms - before_ms >= timeout_ms)
            return r;
        deadline_ms = clock_ms() + timeout_ms - (cpu_ms - before_ms);
    }
}

/* One frame out, one in. */
static int exchange(struct ctx_worker_process *process, const struct iovec *request, int n_parts,
                    uint64_t timeout_ms, struct ctx_buffer *reply)
{
    uint64_t deadline_ms = clock_ms() + timeout_ms;
    struct ctx_worker_head head = { .magic = CTX_WORKER_MAGIC, .frame = CTX_WORKER_REQUEST };
    for (int i = 0; i < n_parts; i++)
        head.len += request[i].iov_len;
    int r = transmit(process->fd, &head, sizeof(head), deadline_ms);
    for (int i = 0; r == 0 && i < n_parts; i++)
        r = transmit(process->fd, request[i].iov_base, request[i].iov_len, deadline_ms);
    struct ctx_worker_result result = { 0 };
    if (r == 0)
        r = wait_reply(process, timeout_ms, deadline_ms);
    deadline_ms = clock_ms() + timeout_ms;
    if (r == 0)
        r = receive_head(process->fd, CTX_WORKER_REPLY, sizeof(result), deadline_ms, &head);
    if (r == 0)
        r = receive(process->fd, &result, sizeof(result), deadline_ms);
    if (r < 0 || result.status < 0)
        return r < 0 ? r : -ENOMEM;
    size_t len = head.len - sizeof(result);
    r = ctx_buffer_reserve(reply, len);
    if (r < 0)
        return r;
    r = receive(process->fd, reply->data + reply->len, len, deadline_ms);
    if (r < 0)
        return r;
    reply->len += len;
    reply->data[reply->len] = '\0';
    process->cpu_us = result.cpu_us;
    note_resident(process, ctx_resident_peak(process->pid));
    return 0;
}

int ctx_worker_process_call(struct ctx_worker_process *process, const struct iovec *request,
                            int n_parts, uint64_t timeout_ms, struct ctx_buffer *reply,
                            struct ctx_error *error)
{
    int r = exchange(process, request, n_parts, timeout_ms, reply);
    if (r == 0)
        return 0;
    /* Gone by itself: its status is the reason. Anything else is ours, and it is ended for it. */
    int status = reap(process);
    if (r == -EPIPE || r == -ECONNRESET)
        return explain_end(status, error);
    switch (r) {
    case -ETIME:
        return ctx_error_set(error, r, "its worker process took longer than %" PRIu64 " ms",
                             timeout_ms);
    case -ENOMEM:
        return ctx_error_set(error, r, "its worker process ran out of its memory");
    case -EFBIG:
        return ctx_error_set(error, r, "its worker process gave more than a page may hold");
    default:
        return ctx_error_set(error, r, "its worker process failed: %s", ctx_error_name(r));
    }
}

bool ctx_worker_process_is_alive(const struct ctx_worker_process *process)
{
    struct pollfd socket = { .fd = process->fd, .events = POLLIN };
    return process->pid > 0 && poll(&socket, 1, 0) == 0;
}

void ctx_worker_process_end(struct ctx_worker_process *process)
{
    if (process->pid > 0)
        reap(process);
}
