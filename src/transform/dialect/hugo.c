/* Hugo's shortcodes: `{{< tab "npm" >}}…{{< /tab >}}`, `{{% note %}}`, `{{< ref "page.md" >}}`. */
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
    ctx_buffer_puts(out->text, "](");
    ctx_escape_destination(out->text, src.data, src.len);
    ctx_buffer_putc(out->text, ')');
    if (!ctx_macro_named(macro, "caption", &text) && !ctx_macro_named(macro, "title", &text))
        return;
    ctx_buffer_puts(out->text, " *");
    ctx_escape_text(out->text, text.data, text.len, false);
    ctx_buffer_putc(out->text, '*');
}

static void callout(const struct ctx_macro *macro, struct ctx_macro_out *out)
{
    char text[128];
    struct ctx_span kind = macro->name;
    struct ctx_span title = { "", 0 };
    if (!ctx_macro_named(macro, "title", &title) && !ctx_macro_named(macro, "type", &kind))
        ctx_macro_argument(macro, 0, &title);
    char first = kind.data[0];
    bool lower = first >= 'a' && first <= 'z';
    int n = snprintf(text, sizeof(text), "%c%.*s%s%.*s", lower ? first - 'a' + 'A' : first,
                     (int)(kind.len < 30 ? kind.len - 1 : 29), kind.data + 1, title.len ? ": " : "",
                     (int)(title.len < 80 ? title.len : 80), title.data);
    ctx_macro_label(macro, out, (struct ctx_span){ text, (size_t)n });
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
    struct ctx_span language;
    if (macro->name.len == 0 || macro->name.data[0] == '*' || strchr("/$.", macro->name.data[0]))
        return false; /* an escaped shortcode, which is shown; a template's own code */
    ctx_macro_count(macro, out, CTX_LOSS_UNWRAPPED);
    if (macro->closing)
        return true;
    if (ctx_span_is(macro->name, "highlight") && macro->alone) {
        if (!ctx_macro_argument(macro, 0, &language))
            language = (struct ctx_span){ "", 0 };
        ctx_buffer_printf(out->text, "```%.*s", (int)language.len, language.data);
        snprintf(out->until, sizeof(out->until), "{{< /highlight >}}");
        return true;
    }
    if (ctx_span_is(macro->name, "comment")) {
        snprintf(out->until, sizeof(out->until), "{{< /comment >}}");
        out->drop_until = true;
        return true;
    }
    return put(macro, out);
}

const struct ctx_macro_language ctx_language_hugo[] = {
    { "{{<", ">}}", write_macro },
    { "{{%", "%}}", write_macro },
    { NULL, NULL, NULL },
};
