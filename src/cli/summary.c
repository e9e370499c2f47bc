/* The summary of an optimize run, for programs and for people. Main thread. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/optimize.h"
#include "report/report_json.h"
#include "report/report_summary.h"

/* Names shown of each rule. */
enum { NAMES = 6 };

json_t *ctx_summary_to_json(const struct ctx_optimize_result *result)
{
    const struct ctx_source *source = result->source;
    json_t *object = ctx_run_report_to_json(&result->figures);
    if (!object)
        return NULL;
    json_object_set_new(object, "source", json_string(source->name));
    json_object_set_new(object, "root", json_string(source->root));
    json_object_set_new(object, "output", json_string(source->output));
    json_object_set_new(object, "profile",
                        json_string(ctx_profile_name(source->transform.profile)));
    json_object_set_new(object, "dry_run", json_boolean(result->dry_run));
    json_t *degraded = json_array();
    for (unsigned i = 0; i < result->n_degraded; i++)
        json_array_append_new(degraded, json_string(result->degraded[i]));
    json_object_set_new(object, "degraded", degraded);
    json_object_set_new(object, "unreadable", json_integer((json_int_t)result->unreadable));
    json_object_set(object, "failures", result->failures);
    const struct ctx_pages *pages = &result->pages;
    json_object_set_new(object, "pages",
                        json_pack("{s:I, s:I, s:I}", "count", (json_int_t)pages->n, "tokens_in",
                                  (json_int_t)pages->tokens_in, "tokens_out",
                                  (json_int_t)pages->tokens_out));
    json_object_set_new(object, "losses", ctx_report_sum_to_json(&pages->losses));
    json_object_set_new(object, "savings", ctx_report_savings_to_json(&pages->losses));
    return object;
}

static void print_figures(const struct ctx_run_report *figures)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    ctx_run_report_counts(figures, &text);
    ctx_buffer_putc(&text, '\n');
    if (figures->total_batches > 0) {
        ctx_run_report_effort(figures, &text);
        ctx_buffer_putc(&text, '\n');
    }
    fputs(ctx_buffer_str(&text), stdout);
}

/* Losses are of the pages that were made; `--json` and `--report` tell those of all. */
static void print_losses(const struct ctx_optimize_result *result)
{
    CTX_AUTO_BUFFER struct ctx_buffer lines;
    ctx_buffer_init(&lines, SIZE_MAX / 2);
    ctx_report_summarise(&result->pages.losses, NAMES, &lines);
    if (lines.len == 0)
        return;
    if (!result->all_losses && result->figures.processed < result->pages.n)
        printf("in the %" PRIu64 " pages that were made:\n", result->figures.processed);
    fputs(lines.data, stdout);
}

void ctx_summary_print(const struct ctx_optimize_result *result)
{
    printf("%s -> %s%s\n", result->source->root, result->source->output,
           result->dry_run ? " (dry run: nothing was written)" : "");
    print_figures(&result->figures);
    printf("tokens: %" PRIu64 " in, %" PRIu64 " out, in %" PRIu64 " pages\n",
           result->pages.tokens_in, result->pages.tokens_out, result->pages.n);
    print_losses(result);
    if (result->unreadable > 0)
        printf("%" PRIu64 " files or directories could not be read: nothing was removed\n",
               result->unreadable);
}
