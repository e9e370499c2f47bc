/* Loss reports to JSON and back. Pure; any thread. */
#include "report/report_json.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "report/savings.h"

static void put_saving(json_t *object, struct ctx_saving saved)
{
    json_object_set_new(object, "bytes", json_integer(saved.bytes));
    json_object_set_new(object, "words", json_integer(saved.words));
    json_object_set_new(object, "tokens", json_integer(ctx_saving_tokens(saved)));
}

static void write_string(struct ctx_buffer *out, const char *key, const char *value)
{
    ctx_buffer_puts(out, key);
    ctx_quote_str(out, value);
}

static void write_number(struct ctx_buffer *out, const char *key, int64_t value)
{
    ctx_buffer_puts(out, key);
    ctx_buffer_put_number(out, value);
}

static void write_entry(struct ctx_buffer *out, const struct ctx_report_entry *entry)
{
    write_string(out, "{\"loss\":", ctx_loss_name(entry->loss));
    write_string(out, ",\"rule\":", entry->rule);
    write_string(out, ",\"name\":", entry->name);
    write_number(out, ",\"count\":", entry->count);
    if (entry->line)
        write_number(out, ",\"line\":", entry->line);
    if (entry->amount)
        write_number(out, ",\"amount\":", (int64_t)entry->amount);
    if (entry->saved.bytes || entry->saved.words) {
        write_number(out, ",\"saved\":{\"bytes\":", entry->saved.bytes);
        write_number(out, ",\"words\":", entry->saved.words);
        write_number(out, ",\"tokens\":", ctx_saving_tokens(entry->saved));
        ctx_buffer_putc(out, '}');
    }
    ctx_buffer_putc(out, '}');
}

static int write_entries(struct ctx_buffer *out, const struct ctx_report_entry *entries, size_t n)
{
    ctx_buffer_putc(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            ctx_buffer_putc(out, ',');
        write_entry(out, &entries[i]);
    }
    return ctx_buffer_putc(out, ']');
}

int ctx_report_write_json(const struct ctx_report *report, struct ctx_buffer *out)
{
    return write_entries(out, report->entries, report->n_entries);
}

static json_t *entries_to_json(const struct ctx_report_entry *entries, size_t n)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    ctx_buffer_init(&text, SIZE_MAX / 2);
    int r = write_entries(&text, entries, n);
    return r < 0 ? NULL : json_loadb(text.data, text.len, 0, NULL);
}

json_t *ctx_report_to_json(const struct ctx_report *report)
{
    return entries_to_json(report->entries, report->n_entries);
}

static int by_loss_then_count(const void *a, const void *b)
{
    const struct ctx_report_entry *x = a, *y = b;
    if (x->loss != y->loss)
        return x->loss < y->loss ? -1 : 1;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    int order = strcmp(x->rule, y->rule);
    return order ? order : strcmp(x->name, y->name);
}

json_t *ctx_report_sum_to_json(const struct ctx_report *report)
{
    CTX_AUTO_FREE struct ctx_report_entry *entries =
        calloc(report->n_entries + 1, sizeof(*entries));
    if (!entries)
        return NULL;
    for (size_t i = 0; i < report->n_entries; i++) {
        entries[i] = report->entries[i];
        entries[i].line = 0;
    }
    qsort(entries, report->n_entries, sizeof(*entries), by_loss_then_count);
    return entries_to_json(entries, report->n_entries);
}

json_t *ctx_report_savings_to_json(const struct ctx_report *report)
{
    CTX_AUTO_FREE struct ctx_rule_saving *savings = NULL;
    size_t n = 0;
    json_t *array = json_array();
    if (ctx_savings_by_rule(report, &savings, &n) < 0) {
        json_decref(array);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        json_t *object =
            json_pack("{s: s, s: s, s: I}", "rule", savings[i].rule, "loss",
                      ctx_loss_name(savings[i].loss), "count", (json_int_t)savings[i].count);
        put_saving(object, savings[i].saved);
        json_array_append_new(array, object);
    }
    return array;
}

/* Fills an entry that borrows from `object`. False when it is none. */
static bool entry_from_json(const json_t *object, struct ctx_report_entry *ret_entry)
{
    const char *loss = NULL, *rule = NULL, *name = NULL;
    json_int_t count = 0, line = 0, amount = 0, bytes = 0, words = 0;
    if (json_unpack((json_t *)object, "{s: s, s: s, s: s, s: I, s?: I, s?: I, s?: {s: I, s: I}}",
                    "loss", &loss, "rule", &rule, "name", &name, "count", &count, "line", &line,
                    "amount", &amount, "saved", "bytes", &bytes, "words", &words) < 0)
        return false;
    int kind = ctx_loss_from_name(loss);
    if (kind < 0 || count < 0 || count > UINT32_MAX || line < 0 || line > UINT32_MAX || amount < 0)
        return false;
    *ret_entry = (struct ctx_report_entry){ .loss = (enum ctx_loss)kind,
                                            .rule = rule,
                                            .name = (char *)name,
                                            .count = (uint32_t)count,
                                            .line = (uint32_t)line,
                                            .amount = (uint64_t)amount,
                                            .saved = { bytes, words } };
    return true;
}

int ctx_report_from_json(const json_t *array, struct ctx_report *report)
{
    if (!json_is_array(array))
        return -EINVAL;
    size_t i;
    const json_t *object;
    json_array_foreach(array, i, object)
    {
        struct ctx_report_entry entry;
        if (!entry_from_json(object, &entry))
            continue;
        int r = ctx_report_add_entry(report, &entry);
        if (r < 0)
            return r;
    }
    return 0;
}
