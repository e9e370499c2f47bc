#ifndef CTX_REPORT_SAVINGS_H
#define CTX_REPORT_SAVINGS_H

#include "contextor/report.h"

/* What rules saved, summed over the names of a loss report. Pure; any thread. */

struct ctx_rule_saving {
    enum ctx_loss loss;
    const char *rule; /* the report's */
    uint64_t count;
    struct ctx_saving saved;
};

/*
 * One for each (loss, rule) that counts its saving, the most words first, then by name. malloc'ed;
 * NULL with 0 of them when there is none. 0 or -ENOMEM.
 */
int ctx_savings_by_rule(const struct ctx_report *report, struct ctx_rule_saving **ret_savings,
                        size_t *ret_n);

/* A saving in estimated tokens; negative where words were added. */
int64_t ctx_saving_tokens(struct ctx_saving saved);

#endif
