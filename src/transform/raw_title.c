/*
 * A title, line by line. What only YAML can read, such as blocks, lists and aliases, is none. Pure;
 * any thread.
 */
#include "transform/raw_title.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char key[] = "title:";

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* Whether the byte there stands for the one after it, in a scalar with such quotes. */
static bool is_escape(const char *value, size_t len, size_t at, char quote)
{
    if (at + 1 >= len)
        return false;
    return quote == '"' ? value[at] == '\\' : value[at] == '\'' && value[at + 1] == '\'';
}

static size_t quoted_length(const char *value, size_t len, char quote)
{
    for (size_t i = 0; i < len; i++) {
        if (is_escape(value, len, i, quote))
            i++;
        else if (value[i] == quote)
            return i;
    }
    return len;
}

static size_t plain_length(const char *value, size_t len)
{
    for (size_t i = 1; i < len; i++)
        if (value[i] == '#' && is_blank(value[i - 1]))
            len = i;
    while (len > 0 && is_blank(value[len - 1]))
        len--;
    return len;
}

/* What a line says. */
struct value {
    const char *bytes;
    size_t len;
    char quote; /* '\0': none */
};

/* The value on a line that begins with the key. False: there is none that a line can hold. */
static bool read_value(const char *line, size_t len, struct value *ret)
{
    const char *value = line + strlen(key);
    const char *end = line + len;
    while (value < end && is_blank(*value))
        value++;
    if (value == end || value == line + strlen(key) || (unsigned char)*value < ' ' ||
        strchr("[{|>&*!#", *value))
        return false;
    bool is_quoted = *value == '"' || *value == '\'';
    ret->quote = is_quoted ? *value++ : '\0';
    ret->bytes = value;
    len = (size_t)(end - value);
    ret->len = is_quoted ? quoted_length(value, len, ret->quote) : plain_length(value, len);
    return ret->len > 0;
}

static char *copy_value(const struct value *value)
{
    char *copy = malloc(value->len + 1);
    size_t n = 0;
    for (size_t i = 0; copy && i < value->len; i++) {
        i += value->quote && is_escape(value->bytes, value->len, i, value->quote);
        copy[n++] = value->bytes[i];
    }
    if (copy)
        copy[n] = '\0';
    return copy;
}

char *ctx_raw_title(const char *text, size_t len)
{
    struct value title = { 0 };
    for (size_t at = 0; at < len;) {
        const char *newline = memchr(text + at, '\n', len - at);
        size_t line = newline ? (size_t)(newline - text) - at : len - at;
        struct value value;
        if (line > strlen(key) && memcmp(text + at, key, strlen(key)) == 0 &&
            read_value(text + at, line, &value))
            title = value;
        at += line + 1;
    }
    return title.bytes ? copy_value(&title) : NULL;
}
