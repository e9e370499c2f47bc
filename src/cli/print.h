#ifndef CTX_CLI_PRINT_H
#define CTX_CLI_PRINT_H

#include <jansson.h>
#include <stdio.h>

/* The daemon's answers, for people, on stdout. The main thread. */

/* JSON and a newline: indented on a terminal, else on one line. */
void ctx_print_json(const json_t *json);

void ctx_print_failures(const json_t *result); /* of `failures` and `sync` */
void ctx_print_holds(const json_t *result);    /* of `pause` and `resume` */
void ctx_print_metrics(const json_t *result);
void ctx_print_queued(const json_t *result);
void ctx_print_reloaded(const json_t *result);
void ctx_print_version(const json_t *result);
void ctx_print_why(const json_t *result);
void ctx_print_event(const json_t *params);
void ctx_print_status(const json_t *result);

/* Text that came from elsewhere: control characters as '?'. */
void ctx_print_text(const char *text);

/* A member's text ("" when it is none) and number (0). Borrowed. */
const char *ctx_json_string(const json_t *object, const char *key);
json_int_t ctx_json_number(const json_t *object, const char *key);

#endif
