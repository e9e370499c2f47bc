#ifndef CTX_BASE_FORGE_H
#define CTX_BASE_FORGE_H

#include <stddef.h>

#include "contextor/forge.h"

/* How forges write the addresses of files. Pure; any thread. */

enum ctx_url_view {
    CTX_URL_BLOB, /* the page that shows a file */
    CTX_URL_TREE, /* the page that shows a directory */
    CTX_URL_RAW,  /* the file's bytes: what an image's address must be */
    CTX_URL_VIEWS,
};

/* Behind the repository's own address. %r stands for the ref, %p for the path. */
struct ctx_forge_shape {
    const char *name;
    const char *host;     /* the public one, "https://…/"; NULL: there is none */
    const char *raw_host; /* what stands for that host in addresses of bytes; NULL: itself */
    const char *raw;      /* the shape there */
    const char *shapes[CTX_URL_VIEWS];
};

const struct ctx_forge_shape *ctx_forge_shape(enum ctx_forge forge);

/* The forge that runs at a host, by its name; GitHub when the name does not tell. */
enum ctx_forge ctx_forge_of_host(const char *host, size_t len);

#endif
