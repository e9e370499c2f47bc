#ifndef CTX_BASE_LIMITS_H
#define CTX_BASE_LIMITS_H

/*
 * Every limit on what an outsider can grow, in one place. Bytes unless the name says otherwise.
 * Those that configuration can change are its defaults.
 */

#define CTX_KIB ((size_t)1024)
#define CTX_MIB (1024 * CTX_KIB)

/* The largest source document; a larger one is an error for that document alone. */
/* Source bytes of one batch; one document may exceed it alone. */
#define CTX_LIMIT_BATCH_BYTES (4 * CTX_MIB)
#define CTX_LIMIT_DOCUMENT (64 * CTX_MIB)
/* What one document's page may grow to, in bytes, for a source of `n` bytes. */
#define CTX_LIMIT_PAGE(n) (4 * (size_t)(n) + CTX_MIB)
/* Deadline for transforming a source of `n` bytes: 2 s and 1 s for every 10 MB (facts: cmark-gfm). */
#define CTX_LIMIT_TRANSFORM_MS(n) (2000 + (uint64_t)(n) / 10000)
/*
 * What parsing a source of `n` bytes may take. Measured, bytes a byte: documentation 8 to 20, a
 * list of one-letter items 270, a table of one-digit cells 410; inputs that are built to cost take
 * any amount (test_normalise_hostile).
 */
#define CTX_LIMIT_PARSE_MEMORY(n) (400 * (size_t)(n) + 64 * CTX_MIB)
/* What a thread keeps of it for its next document. */
#define CTX_ARENA_STANDING (2 * CTX_MIB)
/* Depth of JSX, lists, quotes and braces that the scanners follow; beyond it text stays text. */
#define CTX_LIMIT_NESTING 256
/* Names in a document's loss report; further ones are counted under one name. */
#define CTX_LIMIT_REPORT_ENTRIES 512
/* YAML front matter of `n` bytes: depth, bytes of a key as JSON (YAML allows 1024 for a key on one
 * line), anchors, and the JSON that its aliases may unfold to. */
#define CTX_LIMIT_YAML_DEPTH 64
#define CTX_LIMIT_YAML_KEY 1000
#define CTX_LIMIT_YAML_ANCHORS 256
#define CTX_LIMIT_YAML_JSON(n) (4 * (size_t)(n) + 64 * CTX_KIB)
/* Topics of a page; further ones are left out. */
#define CTX_LIMIT_TOPICS 256
/* A slug; a longer one is cut and gets 12 hex digits of its path's SHA-256. */
#define CTX_LIMIT_SLUG 200
/* A configuration, preset or ignore file. */
#define CTX_LIMIT_CONFIG_FILE (4 * CTX_MIB)
/* Diagnostics that are kept of one configuration; one more says that there are more. */
#define CTX_LIMIT_DIAGNOSTICS 200
/* A line of index.jsonl: an entry holds a title, topics and counts. */
#define CTX_LIMIT_INDEX_LINE (1 * CTX_MIB)
/* Tombstones a catalogue keeps for `changes`; older ones go, and clocks before them are unknown. */
#define CTX_LIMIT_TOMBSTONES 10000
/* Patterns in one ignore file; further lines are left out with a warning. */
#define CTX_LIMIT_IGNORE_PATTERNS 10000
/* The control socket (contextor-control(7), LIMITS). One request line; one client's output, and the
 * largest answer; the buffers of all clients together. */
#define CTX_LIMIT_REQUEST (1 * CTX_MIB)
#define CTX_LIMIT_CLIENT_OUTPUT (4 * CTX_MIB)
#define CTX_LIMIT_CLIENTS_MEMORY (64 * CTX_MIB)
#define CTX_LIMIT_CLIENTS 256
/* A client that has this much to read gets no further request carried out until it reads. */
#define CTX_LIMIT_CLIENT_PENDING (256 * CTX_KIB)
/* Lines of one client that are handled before others have their turn. */
#define CTX_LIMIT_LINES_A_TURN 64
/* Requests of one batch; requests in flight, and subscriptions, of one client. */
#define CTX_LIMIT_BATCH 64
#define CTX_LIMIT_REQUESTS 64
#define CTX_LIMIT_SUBSCRIPTIONS 16
/* Names or patterns in each of a subscription's filters. */
#define CTX_LIMIT_FILTERS 64
/* Seconds for a line to end, and for a client to take a byte of what waits for it. */
#define CTX_LIMIT_CLIENT_STALL_S 30
/* Milliseconds of a sync: the most, and the default. */
#define CTX_LIMIT_SYNC_MS 3600000
#define CTX_SYNC_MS 60000
/* Changes or failures in one answer: the most, and the default. */
#define CTX_LIMIT_LISTED 10000
#define CTX_LISTED 1000
/* Failures of documents that are logged in one run; a full disk may fail every document there is. */
#define CTX_LIMIT_LOGGED_FAILURES 100
/* A path below a source's root, as the kernel bounds one (PATH_MAX, limits.h). */
#define CTX_LIMIT_PATH 4096

#endif
