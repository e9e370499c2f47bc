/*
 * HTML blocks: only blanks at line ends go, and those stay where white space shows. A part of the
 * normalise stage.
 */
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "transform/normalise/normaliser.h"

/* Elements in which white space is content. */
static const char *const preformatted[] = { "<pre", "<script", "<style", "<textarea" };

/* What blocks begin with that blank lines do not end, and what ends them (CommonMark 0.29, 4.6). */
static const struct {
    const char *begin, *ends[3];
} spans[] = {
    { "<!--", { "-->" } },
    { "<?", { "?>" } },
    { "<![CDATA[", { "]]>" } },
    { "<!", { ">" } },
    { "<script", { "</script>", "</pre>", "</style>" } },
    { "<pre", { "</script>", "</pre>", "</style>" } },
    { "<style", { "</script>", "</pre>", "</style>" } },
};

static bool ends_on(const struct ctx_line *line, const char *const *ends)
{
    for (size_t i = 0; i < 3 && ends[i]; i++)
        for (size_t at = 0; at + strlen(ends[i]) <= line->len; at++)
            if (strncasecmp(line->bytes + at, ends[i], strlen(ends[i])) == 0)
                return true;
    return false;
}

bool ctx_normalise_html_is_open(const struct ctx_normaliser *normaliser,
                                const struct ctx_node *html)
{
    struct ctx_line line = ctx_normalise_line(normaliser, html->first);
    size_t column = html->column < line.len ? html->column : line.len;
    for (size_t i = 0; i < CTX_ARRAY_LEN(spans); i++) {
        size_t n = strlen(spans[i].begin);
        if (n > line.len - column || strncasecmp(line.bytes + column, spans[i].begin, n) != 0)
            continue;
        struct ctx_line last = ctx_normalise_line(normaliser, html->last);
        return !ends_on(&last, spans[i].ends);
    }
    return false;
}

bool ctx_normalise_is_preformatted(const char *bytes, size_t len)
{
    for (const char *at = bytes; (at = memchr(at, '<', len - (size_t)(at - bytes))); at++)
        for (size_t i = 0; i < CTX_ARRAY_LEN(preformatted); i++) {
            size_t n = strlen(preformatted[i]);
            if (n <= len - (size_t)(at - bytes) && strncasecmp(at, preformatted[i], n) == 0)
                return true;
        }
    return false;
}

void ctx_normalise_html(struct ctx_normaliser *normaliser, const struct ctx_node *html)
{
    size_t begin = normaliser->tree.lines[html->first];
    size_t end = normaliser->tree.lines[html->last + 1];
    const char *text = normaliser->text;
    if (!memmem(text + begin, end - begin, " \n", 2) &&
        !memmem(text + begin, end - begin, "\t\n", 2))
        return;
    if (ctx_normalise_is_preformatted(text + begin, end - begin))
        return;
    for (uint32_t i = html->first; i <= html->last; i++) {
        struct ctx_line line = ctx_normalise_line(normaliser, i);
        ctx_normalise_trim(normaliser, &line);
    }
}
