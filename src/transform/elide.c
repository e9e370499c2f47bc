/*
 * Elision. The lines that stay are byte for byte the author's; the marker is one line (in JSON, one
 * member), behind the prefix that the block's containers need. What is left never exceeds the
 * threshold, so that a second pass finds nothing to do. Pure; any thread.
 */
#include "transform/elide.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "transform/json_elide.h"
#include "transform/languages.h"

/* The ancestor's thresholds. */
static const struct ctx_elision profiles[] = {
    [CTX_PROFILE_BALANCED] = { 25, 8, 5, 20, 10 },
    [CTX_PROFILE_LOSSLESS] = { SIZE_MAX, 0, 0, SIZE_MAX, 0 },
    [CTX_PROFILE_COMPACT] = { 15, 5, 3, 10, 6 },
};

struct ctx_elision ctx_elision_of(enum ctx_profile profile, size_t max_lines)
{
    struct ctx_elision elision = profiles[profile];
    if (max_lines == 0 || profile == CTX_PROFILE_LOSSLESS)
        return elision;
    elision.code = max_lines;
    elision.json = max_lines;
    size_t most = max_lines - 1; /* beside the marker */
    if (elision.head + elision.tail > most) {
        elision.head =
            (most * elision.head + elision.head + elision.tail - 1) / (elision.head + elision.tail);
        elision.tail = most - elision.head;
    }
    if (elision.json_head > max_lines / 2)
        elision.json_head = max_lines / 2;
    return elision;
}

/* A line of code, in the draft's text. */
struct line {
    size_t begin;   /* with its prefix */
    size_t content; /* past the containers' prefix */
    size_t end;     /* its newline */
};

struct code {
    const char *text;
    const struct ctx_block *block;
    struct ctx_buffer prefix; /* of a continuation line: '>' and blanks */
    struct line *lines;
    size_t n_lines;
};

/* The first line's prefix with its list markers blanked. */
static int make_prefix(struct code *code)
{
    for (size_t at = code->block->begin; at < code->block->content; at++) {
        char byte = code->text[at];
        ctx_buffer_putc(&code->prefix, byte == '>' || byte == '\t' ? byte : ' ');
    }
    return ctx_buffer_status(&code->prefix);
}

/* Past as much of the prefix as the line has. */
static size_t past_prefix(const struct code *code, size_t at, size_t end)
{
    for (size_t i = 0; i < code->prefix.len && at < end; i++) {
        if (code->prefix.data[i] == '>') {
            size_t quote = at + strspn(code->text + at, " ");
            if (quote < end && code->text[quote] == '>')
                at = quote + 1;
        } else if (code->text[at] == code->prefix.data[i]) {
            at++;
        }
    }
    return at;
}

static size_t line_end(const char *text, size_t at, size_t end)
{
    const char *newline = memchr(text + at, '\n', end - at);
    return newline ? (size_t)(newline - text) : end;
}

static bool closes_fence(const struct code *code, const struct line *line)
{
    size_t length = strspn(code->text + code->block->content, "`");
    size_t at = line->content + strspn(code->text + line->content, " ");
    size_t run = strspn(code->text + at, "`");
    at += run;
    at += strspn(code->text + at, " \t");
    return length >= 3 && run >= length && at >= line->end;
}

/* One that no newline ends counts. */
static size_t count_lines(const char *text, const struct ctx_block *block)
{
    size_t len = block->end - block->begin;
    bool unended = len > 0 && text[block->end - 1] != '\n';
    return ctx_bytes_count(text + block->begin, len, '\n') + unended;
}

/* Splits the block into the lines of its code. */
static int find_lines(struct code *code)
{
    const struct ctx_block *block = code->block;
    bool fence = block->kind == CTX_BLOCK_FENCE;
    size_t n = count_lines(code->text, block);
    code->lines = calloc(n ? n : 1, sizeof(*code->lines));
    if (!code->lines || make_prefix(code) < 0)
        return -ENOMEM;
    size_t at = fence ? line_end(code->text, block->begin, block->end) + 1 : block->begin;
    while (at < block->end) {
        size_t end = line_end(code->text, at, block->end);
        size_t content = at == block->begin ? block->content : past_prefix(code, at, end);
        code->lines[code->n_lines++] = (struct line){ at, content, end };
        at = end + 1;
    }
    if (fence && code->n_lines > 0 && closes_fence(code, &code->lines[code->n_lines - 1]))
        code->n_lines--;
    return 0;
}

static size_t indent_of(const struct code *code, const struct line *line)
{
    return strspn(code->text + line->content, " \t");
}

static bool is_blank(const struct code *code, const struct line *line)
{
    return line->content + indent_of(code, line) >= line->end;
}

/* The marker is indented as the first line that goes and says something. */
static void put_indent(const struct code *code, size_t first, size_t past, struct ctx_buffer *out)
{
    ctx_buffer_append(out, ctx_buffer_str(&code->prefix), code->prefix.len);
    for (size_t i = first; i < past; i++) {
        const struct line *line = &code->lines[i];
        if (!is_blank(code, line)) {
            ctx_buffer_append(out, code->text + line->content, indent_of(code, line));
            return;
        }
    }
    if (code->block->kind == CTX_BLOCK_INDENTED_CODE)
        ctx_buffer_fill(out, ' ', 4);
}

