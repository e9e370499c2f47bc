/* Loss reports for people. Pure: sorts a list of the entries, never the report. Any thread. */
#include "report/report_summary.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* The entries of one (loss, rule) stand together, the most frequent name first. */
struct item {
    const struct ctx_report_entry *entry;
    uint64_t group; /* occurrences of its (loss, rule) */
};

static int by_group_then_count(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->entry->loss != y->entry->loss)
        return x->entry->loss < y->entry->loss ? -1 : 1;
    if (x->group != y->group)
        return x->group > y->group ? -1 : 1;
    int order = strcmp(x->entry->rule, y->entry->rule);
    if (order != 0)
        return order;
    if (x->entry->count != y->entry->count)
        return x->entry->count > y->entry->count ? -1 : 1;
    return x->entry < y->entry ? -1 : x->entry > y->entry;
}

static int by_rule(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->entry->loss != y->entry->loss)
        return x->entry->loss < y->entry->loss ? -1 : 1;
    return strcmp(x->entry->rule, y->entry->rule);
}

/* How many items from `first` on belong to its group. */
static size_t group_len(const struct item *first, size_t n)
{
    size_t len = 1;
    while (len < n && by_rule(first, first + len) == 0)
        len++;
    return len;
}

static void sum_groups(struct item *items, size_t n)
{
    for (size_t i = 0, len; i < n; i += len) {
        len = group_len(items + i, n - i);
        uint64_t sum = 0;
        for (size_t j = i; j < i + len; j++)
            sum += items[j].entry->count;
        for (size_t j = i; j < i + len; j++)
            items[j].group = sum;
    }
}

static void put_line(const struct item *items, size_t n, size_t most, struct ctx_buffer *text)
{
    const struct ctx_report_entry *first = items[0].entry;
    uint64_t others = items[0].group;
    const char *separator = ": ";
    ctx_buffer_printf(text, "%s: %" PRIu64 " %s", ctx_loss_name(first->loss), others, first->rule);
    for (size_t i = 0; i < n && most > 0; i++) {
        const struct ctx_report_entry *entry = items[i].entry;
        if (entry->name[0] == '\0' || strcmp(entry->name, "…") == 0)
            continue;
        ctx_buffer_printf(text, "%s%s ×%" PRIu32, separator, entry->name, entry->count);
        separator = ", ";
        others -= entry->count;
        most--;
    }
    if (others > 0 && separator[0] == ',')
        ctx_buffer_printf(text, ", %" PRIu64 " other%s", others, others == 1 ? "" : "s");
    ctx_buffer_putc(text, '\n');
}

int ctx_report_summarise(const struct ctx_report *report, size_t most, struct ctx_buffer *text)
{
    size_t n = report->n_entries;
    if (n == 0)
        return 0;
    CTX_AUTO_FREE struct item *items = calloc(n, sizeof(*items));
    if (!items)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        items[i].entry = &report->entries[i];
    qsort(items, n, sizeof(*items), by_rule);
    sum_groups(items, n);
    qsort(items, n, sizeof(*items), by_group_then_count);
    for (size_t i = 0, len; i < n; i += len) {
        len = group_len(items + i, n - i);
        put_line(items + i, len, most, text);
    }
    return ctx_buffer_status(text);
}
