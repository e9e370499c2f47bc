#ifndef CTX_ENGINE_BACKLOG_H
#define CTX_ENGINE_BACKLOG_H

#include "engine/recorder.h"

/*
 * A backlog: outcomes of one source that its catalogue has not taken yet. While it takes none (the
 * disk is full, the file may not be written), each put keeps the last outcome of each path alone:
 * after it there are at most as many as there are documents, with those that went meanwhile. All
 * of it is for one thread.
 */
struct ctx_backlog {
    struct ctx_outcome *first, **end;
    size_t n;
    size_t journaled; /* records of the output's journal that are settled with them */
};

void ctx_backlog_init(struct ctx_backlog *backlog);
void ctx_backlog_deinit(struct ctx_backlog *backlog);

/* Takes a list of outcomes, later than those there are; NULL is fine. */
void ctx_backlog_take(struct ctx_backlog *backlog, struct ctx_outcome *list);

/*
 * Puts all into the catalogue, in one transaction, and forgets them; ret_journaled is then what to
 * settle in the journal. 0, also when there is nothing; or errno with error, and what is left is
 * the same to the catalogue as what there was.
 */
int ctx_backlog_put(struct ctx_backlog *backlog, struct ctx_catalogue *catalogue,
                    size_t *ret_journaled, struct ctx_error *error);

#endif
