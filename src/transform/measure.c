/* The last stage: the title, when front matter has none, and the statistics of the body. Pure. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
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

int ctx_stage_measure(struct ctx_draft *draft, struct ctx_error *error)
{
    (void)error;
    struct ctx_document *document = draft->document;
    if (!document->title)
        document->title = title_from_path(draft->context->path);
    if (!document->title)
        return -ENOMEM;
    struct ctx_text_count count = ctx_text_count(ctx_buffer_str(&draft->text), draft->text.len);
    document->stats.lines = count.lines;
    document->stats.words = count.words;
    document->stats.characters = count.characters;
    return 0;
}
