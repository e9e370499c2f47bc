#ifndef CTX_DOCUMENT_OUTPUT_H
#define CTX_DOCUMENT_OUTPUT_H

#include "base/file.h"
#include "contextor/page.h"
#include "document/journal.h"

/*
 * An output directory: <slug>.mdc pages, index.jsonl and .contextor/ (lock, catalogue.db, tmp/,
 * identity, journal, a .gitignore of "*"). One writer at a time. Only files that our index, catalogue
 * or journal lists and that begin with our schema line are ever deleted.
 */

struct ctx_output;

struct ctx_output_options {
    const char *path;
    const char *source_name; /* what the identity file records, with repo and root */
    const char *source_root;
    const char *repo;
    bool adopt;   /* take over a directory that belongs to another source */
    bool dry_run; /* lock and write nothing; the directory need not exist */
};

/*
 * Creates what is missing, takes the lock (flock), checks the identity, clears tmp/. -EWOULDBLOCK:
 * another writer, named by pid in the error; -EEXIST: belongs to another source (--adopt), and
 * -EBADMSG: it cannot be read to which; -ELOOP: .contextor or something in it is a symbolic link,
 * through which nothing is written; else errno. The same source is one with the same root, or with
 * the same repository and name (a tree that was moved or cloned anew).
 */
int ctx_output_open(const struct ctx_output_options *options, struct ctx_output **ret_output,
                    struct ctx_error *error);
void ctx_output_close(struct ctx_output *output);

/* Its path, as the options gave it. Borrowed. */
const char *ctx_output_path(const struct ctx_output *output);
bool ctx_output_is_dry_run(const struct ctx_output *output);
/*
 * Borrowed: the directory, and .contextor/ and .contextor/tmp/ in it. In a dry run the last two are
 * -1, and the first too when there is no such directory.
 */
int ctx_output_dirfd(const struct ctx_output *output);
int ctx_output_statefd(const struct ctx_output *output);
int ctx_output_tmpfd(const struct ctx_output *output);
/* Which pages the catalogue may not know yet; NULL in a dry run. Borrowed. */
struct ctx_journal *ctx_output_journal(const struct ctx_output *output);
/* Absolute path of .contextor/catalogue.db. Borrowed. */
const char *ctx_output_catalogue_path(const struct ctx_output *output);

/* Whether there was no page in it, of anybody's, when it was opened. Any thread. */
bool ctx_output_is_fresh(const struct ctx_output *output);
/* Whether what was opened is still there under its path. Any thread. */
bool ctx_output_in_place(const struct ctx_output *output);

/*
 * Writes <slug>.mdc atomically unless the file there differs in fetched_at at most: then
 * CTX_UNCHANGED, the file's fetched_at is copied into page->mdc and page->entry, and nothing is
 * written. `fresh` promises that no such file exists, so that none is looked for. ret_stamp is the
 * file's; zero in a dry run, which answers what a real one would. On failure the previous page stays,
 * nothing half-written does, and the error names the file and the remedy. A symbolic link is
 * replaced, never followed; -EISDIR for a directory. Any thread; one thread a slug at a time.
 */
int ctx_output_write(struct ctx_output *output, const char *slug, struct ctx_page *page, bool fresh,
                     struct ctx_file_stamp *ret_stamp, struct ctx_error *error);

/*
 * Deletes <slug>.mdc when it begins with our schema line. 0, CTX_GONE when there is none, -EPERM
 * (kept, it is not ours: a symbolic link, a directory, another file), or errno. Any thread.
 */
int ctx_output_remove(struct ctx_output *output, const char *slug, struct ctx_error *error);

/* Stamps <slug>.mdc. 0, CTX_GONE, or errno. Any thread. */
int ctx_output_stat(const struct ctx_output *output, const char *slug,
                    struct ctx_file_stamp *ret_stamp);

#endif
