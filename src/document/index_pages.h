#ifndef CTX_DOCUMENT_INDEX_PAGES_H
#define CTX_DOCUMENT_INDEX_PAGES_H

#include "document/output.h"

/*
 * Calls `page` for every line of index.jsonl, with its slug and its document's path: which pages
 * are ours when the catalogue is lost. Lines that cannot be read are passed over. 0, CTX_GONE when
 * there is no index, the first value of `page` that is not 0, or errno. Any thread.
 */
int ctx_index_each(const struct ctx_output *output,
                   int (*page)(void *data, const char *slug, const char *path), void *data);

#endif
