/*
 * The MDX stage: which grammar a document has, and what is MDX of it as Markdown. `.mdx` is MDX,
 * whatever in it does not parse stays text; `.md` is MDX when all of it parses as such and it holds
 * something that only MDX has. Pure; any thread.
 */
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
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
           memmem(s, len, "\nimport ", 8) || memmem(s, len, "\nexport ", 8);
}

/* Whether MDX reads the text otherwise than plain Markdown does: markup, or indentation. */
static bool needs_rendering(const char *s, size_t len)
{
    return memchr(s, '<', len) || memchr(s, '{', len) || memmem(s, len, "    ", 4) ||
           memchr(s, '\t', len) || strncmp(s, "import ", 7) == 0 || strncmp(s, "export ", 7) == 0 ||
           memmem(s, len, "\nimport ", 8) || memmem(s, len, "\nexport ", 8);
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

int ctx_stage_mdx(struct ctx_draft *draft, struct ctx_error *error)
{
    bool mdx = has_extension(draft->context->path, ".mdx");
    const char *s = ctx_buffer_str(&draft->text);
    size_t len = draft->text.len;
    draft->grammar = mdx ? CTX_GRAMMAR_MDX : CTX_GRAMMAR_GFM;
    if (mdx ? !needs_rendering(s, len) : !may_be_mdx(s, len))
        return 0;
    CTX_CLEANUP(ctx_mdx_scan_deinit) struct ctx_mdx_scan scan;
    int r = ctx_mdx_scan(&scan, s, len, !mdx);
    if (r < 0)
        return ctx_error_set(error, r, "scanning MDX: %s", ctx_error_name(r));
    if (!mdx && (scan.failed || !scan.is_mdx))
        return 0;
    draft->grammar = CTX_GRAMMAR_MDX;
    r = render(draft, &scan);
    return r < 0 ? ctx_error_set(error, r, "rendering MDX: %s", ctx_error_name(r)) : 0;
}
