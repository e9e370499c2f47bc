#ifndef CTX_TRANSFORM_NORMALISE_INLINE_HTML_H
#define CTX_TRANSFORM_NORMALISE_INLINE_HTML_H

#include <stdbool.h>
#include <stddef.h>

/* A text in which inline HTML is looked for, by CommonMark 0.29, 6.8 and 6.10, in linear time. */
struct ctx_inline_html {
    const char *text;
    size_t len;
    bool no_comment, no_instruction, no_data, no_declaration; /* no such end further on */
    bool declares;                                            /* there was a `<!` */
};

/* The end of the tag, comment, instruction, declaration or CDATA at the `<` at `i`; 0: none. */
size_t ctx_inline_html_end(struct ctx_inline_html *html, size_t i);

/* The end of `<scheme:…>` or `<name@host>`, 0 when it is neither. Neither holds a newline. */
size_t ctx_inline_autolink_end(const struct ctx_inline_html *html, size_t i);

#endif
