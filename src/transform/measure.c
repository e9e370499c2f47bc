/* The last stage: the title, when front matter has none, and the statistics of the body. Pure. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "transform/heading_text.h"
#include "transform/inlines.h"
#include "transform/stage.h"
#include "transform/text_count.h"

uint64_t ctx_tokens_estimate(uint64_t words)
{
    return words * 4 / 3;
}

/* The file's name without its extension; an index or a readme is called as its folder. */
static char *title_from_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    size_t len = dot && dot != name ? (size_t)(dot - name) : strlen(name);
    bool is_index = (len == 5 && strncasecmp(name, "index", 5) == 0) ||
                    (len == 6 && strncasecmp(name, "readme", 6) == 0);
    if (is_index && slash) {
        const char *parent = memrchr(path, '/', (size_t)(slash - path));
        name = parent ? parent + 1 : path;
        len = (size_t)(slash - name);
    }
    return strndup(name, len);
}

static bool has_word(const char *text)
{
    for (; *text; text++)
        if ((*text >= '0' && *text <= '9') || ((*text | 0x20) >= 'a' && (*text | 0x20) <= 'z') ||
            (unsigned char)*text >= 0x80)
            return true;
    return false;
}

/* The first heading of level 1 gives the title, if it says anything. */
static int take_title(struct ctx_draft *draft, const struct ctx_block *block,
                      const struct ctx_inlines *inlines)
{
    CTX_AUTO_BUFFER struct ctx_buffer title;
    ctx_buffer_init(&title, SIZE_MAX / 2);
    int r = ctx_heading_text(&title, draft->text.data, block, inlines);
    if (r < 0 || !has_word(ctx_buffer_str(&title)))
        return r;
    size_t len;
    const char *text = ctx_text_strip(ctx_buffer_str(&title), title.len, &len);
    if (len == 0)
        return 0;
    draft->document->title = strndup(text, len);
    return draft->document->title ? 0 : -ENOMEM;
}

static int measure_blocks(struct ctx_draft *draft, struct ctx_inlines *inlines,
                          struct ctx_labels *labels)
{
    struct ctx_stats *stats = &draft->document->stats;
    bool titled = draft->document->title != NULL;
    for (size_t i = 0; i < draft->outline.n_blocks; i++) {
        struct ctx_block *block = &draft->outline.blocks[i];
        bool is_title = !titled && block->kind == CTX_BLOCK_HEADING && block->level == 1;
        stats->code_blocks +=
            block->kind == CTX_BLOCK_FENCE || block->kind == CTX_BLOCK_INDENTED_CODE;
        stats->headings += block->kind == CTX_BLOCK_HEADING;
        int r = 0;
        if (!block->counted || is_title)
            r = ctx_inlines_scan(inlines, draft->text.data, block, labels);
        if (r == 0 && !block->counted)
            ctx_inlines_count(inlines, block);
        if (r == 0 && is_title)
            r = take_title(draft, block, inlines);
        if (r < 0)
            return r;
        titled |= is_title;
        stats->inline_code += block->n_code_spans;
        stats->links += block->n_links;
    }
    return 0;
}

int ctx_stage_measure(struct ctx_draft *draft, struct ctx_error *error)
{
    (void)error;
    struct ctx_document *document = draft->document;
    struct ctx_text_count count = ctx_text_count(ctx_buffer_str(&draft->text), draft->text.len);
    document->stats = (struct ctx_stats){
        .lines = count.lines,
        .words = count.words,
        .characters = count.characters,
    };
    struct ctx_labels *labels = ctx_labels_new(ctx_buffer_str(&draft->text), &draft->outline);
    if (!labels)
        return -ENOMEM;
    CTX_CLEANUP(ctx_inlines_deinit) struct ctx_inlines inlines;
    ctx_inlines_init(&inlines);
    int r = measure_blocks(draft, &inlines, labels);
    ctx_labels_free(labels);
    if (r == 0 && !document->title)
        document->title = title_from_path(draft->context->path);
    return r < 0 ? r : document->title ? 0 : -ENOMEM;
}
