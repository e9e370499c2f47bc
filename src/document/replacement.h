#ifndef CTX_DOCUMENT_REPLACEMENT_H
#define CTX_DOCUMENT_REPLACEMENT_H

#include "document/output.h"

/*
 * A file of an output that is written anew as a stream and replaced atomically, unless the new bytes
 * are the old ones. It is compared with the file there for as long as both agree, and a temporary
 * file begins only where they part (with a copy of what agreed): a file that did not change costs
 * one read, one that did one read and one write. Memory is bounded. One thread.
 */
struct ctx_replacement;

/*
 * `name` is borrowed, a file's in the output directory; its temporary file has the same name in
 * .contextor/tmp. A symbolic link there counts as no file, and is replaced. -EISDIR, -EINVAL: it is
 * no regular file; else errno. In a dry run nothing is written.
 */
int ctx_replacement_new(struct ctx_output *output, const char *name,
                        struct ctx_replacement **ret_replacement);

/* Drops what was written; the file there stays as it is. NULL is fine. */
void ctx_replacement_free(struct ctx_replacement *replacement);

/* Appends bytes. 0 or errno, after which only ctx_replacement_free() makes sense. */
int ctx_replacement_append(struct ctx_replacement *replacement, const void *bytes, size_t len);

/*
 * 0: replaced (in a dry run: would be, and the stamp is zero); CTX_UNCHANGED: the file has these
 * bytes, ret_stamp is its; else errno, and the file there stays.
 */
int ctx_replacement_commit(struct ctx_replacement *replacement, struct ctx_file_stamp *ret_stamp);

#endif
