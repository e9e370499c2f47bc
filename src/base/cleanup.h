#ifndef CTX_BASE_CLEANUP_H
#define CTX_BASE_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "contextor/buffer.h"

/*
 * Owned locals: `CTX_CLEANUP(ctx_freep) char *path = …;`. To hand the value over, store it and set
 * the local to NULL (or -1).
 */
#define CTX_CLEANUP(function) __attribute__((cleanup(function)))

#define CTX_AUTO_FREE CTX_CLEANUP(ctx_freep)
#define CTX_AUTO_CLOSE CTX_CLEANUP(ctx_closep)
#define CTX_AUTO_FCLOSE CTX_CLEANUP(ctx_fclosep)
#define CTX_AUTO_CLOSEDIR CTX_CLEANUP(ctx_closedirp)
#define CTX_AUTO_BUFFER CTX_CLEANUP(ctx_buffer_deinit)

static inline void ctx_freep(void *pointer)
{
    free(*(void **)pointer);
}

/* Closes an fd that is not negative; errno is kept. */
void ctx_closep(int *fd);

static inline void ctx_fclosep(FILE **file)
{
    if (*file)
        fclose(*file);
}

static inline void ctx_closedirp(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

/* Takes the value out of an owned local, so that its clean-up does nothing. */
#define CTX_TAKE(pointer)                                                                          \
    __extension__({                                                                                \
        __typeof__(pointer) taken_ = (pointer);                                                    \
        (pointer) = NULL;                                                                          \
        taken_;                                                                                    \
    })

#define CTX_ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#endif
