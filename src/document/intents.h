#ifndef CTX_DOCUMENT_INTENTS_H
#define CTX_DOCUMENT_INTENTS_H

#include "document/output.h"

/*
 * Intents: the pages that are about to be made under names that the catalogue does not know yet,
 * noted in .contextor/intents before. A writer that is killed between a page and its row would else
 * leave a page that nobody takes for its own when its document goes.
 */

/* Notes one. 0 or a negative errno. Nothing in a dry run. Any thread. */
int ctx_intents_note(struct ctx_output *output, const char *path, const char *slug);

/* Calls `each` for every one noted, oldest first, until it returns non-zero. Lines that were cut are left out. */
int ctx_intents_each(struct ctx_output *output,
                     int (*each)(void *data, const char *slug, const char *path), void *data);

/* Forgets all: every page is in the catalogue now. When no page is on its way. */
void ctx_intents_clear(struct ctx_output *output);

#endif
