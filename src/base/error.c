/* Error lines for people. Pure; any thread. */
#include "contextor/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int ctx_error_set(struct ctx_error *error, int code, const char *format, ...)
{
    if (error) {
        va_list args;
        va_start(args, format);
        vsnprintf(error->text, sizeof(error->text), format, args);
        va_end(args);
    }
    return code;
}

const char *ctx_error_name(int code)
{
    const char *text = strerrordesc_np(code < 0 ? -code : code);
    return text ? text : "unknown error";
}
