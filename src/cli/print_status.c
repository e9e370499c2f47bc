/*
 * The table of `contextor status`. On a terminal that is too narrow for all of it a row stays one
 * line: the output's path loses its beginning, and columns are left out. Piped, all is there.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "cli/print.h"

#define INT "%" JSON_INTEGER_FORMAT

enum {
    CELL_MAX = 256,
    GAP = 2,          /* between columns */
    SHORT_LEAST = 16, /* columns of a terminal that the end of a path is worth */
};

struct column {
    const char *title;
    const char *key;
    bool right;     /* numbers */
    unsigned spare; /* when it is left out, the lowest first; 0: never */
};

static const struct column columns[] = {
    { "SOURCE", "name" },
    { "STATE", "state" },
    { "DOCUMENTS", "documents", true },
    { "FAILED", "failed", true },
    { "WAITING", "waiting", true, 3 },
    { "WATCHES", "watches", true, 2 },
    { "POLLED", "polled_directories", true, 1 },
    { "PROFILE", "profile", false, 4 },
    { "OUTPUT", "output", false, 5 },
};

enum { COLUMNS = CTX_ARRAY_LEN(columns), LAST = COLUMNS - 1 };

static void cell(const json_t *source, const struct column *column, char ret_text[CELL_MAX])
{
    const json_t *value = source ? json_object_get(source, column->key) : NULL;
    if (!source)
        snprintf(ret_text, CELL_MAX, "%s", column->title);
    else if (json_is_integer(value))
        snprintf(ret_text, CELL_MAX, INT, json_integer_value(value));
    else
        snprintf(ret_text, CELL_MAX, "%s", json_is_string(value) ? json_string_value(value) : "");
}

static int width(const char *text)
{
    return (int)ctx_utf8_count(text, strlen(text));
}

/* The end of a text that is too wide, behind an ellipsis. */
static void shorten(char text[CELL_MAX], int most)
{
    const char *end = text;
    for (int left = width(text) - most + 1; left > 0; left -= ((unsigned char)*end & 0xC0) != 0x80)
        end++;
    char copy[CELL_MAX];
    snprintf(copy, sizeof(copy), "…%s", end);
    strcpy(text, copy);
}

static void print_row(const json_t *source, const int widths[COLUMNS])
{
    char text[CELL_MAX];
    for (size_t i = 0; i < COLUMNS; i++) {
        if (widths[i] == 0)
            continue;
        cell(source, &columns[i], text);
        if (width(text) > widths[i])
            shorten(text, widths[i]);
        int pad = widths[i] - width(text);
        printf("%*s%*s", i ? GAP : 0, "", columns[i].right ? pad : 0, "");
        ctx_print_text(text);
        printf("%*s", columns[i].right || i == LAST ? 0 : pad, "");
    }
    putchar('\n');
}

static int terminal_width(void)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : INT_MAX;
}

static void measure(const json_t *sources, int widths[COLUMNS])
{
    char text[CELL_MAX];
    size_t n;
    json_t *source;
    for (size_t i = 0; i < COLUMNS; i++) {
        widths[i] = width(columns[i].title);
        json_array_foreach(sources, n, source)
        {
            cell(source, &columns[i], text);
            widths[i] = width(text) > widths[i] ? width(text) : widths[i];
        }
    }
}

static int total(const int widths[COLUMNS])
{
    int sum = -GAP;
    for (size_t i = 0; i < COLUMNS; i++)
        sum += widths[i] ? GAP + widths[i] : 0;
    return sum;
}

/* Makes the last column narrower when that is enough; else leaves out one more, and looks again. */
static void fit(int widths[COLUMNS], int most)
{
    for (unsigned spare = 1; total(widths) > most && spare <= COLUMNS; spare++) {
        int left = widths[LAST] - (total(widths) - most);
        if (left >= SHORT_LEAST) {
            widths[LAST] = left;
            return;
        }
        for (size_t i = 0; i < COLUMNS; i++)
            widths[i] = columns[i].spare == spare ? 0 : widths[i];
    }
}

/* What is degraded has been said above the table, by the source's name. */
static bool is_told(const json_t *degraded, const json_t *source)
{
    size_t i;
    json_t *line;
    json_array_foreach(degraded, i, line)
    {
        const char *text = json_string_value(line), *name = ctx_json_string(source, "name");
        size_t len = strlen(name);
        if (text && strncmp(text, name, len) == 0 && strncmp(text + len, ": ", 2) == 0 &&
            strcmp(text + len + 2, ctx_json_string(source, "detail")) == 0)
            return true;
    }
    return false;
}

static void print_sources(const json_t *sources, const json_t *degraded)
{
    int widths[COLUMNS];
    measure(sources, widths);
    fit(widths, terminal_width());
    size_t n;
    json_t *source;
    print_row(NULL, widths);
    json_array_foreach(sources, n, source)
    {
        print_row(source, widths);
        if (*ctx_json_string(source, "detail") && !is_told(degraded, source)) {
            fputs("  ", stdout);
            ctx_print_text(ctx_json_string(source, "detail"));
            putchar('\n');
        }
    }
}

static void print_uptime(json_int_t seconds)
{
    if (seconds >= 86400)
        printf(INT " d " INT " h", seconds / 86400, seconds / 3600 % 24);
    else if (seconds >= 3600)
        printf(INT " h " INT " min", seconds / 3600, seconds / 60 % 60);
    else if (seconds >= 60)
        printf(INT " min " INT " s", seconds / 60, seconds % 60);
    else
        printf(INT " s", seconds);
}

void ctx_print_status(const json_t *result)
{
    const json_t *queue = json_object_get(result, "queue");
    const json_t *sources = json_object_get(result, "sources");
    const json_t *degraded = json_object_get(result, "degraded");
    size_t i;
    json_t *line;
    printf("contextord %s (process " INT "): %s, up ", ctx_json_string(result, "version"),
           ctx_json_number(result, "pid"), ctx_json_string(result, "state"));
    print_uptime(ctx_json_number(result, "uptime_s"));
    const char *config = ctx_json_string(result, "config");
    printf("\nconfiguration: %s\n",
           *config ? config : "none; run contextor init in a tree of documents");
    printf("queue: " INT " saves, " INT " requests, " INT " bulk, " INT " held, " INT
           " in flight\n",
           ctx_json_number(queue, "save"), ctx_json_number(queue, "request"),
           ctx_json_number(queue, "bulk"), ctx_json_number(queue, "held"),
           ctx_json_number(queue, "in_flight"));
    json_array_foreach(degraded, i, line)
    {
        fputs("degraded: ", stdout);
        ctx_print_text(json_string_value(line));
        putchar('\n');
    }
    if (json_array_size(sources)) {
        putchar('\n');
        print_sources(sources, degraded);
    }
}
