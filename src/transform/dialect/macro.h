#ifndef CTX_TRANSFORM_DIALECT_MACRO_H
#define CTX_TRANSFORM_DIALECT_MACRO_H

#include "transform/mdx/tags.h"
#include "transform/stage.h"

/*
 * Template languages: what stands between their delimiters is a macro, and each language says what
 * is written for it. Only for sources whose `dialect` names one; code is never touched.
 */

struct ctx_macro {
    struct ctx_span name;
    struct ctx_span args;  /* as written, past the name */
    struct ctx_span whole; /* delimiters included */
    bool closing;          /* {{< /name >}} */
    bool alone;            /* nothing else is on its line */
};

enum ctx_macro_raw {
    CTX_MACRO_NOT_RAW,
    CTX_MACRO_TEXT,    /* text in which nothing is a macro */
    CTX_MACRO_CODE,    /* a fence, or a code span when it is on one line with other text */
    CTX_MACRO_DROPPED, /* nothing */
};

/* Where a macro's text goes. */
struct ctx_macro_out {
    struct ctx_buffer *text;
    struct ctx_draft *draft;
    uint32_t line;
    bool unclosed; /* there is no end of what would be raw: the macro is written alone */
    /* Set: what the text is up to the macro of the name `until`, "endraw" or "/highlight". */
    enum ctx_macro_raw raw;
    char until[40];
    struct ctx_span language, title; /* of a fence; "" for none */
};

/* A language: how its macros are delimited, and what is written for one. */
struct ctx_macro_language {
    const char *open;
    const char *close;
    /* Writes what stands for the macro; false: it stays as it is. */
    bool (*write)(const struct ctx_macro *macro, struct ctx_macro_out *out);
};

/* Each ended by an entry without `open`. */
extern const struct ctx_macro_language ctx_language_mdn[];
extern const struct ctx_macro_language ctx_language_hugo[];
extern const struct ctx_macro_language ctx_language_liquid[];

/* The argument of that number (0: the first) that has no name; quotes are taken off. */
bool ctx_macro_argument(const struct ctx_macro *macro, size_t index, struct ctx_span *ret);
/* The argument of that name: name="value" or name=value. */
bool ctx_macro_named(const struct ctx_macro *macro, const char *name, struct ctx_span *ret);

/* Counts the macro by its name. */
void ctx_macro_count(const struct ctx_macro *macro, struct ctx_macro_out *out, enum ctx_loss loss);
/* Appends text that may hold code spans: all else that would be markup is escaped. */
void ctx_macro_put_text(struct ctx_buffer *out, struct ctx_span text);
/* "**text**" when the macro stands alone on its line, else the text; "" writes nothing. */
void ctx_macro_label(const struct ctx_macro *macro, struct ctx_macro_out *out,
                     struct ctx_span text);

#endif
