/* Macros: their arguments, and what all languages write. Pure. */
#include "transform/dialect/macro.h"

#include <string.h>

#include "transform/mdx/escape.h"

static bool is_separator(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == ',' || c == '(' || c == ')';
}

struct argument {
    struct ctx_span name; /* "" when it has none */
    struct ctx_span value;
};

/* The next argument from `*at` on; false after the last. */
static bool next(struct ctx_span args, size_t *at, struct argument *ret)
{
    size_t i = *at;
    while (i < args.len && is_separator(args.data[i]))
        i++;
    if (i >= args.len)
        return false;
    *ret = (struct argument){ 0 };
    size_t begin = i;
    while (i < args.len && !is_separator(args.data[i]) && !strchr("=\"'`", args.data[i]))
        i++;
    if (i < args.len && args.data[i] == '=') {
        ret->name = (struct ctx_span){ args.data + begin, i - begin };
        begin = ++i;
        while (i < args.len && !is_separator(args.data[i]) && !strchr("\"'`", args.data[i]))
            i++;
    }
    if (i < args.len && strchr("\"'`", args.data[i])) {
        const char *end = memchr(args.data + i + 1, args.data[i], args.len - i - 1);
        size_t stop = end ? (size_t)(end - args.data) : args.len;
        ret->value = (struct ctx_span){ args.data + i + 1, stop - i - 1 };
        i = stop + 1;
    } else {
        ret->value = (struct ctx_span){ args.data + begin, i - begin };
    }
    *at = i;
    return true;
}

bool ctx_macro_argument(const struct ctx_macro *macro, size_t index, struct ctx_span *ret)
{
    struct argument argument;
    size_t at = 0;
    while (next(macro->args, &at, &argument)) {
        if (argument.name.len)
            continue;
        if (index-- == 0) {
            *ret = argument.value;
            return true;
        }
    }
    return false;
}

bool ctx_macro_named(const struct ctx_macro *macro, const char *name, struct ctx_span *ret)
{
    struct argument argument;
    size_t at = 0;
    while (next(macro->args, &at, &argument)) {
        if (!ctx_span_is(argument.name, name))
            continue;
        *ret = argument.value;
        return true;
    }
    return false;
}

void ctx_macro_count(const struct ctx_macro *macro, struct ctx_macro_out *out, enum ctx_loss loss)
{
    ctx_report_add(&out->draft->document->report, loss, "macro", macro->name.data, macro->name.len,
                   out->draft->first_line + out->line, 0);
}

/* The end of the code span at `i`; `i` when it has none. */
static size_t span_end(struct ctx_span text, size_t i)
{
    size_t run = 0;
    while (i + run < text.len && text.data[i + run] == '`')
        run++;
    for (size_t at = i + run; run > 0 && at < text.len;) {
        size_t n = 0;
        while (at + n < text.len && text.data[at + n] == '`')
            n++;
        if (n == run)
            return at + n;
        at += n ? n : 1;
    }
    return i;
}

void ctx_macro_put_text(struct ctx_buffer *out, struct ctx_span text)
{
    size_t from = 0;
    for (size_t i = 0; i < text.len;) {
        size_t end = span_end(text, i);
        if (end > i) {
            ctx_escape_text(out, text.data + from, i - from, false);
            ctx_buffer_append(out, text.data + i, end - i);
            from = end;
        }
        i = end > i ? end : i + 1 + (text.data[i] == '`' ? strspn(text.data + i + 1, "`") : 0);
    }
    if (from < text.len)
        ctx_escape_text(out, text.data + from, text.len - from, false);
}

void ctx_macro_label(const struct ctx_macro *macro, struct ctx_macro_out *out, struct ctx_span text)
{
    if (text.len == 0)
        return;
    bool first = out->text->len == 0 || out->text->data[out->text->len - 1] == '\n';
    if (macro->alone) /* a paragraph of its own */
        ctx_buffer_puts(out->text, first ? "\n**" : "**");
    ctx_macro_put_text(out->text, text);
    ctx_buffer_puts(out->text, macro->alone ? "**\n" : "");
}
