#ifndef CTX_BASE_RESIDENT_H
#define CTX_BASE_RESIDENT_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Resident memory of processes, in bytes, as proc(5) gives it. getrusage(2) does not serve: what
 * it calls a process's peak begins with that of the program that started it (execve(2) hands it on).
 * Any thread.
 */

/* The largest there has been of a process, 0 for this one; 0 when it is not known (it has ended). */
uint64_t ctx_resident_peak(pid_t pid);
/* Begins this process's peak anew, with what is resident now. */
void ctx_resident_restart_peak(void);
/* What is resident of this process now. */
uint64_t ctx_resident_now(void);

#endif
