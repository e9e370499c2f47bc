#ifndef CONTEXTOR_VERSION_H
#define CONTEXTOR_VERSION_H

/* The version of the library and of both programs, "MAJOR.MINOR.PATCH". Any thread. */
const char *ctx_version(void);

/*
 * What the library was built from, as hexadecimal digits: a digest of its sources and of how they
 * were compiled. Programs that belong together say the same. Any thread.
 */
const char *ctx_build(void);

#endif
