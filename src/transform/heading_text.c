/*
 * A heading's text. Each byte of the heading is marked first, text, code or cut; what is left is
 * then written out. Emphasis is matched with a bounded stack: a delimiter that finds no partner
 * stays, as text. Pure; any thread.
 */
#include "transform/heading_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "transform/html_tag.h"
#include "transform/mdx/entities.h"

enum mark { TEXT, CODE, CUT, SPACE };

enum { MOST_OPENERS = 32 };

struct heading {
    const char *text; /* of the heading */
    size_t len;
    size_t offset; /* of the heading in the draft's text */
    unsigned char *marks;
};

/* A run of emphasis delimiters that may open. */
struct opener {
    size_t at;
    size_t len;
};

static void mark(struct heading *heading, size_t begin, size_t end, enum mark mark)
{
    begin -= heading->offset;
    end -= heading->offset;
    if (end > heading->len)
        end = heading->len;
    if (begin < end)
        memset(heading->marks + begin, mark, end - begin);
}

static void mark_item(struct heading *heading, const struct ctx_inline *item)
{
    bool is_break;
    switch (item->kind) {
    case CTX_INLINE_IMAGE:
        mark(heading, item->whole.begin, item->whole.end, CUT);
        break;
    case CTX_INLINE_HTML:
        is_break =
            ctx_html_is_tag(heading->text, item->whole.begin - heading->offset, heading->len, "br");
        mark(heading, item->whole.begin, item->whole.end, CUT);
        if (is_break)
            mark(heading, item->whole.begin, item->whole.begin + 1, SPACE);
        break;
    case CTX_INLINE_LINK:
        mark(heading, item->whole.begin, item->text.begin, CUT);
        mark(heading, item->text.end, item->whole.end, CUT);
        break;
    case CTX_INLINE_CODE:
        mark(heading, item->whole.begin, item->whole.end, CUT);
        mark(heading, item->text.begin, item->text.end, CODE);
        break;
    case CTX_INLINE_AUTOLINK:
        mark(heading, item->whole.begin, item->whole.end, CODE);
        mark(heading, item->whole.begin, item->whole.begin + 1, CUT);
        mark(heading, item->whole.end - 1, item->whole.end, CUT);
        break;
    default:
        break;
    }
}

/* From the last to the first: what holds others comes before them, and an image hides them. */
static void mark_items(struct heading *heading, const struct ctx_inlines *inlines)
{
    size_t hidden = SIZE_MAX;
    for (size_t i = inlines->n_items; i-- > 0;) {
        const struct ctx_inline *item = &inlines->items[i];
        if (item->whole.begin >= hidden)
            continue;
        mark_item(heading, item);
        if (item->kind == CTX_INLINE_IMAGE)
            hidden = item->whole.begin;
    }
}

static bool is_word(const struct heading *heading, size_t at)
{
    if (at >= heading->len || heading->marks[at] == CUT)
        return false;
    char byte = heading->text[at];
    return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') ||
           (unsigned char)byte >= 0x80;
}

static bool is_space(const struct heading *heading, size_t at)
{
    return at >= heading->len || strchr(" \t\n", heading->text[at]) != NULL;
}

/* Closes what it can; returns how many delimiters of the run are left. */
static size_t close_run(struct heading *heading, struct opener *openers, size_t *n_openers,
                        size_t at, size_t len)
{
    char byte = heading->text[at];
    for (size_t i = *n_openers; i-- > 0 && len > 0;) {
        struct opener *opener = &openers[i];
        if (heading->text[opener->at] != byte || (byte == '~' && opener->len != len))
            continue;
        size_t n = opener->len < len ? opener->len : len;
        opener->len -= n;
        memset(heading->marks + opener->at + opener->len, CUT, n);
        memset(heading->marks + at, CUT, n);
        at += n;
        len -= n;
        *n_openers = i + (opener->len > 0);
    }
    return len;
}

