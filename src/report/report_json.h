#ifndef CTX_REPORT_REPORT_JSON_H
#define CTX_REPORT_REPORT_JSON_H

#include <jansson.h>

#include "contextor/buffer.h"
#include "contextor/report.h"

/* Loss reports as the catalogue stores them. Pure; any thread. */

/*
 * [{"loss", "rule", "name", "count", "line", "amount", "saved": {"bytes", "words", "tokens"}}, …],
 * the last three where they are known: as text without blanks, of which a first build writes one a
 * document (0, -ENOMEM, -EFBIG), and as a value (new reference, NULL without memory).
 */
int ctx_report_write_json(const struct ctx_report *report, struct ctx_buffer *out);
json_t *ctx_report_to_json(const struct ctx_report *report);

/*
 * The same of a sum over pages: by loss, then the most frequent first, and without lines, which are
 * of one page. The order does not depend on that of the pages.
 */
json_t *ctx_report_sum_to_json(const struct ctx_report *report);

/*
 * The reverse: adds the entries to `report`. Entries that are not of that form are passed over (the
 * catalogue is a cache). 0, -EINVAL when it is no array, -ENOMEM.
 */
int ctx_report_from_json(const json_t *array, struct ctx_report *report);

/*
 * What each rule saved, over all its names, the most first:
 * [{"rule", "loss", "count", "bytes", "words", "tokens"}, …]; new reference, NULL without memory.
 */
json_t *ctx_report_savings_to_json(const struct ctx_report *report);

#endif
