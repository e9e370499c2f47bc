/*
 * The log. The level and the sink are the process's, set once before threads start. A line is
 * written by one call, so that threads do not mix; control characters (a path may hold a newline)
 * become '?', so that no entry can pass for two.
 */
#include "daemon/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "daemon/describe.h"
#include "daemon/service.h"
#include "engine/engine.h"

enum { LINE_MAX_LEN = 6144 };

static enum ctx_log_level most = CTX_LOG_INFO;
static bool journal;

static const struct {
    enum ctx_log_level level;
    const char *name;
} levels[] = {
    { CTX_LOG_DEBUG, "debug" },   { CTX_LOG_ERROR, "error" },     { CTX_LOG_INFO, "info" },
    { CTX_LOG_NOTICE, "notice" }, { CTX_LOG_WARNING, "warning" },
};

void ctx_log_open(enum ctx_log_level level)
{
    most = level;
    journal = ctx_service_has_journal();
}

int ctx_log_level_from_name(const char *name)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(levels); i++)
        if (strcmp(levels[i].name, name) == 0)
            return (int)levels[i].level;
    return -1;
}

static const char *level_name(enum ctx_log_level level)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(levels); i++)
        if (levels[i].level == level)
            return levels[i].name;
    return "?";
}

bool ctx_log_enabled(enum ctx_log_level level)
{
    return level <= most;
}

static void tame(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
}

static void write_line(enum ctx_log_level level, const char *text)
{
    char line[LINE_MAX_LEN + 64];
    int len = level <= CTX_LOG_WARNING
                  ? snprintf(line, sizeof(line), "contextord: %s: %s\n", level_name(level), text)
                  : snprintf(line, sizeof(line), "contextord: %s\n", text);
    if (len > 0)
        (void)!write(STDERR_FILENO, line, (size_t)len);
}

static void emit(enum ctx_log_level level, const struct ctx_log_document *document,
                 const char *format, va_list args)
{
    char text[LINE_MAX_LEN];
    vsnprintf(text, sizeof(text), format, args);
    tame(text);
    if (!journal || ctx_service_journal(level, text, document))
        write_line(level, text);
}

void ctx_log(enum ctx_log_level level, const char *format, ...)
{
    if (!ctx_log_enabled(level))
        return;
    va_list args;
    va_start(args, format);
    emit(level, NULL, format, args);
    va_end(args);
}

void ctx_log_document(enum ctx_log_level level, const struct ctx_log_document *document,
                      const char *format, ...)
{
    if (!ctx_log_enabled(level))
        return;
    va_list args;
    va_start(args, format);
    emit(level, document, format, args);
    va_end(args);
}

void ctx_log_event(const char *source, const struct ctx_event *event, bool warn)
{
    const struct ctx_log_document document = {
        .source = source ? source : "",
        .path = event->path,
        .result = ctx_event_name(event->kind),
        .duration_us = event->duration_us,
    };
    if (event->kind == CTX_EVENT_BATCH)
        return;
    if (event->kind == CTX_EVENT_FAILED)
        ctx_log_document(warn ? CTX_LOG_WARNING : CTX_LOG_DEBUG, &document, "%s: %s",
                         document.source, event->error);
    else
        ctx_log_document(CTX_LOG_DEBUG, &document, "%s: %s: %s", document.source, event->path,
                         document.result);
}