static void mark_emphasis(struct heading *heading)
{
    struct opener openers[MOST_OPENERS];
    size_t n_openers = 0;
    for (size_t at = 0; at < heading->len;) {
        char byte = heading->text[at];
        if (heading->marks[at] != TEXT || !strchr("*_~\\", byte)) {
            at++;
            continue;
        }
        size_t len = 1;
        while (byte != '\\' && at + len < heading->len && heading->text[at + len] == byte)
            len++;
        size_t next = byte == '\\' ? at + 2 : at + len;
        bool word_before = at > 0 && is_word(heading, at - 1);
        bool word_after = is_word(heading, next);
        bool space_before = at == 0 || is_space(heading, at - 1);
        bool inside = byte == '_' && word_before && word_after;
        if (byte != '\\' && !inside && !space_before)
            len = close_run(heading, openers, &n_openers, at, len);
        if (byte != '\\' && !inside && len > 0 && !is_space(heading, next) &&
            n_openers < MOST_OPENERS)
            openers[n_openers++] = (struct opener){ next - len, len };
        at = next;
    }
}

static bool is_escape(const struct heading *heading, size_t at)
{
    if (heading->text[at] != '\\' || at + 1 >= heading->len)
        return false;
    char next = heading->text[at + 1];
    return next > ' ' && next < 0x7F && !is_word(heading, at + 1);
}

static void put(struct ctx_buffer *out, size_t first, const char *bytes, size_t len)
{
    if (len != 1 || !strchr(" \t\n", bytes[0]))
        ctx_buffer_append(out, bytes, len);
    else if (out->len > first && out->data[out->len - 1] != ' ')
        ctx_buffer_putc(out, ' ');
}

static int write_out(const struct heading *heading, struct ctx_buffer *out)
{
    size_t first = out->len;
    for (size_t at = 0; at < heading->len; at++) {
        enum mark mark = heading->marks[at];
        const char *bytes = heading->text + at;
        size_t entity =
            mark == TEXT && *bytes == '&' ? ctx_entity_length(bytes, heading->len - at) : 0;
        if (mark == SPACE) {
            put(out, first, " ", 1);
        } else if (entity > 0) {
            ctx_entities_decode(out, bytes, entity);
            at += entity - 1;
        } else if (mark != CUT) {
            at += mark == TEXT && is_escape(heading, at);
            put(out, first, heading->text + at, 1);
        }
    }
    while (out->len > first && out->data[out->len - 1] == ' ')
        ctx_buffer_truncate(out, out->len - 1);
    return ctx_buffer_status(out);
}

/* "… {#id}" */
static size_t without_id(const char *text, size_t len)
{
    if (len < 4 || text[len - 1] != '}')
        return len;
    const char *open = memrchr(text, '{', len);
    bool is_id = open && open[1] == '#' && !memchr(open, '\n', (size_t)(text + len - open));
    return is_id ? (size_t)(open - text) : len;
}

/* The heading without "#" marks, without the line under it when it is setext. */
static struct heading bare_heading(const char *text, const struct ctx_block *block)
{
    size_t begin = block->content;
    size_t end = block->end;
    while (end > begin && strchr(" \t\n", text[end - 1]))
        end--;
    if (begin < end && text[begin] == '#') {
        while (begin < end && text[begin] == '#')
            begin++;
    } else {
        const char *line = begin < end ? memrchr(text + begin, '\n', end - begin) : NULL;
        end = line ? (size_t)(line - text) : end;
    }
    return (struct heading){
        .text = text + begin,
        .len = without_id(text + begin, end - begin),
        .offset = begin,
    };
}

int ctx_heading_text(struct ctx_buffer *out, const char *text, const struct ctx_block *block,
                     const struct ctx_inlines *inlines)
{
    struct heading heading = bare_heading(text, block);
    CTX_AUTO_FREE unsigned char *marks = calloc(1, heading.len + 1);
    if (!marks)
        return -ENOMEM;
    heading.marks = marks;
    mark_items(&heading, inlines);
    mark_emphasis(&heading);
    return write_out(&heading, out);
}
