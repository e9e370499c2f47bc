/*
 * The MDX stage: which grammar a document has, and what is MDX of it as Markdown. `.mdx` is MDX,
 * whatever in it does not parse stays text; `.md` is MDX when all of it parses as such and it holds
 * something that only MDX has. Pure; any thread.
 */
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "transform/containers.h"
#include "transform/directives.h"
#include "transform/lone_tags.h"
#include "transform/mdx/render.h"
#include "transform/mdx/scan.h"
#include "transform/stage.h"

static bool has_extension(const char *path, const char *extension)
{
    size_t len = strlen(path);
    size_t n = strlen(extension);
    return len >= n && strcasecmp(path + len - n, extension) == 0;
}

/* Whether a byte after `<` may begin what only MDX has: a component, a dotted name, a fragment. */
static bool may_begin_component(const char *s)
{
    if ((*s >= 'A' && *s <= 'Z') || *s == '>')
        return true;
    s += strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_$");
    return *s == '.';
}

/* One look at the text for anything that only MDX has; it may be in code. */
static bool may_be_mdx(const char *s, size_t len)
{
    for (const char *p = s; (p = memchr(p, '<', (size_t)(s + len - p))); p++)
        if (may_begin_component(p + 1))
            return true;
    for (const char *p = s; (p = memchr(p, '{', (size_t)(s + len - p))); p++)
        if (p[1 + strspn(p + 1, " \t\n")] == '/')
            return true;
    return strncmp(s, "import ", 7) == 0 || strncmp(s, "export ", 7) == 0 ||
           ctx_bytes_find(s, len, "\nimport ") || ctx_bytes_find(s, len, "\nexport ");
}

/* Whether MDX reads the text otherwise than plain Markdown does: markup, or indentation. */
static bool needs_rendering(const char *s, size_t len)
{
    return memchr(s, '<', len) || memchr(s, '{', len) || memmem(s, len, "    ", 4) ||
           memchr(s, '\t', len) || strncmp(s, "import ", 7) == 0 || strncmp(s, "export ", 7) == 0 ||
           ctx_bytes_find(s, len, "\nimport ") || ctx_bytes_find(s, len, "\nexport ");
}

static int render(struct ctx_draft *draft, struct ctx_mdx_scan *scan)
{
    CTX_AUTO_BUFFER struct ctx_buffer out;
    ctx_buffer_init(&out, draft->text.limit);
    ctx_buffer_reserve(&out, draft->text.len);
    int r = ctx_mdx_render(scan, draft->context->options, &draft->document->report,
                           draft->first_line, &out);
    if (r == 0)
        ctx_buffer_swap(&draft->text, &out);
    return r;
}

/* Whether the whole of an `.md` is MDX, and holds what only MDX has. 1, 0 or a negative errno. */
static int is_mdx(const char *s, size_t len, struct ctx_mdx_scan *ret_scan)
{
    if (!may_be_mdx(s, len))
        return 0;
    int r = ctx_mdx_scan(ret_scan, s, len, true);
    return r < 0 ? r : !ret_scan->failed && ret_scan->is_mdx;
}

/* Edits of plain Markdown, from the last to be done without to the first. */
static int (*const edits[])(struct ctx_draft *draft) = { ctx_containers, ctx_directives,
                                                         ctx_lone_tags };

/*
 * Makes as many of the edits as leave the document what it was: without them it may parse as MDX
 * where it did not, and a second pass would read it by another grammar.
 */
static int edit_markdown(struct ctx_draft *draft)
{
    CTX_AUTO_BUFFER struct ctx_buffer source;
    ctx_buffer_init(&source, draft->text.limit);
    ctx_buffer_append(&source, ctx_buffer_str(&draft->text), draft->text.len);
    int r = ctx_buffer_status(&source);
    for (size_t n = CTX_ARRAY_LEN(edits); r == 0 && n > 0; n--) {
        for (size_t i = n; r == 0 && i > 0; i--)
            r = edits[i - 1](draft);
        if (r < 0)
            break;
        if (draft->text.len == source.len && memcmp(draft->text.data, source.data, source.len) == 0)
            break;
        CTX_CLEANUP(ctx_mdx_scan_deinit) struct ctx_mdx_scan scan = { 0 };
        r = is_mdx(ctx_buffer_str(&draft->text), draft->text.len, &scan);
        if (r <= 0)
            break;
        ctx_buffer_clear(&draft->text);
        r = ctx_buffer_append(&draft->text, ctx_buffer_str(&source), source.len);
    }
    return r;
}

static int from_mdx(struct ctx_draft *draft)
{
    CTX_CLEANUP(ctx_mdx_scan_deinit) struct ctx_mdx_scan scan = { 0 };
    const char *s = ctx_buffer_str(&draft->text);
    int r = 0;
    if (needs_rendering(s, draft->text.len))
        r = ctx_mdx_scan(&scan, s, draft->text.len, false);
    if (r == 0 && scan.source)
        r = render(draft, &scan);
    return r < 0 ? r : ctx_containers(draft);
}

static int from_markdown(struct ctx_draft *draft)
{
    CTX_CLEANUP(ctx_mdx_scan_deinit) struct ctx_mdx_scan scan = { 0 };
    int r = is_mdx(ctx_buffer_str(&draft->text), draft->text.len, &scan);
    if (r <= 0)
        return r < 0 ? r : edit_markdown(draft);
    draft->grammar = CTX_GRAMMAR_MDX;
    r = render(draft, &scan);
    return r < 0 ? r : ctx_containers(draft);
}

bool ctx_mdx_may_become(const struct ctx_draft *draft)
{
    return draft->grammar == CTX_GRAMMAR_GFM &&
           may_be_mdx(ctx_buffer_str(&draft->text), draft->text.len);
}

int ctx_mdx_is_mdx(const struct ctx_draft *draft)
{
    CTX_CLEANUP(ctx_mdx_scan_deinit) struct ctx_mdx_scan scan = { 0 };
    return is_mdx(ctx_buffer_str(&draft->text), draft->text.len, &scan);
}

int ctx_stage_mdx(struct ctx_draft *draft, struct ctx_error *error)
{
    bool mdx = has_extension(draft->context->path, ".mdx");
    draft->grammar = mdx ? CTX_GRAMMAR_MDX : CTX_GRAMMAR_GFM;
    int r = mdx ? from_mdx(draft) : from_markdown(draft);
    return r < 0 ? ctx_error_set(error, r, "reading MDX: %s", ctx_error_name(r)) : 0;
}
