#ifndef CTX_TRANSFORM_HTML_TAG_H
#define CTX_TRANSFORM_HTML_TAG_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Raw HTML in Markdown, lexically (CommonMark 0.31, 6.6). Offsets are of one text; `end` bounds the
 * block. Pure; any thread.
 */

/*
 * What is known of one block: from where on no comment, instruction, declaration or CDATA section
 * ends any more, so that hostile input is searched once. Zeroed at the block's begin.
 */
struct ctx_html_ends {
    bool no_comment, no_instruction, no_declaration, no_cdata;
};

/*
 * Past white space: blanks, and newlines with the container prefix that follows them (indentation,
 * and '>' when `in_quote`).
 */
size_t ctx_skip_space(const char *text, size_t at, size_t end, bool in_quote);

/* Past the tag, comment, instruction, declaration or CDATA section at `at`; 0 when there is none. */
size_t ctx_html_end(const char *text, size_t at, size_t end, bool in_quote,
                    struct ctx_html_ends *ends);

/* Past the autolink ("<https://…>", "<a@b.c>") at `at`; 0 when there is none. */
size_t ctx_autolink_end(const char *text, size_t at, size_t end);

/* Whether an opening tag of that name (lower case) stands at `at`. */
bool ctx_html_is_tag(const char *text, size_t at, size_t end, const char *name);

struct ctx_html_attribute {
    size_t name, name_len;
    size_t value, value_end; /* without quotes; both 0: no value */
    char quote;              /* '"', '\'', or '\0': unquoted */
};

/*
 * The next attribute of an opening tag that ends at `tag_end`, from *at on (at first, the tag's
 * begin), which moves past it. False: no more.
 */
bool ctx_html_next_attribute(const char *text, size_t *at, size_t tag_end, bool in_quote,
                             struct ctx_html_attribute *ret);

#endif
