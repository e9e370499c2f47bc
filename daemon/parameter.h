#ifndef CTX_DAEMON_PARAMETER_H
#define CTX_DAEMON_PARAMETER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "contextor/error.h"

/* What a method takes, by a table; the order is that of parameters by position. Pure. */

enum ctx_parameter_type {
    CTX_PARAMETER_BOOLEAN,
    CTX_PARAMETER_NUMBER,  /* an integer, min to max */
    CTX_PARAMETER_STRING,  /* not empty; one of `values` when there are any */
    CTX_PARAMETER_STRINGS, /* an array of such, at most CTX_LIMIT_FILTERS */
    CTX_PARAMETER_OBJECT,
    CTX_PARAMETER_PATH, /* a string, or "<name>_b64" in its place */
};

struct ctx_parameter {
    const char *name;
    enum ctx_parameter_type type;
    bool required;
    json_int_t min, max;
    const char *const *values; /* NULL-terminated; NULL: any */
};

/*
 * Checks params (NULL: none) against the table. 0 and a new object of them by name; -EINVAL with
 * an error that names the parameter; -ENOMEM.
 */
int ctx_parameters_check(const struct ctx_parameter *table, size_t n, const json_t *params,
                         json_t **ret_named, struct ctx_error *error);

#endif
