/* Liquid's tags, as Jekyll has them: `{% raw %}`, `{% include note.html content="…" %}`. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "transform/dialect/macro.h"
#include "transform/mdx/escape.h"

/* The arguments of an include that are for readers. */
static bool put_text(const struct ctx_macro *macro, struct ctx_macro_out *out)
{
    static const char *const names[] = { "title", "content", "text", "caption", "alt" };
    struct ctx_span text;
    bool any = false;
    for (size_t i = 0; i < CTX_ARRAY_LEN(names); i++) {
        if (!ctx_macro_named(macro, names[i], &text) || text.len == 0)
            continue;
        ctx_buffer_puts(out->text, any ? " — " : "");
        ctx_buffer_append(out->text, text.data, text.len);
        any = true;
    }
    return any;
}

static void include(const struct ctx_macro *macro, struct ctx_macro_out *out)
{
    struct ctx_span file;
    if (put_text(macro, out))
        return;
    ctx_macro_count(macro, out, CTX_LOSS_UNRESOLVED);
    if (ctx_macro_argument(macro, 0, &file))
        ctx_escape_code(out->text, file.data, file.len, false);
}

/* Tags up to whose end the text is no template. */
static const struct {
    const char *name;
    enum ctx_macro_raw raw;
} raw_tags[] = {
    { "comment", CTX_MACRO_DROPPED },
    { "highlight", CTX_MACRO_CODE },
    { "raw", CTX_MACRO_TEXT },
    { "verbatim", CTX_MACRO_TEXT },
};

static bool write_raw(const struct ctx_macro *macro, struct ctx_macro_out *out)
{
    for (size_t i = 0; i < CTX_ARRAY_LEN(raw_tags); i++) {
        if (out->unclosed || !ctx_span_is(macro->name, raw_tags[i].name))
            continue;
        out->raw = raw_tags[i].raw;
        snprintf(out->until, sizeof(out->until), "end%s", raw_tags[i].name);
        ctx_macro_argument(macro, 0, &out->language);
        return true;
    }
    return false;
}

static bool write_macro(const struct ctx_macro *macro, struct ctx_macro_out *out)
{
    static const char *const callouts[] = { "note", "tip", "warning", "danger", "caution" };
    struct ctx_span text = { "", 0 };
    if (!out->unclosed)
        ctx_macro_count(macro, out, CTX_LOSS_UNWRAPPED);
    if (write_raw(macro, out))
        return true;
    if (ctx_span_is(macro->name, "include") || ctx_span_is(macro->name, "include_relative")) {
        include(macro, out);
    } else if (ctx_span_is(macro->name, "link") || ctx_span_is(macro->name, "post_url")) {
        if (ctx_macro_argument(macro, 0, &text))
            ctx_buffer_append(out->text, text.data, text.len);
    }
    for (size_t i = 0; i < CTX_ARRAY_LEN(callouts); i++) {
        char word[16];
        if (!ctx_span_is(macro->name, callouts[i]))
            continue;
        int n = snprintf(word, sizeof(word), "%c%s", callouts[i][0] - 'a' + 'A', callouts[i] + 1);
        ctx_macro_label(macro, out, (struct ctx_span){ word, (size_t)n });
    }
    return true;
}

const struct ctx_macro_language ctx_language_liquid[] = {
    { "{%", "%}", write_macro },
    { NULL, NULL, NULL },
};
