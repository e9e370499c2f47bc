/* Savings by rule. Pure; any thread. */
#include "report/savings.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "contextor/transform.h"

int64_t ctx_saving_tokens(struct ctx_saving saved)
{
    const int64_t most = INT64_MAX / 4;
    int64_t words = saved.words > most ? most : saved.words < -most ? -most : saved.words;
    if (words < 0)
        return -(int64_t)ctx_tokens_estimate((uint64_t)-words);
    return (int64_t)ctx_tokens_estimate((uint64_t)words);
}

static bool is_counted(const struct ctx_report_entry *entry)
{
    return entry->saved.bytes != 0 || entry->saved.words != 0;
}

static int by_words(const void *a, const void *b)
{
    const struct ctx_rule_saving *x = a, *y = b;
    if (x->saved.words != y->saved.words)
        return x->saved.words > y->saved.words ? -1 : 1;
    int order = strcmp(x->rule, y->rule);
    return order ? order : (int)x->loss - (int)y->loss;
}

static struct ctx_rule_saving *find(struct ctx_rule_saving *savings, size_t n,
                                    const struct ctx_report_entry *entry)
{
    for (size_t i = 0; i < n; i++)
        if (savings[i].loss == entry->loss && strcmp(savings[i].rule, entry->rule) == 0)
            return &savings[i];
    return NULL;
}

int ctx_savings_by_rule(const struct ctx_report *report, struct ctx_rule_saving **ret_savings,
                        size_t *ret_n)
{
    struct ctx_rule_saving *savings = NULL;
    size_t n = 0;
    for (size_t i = 0; i < report->n_entries; i++) {
        const struct ctx_report_entry *entry = &report->entries[i];
        struct ctx_rule_saving *saving = find(savings, n, entry);
        if (!is_counted(entry))
            continue;
        if (!saving) {
            void *grown = reallocarray(savings, n + 1, sizeof(*savings));
            if (!grown) {
                free(savings);
                return -ENOMEM;
            }
            savings = grown;
            saving = &savings[n++];
            *saving = (struct ctx_rule_saving){ .loss = entry->loss, .rule = entry->rule };
        }
        saving->count += entry->count;
        ctx_saving_add(&saving->saved, &entry->saved);
    }
    if (n > 0)
        qsort(savings, n, sizeof(*savings), by_words);
    *ret_savings = savings;
    *ret_n = n;
    return 0;
}
