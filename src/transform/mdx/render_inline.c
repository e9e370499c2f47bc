/*
 * Rendering, inline: text is copied, elements and expressions take their form. Invariant: no line
 * of r->line is empty, and none begins or ends with a blank that is not the author's hard break.
 */
#include <string.h>

#include "transform/mdx/entities.h"
#include "transform/mdx/escape.h"
#include "transform/mdx/js.h"
#include "transform/mdx/render.h"

enum { CONSTANT_MAX = 64 }; /* bytes of a constant that is told wherever it is named */

static bool at_line_start(const struct ctx_mdx_render *r)
{
    return r->line.len == r->line_begin;
}

static char last_byte(const struct ctx_mdx_render *r)
{
    return r->line.len ? r->line.data[r->line.len - 1] : '\n';
}

void ctx_render_inline_begin(struct ctx_mdx_render *r, enum ctx_mdx_place place)
{
    ctx_buffer_clear(&r->line);
    r->line_begin = 0;
    r->dirty = false;
    r->seam = CTX_SEAM_NONE;
    r->guard = false;
    r->place = place;
}

/* Ends a line: what begins it must not begin a block, where it did not stand at the beginning. */
static void end_line(struct ctx_mdx_render *r)
{
    if (r->guard)
        ctx_escape_line_start(&r->line, r->line_begin);
    r->guard = false;
}

static void trim(struct ctx_mdx_render *r)
{
    while (r->line.len > r->line_begin && (last_byte(r) == ' ' || last_byte(r) == '\t'))
        ctx_buffer_truncate(&r->line, r->line.len - 1);
}

void ctx_render_inline_end(struct ctx_mdx_render *r)
{
    trim(r);
    end_line(r);
    while (r->line.len && last_byte(r) == '\n')
        ctx_buffer_truncate(&r->line, r->line.len - 1);
}

size_t ctx_render_close_seam(struct ctx_mdx_render *r, const char *next, size_t len)
{
    if (r->seam == CTX_SEAM_NONE)
        return 0;
    struct ctx_span line = { r->line.data + r->line_begin, r->line.len - r->line_begin };
    struct ctx_seam_edit edit = { 0 };
    if (line.len && len)
        edit = ctx_seam_edit(r->seam, line, (struct ctx_span){ next, len });
    ctx_buffer_truncate(&r->line, r->line.len - edit.cut);
    bool breaks = r->place == CTX_MDX_IN_CELL && r->seam == CTX_SEAM_BLOCK;
    bool broken = r->line.len >= 4 && memcmp(r->line.data + r->line.len - 4, "<br>", 4) == 0;
    if (edit.apart && !broken)
        ctx_buffer_puts(&r->line, breaks ? "<br>" : " ");
    if (edit.skip < len)
        r->seam = CTX_SEAM_NONE;
    return edit.skip;
}

/* Appends Markdown; `guard`: what stood elsewhere in its line may come to begin one. */
static void append(struct ctx_mdx_render *r, const char *text, size_t len, bool guard)
{
    bool first = at_line_start(r);
    if (first) {
        size_t white = strspn(text, " \t");
        white = white < len ? white : len;
        text += white;
        len -= white;
    }
    size_t skip = ctx_render_close_seam(r, text, len);
    text += skip;
    len -= skip;
    ctx_buffer_append(&r->line, text, len);
    r->guard |= first && guard && r->place != CTX_MDX_IN_HEADING;
}

void ctx_render_put(struct ctx_mdx_render *r, const char *text, size_t len, enum ctx_seam seam)
{
    r->seam = r->seam > seam ? r->seam : seam;
    append(r, text, len, true);
    r->seam = seam;
    r->dirty = true;
}

void ctx_render_mark_seam(struct ctx_mdx_render *r, enum ctx_seam seam)
{
    r->dirty = true;
    r->seam = r->seam > seam ? r->seam : seam;
}

