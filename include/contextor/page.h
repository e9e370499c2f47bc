#ifndef CONTEXTOR_PAGE_H
#define CONTEXTOR_PAGE_H

#include "contextor/transform.h"

/*
 * A page: the .mdc file and the index line of one document. Pure, like the transform that it runs.
 */

struct ctx_page_context {
    struct ctx_transform_context transform;
    const char *slug;          /* as the source's slug table gave it */
    const char *const *topics; /* configured topics, in order */
    size_t n_topics;
    int64_t fetched_at; /* seconds since the epoch: the source file's mtime, or SOURCE_DATE_EPOCH */
};

struct ctx_page {
    struct ctx_buffer mdc;    /* the whole file */
    size_t fetched_at_offset; /* of the 20 bytes of the time stamp in mdc */
    size_t body_offset;       /* of the body in mdc */
    struct ctx_buffer entry;  /* the index line, without its newline */
    size_t entry_fetched_at_offset;
    struct ctx_stats stats;
    uint64_t words_in;
    struct ctx_report report;
};

enum { CTX_FETCHED_AT_LEN = 20 }; /* "YYYY-MM-DDTHH:MM:SSZ" */

void ctx_page_init(struct ctx_page *page);
void ctx_page_deinit(struct ctx_page *page);

/* Transforms and renders. Errors as ctx_transform(); nothing is written on failure. Any thread. */
int ctx_page_make(const char *bytes, size_t len, const struct ctx_page_context *context,
                  struct ctx_page *ret_page, struct ctx_error *error);

#endif
