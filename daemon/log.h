#ifndef CTX_DAEMON_LOG_H
#define CTX_DAEMON_LOG_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The daemon's log: lines on stderr, or entries with fields in the journal when stderr is connected
 * to it. Logged once, where it is decided. Any thread.
 */

/* syslog(3)'s numbers. */
enum ctx_log_level {
    CTX_LOG_ERROR = 3,
    CTX_LOG_WARNING = 4,
    CTX_LOG_NOTICE = 5,
    CTX_LOG_INFO = 6,
    CTX_LOG_DEBUG = 7,
};

/* Chooses the sink; call before threads are started. Entries over `most` are dropped. */
void ctx_log_open(enum ctx_log_level most);
/* The level of a name ("error" … "debug"), -1 when there is none such. */
int ctx_log_level_from_name(const char *name);
bool ctx_log_enabled(enum ctx_log_level level);

/* One line, without its newline. */
void ctx_log(enum ctx_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What an entry about a document carries besides its text. */
struct ctx_log_document {
    const char *source;   /* SOURCE */
    const char *path;     /* DOCUMENT_PATH, bytes */
    const char *result;   /* RESULT: "written", "unchanged", "removed", "failed" */
    uint64_t duration_us; /* DURATION_USEC */
};
void ctx_log_document(enum ctx_log_level level, const struct ctx_log_document *document,
                      const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * An event about a document (batches are not logged): as debug, or with `warn` as a warning when it
 * is a failure.
 */
struct ctx_event;
void ctx_log_event(const char *source, const struct ctx_event *event, bool warn);

#endif
