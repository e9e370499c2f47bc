#ifndef CTX_ENGINE_WORKER_PROGRAM_H
#define CTX_ENGINE_WORKER_PROGRAM_H

/*
 * The path of contextor-worker that belongs to the running program: "../libexec/contextor/" beside
 * the program's own folder, installed and in a build tree alike. malloc'ed; NULL when memory is out
 * or /proc is not there. Whether it exists is found out when it is started. Any thread.
 */
char *ctx_worker_program(void);

#endif
