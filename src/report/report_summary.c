/* Loss reports for people. Pure: sorts a list of the entries, never the report. Any thread. */
#include "report/report_summary.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/savings.h"

/* The rule that the transform counts components under which nothing knows. */
static const char unknown_component[] = "unknown_component";

/* The entries of one (loss, rule). */
struct group {
    const struct ctx_report_entry *first;
    uint64_t count;
};

static int by_loss_then_count(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    if (x->first->loss != y->first->loss)
        return x->first->loss < y->first->loss ? -1 : 1;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return strcmp(x->first->rule, y->first->rule);
}

static bool is_unknown(const struct ctx_report_entry *entry)
{
    return strcmp(entry->rule, unknown_component) == 0;
}

static struct group *find_group(struct group *groups, size_t n,
                                const struct ctx_report_entry *entry)
{
    for (size_t i = 0; i < n; i++)
        if (groups[i].first->loss == entry->loss && strcmp(groups[i].first->rule, entry->rule) == 0)
            return &groups[i];
    return NULL;
}

/* Components that nothing knows have a line of their own. Returns how many groups there are. */
static size_t make_groups(const struct ctx_report *report, struct group *groups)
{
    size_t n = 0;
    for (size_t i = 0; i < report->n_entries; i++) {
        const struct ctx_report_entry *entry = &report->entries[i];
        if (is_unknown(entry))
            continue;
        struct group *group = find_group(groups, n, entry);
        if (!group) {
            group = &groups[n++];
            group->first = entry;
        }
        group->count += entry->count;
    }
    qsort(groups, n, sizeof(*groups), by_loss_then_count);
    return n;
}

static int put_losses(const struct ctx_report *report, struct ctx_buffer *text)
{
    CTX_AUTO_FREE struct group *groups = calloc(report->n_entries, sizeof(*groups));
    if (!groups)
        return -ENOMEM;
    size_t n = make_groups(report, groups);
    for (size_t i = 0; i < n; i++) {
        bool begins = i == 0 || groups[i].first->loss != groups[i - 1].first->loss;
        bool ends = i + 1 == n || groups[i].first->loss != groups[i + 1].first->loss;
        if (begins)
            ctx_buffer_printf(text, "%s: ", ctx_loss_name(groups[i].first->loss));
        ctx_buffer_printf(text, "%" PRIu64 " %s%s", groups[i].count, groups[i].first->rule,
                          ends ? "\n" : ", ");
    }
    return ctx_buffer_status(text);
}

static int by_count(const void *a, const void *b)
{
    const struct ctx_report_entry *x = *(const struct ctx_report_entry *const *)a;
    const struct ctx_report_entry *y = *(const struct ctx_report_entry *const *)b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int put_unknown(const struct ctx_report *report, size_t most, struct ctx_buffer *text)
{
    CTX_AUTO_FREE const struct ctx_report_entry **unknown =
        calloc(report->n_entries, sizeof(const struct ctx_report_entry *));
    size_t n = 0;
    uint64_t total = 0;
    if (!unknown)
        return -ENOMEM;
    for (size_t i = 0; i < report->n_entries; i++) {
        if (!is_unknown(&report->entries[i]))
            continue;
        unknown[n++] = &report->entries[i];
        total += report->entries[i].count;
    }
    if (n == 0)
        return 0;
    qsort(unknown, n, sizeof(*unknown), by_count);
    ctx_buffer_printf(text, "%" PRIu64 " component%s had no rule: ", total, total == 1 ? "" : "s");
    for (size_t i = 0; i < n && i < most; i++) {
        ctx_buffer_printf(text, "%s%s ×%" PRIu32, i > 0 ? ", " : "", unknown[i]->name,
                          unknown[i]->count);
        total -= unknown[i]->count;
    }
    if (n > most)
        ctx_buffer_printf(text, ", %" PRIu64 " of other names", total);
    return ctx_buffer_putc(text, '\n');
}

static int put_savings(const struct ctx_report *report, struct ctx_buffer *text)
{
    CTX_AUTO_FREE struct ctx_rule_saving *savings = NULL;
    struct ctx_saving sum = { 0 };
    size_t n;
    int r = ctx_savings_by_rule(report, &savings, &n);
    if (r < 0 || n == 0)
        return r;
    for (size_t i = 0; i < n; i++)
        ctx_saving_add(&sum, &savings[i].saved);
    ctx_buffer_printf(text, "saved about %" PRId64 " tokens: ", ctx_saving_tokens(sum));
    for (size_t i = 0; i < n; i++)
        ctx_buffer_printf(text, "%s%s %" PRId64, i > 0 ? ", " : "", savings[i].rule,
                          ctx_saving_tokens(savings[i].saved));
    return ctx_buffer_putc(text, '\n');
}

int ctx_report_summarise(const struct ctx_report *report, size_t most, struct ctx_buffer *text)
{
    if (report->n_entries == 0)
        return 0;
    int r = put_losses(report, text);
    if (r == 0)
        r = put_unknown(report, most, text);
    return r < 0 ? r : put_savings(report, text);
}