/* Blanks that markup left at a line's end go; two that the author ended it with break it. */
static void trim_dirty(struct ctx_mdx_render *r)
{
    const char *end = r->line.data + r->line.len;
    bool breaks = !r->seam && r->line.len > 2 && end[-1] == ' ' && end[-2] == ' ';
    trim(r);
    if (breaks && !at_line_start(r))
        ctx_buffer_puts(&r->line, "  ");
}

static void newline(struct ctx_mdx_render *r)
{
    bool one_line = r->place != CTX_MDX_IN_PARAGRAPH || r->one_line;
    if (r->dirty && !at_line_start(r))
        trim_dirty(r);
    r->seam = CTX_SEAM_NONE;
    if (at_line_start(r)) {
        r->dirty = false;
        return;
    }
    if (!one_line)
        end_line(r);
    ctx_buffer_putc(&r->line, one_line ? ' ' : '\n');
    if (!one_line) {
        r->line_begin = r->line.len;
        r->dirty = false;
    }
}

static void expression(struct ctx_mdx_render *r, const struct ctx_mdx_token *t)
{
    struct ctx_span inside = { r->s + t->begin + 1, t->end - t->begin - 2 };
    struct ctx_span constant = { 0 };
    if (r->place == CTX_MDX_IN_PARAGRAPH)
        constant = ctx_imports_value(r, inside);
    ctx_buffer_clear(&r->scratch);
    enum ctx_js_value value = ctx_js_value(inside.data, inside.len, &r->scratch);
    if (value == CTX_JS_VALUE_OTHER && constant.len <= CONSTANT_MAX && constant.len > 0 &&
        ctx_js_value(constant.data, constant.len, &r->scratch) == CTX_JS_VALUE_TEXT)
        value = CTX_JS_VALUE_TEXT;
    if (value == CTX_JS_VALUE_TEXT) {
        struct ctx_buffer text;
        ctx_buffer_init(&text, r->scratch.limit);
        ctx_entities_encode(&text, ctx_buffer_str(&r->scratch), r->scratch.len);
        ctx_buffer_clear(&r->scratch);
        ctx_escape_text(&r->scratch, ctx_buffer_str(&text), text.len, r->place == CTX_MDX_IN_CELL);
        ctx_buffer_deinit(&text);
        append(r, ctx_buffer_str(&r->scratch), r->scratch.len, true);
    } else if (ctx_jsx_text(r, inside, t->line, &r->scratch)) {
        append(r, r->scratch.data, r->scratch.len, true);
    } else {
        ctx_render_count(r, CTX_LOSS_DROPPED,
                         value == CTX_JS_VALUE_COMMENT ? "comment" : "expression",
                         (struct ctx_span){ "", 0 }, t->line);
    }
    ctx_render_mark_seam(r, CTX_SEAM_CUT);
}

void ctx_render_inline(struct ctx_mdx_render *r, size_t first, size_t last)
{
    for (size_t i = first; i < last;) {
        const struct ctx_mdx_token *t = &r->scan->tokens[i];
        size_t next = i + 1;
        switch ((enum ctx_mdx_kind)t->kind) {
        case CTX_MDX_TEXT:
        case CTX_MDX_SPAN:
            append(r, r->s + t->begin, t->end - t->begin, r->dirty);
            break;
        case CTX_MDX_STRAY:
            ctx_buffer_putc(&r->line, '\\');
            ctx_buffer_append(&r->line, r->s + t->begin, t->end - t->begin);
            break;
        case CTX_MDX_NEWLINE:
            newline(r);
            break;
        case CTX_MDX_EXPRESSION:
            expression(r, t);
            break;
        case CTX_MDX_OPEN:
        case CTX_MDX_CLOSE:
        case CTX_MDX_SELF:
            next = ctx_render_inline_tag(r, i);
            break;
        default:
            break;
        }
        i = next;
    }
}
