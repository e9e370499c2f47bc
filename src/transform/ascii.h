#ifndef CTX_TRANSFORM_ASCII_H
#define CTX_TRANSFORM_ASCII_H

#include <stdbool.h>

/* Classes of bytes as CommonMark has them, whatever the locale. Pure; any thread. */

static inline bool ctx_ascii_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool ctx_ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool ctx_ascii_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool ctx_ascii_is_punctuation(char c)
{
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
}

#endif