static int elide_lines(const struct code *code, const struct ctx_elision *elision,
                       const struct ctx_language *language, struct ctx_patch *patch)
{
    size_t first = elision->head;
    size_t past = code->n_lines - elision->tail;
    size_t n = past - first;
    const char *plural = n == 1 ? "" : "s";
    CTX_AUTO_BUFFER struct ctx_buffer marker;
    ctx_buffer_init(&marker, SIZE_MAX / 2);
    put_indent(code, first, past, &marker);
    if (language->form == CTX_CODE_JSON_LINES)
        ctx_buffer_printf(&marker, "\"%zu line%s omitted\"\n", n, plural);
    else
        ctx_buffer_printf(&marker, "%s… %zu line%s omitted …%s\n", language->open, n, plural,
                          language->close);
    if (ctx_buffer_status(&marker) < 0)
        return -ENOMEM;
    size_t begin = code->lines[first].begin;
    size_t end = code->lines[past - 1].end + 1;
    ctx_patch_add(patch, begin, end - begin, marker.data, marker.len);
    return (int)n;
}

/* Where an offset of the code without prefixes is in the text. */
static size_t offset_in_text(const struct code *code, size_t offset)
{
    for (size_t i = 0; i < code->n_lines; i++) {
        size_t len = code->lines[i].end + 1 - code->lines[i].content;
        if (offset < len || i + 1 == code->n_lines)
            return code->lines[i].content + offset;
        offset -= len;
    }
    return code->block->begin;
}

/* How many lines went; 0: it is no JSON that could be shortened by members. */
static int elide_members(const struct code *code, const struct ctx_elision *elision,
                         struct ctx_patch *patch)
{
    CTX_AUTO_BUFFER struct ctx_buffer plain;
    CTX_AUTO_BUFFER struct ctx_buffer marker;
    ctx_buffer_init(&plain, SIZE_MAX / 2);
    ctx_buffer_init(&marker, SIZE_MAX / 2);
    for (size_t i = 0; i < code->n_lines; i++) {
        const struct line *line = &code->lines[i];
        ctx_buffer_append(&plain, code->text + line->content, line->end - line->content);
        ctx_buffer_putc(&plain, '\n');
    }
    if (ctx_buffer_status(&plain) < 0)
        return -ENOMEM;
    struct ctx_json_cut cut;
    int r = ctx_json_elide(plain.data, plain.len, elision->json, elision->json_head, &marker, &cut);
    if (r != 0)
        return r < 0 ? r : 0;
    size_t begin = offset_in_text(code, cut.begin);
    size_t end = offset_in_text(code, cut.end);
    ctx_patch_add(patch, begin, end - begin, marker.data, marker.len);
    return (int)cut.lines;
}

static bool is_preserved(const struct ctx_transform_options *options, const char *name, size_t len)
{
    for (size_t i = 0; i < options->code.n_preserve_languages; i++)
        if (ctx_language_is(options->code.preserve_languages[i], name, len))
            return true;
    return false;
}

static void deinit_code(struct code *code)
{
    ctx_buffer_deinit(&code->prefix);
    free(code->lines);
}

/* Whether a block is code that may be over a threshold. */
static bool may_be_long(const char *text, const struct ctx_block *block,
                        const struct ctx_elision *elision)
{
    size_t least = elision->code < elision->json ? elision->code : elision->json;
    bool code = block->kind == CTX_BLOCK_FENCE || block->kind == CTX_BLOCK_INDENTED_CODE;
    return code && block->end - block->begin > least && count_lines(text, block) > least;
}

int ctx_elide(struct ctx_draft *draft, size_t index, const struct ctx_elision *elision,
              struct ctx_patch *patch)
{
    const struct ctx_block *block = &draft->outline.blocks[index];
    if (!may_be_long(draft->text.data, block, elision))
        return 0;
    const char *info = draft->text.data + block->info + strspn(draft->text.data + block->info, " ");
    bool fence = block->kind == CTX_BLOCK_FENCE;
    size_t len = fence ? ctx_language_length(info, strcspn(info, "\n")) : 0;
    if (is_preserved(draft->context->options, info, len))
        return 0;
    CTX_CLEANUP(deinit_code)
    struct code code = { .text = draft->text.data, .block = block };
    ctx_buffer_init(&code.prefix, SIZE_MAX / 2);
    int r = find_lines(&code);
    if (r < 0)
        return r;
    struct ctx_language language = ctx_language_find(info, len);
    bool json = language.form != CTX_CODE_LINES;
    if (code.n_lines <= (json ? elision->json : elision->code))
        return 0;
    if (language.form == CTX_CODE_JSON)
        r = elide_members(&code, elision, patch);
    const char *rule = r > 0 ? "json" : "code";
    if (r == 0)
        r = elide_lines(&code, elision, &language, patch);
    if (r < 0)
        return r;
    struct ctx_report *report = &draft->document->report;
    uint64_t gone = (uint64_t)r;
    r = ctx_report_add(report, CTX_LOSS_ELIDED, rule, info, len, 0, gone);
    if (r == 0)
        r = ctx_report_save(report, CTX_LOSS_ELIDED, rule, info, len,
                            ctx_patch_saving(patch, &draft->text));
    return r < 0 ? r : 1;
}
