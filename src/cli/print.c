/* Answers of a few lines. What came over the socket is text from documents: never a control character. */
#include "cli/print.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define INT "%" JSON_INTEGER_FORMAT

void ctx_print_json(const json_t *json)
{
    json_dumpf(json, stdout, isatty(STDOUT_FILENO) ? JSON_INDENT(2) : JSON_COMPACT);
    putchar('\n');
}

const char *ctx_json_string(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

json_int_t ctx_json_number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

void ctx_print_text(const char *text)
{
    for (; *text; text++)
        putchar((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
}

static void print_member(const json_t *object, const char *key)
{
    ctx_print_text(ctx_json_string(object, key));
}

/* Errors about a document begin with its path, mostly. */
static bool names_path(const json_t *failure)
{
    const char *path = ctx_json_string(failure, "path");
    return strncmp(ctx_json_string(failure, "error"), path, strlen(path)) == 0;
}

void ctx_print_failures(const json_t *result)
{
    const json_t *failures = json_object_get(result, "failures");
    json_int_t total = ctx_json_number(result, failures ? "total" : "failed_total");
    size_t i;
    json_t *failure;
    if (!failures)
        failures = json_object_get(result, "failed");
    json_array_foreach(failures, i, failure)
    {
        print_member(failure, "source");
        fputs(": ", stdout);
        if (!names_path(failure)) {
            print_member(failure, "path");
            fputs(": ", stdout);
        }
        print_member(failure, "error");
        putchar('\n');
    }
    if (total > (json_int_t)i)
        printf("and " INT " more\n", total - (json_int_t)i);
}

void ctx_print_holds(const json_t *result)
{
    json_int_t holds = ctx_json_number(result, "holds");
    if (holds)
        printf("paused (" INT "%s)\n", holds, holds == 1 ? " hold" : " holds");
    else
        puts("running");
}

static void print_histogram(const char *name, const json_t *value)
{
    printf("%-36s count " INT ", p50 %g s, p90 %g s, p99 %g s, max %g s\n", name,
           ctx_json_number(value, "count"), json_number_value(json_object_get(value, "p50")),
           json_number_value(json_object_get(value, "p90")),
           json_number_value(json_object_get(value, "p99")),
           json_number_value(json_object_get(value, "max")));
}

static void print_number(const char *name, const json_t *value)
{
    double number = json_is_boolean(value) ? json_is_true(value) : json_number_value(value);
    printf("%-36s %.15g\n", name, number);
}

/* The members of an object; those of a group in it under both names. */
static void print_members(const char *group, const json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        char name[64];
        snprintf(name, sizeof(name), "%s%s%s", group, *group ? "." : "", key);
        if (json_is_object(value) && json_object_get(value, "count"))
            print_histogram(name, value);
        else if (json_is_object(value))
            print_members(key, value);
        else if (!json_is_null(value))
            print_number(name, value);
    }
}

void ctx_print_metrics(const json_t *result)
{
    const char *text = json_string_value(json_object_get(result, "text"));
    if (text) {
        fputs(text, stdout);
        return;
    }
    print_members("", result);
}

void ctx_print_queued(const json_t *result)
{
    printf(INT " queued\n", ctx_json_number(result, "queued"));
}

void ctx_print_reloaded(const json_t *result)
{
    json_int_t n = ctx_json_number(result, "sources");
    printf("%s; " INT " source%s\n",
           json_is_true(json_object_get(result, "changed")) ? "reloaded" : "nothing changed", n,
           n == 1 ? "" : "s");
}

void ctx_print_version(const json_t *result)
{
    printf("contextor%s %s\n", json_object_get(result, "pid") ? "d" : "",
           ctx_json_string(result, "version"));
}

/* "written 2025-03-01T09:30:00.123456Z, 322 us". */
static void print_last(const json_t *last)
{
    printf("  last:     %s %s", ctx_json_string(last, "result"), ctx_json_string(last, "time"));
    if (ctx_json_number(last, "duration_us"))
        printf(", " INT " us", ctx_json_number(last, "duration_us"));
    putchar('\n');
    if (*ctx_json_string(last, "error")) {
        fputs("  error:    ", stdout);
        print_member(last, "error");
        putchar('\n');
    }
}

static void print_losses(const json_t *losses)
{
    size_t i;
    json_t *loss;
    json_array_foreach(losses, i, loss)
    {
        printf(i ? "            " : "  losses:   ");
        printf(INT " %s: %s", ctx_json_number(loss, "count"), ctx_json_string(loss, "loss"),
               ctx_json_string(loss, "rule"));
        if (*ctx_json_string(loss, "name")) {
            putchar(' ');
            print_member(loss, "name");
        }
        if (ctx_json_number(loss, "line"))
            printf(" (first in line " INT ")", ctx_json_number(loss, "line"));
        const json_t *saved = json_object_get(loss, "saved");
        if (saved)
            printf(", " INT " bytes and about " INT " tokens saved",
                   ctx_json_number(saved, "bytes"), ctx_json_number(saved, "tokens"));
        putchar('\n');
    }
}

static void print_reason(const json_t *reason)
{
    if (!*ctx_json_string(reason, "rule"))
        return;
    printf("  rule:     %s", ctx_json_string(reason, "rule"));
    if (*ctx_json_string(reason, "pattern")) {
        fputs(" \"", stdout);
        print_member(reason, "pattern");
        putchar('"');
    }
    if (*ctx_json_string(reason, "file")) {
        fputs(" in ", stdout);
        print_member(reason, "file");
        printf(":" INT, ctx_json_number(reason, "line"));
    }
    putchar('\n');
}

static void print_view(const json_t *view)
{
    const char *path = ctx_json_string(view, "path");
    ctx_print_text(*path ? path : "."); /* the root */
    printf(" in source %s\n", ctx_json_string(view, "source"));
    const char *verdict = ctx_json_string(view, "verdict");
    const char *seen = ctx_json_string(view, "seen");
    bool same = strcmp(verdict, seen) == 0; /* "missing" says it all */
    printf("  seen as:  %s%s%s%s\n", verdict, same ? "" : ", ", same ? "" : seen,
           json_is_true(json_object_get(view, "waiting")) ? ", a change is waiting" : "");
    print_reason(json_object_get(view, "reason"));
    if (*ctx_json_string(view, "page")) {
        fputs("  page:     ", stdout);
        print_member(view, "page");
        putchar('\n');
    }
    if (json_object_get(view, "last"))
        print_last(json_object_get(view, "last"));
    print_losses(json_object_get(view, "losses"));
}

void ctx_print_why(const json_t *result)
{
    size_t i;
    json_t *view;
    json_array_foreach(json_object_get(result, "results"), i, view)
    {
        print_view(view);
    }
}

void ctx_print_event(const json_t *params)
{
    const char *event = ctx_json_string(params, "event");
    printf("%-9s ", event);
    print_member(params, "source");
    if (strcmp(event, "batch") == 0) {
        printf(" " INT " documents in " INT " us\n", ctx_json_number(params, "documents"),
               ctx_json_number(params, "duration_us"));
        return;
    }
    if (strcmp(event, "state") == 0) {
        printf("%s%s", *ctx_json_string(params, "source") ? " " : "",
               ctx_json_string(params, "state"));
    } else {
        putchar(' ');
        print_member(params, "path");
    }
    if (json_object_get(params, "latency_us"))
        printf(" (" INT " us)", ctx_json_number(params, "latency_us"));
    const char *more = *ctx_json_string(params, "error") ? "error" : "detail";
    if (*ctx_json_string(params, more)) {
        fputs(": ", stdout);
        print_member(params, more);
    }
    putchar('\n');
}
