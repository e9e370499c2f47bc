#ifndef CTX_WORK_WORKER_LOAD_H
#define CTX_WORK_WORKER_LOAD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * What a process does, as proc(5) tells it: the CPU time that it has used, in milliseconds, and
 * whether it runs or waits for a processor. False when it is not known. Any thread.
 */
bool ctx_worker_load(pid_t pid, uint64_t *ret_cpu_ms, bool *ret_runnable);

#endif
