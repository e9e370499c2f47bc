#ifndef CONTEXTOR_VERSION_H
#define CONTEXTOR_VERSION_H

/* The version of the library and of both programs, "MAJOR.MINOR.PATCH". Any thread. */
const char *ctx_version(void);

#endif
