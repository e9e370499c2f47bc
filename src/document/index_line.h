#ifndef CTX_DOCUMENT_INDEX_LINE_H
#define CTX_DOCUMENT_INDEX_LINE_H

#include <stddef.h>

/* Lines of an index: where an entry's slug is, and reading a file of them in bounded memory. */

enum { CTX_INDEX_SLUG_SIZE = 256 };

/*
 * The slug of an index line (without its newline). Strict, since the lines are our own: an object
 * that begins with `{"slug": "…", ` (JSON escapes are decoded) and ends with `}`. -EBADMSG otherwise.
 * Pure; any thread.
 */
int ctx_index_line_slug(const char *line, size_t len, char ret_slug[CTX_INDEX_SLUG_SIZE]);

struct ctx_index_reader;

/* Reads lines of a descriptor, which it takes (also on failure). -ENOMEM. */
int ctx_index_reader_new(int fd, struct ctx_index_reader **ret_reader);
void ctx_index_reader_free(struct ctx_index_reader *reader);

/*
 * The next line, without its newline, borrowed until the next call. 0, CTX_GONE at the end, -EBADMSG
 * for a line over CTX_LIMIT_INDEX_LINE or a last one without newline, else errno. One thread.
 */
int ctx_index_reader_next(struct ctx_index_reader *reader, const char **ret_line, size_t *ret_len);

#endif
