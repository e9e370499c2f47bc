/* Error lines for people. Pure; any thread. */
#include "contextor/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* Names of files are any bytes; a line is text. What is no character of a line becomes '?'. */
static void make_line(char *text)
{
    size_t len = strlen(text);
    for (size_t at = 0; at < len;) {
        uint32_t point;
        size_t n = ctx_utf8_decode(text + at, len - at, &point);
        if (n == 0 || point < 0x20 || point == 0x7F)
            text[at] = '?';
        at += n ? n : 1;
    }
}

int ctx_error_set(struct ctx_error *error, int code, const char *format, ...)
{
    if (error) {
        va_list args;
        va_start(args, format);
        vsnprintf(error->text, sizeof(error->text), format, args);
        va_end(args);
        make_line(error->text);
    }
    return code;
}

const char *ctx_error_name(int code)
{
    const char *text = strerrordesc_np(code < 0 ? -code : code);
    return text ? text : "unknown error";
}
