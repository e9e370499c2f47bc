/*
 * Rendering, lines: the prefixes of open frames, blank lines, blocks of finished text. Invariant:
 * `out` ends with a line end, or is empty; every line in it has the prefixes of all frames.
 */
#include <string.h>

#include "base/cleanup.h"
#include "transform/mdx/render.h"

static void put_prefix(struct ctx_mdx_render *r)
{
    for (size_t i = 0; i < r->n_frames; i++) {
        struct ctx_mdx_frame *frame = &r->frames[i];
        if (frame->quote) {
            ctx_buffer_append(r->out, "> ", 2);
            frame->started = true;
        } else if (frame->started) {
            ctx_buffer_fill(r->out, ' ', frame->width);
        } else {
            ctx_buffer_puts(r->out, frame->marker);
            ctx_buffer_fill(r->out, ' ', frame->width - strlen(frame->marker));
            frame->started = true;
        }
    }
}

static void trim_line(struct ctx_buffer *out, size_t begin)
{
    while (out->len > begin && out->data[out->len - 1] == ' ')
        ctx_buffer_truncate(out, out->len - 1);
}

/* An empty line, with the quotes' marks. */
static void put_blank(struct ctx_mdx_render *r)
{
    if (r->out->len == 0)
        return;
    size_t begin = r->out->len;
    put_prefix(r);
    trim_line(r->out, begin);
    ctx_buffer_putc(r->out, '\n');
}

/*
 * The blank line that is due, unless a quote or an item begins: there is none at its head. What
 * comes right behind an item of our own, and is no other one, would go on with that item's text.
 */
static void settle_blank(struct ctx_mdx_render *r)
{
    bool begun = r->n_frames == 0 || r->frames[r->n_frames - 1].started;
    if ((r->blank || r->tight) && begun)
        put_blank(r);
    r->blank = false;
    r->tight = false;
    r->after_own_list = false;
}

void ctx_render_tabs(struct ctx_mdx_render *r)
{
    if (r->tabs.len == 0)
        return;
    CTX_AUTO_BUFFER struct ctx_buffer line;
    ctx_buffer_init(&line, r->tabs.limit);
    ctx_buffer_swap(&line, &r->tabs);
    if (r->n_tabs > 1)
        ctx_buffer_splice(&line, 0, 0, "Tabs: ", 6);
    r->n_tabs = 0;
    ctx_render_line(r, &line);
}

static struct ctx_mdx_frame *push_frame(struct ctx_mdx_render *r)
{
    ctx_render_tabs(r);
    settle_blank(r);
    struct ctx_mdx_frame *frame = &r->frames[r->n_frames];
    r->n_frames += r->n_frames + 1 < CTX_MDX_FRAMES_MAX;
    *frame = (struct ctx_mdx_frame){ 0 };
    return frame;
}

void ctx_render_push_quote(struct ctx_mdx_render *r)
{
    push_frame(r)->quote = true;
}

void ctx_render_push_item(struct ctx_mdx_render *r, const char *marker, size_t len)
{
    struct ctx_mdx_frame *frame = push_frame(r);
    len = len < sizeof(frame->marker) ? len : sizeof(frame->marker) - 1;
    memcpy(frame->marker, marker, len);
    frame->marker[len] = '\0';
    frame->width = (unsigned)len + 1;
}

void ctx_render_pop_frames(struct ctx_mdx_render *r, size_t n)
{
    while (r->n_frames > n) {
        struct ctx_mdx_frame *frame = &r->frames[r->n_frames - 1];
        if (!frame->quote && !frame->started) {
            /* An item without content is still an item. */
            size_t begin = r->out->len;
            put_prefix(r);
            trim_line(r->out, begin);
            ctx_buffer_putc(r->out, '\n');
        }
        r->n_frames--;
    }
}

void ctx_render_block(struct ctx_mdx_render *r, const char *text, size_t len)
{
    ctx_render_tabs(r);
    settle_blank(r);
    if (r->n_frames == 0 && len > 0) {
        ctx_buffer_append(r->out, text, len);
        if (text[len - 1] != '\n')
            ctx_buffer_putc(r->out, '\n');
        return;
    }
    for (size_t at = 0; at < len;) {
        const char *eol = memchr(text + at, '\n', len - at);
        size_t end = eol ? (size_t)(eol - text) : len;
        size_t begin = r->out->len;
        put_prefix(r);
        if (end == at)
            trim_line(r->out, begin);
        ctx_buffer_append(r->out, text + at, end - at);
        ctx_buffer_putc(r->out, '\n');
        at = end + 1;
    }
}

void ctx_render_line(struct ctx_mdx_render *r, const struct ctx_buffer *text)
{
    if (text->len == 0)
        return;
    r->blank = true;
    ctx_render_block(r, text->data, text->len);
    r->blank = true;
}

void ctx_render_push_footnote(struct ctx_mdx_render *r, const char *marker, size_t len)
{
    push_frame(r);
    struct ctx_mdx_frame *frame = &r->frames[--r->n_frames];
    put_prefix(r);
    r->n_frames++;
    ctx_buffer_append(r->out, marker, len);
    ctx_buffer_putc(r->out, '\n');
    frame->started = true;
    frame->width = 4;
}
