#ifndef CTX_WORKER_SANDBOX_H
#define CTX_WORKER_SANDBOX_H

#include <stdint.h>

/*
 * Locks the process up for good: no new privileges, no core file, no file to open or grow, no
 * process to start, memory beyond what it has now limited to `memory_limit` bytes, CPU time to
 * CTX_WORKER_CPU_S; Landlock without a single rule where the kernel has it; then a list of
 * system calls, any other of which kills. Whatever wants files (libraries' set-up) goes before.
 * 0 and what holds (enum ctx_sandbox), or a negative errno and the step that failed. A kernel
 * without Landlock or seccomp is no failure: ret_sandbox says so. Under sanitizers, which need
 * more system calls and address space than that, only the limits they can live with.
 */
int ctx_sandbox_enter(uint64_t memory_limit, uint32_t *ret_sandbox, const char **ret_step);

#endif
