#ifndef CTX_WORK_WORKER_PROCESS_H
#define CTX_WORK_WORKER_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "contextor/buffer.h"
#include "contextor/error.h"

/*
 * One worker process and the socket to it: start, exchange, end. Any thread, one at a time. The
 * process must not wait for children it did not start (a libev default loop does, by waitpid(-1)):
 * then how a worker ended is not known.
 */
struct ctx_worker_process {
    pid_t pid; /* 0: none */
    int fd;
    uint32_t sandbox;   /* enum ctx_sandbox */
    uint64_t cpu_us;    /* used so far, as last told */
    uint64_t resident;  /* peak, bytes, as last seen */
    uint64_t inherited; /* the peak that the kernel tells of one that ended is no less than this */
};

/*
 * Starts `program` with so much memory and waits for its HELLO. 0, or a negative errno with the
 * reason; then nothing is left of it.
 */
int ctx_worker_process_start(const char *program, uint64_t memory_limit,
                             struct ctx_worker_process *ret_process, struct ctx_error *error);

/*
 * One request and its reply. 0; -ECHILD crashed, -ETIME over its time, -ENOMEM over its memory,
 * -EFBIG over the reply's limit, else errno: then the process has ended, and its CPU time is final.
 */
int ctx_worker_process_call(struct ctx_worker_process *process, const struct iovec *request,
                            int n_parts, uint64_t timeout_ms, struct ctx_buffer *reply,
                            struct ctx_error *error);

/* Whether it still is there to be asked. */
bool ctx_worker_process_is_alive(const struct ctx_worker_process *process);

/* Ends it, whatever it does; its CPU time is final. */
void ctx_worker_process_end(struct ctx_worker_process *process);

#endif
