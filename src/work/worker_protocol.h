#ifndef CTX_WORK_WORKER_PROTOCOL_H
#define CTX_WORK_WORKER_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

/*
 * What the daemon and a worker process say to each other over a socketpair: frames of a head and
 * bytes, native byte order. The worker, once it is locked up and has tested itself, says HELLO;
 * then each REQUEST has its REPLY. It ends when the socket does.
 */

enum { CTX_WORKER_FD = 3 }; /* the worker's end; 0 to 2 are /dev/null, no other is open */

enum ctx_worker_frame {
    CTX_WORKER_HELLO = 1,
    CTX_WORKER_REQUEST,
    CTX_WORKER_REPLY,
};

struct ctx_worker_head {
    uint32_t magic; /* CTX_WORKER_MAGIC */
    uint32_t frame;
    uint64_t len; /* bytes after the head */
};
#define CTX_WORKER_MAGIC UINT32_C(0x77787463) /* "ctxw" */

/* What holds a worker in. */
enum ctx_sandbox {
    CTX_SANDBOX_SECCOMP = 1 << 0,  /* a list of system calls; any other kills */
    CTX_SANDBOX_LANDLOCK = 1 << 1, /* no file can be opened */
    CTX_SANDBOX_MEMORY = 1 << 2,   /* RLIMIT_AS */
};

struct ctx_worker_hello {
    char version[32]; /* ctx_version() */
    char build[32];   /* ctx_build() */
    int32_t status;   /* 0, or the errno of the step that failed, which follows as text */
    uint32_t sandbox; /* enum ctx_sandbox */
};

/* Goes before a reply's bytes. */
struct ctx_worker_result {
    int32_t status; /* 0, or -ENOMEM: then there are no bytes */
    uint32_t padding;
    uint64_t cpu_us; /* of the process, so far */
};

/* CPU seconds that a worker may use in its life; the daemon replaces it when half is gone. */
enum { CTX_WORKER_CPU_S = 600 };

/*
 * The worker's side: blocking, whole. 0; -EPIPE when the other end is gone; else errno.
 */
int ctx_worker_read(int fd, void *bytes, size_t len);
int ctx_worker_write(int fd, const void *bytes, size_t len);

#endif
