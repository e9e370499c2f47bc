/*
 * contextor-worker: makes pages for the daemon in a process of its own, which holds nothing but the
 * document. Started by work/worker_process.c, with the bytes of memory it may have as its argument
 * and a socket at descriptor 3; speaks work/worker_protocol.h. One thread.
 */
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/limits.h"
#include "contextor/transform.h"
#include "contextor/version.h"
#include "document/page_codec.h"
#include "work/worker_protocol.h"
#include "worker/misbehave.h"
#include "worker/sandbox.h"
#include "worker/serve.h"

/* Exit status when it was not spoken to as it should be; an error line names it. */
enum { EXIT_PROTOCOL = 3 };

static uint64_t memory_limit;

static struct ctx_worker_result usage(int status)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (struct ctx_worker_result){
        .status = status,
        .cpu_us = (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
                  (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec),
    };
}

/* A reply: its head, the result, `len` bytes. */
static int send_reply(int status, const void *bytes, size_t len)
{
    const struct {
        struct ctx_worker_head head;
        struct ctx_worker_result result;
    } begin = {
        { .magic = CTX_WORKER_MAGIC,
          .frame = CTX_WORKER_REPLY,
          .len = sizeof(struct ctx_worker_result) + len },
        usage(status),
    };
    int r = ctx_worker_write(CTX_WORKER_FD, &begin, sizeof(begin));
    return r < 0 ? r : ctx_worker_write(CTX_WORKER_FD, bytes, len);
}

/*
 * A parser that gets no memory aborts. So does one that fails an assertion: it was memory when a
 * quarter of it is in use, for buffers grow by doubling, and an idle worker has nearly all of it.
 */
static void on_abort(int signal)
{
    (void)signal;
    size_t probe = (size_t)(memory_limit / 4 * 3);
    void *free_memory =
        mmap(NULL, probe, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (probe > 0 && free_memory == MAP_FAILED)
        send_reply(-ENOMEM, NULL, 0);
    /* Returning lets abort() end the process by the signal; the daemon ends it after a reply. */
}

/* Says HELLO: 0, or what failed, in which step. */
static int send_hello(int status, uint32_t sandbox, const char *step)
{
    struct ctx_worker_hello hello = { .status = status, .sandbox = sandbox };
    snprintf(hello.version, sizeof(hello.version), "%s", ctx_version());
    snprintf(hello.build, sizeof(hello.build), "%s", ctx_build());
    size_t len = status < 0 ? strlen(step) : 0;
    const struct ctx_worker_head head = { .magic = CTX_WORKER_MAGIC,
                                          .frame = CTX_WORKER_HELLO,
                                          .len = sizeof(hello) + len };
    int r = ctx_worker_write(CTX_WORKER_FD, &head, sizeof(head));
    if (r == 0)
        r = ctx_worker_write(CTX_WORKER_FD, &hello, sizeof(hello));
    return r < 0 ? r : ctx_worker_write(CTX_WORKER_FD, step, len);
}

/* All that reads a file or asks the system for something must be done before the sandbox. */
static int set_up_libraries(void)
{
    int r = ctx_digest_setup();
    if (r < 0)
        return r;
    json_object_seed(0);
    tzset(); /* /etc/localtime, which the first gmtime_r(3) would read */
    return ctx_transform_setup();
}

static int set_up(uint32_t *ret_sandbox, const char **ret_step)
{
    *ret_step = "libraries";
    int r = set_up_libraries();
    if (r == 0)
        r = signal(SIGABRT, on_abort) == SIG_ERR ? -errno : 0;
    if (r == 0)
        r = ctx_sandbox_enter(memory_limit, ret_sandbox, ret_step);
    if (r < 0)
        return r;
    *ret_step = "a page of a known document";
    return ctx_worker_self_test();
}

/* One request and its reply. 0; -EPIPE at the socket's end; else the protocol is lost. */
static int serve_one(void)
{
    struct ctx_worker_head head;
    int r = ctx_worker_read(CTX_WORKER_FD, &head, sizeof(head));
    if (r < 0)
        return r;
    if (head.magic != CTX_WORKER_MAGIC || head.frame != CTX_WORKER_REQUEST ||
        head.len > CTX_LIMIT_DOCUMENT + CTX_PAGE_CODEC_OVERHEAD)
        return -EPROTO;
    CTX_AUTO_FREE char *request = malloc(head.len + 1);
    if (!request)
        return send_reply(-ENOMEM, NULL, 0);
    r = ctx_worker_read(CTX_WORKER_FD, request, head.len);
    if (r < 0)
        return r;
    ctx_worker_misbehave(request, head.len);
    CTX_AUTO_BUFFER struct ctx_buffer reply;
    ctx_buffer_init(&reply, CTX_LIMIT_PAGE(head.len) + CTX_PAGE_CODEC_OVERHEAD);
    r = ctx_worker_serve(request, head.len, &reply);
    if (r < 0)
        return send_reply(-ENOMEM, NULL, 0);
    return send_reply(0, reply.data, reply.len);
}

int main(int argc, char **argv)
{
    int type;
    socklen_t len = sizeof(type);
    if (argc != 2 || getsockopt(CTX_WORKER_FD, SOL_SOCKET, SO_TYPE, &type, &len) < 0) {
        fprintf(stderr, "contextor-worker is started by contextord and contextor, not by hand\n");
        return 2;
    }
    memory_limit = strtoull(argv[1], NULL, 10);
    uint32_t sandbox = 0;
    const char *step = "";
    int r = set_up(&sandbox, &step);
    if (send_hello(r, sandbox, step) < 0 || r < 0)
        _exit(EXIT_PROTOCOL);
    while ((r = serve_one()) == 0)
        ;
    _exit(r == -EPIPE ? 0 : EXIT_PROTOCOL);
}
