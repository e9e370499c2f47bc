/* What may go wrong in a worker, on demand, for the tests. Main thread. */
#include "worker/misbehave.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/limits.h"

static void crash(void)
{
    volatile char *volatile nowhere =
        NULL; /* volatile: the compiler must not see that it is NULL */
    *nowhere = 1;
}

/* Sleeps without a system call that the sandbox would refuse: reads what never comes. */
static void hang(void)
{
    char byte;
    while (read(3, &byte, 1) >= 0)
        ;
}

static void spin(void)
{
    for (volatile unsigned i = 0;; i++)
        ;
}

/* Asks for memory, uses it, and gives up as cmark-gfm does when it gets no more. */
static void bloat(void)
{
    for (;;) {
        char *chunk = malloc(CTX_MIB);
        if (!chunk)
            abort();
        memset(chunk, 1, CTX_MIB);
    }
}

/* Each ends the process with a status of its own when it was not kept from what it tried. */
enum { EXIT_DID_IT = 99 };

static void try_open(void)
{
    int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    _exit(fd >= 0 ? EXIT_DID_IT : errno == EACCES ? 98 : 97);
}

static void try_socket(void)
{
    _exit(socket(AF_INET, SOCK_STREAM, 0) >= 0 ? EXIT_DID_IT : 97);
}

static void try_fork(void)
{
    pid_t pid = fork();
    _exit(pid >= 0 ? EXIT_DID_IT : 97);
}

static void try_exec_memory(void)
{
    void *memory =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    _exit(memory != MAP_FAILED ? EXIT_DID_IT : 97);
}

static const struct {
    const char *name;
    void (*act)(void);
} ACTS[] = {
    { "!abort", abort },   { "!bloat", bloat },
    { "!crash", crash },   { "!exec-memory", try_exec_memory },
    { "!fork", try_fork }, { "!hang", hang },
    { "!open", try_open }, { "!socket", try_socket },
    { "!spin", spin },
};

/* A document that holds this and the name of an act is a request for it, too. */
static const char MARK[] = "contextor-worker-test";

void ctx_worker_misbehave(const char *request, size_t len)
{
    const char *mark = memmem(request, len, MARK, sizeof(MARK) - 1);
    if (mark) {
        mark += sizeof(MARK) - 1;
        len -= (size_t)(mark - request);
        request = mark;
        const char *end = memchr(request, '\n', len);
        len = end ? (size_t)(end - request) : len;
    }
    for (size_t i = 0; i < CTX_ARRAY_LEN(ACTS); i++) {
        if (strlen(ACTS[i].name) == len && memcmp(ACTS[i].name, request, len) == 0)
            ACTS[i].act();
    }
}
