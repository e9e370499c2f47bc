#ifndef CTX_REPORT_REPORT_SUMMARY_H
#define CTX_REPORT_REPORT_SUMMARY_H

#include "contextor/buffer.h"
#include "contextor/report.h"

/*
 * A loss report, or a sum of them, for people: one line for each (loss, rule), by loss, then the
 * most frequent first, with the `most` most frequent names:
 * "unwrapped: 14 component: Foo ×9, Bar ×4, 1 other". Appended to `text`. 0, -ENOMEM, -EFBIG. Any
 * thread.
 */
int ctx_report_summarise(const struct ctx_report *report, size_t most, struct ctx_buffer *text);

#endif
