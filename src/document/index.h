#ifndef CTX_DOCUMENT_INDEX_H
#define CTX_DOCUMENT_INDEX_H

#include "document/output.h"

/*
 * index.jsonl: one line a page, sorted by slug bytewise, replaced atomically. An update merges the
 * file there with sorted changes in one pass; it never holds the index in memory.
 */

struct ctx_index_change {
    const char *slug;
    const char *entry; /* the line without newline; NULL: the page is gone */
    size_t entry_len;
};

/*
 * Merges `changes` (sorted by slug, unique) into the index and replaces it; no file is an empty
 * index. Lines of the file that cannot be read, are longer than CTX_LIMIT_INDEX_LINE or out of order
 * are -EBADMSG: the caller rebuilds from the catalogue. -EINVAL: `changes` are not sorted, or an
 * entry is not its slug's. CTX_UNCHANGED when the merge gives the same bytes: nothing is written
 * (ret_stamp is set all the same). A symbolic link is replaced, not followed. In a dry run the
 * answer is the same, and the stamp zero. One thread an output at a time.
 */
int ctx_index_merge(struct ctx_output *output, const struct ctx_index_change *changes, size_t n,
                    struct ctx_file_stamp *ret_stamp, struct ctx_error *error);

/*
 * Writes a whole index: open, add lines in slug order (-EINVAL otherwise, or when one is no entry),
 * commit (CTX_UNCHANGED as above; frees the writer, whatever it returns). As long as the lines are
 * those of the file there, nothing is written at all.
 */
struct ctx_index_writer;
int ctx_index_writer_open(struct ctx_output *output, struct ctx_index_writer **ret_writer,
                          struct ctx_error *error);
int ctx_index_writer_add(struct ctx_index_writer *writer, const char *entry, size_t len);
int ctx_index_writer_commit(struct ctx_index_writer *writer, struct ctx_file_stamp *ret_stamp,
                            struct ctx_error *error);
void ctx_index_writer_abort(
    struct ctx_index_writer *writer); /* free without commit; NULL is fine */

/* Stamps index.jsonl. 0, CTX_GONE, errno. */
int ctx_index_stat(const struct ctx_output *output, struct ctx_file_stamp *ret_stamp);

#endif
