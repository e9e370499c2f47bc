#ifndef CTX_TRANSFORM_MDX_JS_CURSOR_H
#define CTX_TRANSFORM_MDX_JS_CURSOR_H

#include <string.h>

#include "transform/mdx/js.h"

/*
 * A place in JavaScript, and what the recogniser's parts do with it. Every function either moves
 * `at` on or fails; once `fail` is set it sticks, and `at` is at the end. Pure; any thread.
 */
struct ctx_js {
    const char *s;
    size_t len;
    size_t at;
    int depth;
    int fail;    /* 0, CTX_SCAN_BAD or CTX_SCAN_MORE */
    bool module; /* ESM: a blank line outside of brackets is the end */
    int brackets;
    bool newline; /* the last white space held a line end */
};

static inline int ctx_js_peek(const struct ctx_js *js, size_t ahead)
{
    return js->at + ahead < js->len ? (unsigned char)js->s[js->at + ahead] : -1;
}

static inline bool ctx_js_at_end(const struct ctx_js *js)
{
    return js->at >= js->len;
}

static inline bool ctx_js_looking_at(const struct ctx_js *js, const char *word)
{
    size_t n = strlen(word);
    return js->len - js->at >= n && memcmp(js->s + js->at, word, n) == 0;
}

static inline bool ctx_js_is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static inline bool ctx_js_is_name_start(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c >= 0x80;
}

static inline bool ctx_js_is_name(int c)
{
    return ctx_js_is_name_start(c) || ctx_js_is_digit(c);
}

int ctx_js_fail(struct ctx_js *js, int code);
/* What comes next is not what must come: CTX_SCAN_MORE at the end of the input, else BAD. */
void ctx_js_unexpected(struct ctx_js *js);

/* ---- tokens (js_cursor.c) ---- */

/* Skips white space and comments. */
void ctx_js_space(struct ctx_js *js);
/* Takes one byte when it comes next, past white space. */
bool ctx_js_take(struct ctx_js *js, char c);
/* The same, and fails when another one comes. */
void ctx_js_expect(struct ctx_js *js, char c);
/* Takes a whole word when it comes next, past white space. */
bool ctx_js_take_word(struct ctx_js *js, const char *word);
/* The length of the name at `at`; 0 when there is none. */
size_t ctx_js_name_len(const struct ctx_js *js);
/* Whether the `n` bytes at `at` are that word, or one of those. */
bool ctx_js_word_is(const struct ctx_js *js, size_t n, const char *word);
bool ctx_js_word_in(const struct ctx_js *js, size_t n, const char *const *words);
void ctx_js_string(struct ctx_js *js);
void ctx_js_regex(struct ctx_js *js);
void ctx_js_number(struct ctx_js *js);
/* Nesting: `enter_brackets` is undone by `leave_brackets`, `enter` by `depth--`. */
void ctx_js_enter(struct ctx_js *js);
void ctx_js_enter_brackets(struct ctx_js *js);
void ctx_js_leave_brackets(struct ctx_js *js);

/* ---- brackets (js_brackets.c): `at` is at the opening one ---- */

void ctx_js_template(struct ctx_js *js);
/* Statements in braces, which are only balanced. */
void ctx_js_block(struct ctx_js *js);
/* Items up to `close`; `holes` may be left out between commas, as in arrays. */
void ctx_js_items(struct ctx_js *js, char close, bool holes);
void ctx_js_object(struct ctx_js *js);
/* `(…) {…}`, past white space; false, and nothing is read, when no parenthesis comes. */
bool ctx_js_parameters_and_body(struct ctx_js *js);

/* ---- elements of JSX (js_jsx.c) ---- */

void ctx_js_element(struct ctx_js *js);

/* ---- expressions (js.c) ---- */

/* A name or what a word begins. Whether an operand is still to come (`async x`, `new X`). */
bool ctx_js_word(struct ctx_js *js);
void ctx_js_operand(struct ctx_js *js);
void ctx_js_assignment(struct ctx_js *js);
void ctx_js_expression(struct ctx_js *js);

#endif
