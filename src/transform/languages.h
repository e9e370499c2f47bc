#ifndef CTX_TRANSFORM_LANGUAGES_H
#define CTX_TRANSFORM_LANGUAGES_H

#include <stdbool.h>
#include <stddef.h>

/* Languages of fenced code: what a fence's info string names, and how its comments look. */

/* How code in a language is shortened. */
enum ctx_code_form {
    CTX_CODE_LINES,      /* by lines */
    CTX_CODE_JSON,       /* JSON, comments allowed: by members */
    CTX_CODE_JSON_LINES, /* one JSON value a line */
};

struct ctx_language {
    const char *name;  /* lower case */
    const char *open;  /* what begins a comment, "" when there are none */
    const char *close; /* what ends it, "" when the line does */
    enum ctx_code_form form;
};

/* The language in an info string: its first word, up to what frameworks put behind it. */
size_t ctx_language_length(const char *info, size_t len);

/* Looks a language up, however its case; one that is not known has no comments. Any thread. */
struct ctx_language ctx_language_find(const char *name, size_t len);

/*
 * Whether `word` names the language that `name` does, in the same way or another (`py` and `python`:
 * language_names.c), however their case. Any thread.
 */
bool ctx_language_is(const char *name, const char *word, size_t len);

#endif
