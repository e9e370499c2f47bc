/*
 * The pages of an output, summed: what they lost, their tokens, and the lines of --report. What this
 * run did not touch is in the catalogue, so that a run that changes nothing tells as much as the
 * first. The main thread; while the catalogue is asked, the recorder's, for which it waits.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/optimize.h"
#include "control/text.h"
#include "engine/query.h"
#include "report/report_json.h"

struct ctx_page_line {
    char *path, *text;
};

static char *describe(const char *path, const struct ctx_report *report)
{
    json_t *line = json_object();
    ctx_json_set_path(line, "path", path);
    json_object_set_new(line, "losses", ctx_report_to_json(report));
    json_object_set_new(line, "savings", ctx_report_savings_to_json(report));
    char *text = json_dumps(line, JSON_COMPACT);
    json_decref(line);
    return text;
}

static int add_line(struct ctx_pages *pages, const char *path, const struct ctx_report *report)
{
    if (pages->n_lines == pages->capacity) {
        size_t capacity = pages->capacity ? 2 * pages->capacity : 256;
        void *grown = reallocarray(pages->lines, capacity, sizeof(*pages->lines));
        if (!grown)
            return -ENOMEM;
        pages->lines = grown;
        pages->capacity = capacity;
    }
    struct ctx_page_line line = { strdup(path), describe(path, report) };
    if (!line.path || !line.text) {
        free(line.path);
        free(line.text);
        return -ENOMEM;
    }
    pages->lines[pages->n_lines++] = line;
    return 0;
}

void ctx_pages_add(struct ctx_pages *pages, const char *path, const struct ctx_report *report)
{
    int r = ctx_report_merge(&pages->losses, report);
    if (r == 0 && pages->want_lines)
        r = add_line(pages, path, report);
    if (r < 0)
        pages->status = r;
}

static int on_page(void *data, const struct ctx_page_figures *page)
{
    struct ctx_pages *pages = data;
    pages->n++;
    pages->tokens_in += page->tokens_in;
    pages->tokens_out += page->tokens_out;
    if (!page->report)
        return 0;
    CTX_CLEANUP(ctx_report_deinit) struct ctx_report report = { 0 };
    json_t *losses = page->report[0] ? json_loads(page->report, 0, NULL) : NULL;
    if (losses && ctx_report_from_json(losses, &report) == -ENOMEM)
        pages->status = -ENOMEM;
    json_decref(losses);
    ctx_pages_add(pages, page->path, &report);
    return pages->status;
}

enum answer { AWAITED, READ, UNREADABLE };

struct reading {
    struct ctx_pages *pages;
    enum answer answer;
};

static int on_page_read(void *data, const struct ctx_page_figures *page)
{
    struct reading *reading = data;
    return on_page(reading->pages, page);
}

static void on_answer(void *data, json_t *result)
{
    struct reading *reading = data;
    reading->answer = result ? READ : UNREADABLE;
    json_decref(result);
}

int ctx_pages_read(struct ctx_pages *pages, struct ctx_engine *engine, uint32_t source, bool losses)
{
    struct reading reading = { pages, AWAITED };
    const struct ctx_asker asker = {
        .source = source, .name = "", .answer = on_answer, .data = &reading
    };
    struct ctx_query *query = ctx_query_pages_new(&asker, losses, on_page_read);
    if (!query)
        return -ENOMEM;
    ctx_engine_ask(engine, query);
    while (reading.answer == AWAITED) {
        ctx_engine_wait(engine, -1);
        ctx_engine_dispatch(engine, ctx_clock_monotonic_us());
    }
    if (pages->status < 0)
        return pages->status;
    return reading.answer == READ ? 0 : -EIO;
}

static int by_path(const void *a, const void *b)
{
    const struct ctx_page_line *x = a, *y = b;
    return strcmp(x->path, y->path);
}

int ctx_pages_write(struct ctx_pages *pages, FILE *file)
{
    if (pages->n_lines > 0)
        qsort(pages->lines, pages->n_lines, sizeof(*pages->lines), by_path);
    for (size_t i = 0; i < pages->n_lines; i++)
        if (fprintf(file, "%s\n", pages->lines[i].text) < 0)
            return -EIO;
    return 0;
}

void ctx_pages_deinit(struct ctx_pages *pages)
{
    for (size_t i = 0; i < pages->n_lines; i++) {
        free(pages->lines[i].path);
        free(pages->lines[i].text);
    }
    free(pages->lines);
    ctx_report_deinit(&pages->losses);
    *pages = (struct ctx_pages){ 0 };
}
