#ifndef CTX_BASE_LIMITS_H
#define CTX_BASE_LIMITS_H

/*
 * Every limit on what an outsider can grow, in one place. Bytes unless the name says otherwise.
 * Those that configuration can change are its defaults.
 */

#define CTX_KIB ((size_t)1024)
#define CTX_MIB (1024 * CTX_KIB)

/* The largest source document; a larger one is an error for that document alone. */
#define CTX_LIMIT_DOCUMENT (64 * CTX_MIB)
/* What one document's page may grow to, in bytes, for a source of `n` bytes. */
#define CTX_LIMIT_PAGE(n) (4 * (size_t)(n) + CTX_MIB)
/* Deadline for transforming a source of `n` bytes: 2 s and 1 s for every 10 MB (facts: cmark-gfm). */
#define CTX_LIMIT_TRANSFORM_MS(n) (2000 + (uint64_t)(n) / 10000)
/* Depth of JSX, lists, quotes and braces that the scanners follow; beyond it text stays text. */
#define CTX_LIMIT_NESTING 256
/* Names in a document's loss report; further ones are counted under one name. */
#define CTX_LIMIT_REPORT_ENTRIES 512
/* A slug; a longer one is cut and gets 12 hex digits of its path's SHA-256. */
#define CTX_LIMIT_SLUG 200
/* A configuration, preset or ignore file. */
#define CTX_LIMIT_CONFIG_FILE (4 * CTX_MIB)
/* One request line on the control socket, and what may wait to be written to one client. */
#define CTX_LIMIT_REQUEST (1 * CTX_MIB)
#define CTX_LIMIT_CLIENT_OUTPUT (4 * CTX_MIB)
#define CTX_LIMIT_CLIENTS 128
/* A path below a source's root, as the kernel bounds one (PATH_MAX, limits.h). */
#define CTX_LIMIT_PATH 4096

#endif
