#ifndef CTX_REPORT_REPORT_SUMMARY_H
#define CTX_REPORT_REPORT_SUMMARY_H

#include "contextor/buffer.h"
#include "contextor/report.h"

/*
 * A loss report, or a sum of them, for people. A line for each loss, its rules by frequency:
 * "dropped: 12 esm, 3 comment"; one for the components that no row of the table and no configuration
 * knows, with the `most` most frequent: "14 components had no rule: Foo ×9, Bar ×5"; one for what was
 * saved, by rule: "saved about 900 tokens: code 800, json 100". Appended to `text`. 0, -ENOMEM,
 * -EFBIG. Any thread.
 */
int ctx_report_summarise(const struct ctx_report *report, size_t most, struct ctx_buffer *text);

#endif
