#ifndef CTX_DOCUMENT_JOURNAL_H
#define CTX_DOCUMENT_JOURNAL_H

#include <stddef.h>

/*
 * The journal of an output: which pages are about to be written under a name that the catalogue
 * does not know yet. A page is renamed into place before its row; killed in between, the next
 * start would not know the page as ours, and should its document go meanwhile, it would stay for
 * ever. The journal outlives the process, not the machine's power.
 */

struct ctx_journal;

/*
 * Opens .contextor/journal, made when there is none; a record that a crash cut short is taken off
 * its end. -ELOOP: it is a symbolic link; else errno.
 */
int ctx_journal_open(int statefd, struct ctx_journal **ret_journal);
/* NULL is fine. */
void ctx_journal_close(struct ctx_journal *journal);

/*
 * Calls `each` for every page that an earlier writer left, in order. Stops at, and returns, the
 * first value of `each` that is not 0; else 0 or errno.
 */
int ctx_journal_each(const struct ctx_journal *journal,
                     int (*each)(void *data, const char *slug, const char *path), void *data);
/*
 * What an earlier writer left is in the catalogue. Until then nothing is cleared. To be called
 * before the first ctx_journal_add(). 0 or errno.
 */
int ctx_journal_clear(struct ctx_journal *journal);

/* Notes a page before it is written. 0 or errno (ENOSPC…), with nothing noted. Any thread. */
int ctx_journal_add(struct ctx_journal *journal, const char *slug, const char *path);
/* So many more of the pages noted are in the catalogue; with the last, all are forgotten. Any thread. */
void ctx_journal_settle(struct ctx_journal *journal, size_t n);

#endif
