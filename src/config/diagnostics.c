/*
 * Collected diagnostics. Invariant: every text is one line of valid UTF-8, whatever was quoted in
 * it. Owned by whoever loads a configuration; one thread.
 */
#include "config/diagnostics.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/utf8.h"

enum { TEXT_MAX = 8192 };

void ctx_diagnostics_init(struct ctx_diagnostics *diagnostics)
{
    *diagnostics = (struct ctx_diagnostics){ 0 };
}

void ctx_diagnostics_deinit(struct ctx_diagnostics *diagnostics)
{
    for (size_t i = 0; i < diagnostics->n; i++) {
        free(diagnostics->items[i].text);
        free(diagnostics->items[i].file);
        free(diagnostics->items[i].key);
    }
    free(diagnostics->items);
    ctx_diagnostics_init(diagnostics);
}

const char *ctx_severity_name(enum ctx_severity severity)
{
    static const char *const names[] = {
        [CTX_SEVERITY_ERROR] = "error",
        [CTX_SEVERITY_WARNING] = "warning",
        [CTX_SEVERITY_NOTE] = "note",
    };
    return names[severity];
}

/* A line that a terminal can be given; malloc'ed, NULL when memory is out. */
static char *one_line(const char *text)
{
    CTX_AUTO_BUFFER struct ctx_buffer line;
    ctx_buffer_init(&line, TEXT_MAX * 3);
    if (ctx_utf8_append_lossy(&line, text, strlen(text)) < 0 || ctx_buffer_puts(&line, "") < 0)
        return NULL;
    for (size_t i = 0; i < line.len; i++)
        if ((unsigned char)line.data[i] < ' ' || line.data[i] == 0x7f)
            line.data[i] = '?';
    return line.data ? ctx_buffer_detach(&line, NULL) : strdup("");
}

static void print_place(struct ctx_buffer *text, const struct ctx_place *place)
{
    if (place->file)
        ctx_buffer_puts(text, place->file);
    if (place->file && place->line > 0)
        ctx_buffer_printf(text, ":%u", place->line);
    if (place->file)
        ctx_buffer_puts(text, ": ");
    if (place->key && place->key[0] != '\0')
        ctx_buffer_printf(text, "%s: ", place->key);
}

/* Room for one more; false when there is none. */
static bool grow(struct ctx_diagnostics *diagnostics)
{
    if (diagnostics->n > 0 && (diagnostics->n & (diagnostics->n - 1)) != 0)
        return true;
    size_t capacity = diagnostics->n ? diagnostics->n * 2 : 1;
    void *items = realloc(diagnostics->items, capacity * sizeof(*diagnostics->items));
    if (items)
        diagnostics->items = items;
    return items;
}

static void keep(struct ctx_diagnostics *diagnostics, enum ctx_severity severity,
                 const struct ctx_place *place, const char *text)
{
    struct ctx_diagnostic diagnostic = {
        .severity = severity,
        .text = one_line(text),
        .file = place->file ? one_line(place->file) : NULL,
        .line = place->line,
        .key = place->key ? one_line(place->key) : NULL,
    };
    if (diagnostic.text && grow(diagnostics)) {
        diagnostics->items[diagnostics->n++] = diagnostic;
        return;
    }
    free(diagnostic.text);
    free(diagnostic.file);
    free(diagnostic.key);
    diagnostics->status = -ENOMEM;
}

void ctx_diagnostics_add(struct ctx_diagnostics *diagnostics, enum ctx_severity severity,
                         const struct ctx_place *place, const char *format, ...)
{
    if (severity == CTX_SEVERITY_ERROR)
        diagnostics->n_errors++;
    if (severity == CTX_SEVERITY_WARNING)
        diagnostics->n_warnings++;
    if (diagnostics->n > CTX_LIMIT_DIAGNOSTICS)
        return;
    if (diagnostics->n == CTX_LIMIT_DIAGNOSTICS) {
        static const struct ctx_place nowhere;
        keep(diagnostics, severity, &nowhere, "there is more to say; mend the above first");
        return;
    }
    char message[TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, TEXT_MAX * 2);
    print_place(&text, place);
    ctx_buffer_puts(&text, message);
    keep(diagnostics, severity, place, ctx_buffer_str(&text));
}
