#ifndef CTX_ENGINE_RESTORE_H
#define CTX_ENGINE_RESTORE_H

#include "document/catalogue.h"
#include "document/output.h"
#include "engine/mirror.h"

/*
 * What an earlier run left is brought into a mirror: from the catalogue; from the index, where the
 * catalogue is lost; and from the journal, where a crash came between a page and its row. A page
 * under a name that is no name of its document any more goes. Blocks; one thread.
 */
struct ctx_restore {
    struct ctx_output *output;
    struct ctx_catalogue *catalogue;
    struct ctx_mirror *mirror;
    const unsigned char *fingerprint; /* pages made under another are not current */
    const unsigned char *verdict;     /* failures under another are tried again; NULL: all */
    bool index_found;                 /* set when the index lists pages */
    bool index_behind;                /* set when it lists one that is gone, or lacks one */
};

/* 0; -EBADMSG: the catalogue is damaged, and what the mirror got of it is true; else errno. */
int ctx_restore_catalogue(struct ctx_restore *restore);
/* Pages that index.jsonl lists, as not current. 0 or errno. */
int ctx_restore_index(struct ctx_restore *restore);
/*
 * After one of the others: pages that neither knows. They get a row, and the journal is cleared; not
 * where the index was asked for want of a catalogue: it alone says then which pages are ours.
 */
int ctx_restore_journal(struct ctx_restore *restore, struct ctx_error *error);

#endif
