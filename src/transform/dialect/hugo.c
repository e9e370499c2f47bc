/* Hugo's shortcodes: `{{< tab "npm" >}}…{{< /tab >}}`, `{{% note %}}`, `{{< ref "page.md" >}}`. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "transform/dialect/macro.h"
#include "transform/mdx/escape.h"

static const char *const callouts[] = { "admonition", "alert",  "callout",   "caution",
                                        "danger",     "hint",   "important", "info",
                                        "note",       "notice", "tip",       "warning" };

static bool in(struct ctx_span name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ctx_span_is(name, names[i]))
            return true;
    return false;
}

/* Text that a shortcode shows: a named one, else the first positional argument. */
static bool label(const struct ctx_macro *macro, struct ctx_span *ret)
{
    static const char *const names[] = { "title",   "label", "name",   "header",
                                         "summary", "text",  "caption" };
    for (size_t i = 0; i < CTX_ARRAY_LEN(names); i++)
        if (ctx_macro_named(macro, names[i], ret) && ret->len)
            return true;
    return ctx_macro_argument(macro, 0, ret) && ret->len;
}

static void figure(const struct ctx_macro *macro, struct ctx_macro_out *out)
{
    struct ctx_span src = { "", 0 };
    struct ctx_span text = { "", 0 };
    ctx_macro_named(macro, "src", &src);
    ctx_macro_named(macro, "alt", &text);
    ctx_buffer_puts(out->text, "![");
    ctx_escape_text(out->text, text.data, text.len, false);
    ctx_escape_link_end(out->text, src.data, src.len);
    if (!ctx_macro_named(macro, "caption", &text) && !ctx_macro_named(macro, "title", &text))
        return;
    ctx_buffer_puts(out->text, " *");
    ctx_escape_text(out->text, text.data, text.len, false);
    ctx_buffer_putc(out->text, '*');
}

/* "Kind: title" */
static void callout(const struct ctx_macro *macro, struct ctx_macro_out *out)
{
    CTX_AUTO_BUFFER struct ctx_buffer text;
    struct ctx_span kind = macro->name;
    struct ctx_span title = { "", 0 };
    ctx_buffer_init(&text, SIZE_MAX / 2);
    if (!ctx_macro_named(macro, "title", &title) && !ctx_macro_named(macro, "type", &kind))
        ctx_macro_argument(macro, 0, &title);
    if (kind.len == 0)
        kind = macro->name;
    bool lower = kind.data[0] >= 'a' && kind.data[0] <= 'z';
    ctx_buffer_putc(&text, lower ? (char)(kind.data[0] - 'a' + 'A') : kind.data[0]);
    ctx_buffer_append(&text, kind.data + 1, kind.len - 1);
    ctx_buffer_puts(&text, title.len ? ": " : "");
    ctx_buffer_append(&text, title.data, title.len);
    ctx_macro_label(macro, out, (struct ctx_span){ ctx_buffer_str(&text), text.len });
}

/* The part of a file's name that tells the language. */
static struct ctx_span extension_of(struct ctx_span file)
{
    const char *dot = memrchr(file.data, '.', file.len);
    if (!dot || memchr(dot, '/', (size_t)(file.data + file.len - dot)))
        return (struct ctx_span){ "", 0 };
    return (struct ctx_span){ dot + 1, (size_t)(file.data + file.len - dot - 1) };
}

/* Shortcodes whose content is code. */
static bool write_code(const struct ctx_macro *macro, struct ctx_macro_out *out)
{
    static const char *const names[] = { "code", "code-toggle", "highlight", "mermaid", "output" };
    static const char *const languages[] = { "lang", "language", "codeLang" };
    if (out->unclosed || !in(macro->name, names, CTX_ARRAY_LEN(names)))
        return false;
    out->raw = CTX_MACRO_CODE;
    snprintf(out->until, sizeof(out->until), "/%.*s", (int)macro->name.len, macro->name.data);
    if (ctx_span_is(macro->name, "mermaid"))
        out->language = macro->name;
    else if (ctx_span_is(macro->name, "highlight"))
        ctx_macro_argument(macro, 0, &out->language);
    else if (ctx_macro_named(macro, "file", &out->title) ||
             ctx_macro_named(macro, "filename", &out->title))
        out->language = extension_of(out->title);
    for (size_t i = 0; i < CTX_ARRAY_LEN(languages); i++)
        ctx_macro_named(macro, languages[i], &out->language);
    return true;
}

static bool put(const struct ctx_macro *macro, struct ctx_macro_out *out)
{
    static const char *const references[] = { "ref", "relref" };
    static const char *const includes[] = { "include", "readfile", "readFile", "code-toggle-file" };
    struct ctx_span text = { "", 0 };
    if (in(macro->name, references, CTX_ARRAY_LEN(references))) {
        if (ctx_macro_argument(macro, 0, &text) || ctx_macro_named(macro, "path", &text))
            ctx_buffer_append(out->text, text.data, text.len);
    } else if (ctx_span_is(macro->name, "figure") || ctx_span_is(macro->name, "img")) {
        figure(macro, out);
    } else if (in(macro->name, includes, CTX_ARRAY_LEN(includes))) {
        ctx_macro_count(macro, out, CTX_LOSS_UNRESOLVED);
        if (ctx_macro_argument(macro, 0, &text) || ctx_macro_named(macro, "file", &text))
            ctx_escape_code(out->text, text.data, text.len, false);
    } else if (ctx_span_is(macro->name, "new-in")) {
        ctx_macro_argument(macro, 0, &text);
        ctx_buffer_puts(out->text, "(new in ");
        ctx_escape_text(out->text, text.data, text.len, false);
        ctx_buffer_putc(out->text, ')');
    } else if (in(macro->name, callouts, CTX_ARRAY_LEN(callouts))) {
        callout(macro, out);
    } else if (label(macro, &text)) {
        ctx_macro_label(macro, out, text);
    }
    return true;
}

static bool write_macro(const struct ctx_macro *macro, struct ctx_macro_out *out)
{
    if (macro->name.len == 0 || macro->name.data[0] == '*' || strchr("/$.", macro->name.data[0]))
        return false; /* an escaped shortcode, which is shown; a template's own code */
    if (!out->unclosed)
        ctx_macro_count(macro, out, CTX_LOSS_UNWRAPPED);
    if (macro->closing)
        return true;
    if (write_code(macro, out))
        return true;
    if (ctx_span_is(macro->name, "comment") && !out->unclosed) {
        snprintf(out->until, sizeof(out->until), "/comment");
        out->raw = CTX_MACRO_DROPPED;
        return true;
    }
    return put(macro, out);
}

const struct ctx_macro_language ctx_language_hugo[] = {
    { "{{<", ">}}", write_macro },
    { "{{%", "%}}", write_macro },
    { NULL, NULL, NULL },
};
