#ifndef CTX_CONFIG_DIAGNOSTICS_H
#define CTX_CONFIG_DIAGNOSTICS_H

#include <stddef.h>

/*
 * What reading a configuration had to say, all of it, in the order it was found. Each is one line:
 * "FILE:LINE: key.path: what is wrong; what to do".
 */

enum ctx_severity {
    CTX_SEVERITY_ERROR,   /* the configuration is not used */
    CTX_SEVERITY_WARNING, /* it is used, but someone should look */
    CTX_SEVERITY_NOTE,    /* something worth knowing */
};

struct ctx_diagnostic {
    enum ctx_severity severity;
    char *text;    /* the whole line, without a newline */
    char *file;    /* NULL: it is about a flag */
    unsigned line; /* 1-based; 0: about the file as a whole */
    char *key;     /* "sources[0].root", a flag's name, or NULL */
};

struct ctx_diagnostics {
    struct ctx_diagnostic *items;
    size_t n;
    size_t n_errors, n_warnings;
    int status; /* -ENOMEM once one could not be kept; sticks */
};

/* Where a diagnostic points to. Any part may be missing. */
struct ctx_place {
    const char *file;
    unsigned line;
    const char *key;
};

void ctx_diagnostics_init(struct ctx_diagnostics *diagnostics);
void ctx_diagnostics_deinit(struct ctx_diagnostics *diagnostics);

/*
 * Adds one. The text is made one line of UTF-8, control characters shown as '?'. Over
 * CTX_LIMIT_DIAGNOSTICS further ones are counted, not kept. Any thread.
 */
void ctx_diagnostics_add(struct ctx_diagnostics *diagnostics, enum ctx_severity severity,
                         const struct ctx_place *place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* "error", "warning", "note". */
const char *ctx_severity_name(enum ctx_severity severity);

#endif
