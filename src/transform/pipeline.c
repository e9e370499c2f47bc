/*
 * The pipeline: a table of stages, run in order over one draft. Pure; any thread after
 * ctx_transform_setup().
 */
#include "contextor/transform.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "transform/stage.h"

struct stage {
    const char *name;
    ctx_stage_fn run;
};

static const struct stage stages[] = {
    { "front matter", ctx_stage_front_matter },
    { "dialect", ctx_stage_dialect },
    { "mdx", ctx_stage_mdx },
    { "normalise", ctx_stage_normalise },
    { "links", ctx_stage_links },
    { "size", ctx_stage_size },
    { "measure", ctx_stage_measure },
};

void ctx_document_init(struct ctx_document *document)
{
    *document = (struct ctx_document){ 0 };
    ctx_buffer_init(&document->body, SIZE_MAX / 2);
    ctx_buffer_init(&document->metadata, SIZE_MAX / 2);
    ctx_buffer_init(&document->metadata_raw, SIZE_MAX / 2);
    ctx_report_init(&document->report);
}

void ctx_document_deinit(struct ctx_document *document)
{
    ctx_buffer_deinit(&document->body);
    ctx_buffer_deinit(&document->metadata);
    ctx_buffer_deinit(&document->metadata_raw);
    ctx_report_deinit(&document->report);
    free(document->title);
    free(document->description);
    for (size_t i = 0; i < document->n_topics; i++)
        free(document->topics[i]);
    free(document->topics);
    ctx_document_init(document);
}

/* Line ends become LF, a BOM goes, NUL becomes U+FFFD (CommonMark 0.31, 2.3). */
static int take_source(struct ctx_buffer *text, const char *bytes, size_t len)
{
    static const char bom[] = "\xEF\xBB\xBF";
    if (len >= 3 && memcmp(bytes, bom, 3) == 0) {
        bytes += 3;
        len -= 3;
    }
    if (!memchr(bytes, '\r', len) && !memchr(bytes, '\0', len))
        return ctx_buffer_append(text, bytes, len);
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\0')
            ctx_buffer_puts(text, "\xEF\xBF\xBD");
        else if (bytes[i] != '\r')
            ctx_buffer_putc(text, bytes[i]);
        else if (i + 1 == len || bytes[i + 1] != '\n')
            ctx_buffer_putc(text, '\n');
    }
    return ctx_buffer_status(text);
}

static int run_stages(struct ctx_draft *draft, struct ctx_error *error)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(stages); i++) {
        int r = stages[i].run(draft, error);
        if (r == 0)
            r = ctx_buffer_status(&draft->text);
        else if (r < 0)
            return r;
        if (r == -EFBIG)
            return ctx_error_set(error, r, "the page would be over its limit after stage %s",
                                 stages[i].name);
        if (r < 0)
            return ctx_error_set(error, r, "stage %s: %s", stages[i].name, ctx_error_name(r));
    }
    return 0;
}

static void deinit_draft(struct ctx_draft *draft)
{
    ctx_buffer_deinit(&draft->text);
    ctx_outline_deinit(&draft->outline);
}

int ctx_transform(const char *bytes, size_t len, const struct ctx_transform_context *context,
                  struct ctx_document *ret_document, struct ctx_error *error)
{
    size_t at;
    if (!ctx_utf8_valid(bytes, len, &at))
        return ctx_error_set(error, -EILSEQ, "byte %zu is not UTF-8: save the file as UTF-8", at);
    CTX_CLEANUP(ctx_document_deinit) struct ctx_document document;
    ctx_document_init(&document);
    CTX_CLEANUP(deinit_draft)
    struct ctx_draft draft = {
        .context = context,
        .document = &document,
        .first_line = 1,
    };
    ctx_buffer_init(&draft.text, CTX_LIMIT_PAGE(len));
    ctx_outline_init(&draft.outline);
    int r = take_source(&draft.text, bytes, len);
    if (r == 0)
        r = run_stages(&draft, error);
    if (r < 0)
        return r;
    ctx_buffer_swap(&document.body, &draft.text);
    *ret_document = document;
    ctx_document_init(&document);
    return 0;
}
