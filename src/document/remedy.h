#ifndef CTX_DOCUMENT_REMEDY_H
#define CTX_DOCUMENT_REMEDY_H

#include "contextor/error.h"

/*
 * Reports that a file could not be worked on: "<directory>/<name>: <the system's text>; <what to
 * do>". Returns `code`. `name` may be "" for the directory itself. Any thread.
 */
int ctx_remedy_set(struct ctx_error *error, int code, const char *directory, const char *name);

#endif
