#ifndef CTX_TEST_HTML_ORACLE_H
#define CTX_TEST_HTML_ORACLE_H

/*
 * The judge of the normalise stage: what cmark-gfm with all its extensions renders, with white
 * space outside <pre> collapsed and the language in lower case. For tests and fuzzing; one thread.
 */

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "contextor/buffer.h"
#include "transform/stage.h"

static const char *const oracle_extensions[] = { "table", "strikethrough", "autolink", "tasklist" };

static inline cmark_node *oracle_parse(const char *text, size_t len, cmark_parser **ret_parser)
{
    cmark_gfm_core_extensions_ensure_registered();
    int options = CMARK_OPT_UNSAFE | CMARK_OPT_GITHUB_PRE_LANG | CMARK_OPT_FOOTNOTES |
                  CMARK_OPT_FULL_INFO_STRING;
    cmark_parser *parser = cmark_parser_new(options);
    for (size_t i = 0; i < sizeof(oracle_extensions) / sizeof(*oracle_extensions); i++)
        cmark_parser_attach_syntax_extension(parser,
                                             cmark_find_syntax_extension(oracle_extensions[i]));
    cmark_parser_feed(parser, text, len);
    *ret_parser = parser;
    return cmark_parser_finish(parser);
}

/* The end of a preformatted element; NULL when none begins here, or other elements are in it. */
static inline const char *oracle_preformatted_end(const char *html)
{
    static const char *const others[] = { "<p>",          "</p>", "<li", "</li",
                                          "</blockquote", "<div", "<h",  "</h" };
    const char *end = strncasecmp(html, "<pre", 4) == 0 ? strcasestr(html, "</pre>") : NULL;
    for (size_t i = 0; end && i < sizeof(others) / sizeof(*others); i++)
        if (memmem(html, (size_t)(end - html), others[i], strlen(others[i])))
            end = NULL;
    return end && !memmem(html + 4, (size_t)(end - html) - 4, "<pre", 4) ? end : NULL;
}

static inline void oracle_collapse(const char *html, struct ctx_buffer *out)
{
    const char *begin = html;
    bool space = true;
    while (*html) {
        bool at_line = html == begin || html[-1] == '\n';
        const char *end = at_line ? oracle_preformatted_end(html) : NULL;
        if (end) {
            size_t len = (size_t)(end - html);
            size_t at = out->len;
            ctx_buffer_append(out, html, len);
            if (strncmp(html, "<pre lang=\"", 11) == 0)
                for (size_t i = at + 11; i < out->len && out->data[i] != '"'; i++)
                    out->data[i] = (char)tolower((unsigned char)out->data[i]);
            html += len;
            space = false;
            continue;
        }
        bool is_space = strchr(" \t\n\r\f\v", *html) != NULL;
        if (!is_space)
            ctx_buffer_putc(out, *html);
        else if (!space)
            ctx_buffer_putc(out, ' ');
        space = is_space;
        html++;
    }
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        ctx_buffer_truncate(out, out->len - 1);
}

/* Initialises and fills `out`. */
static inline void oracle_html(const char *text, size_t len, struct ctx_buffer *out)
{
    cmark_parser *parser;
    cmark_node *root = oracle_parse(text, len, &parser);
    char *html = cmark_render_html(root,
                                   CMARK_OPT_UNSAFE | CMARK_OPT_GITHUB_PRE_LANG |
                                       CMARK_OPT_FOOTNOTES | CMARK_OPT_FULL_INFO_STRING,
                                   NULL);
    ctx_buffer_init(out, SIZE_MAX / 2);
    oracle_collapse(html, out);
    free(html);
    cmark_node_free(root);
    cmark_parser_free(parser);
}

/* The normalise stage alone. Initialises and fills `out`; the stage's result. */
static inline int oracle_normalise(const char *text, size_t len, struct ctx_buffer *out,
                                   struct ctx_error *error)
{
    struct ctx_document document = { 0 };
    struct ctx_transform_context context = { 0 };
    struct ctx_draft draft = { .context = &context, .document = &document, .first_line = 1 };
    ctx_buffer_init(&draft.text, SIZE_MAX / 2);
    ctx_buffer_append(&draft.text, text, len);
    ctx_outline_init(&draft.outline);
    int r = ctx_stage_normalise(&draft, error);
    *out = draft.text;
    ctx_outline_deinit(&draft.outline);
    return r;
}

/* What is wrong with the stage's output for this text; NULL when nothing is. */
static inline const char *oracle_verdict(const char *text, size_t len, struct ctx_buffer *ret_out)
{
    const char *verdict = NULL;
    struct ctx_buffer once, twice, before, after;
    struct ctx_error error;
    if (oracle_normalise(text, len, &once, &error) < 0)
        verdict = "failed";
    oracle_normalise(ctx_buffer_str(&once), once.len, &twice, &error);
    oracle_html(text, len, &before);
    oracle_html(ctx_buffer_str(&once), once.len, &after);
    if (!verdict && strcmp(ctx_buffer_str(&before), ctx_buffer_str(&after)) != 0)
        verdict = "HTML differs";
    else if (!verdict && strcmp(ctx_buffer_str(&once), ctx_buffer_str(&twice)) != 0)
        verdict = "not idempotent";
    else if (!verdict && once.len > 0 &&
             (once.data[0] == '\n' || strncmp(once.data, "---\n", 4) == 0))
        verdict = "begins wrongly";
    ctx_buffer_deinit(&twice);
    ctx_buffer_deinit(&before);
    ctx_buffer_deinit(&after);
    *ret_out = once;
    return verdict;
}

#endif
