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
 * Merges `changes` (sorted by slug, unique) into the index and replaces it. Lines of the file that
 * cannot be read, or are out of order, are -EBADMSG: the caller rebuilds from the catalogue.
 * CTX_UNCHANGED when the merge gives the same bytes. One thread an output at a time.
 */
int ctx_index_merge(struct ctx_output *output, const struct ctx_index_change *changes, size_t n,
                    struct ctx_file_stamp *ret_stamp, struct ctx_error *error);

/* Writes a whole index: open, add lines in slug order, commit (CTX_UNCHANGED as above). */
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
